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

    /// Appends the text, which saves making it by itself.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .string(let value): Self.appendQuoted(value, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let pairs):
            bytes.append(UInt8(ascii: "{"))
            for (index, pair) in pairs.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.appendQuoted(pair.0, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                pair.1.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        default: bytes.append(contentsOf: text.utf8)
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
        var bytes = [UInt8]()
        appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a text in quotes, with what JSON does not allow in them escaped, and with what steers terminals: DEL and the C1 controls.
    package static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(0x22)
        text.withUTF8 { source in
            if !source.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F || $0 == 0xC2 }) {
                bytes.append(contentsOf: source)
                return
            }
            let digits = Array("0123456789abcdef".utf8)
            for (place, byte) in source.enumerated() {
                switch byte {
                case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
                case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
                case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
                case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
                // U+0080 … U+009F are C2 80 … C2 9F.
                case 0x80 ..< 0xA0 where place > 0 && source[place - 1] == 0xC2:
                    bytes.removeLast()
                    bytes.append(contentsOf: [0x5C, UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
                case ..<0x20, 0x7F: bytes.append(contentsOf: [0x5C, UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(0x22)
    }
}
