import Foundation
import Gibbs

/// JSON written in a fixed order of keys, one value a line: what machines read on standard output.
indirect enum JSONValue {
    case null
    case bool(Bool)
    case int(Int)
    case natural(UInt64)
    case number(Double, digits: Int = 6)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// The text; numbers that are not finite become null.
    var text: String {
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

    static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    private static func format(_ value: Double, _ digits: Int) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(format: "%.\(digits)g", value)
    }

    private static func quote(_ text: String) -> String {
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

extension Explanation {
    /// What a line says beside its score: the energy of an ordinary record, from which the shares count, the first reasons,
    /// and, where there are any, the values beyond all that were seen.
    func json(reasons limit: Int) -> [(String, JSONValue)] {
        let outside = outside.map { found in
            JSONValue.object([("field", .string(found.field)), ("value", .string(found.value.shortText)), ("seen", .string(found.seen.text))])
        }
        return [("ordinary", .number(Double(referenceEnergy), digits: 5)), ("reasons", .array(reasons.prefix(limit).map(\.json)))]
            + (outside.isEmpty ? [] : [("outside", .array(outside))])
    }
}

extension Explanation.Reason {
    var json: JSONValue {
        .object([("field", .string(field)), ("value", .optional(value))] + (isUnseen ? [("unseen", .bool(true))] : []) + [
                 ("expected", .optional(expected)), ("surprise", .number(Double(surprise), digits: 4)), ("excess", .number(Double(excess), digits: 4)),
                 ("share", .number(Double(share), digits: 4))])
    }
}
