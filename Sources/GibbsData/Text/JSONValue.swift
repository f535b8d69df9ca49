import Foundation

/// JSON written in a fixed order of keys: the lines that machines read on standard output, in files of alerts and over a network.
package indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case natural(UInt64)
    /// So many significant digits; whole numbers below 10¹⁵ have no point.
    case number(Double, digits: Int = 6)
    case string(String)
    case array([JSONValue])
    /// Keys and values, in this order.
    case object([(String, JSONValue)])

    /// The text, on one line; numbers that are not finite become null.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .natural(let value): String(value)
        case .number(let value, let digits): value.isFinite ? Self.format(value, digits) : "null"
        case .string(let value): Self.quote(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let pairs): "{" + pairs.map { Self.quote($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    /// A text, or null.
    package static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    private static func format(_ value: Double, _ digits: Int) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(format: "%.\(digits)g", value)
    }

    /// A text in quotes, with what JSON does not allow in them escaped.
    package static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
