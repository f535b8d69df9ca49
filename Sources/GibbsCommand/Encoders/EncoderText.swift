import Foundation
import Gibbs

/// An encoder in words.
enum EncoderText {
    static func fitted(_ encoder: ContrastiveEncoder, path: String, seconds: Double) -> String {
        String(format: "fitted to %d %@ in %.1f s: ", encoder.training.rows, encoder.noun, seconds) + encoder.training.method + "\n" + information(encoder) + "\nwrote \(path)"
    }

    static func inspected(_ encoder: ContrastiveEncoder, path: String) -> String {
        "\(path): an encoder of \(encoder.noun), \(encoder.inputWords) to \(encoder.width) numbers, \(encoder.training.method)\n"
            + "trained on \(encoder.training.rows) \(encoder.noun), key \(encoder.training.seed)" + (encoder.training.digest.map { ", data digest \($0)" } ?? "") + "\n" + columns(encoder) + information(encoder)
    }

    /// A line for each side whose columns have names.
    private static func columns(_ encoder: ContrastiveEncoder) -> String {
        var lines = ""
        for side in ContrastiveEncoder.Side.allCases {
            guard let names = encoder.columns(of: side) else { continue }
            let rest = names.count > 20 ? ", … (\(names.count) in all)" : ""
            lines += "\(side.rawValue): \(names.prefix(20).joined(separator: ", "))\(rest)\n"
        }
        return lines
    }

    private static func information(_ encoder: ContrastiveEncoder) -> String {
        let training = encoder.training
        let (what, source): (String, String) = switch encoder.form {
        case .images: ("two views of an image share", "on the last pass")
        // The ceiling is the logarithm of the pairs held out.
        case .pairs: ("the sides share", String(format: "on %.0f pairs held out", exp(training.ceiling)))
        }
        let bound = String(format: "%.3f", training.bound) + (training.boundError.map { String(format: " ± %.2g", $0) } ?? "") + " nats"
        let seen = training.sharesNothing ? "nothing that \(what) was seen, \(source): the bound is \(bound)" : "\(what) at least \(bound), \(source)"
        return seen + String(format: "; no bound exceeds ln n = %.3f", training.ceiling)
    }

    /// A pass of a fit, on the terminal.
    static func progress(_ done: Int, _ passes: Int, _ figures: [String: Double], since begin: Date) throws {
        Console.bar(done: done, of: passes, since: begin, unit: String(format: "passes, loss %.3f nats", figures["loss"] ?? .nan))
        try Interruption.check()
    }
}
