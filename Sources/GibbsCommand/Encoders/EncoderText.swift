import Foundation
import Gibbs

/// An encoder in words and as JSON.
enum EncoderText {
    static func fitted(_ encoder: ContrastiveEncoder, path: String, seconds: Double) -> String {
        String(format: "fitted to %d %@ in %.1f s: ", encoder.training.rows, noun(encoder), seconds) + encoder.training.method + "\n" + information(encoder) + "\nwrote \(path)"
    }

    static func inspected(_ encoder: ContrastiveEncoder, path: String) -> String {
        "\(path): an encoder of \(noun(encoder)), \(input(encoder)) to \(encoder.width) numbers, \(encoder.training.method)\n"
            + "trained on \(encoder.training.rows) \(noun(encoder)), key \(encoder.training.seed)" + (encoder.training.digest.map { ", data digest \($0)" } ?? "") + "\n" + information(encoder)
    }

    private static func noun(_ encoder: ContrastiveEncoder) -> String { if case .images = encoder.form { "images" } else { "pairs" } }

    private static func input(_ encoder: ContrastiveEncoder) -> String {
        switch encoder.form {
        case .images(let shape): "\(shape.height) × \(shape.width) pixels"
        case .pairs(let left, let right): "\(left.means.count) and \(right.means.count) columns"
        }
    }

    private static func information(_ encoder: ContrastiveEncoder) -> String {
        let what = noun(encoder) == "pairs" ? "the sides share at least" : "two views share at least"
        return String(format: "%@ %.3f nats (pairs held out or of the last pass); no bound exceeds ln n = %.3f", what, encoder.training.bound, encoder.training.ceiling)
    }

    static func json(_ encoder: ContrastiveEncoder, path: String) -> JSONValue {
        .object([
            ("file", .string(path)), ("kind", .string(ContrastiveEncoder.kind)), ("form", .string(noun(encoder))), ("input", .string(input(encoder))), ("width", .int(encoder.width)),
            ("rows", .int(encoder.training.rows)), ("method", .string(encoder.training.method)), ("temperature", .number(Double(encoder.critic.temperature))),
            ("bound", .number(encoder.training.bound)), ("ceiling", .number(encoder.training.ceiling)), ("digest", .optional(encoder.training.digest)), ("key", .natural(encoder.training.seed)),
        ])
    }

    /// A pass of a fit, on the terminal.
    static func progress(_ done: Int, _ passes: Int, _ figures: [String: Double], since begin: Date) throws {
        Console.bar(done: done, of: passes, since: begin, unit: String(format: "passes, loss %.3f nats", figures["loss"] ?? .nan))
        try Interruption.check()
    }
}
