import Foundation
import Gibbs

/// An encoder in words.
enum EncoderText {
    static func fitted(_ encoder: ContrastiveEncoder, path: String, seconds: Double) -> String {
        String(format: "fitted to %d %@ in %.1f s: ", encoder.training.rows, encoder.noun, seconds) + encoder.training.method + "\n" + information(encoder) + "\nwrote \(path)"
    }

    static func inspected(_ encoder: ContrastiveEncoder, path: String) -> String {
        "\(path): an encoder of \(encoder.noun), \(encoder.inputWords) to \(encoder.width) numbers, \(encoder.training.method)\n"
            + "trained on \(encoder.training.rows) \(encoder.noun), key \(encoder.training.seed)" + (encoder.training.digest.map { ", data digest \($0)" } ?? "") + "\n" + information(encoder)
    }

    private static func information(_ encoder: ContrastiveEncoder) -> String {
        let (what, source): (String, String) = switch encoder.form {
        case .images: ("two views of an image share at least", "on the last pass")
        // The ceiling is the logarithm of the pairs held out.
        case .pairs: ("the sides share at least", String(format: "on %.0f pairs held out", exp(encoder.training.ceiling)))
        }
        return String(format: "%@ %.3f nats, %@; no bound exceeds ln n = %.3f", what, encoder.training.bound, source, encoder.training.ceiling)
    }

    /// A pass of a fit, on the terminal.
    static func progress(_ done: Int, _ passes: Int, _ figures: [String: Double], since begin: Date) throws {
        Console.bar(done: done, of: passes, since: begin, unit: String(format: "passes, loss %.3f nats", figures["loss"] ?? .nan))
        try Interruption.check()
    }
}
