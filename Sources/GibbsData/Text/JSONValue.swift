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
        return plain(value, digits) ?? String(format: "%.\(digits)g", value)
    }

    /// What `%g` makes of a number of everyday size, in a twentieth of its time; `nil` for others, and where the last digit is too close to call in double precision.
    private static func plain(_ value: Double, _ digits: Int) -> String? {
        let size = abs(value)
        guard (1 ... 9).contains(digits), size >= 1e-4, size < powers[digits] else { return nil }
        var exponent = size < 1 ? -1 : 0
        if size < 1 { while size * powers[-exponent] < 1 { exponent -= 1 } } else { while size >= powers[exponent + 1] { exponent += 1 } }
        var decimals = digits - 1 - exponent
        let scaled = size * powers[decimals], whole = scaled.rounded(.down), rest = scaled - whole
        // The product is off by at most some 1e-7.
        guard abs(rest - 0.5) > 1e-5, exponent >= -4 else { return nil }
        var mantissa = Int(whole) + (rest > 0.5 ? 1 : 0)
        guard mantissa < Int(powers[digits]) else { return nil }
        while decimals > 0, mantissa % 10 == 0 { (mantissa, decimals) = (mantissa / 10, decimals - 1) }
        return String(unsafeUninitializedCapacity: 24) { bytes in
            var place = 24, written = 0
            // From the last digit on: decimals, the point, and at least one digit before it.
            while mantissa > 0 || written <= decimals {
                if written == decimals, decimals > 0 { place -= 1; bytes[place] = UInt8(ascii: ".") }
                place -= 1
                bytes[place] = UInt8(ascii: "0") + UInt8(mantissa % 10)
                (mantissa, written) = (mantissa / 10, written + 1)
            }
            if value < 0 { place -= 1; bytes[place] = UInt8(ascii: "-") }
            for index in place ..< 24 { bytes[index - place] = bytes[index] }
            return 24 - place
        }
    }

    private static let powers: [Double] = (0 ... 14).map { pow(10, Double($0)) }

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
