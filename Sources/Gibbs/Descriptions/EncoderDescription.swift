import GibbsContrast
import GibbsData

extension ContrastiveEncoder {
    /// What the encoder is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        .object([
            ("file", .string(file)), ("kind", .string(Self.kind)), ("form", .string(noun)), ("input", .string(inputWords)), ("width", .int(width)),
            ("rows", .int(training.rows)), ("method", .string(training.method)), ("temperature", .number(Double(critic.temperature))),
            ("bound", .number(training.bound)), ("boundError", .number(training.boundError ?? .nan)), ("ceiling", .number(training.ceiling)), ("digest", .optional(training.digest)), ("key", .natural(training.seed)),
            ("leftColumns", Self.list(columns(of: .left))), ("rightColumns", Self.list(columns(of: .right))),
        ])
    }

    /// Names, or null.
    private static func list(_ names: [String]?) -> JSONValue { names.map { JSONValue.array($0.map(JSONValue.string)) } ?? .null }

    /// What it learned from: images or pairs.
    package var noun: String { if case .images = form { "images" } else { "pairs" } }

    /// How large a row is, in words.
    package var inputWords: String {
        switch form {
        case .images(let shape): "\(shape.height) × \(shape.width) pixels"
        case .pairs(let left, let right): "\(left.means.count) and \(right.means.count) columns"
        }
    }
}
