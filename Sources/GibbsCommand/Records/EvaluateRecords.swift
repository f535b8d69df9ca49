import Foundation
import Gibbs

extension Evaluate {
    /// Figures on labelled records.
    func evaluateRecords(_ watchdog: Watchdog) throws {
        if mix != nil { throw GibbsError(.usage, "--mix is for sessions of events", advice: "leave it out") }
        let watchdog = try falseAlarms.map { try watchdog.alerting(at: $0.share) } ?? watchdog
        Console.progress("reading \(data)")
        let table = try read(data, watchdog)
        var positives: [Bool]
        var scores = try GibbsError.naming(data) { try watchdog.energies(of: table) }
        var plain = try watchdog.baselineEnergies(of: table)
        var kinds: [String?] = []
        if let negatives {
            let normal = try read(negatives, watchdog)
            positives = Array(repeating: true, count: scores.count) + Array(repeating: false, count: normal.rowCount)
            scores += try GibbsError.naming(negatives) { try watchdog.energies(of: normal) }
            plain += try watchdog.baselineEnergies(of: normal)
        } else {
            (positives, kinds) = try flags(table, watchdog)
        }
        Console.clearProgress()
        guard positives.contains(true), positives.contains(false) else {
            throw GibbsError(.unsuitableData, "the records are all \(positives.contains(true) ? "positive" : "normal")", at: .init(file: data),
                             advice: "figures need both kinds")
        }
        let figures = Figures(scores: scores, baseline: plain, positives: positives, kinds: kinds, calibration: watchdog.calibration)
        print(text ? figures.text : figures.json.text)
    }

    private func read(_ path: String, _ watchdog: Watchdog) throws -> Table {
        try input.reader(path, for: watchdog).readAll()
    }

    /// Which rows are positive, and the label of each.
    private func flags(_ table: Table, _ watchdog: Watchdog) throws -> ([Bool], [String?]) {
        guard let label = labels.label else {
            throw GibbsError(.usage, "nothing says which records are normal", advice: "give --label and --normal, or --negatives")
        }
        let column = try GibbsError.naming(data) { try table.column(label) }
        guard !watchdog.encoder.usedFields.contains(where: { $0.name == label }) else {
            throw GibbsError(.unsuitableData, "the model was fitted with the label as one of its fields", at: .init(file: model, field: label),
                             advice: "fit again with --label \(label) and --normal, so that the label stays out")
        }
        let kinds = (0 ..< table.rowCount).map { column.text($0) }
        if let positive {
            let flags = kinds.map { $0 == positive }
            guard flags.contains(true) else {
                throw GibbsError(.unsuitableData, "no row has the value '\(positive)'", at: .init(file: data, field: label),
                                 advice: "the values are \(LabelOptions.shown(kinds))")
            }
            return (flags, kinds)
        }
        return (try labels.normalFlags(of: table, file: data)!.map(!), kinds)
    }
}
