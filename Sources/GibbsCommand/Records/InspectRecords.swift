import Foundation
import Gibbs

extension Inspect {
    /// A line a field.
    func show(_ watchdog: Watchdog) {
        if json { return print(watchdog.json(file: model).text) }
        let training = watchdog.training
        print("\(model): watchdog, model \(training.model), \(training.choice)".printable)
        print("trained on \(training.rows) records, key \(training.seed)" + (training.digest.map { ", data digest \($0)" } ?? ""))
        print(Summary.alarm(watchdog))
        print("")
        print(Self.row(["field", "type", "typical", "detail"]))
        for field in watchdog.encoder.fields {
            switch field.encoding {
            case .number(let scale):
                print(Self.row([field.name, "number", text(scale.decode(0)), "\(scale.transform.rawValue), one deviation: \(text(scale.decode(-1))) to \(text(scale.decode(1)))"]))
            case .category(let vocabulary):
                let shown = vocabulary.names.prefix(4).joined(separator: ", ") + (vocabulary.names.count > 4 ? ", …" : "")
                print(Self.row([field.name, "category", vocabulary.names.first ?? "", "\(vocabulary.names.count) names: \(shown)"]))
            case .ignored(let reason): print(Self.row([field.name, "ignored", "", reason]))
            }
        }
    }

    private func text(_ value: Double) -> String { value.shortText }

    private static func row(_ cells: [String]) -> String {
        zip(cells.map(\.oneLine), [26, 10, 14, 0]).map { cell, width in width > cell.count ? cell.padding(toLength: width, withPad: " ", startingAt: 0) : cell + " " }.joined()
    }
}
