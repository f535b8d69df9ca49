import GibbsNumerics

/// The grammar of JSON on raw bytes, as far as lines of records and headers of model files need it.
///
/// All functions rely on a control character (a line feed) behind the text, with eight more readable bytes, and throw
/// `.malformedData` without a place.
enum JSONText {
    typealias Bytes = UnsafePointer<UInt8>

    @inline(__always)
    static func skipBlanks(_ p: inout Bytes) {
        while p[0] == 0x20 || p[0] == 0x09 || p[0] == 0x0D { p += 1 }
    }

    /// The content of the string whose opening quote is at `p`: a view of the source, or of `scratch` where it has escapes.
    @inline(__always)
    static func string(_ p: inout Bytes, _ scratch: Scratch) throws -> UnsafeBufferPointer<UInt8> {
        let start = p + 1
        let stop = special(start)
        if stop[0] == UInt8(ascii: "\"") {
            p = stop + 1
            return UnsafeBufferPointer(start: start, count: stop - start)
        }
        return try unescaped(&p, scratch)
    }

    /// The first quote, backslash or control character at or after `start`.
    @inline(__always)
    private static func special(_ start: Bytes) -> Bytes {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var p = start
        while true {
            let word = loadWord(p)
            let a = word ^ ones &* 0x22, b = word ^ ones &* 0x5C
            let hits = ((a &- ones) & ~a | (b &- ones) & ~b | (word &- ones &* 0x20) & ~word) & 0x8080_8080_8080_8080
            if hits != 0 { return p + hits.trailingZeroBitCount >> 3 }
            p += 8
        }
    }

    @inline(never)
    private static func unescaped(_ p: inout Bytes, _ scratch: Scratch) throws -> UnsafeBufferPointer<UInt8> {
        scratch.clear()
        p += 1
        while true {
            let stop = special(p)
            scratch.append(p, stop - p)
            p = stop
            switch p[0] {
            case UInt8(ascii: "\""):
                p += 1
                return scratch.text
            case UInt8(ascii: "\\"):
                try escape(&p, scratch)
            default:
                throw fault(p[0] == 0x0A ? "a string is not closed" : "a control character inside a string")
            }
        }
    }

    private static func escape(_ p: inout Bytes, _ scratch: Scratch) throws {
        let letter = p[1]
        p += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "u"):
            var scalar = try fourDigits(&p)
            if scalar & 0xFC00 == 0xD800, p[0] == UInt8(ascii: "\\"), p[1] == UInt8(ascii: "u") {
                p += 2
                let low = try fourDigits(&p)
                guard low & 0xFC00 == 0xDC00 else { throw fault("half of a surrogate pair") }
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
            }
            guard let value = Unicode.Scalar(scalar) else { throw fault("half of a surrogate pair") }
            for byte in String(Character(value)).utf8 { scratch.append(byte) }
        default: throw fault("an unknown escape in a string")
        }
    }

    private static func fourDigits(_ p: inout Bytes) throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0 ..< 4 {
            guard let digit = Character(Unicode.Scalar(p[0])).hexDigitValue, p[0] < 0x80 else {
                throw fault("a \\u escape without four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            p += 1
        }
        return value
    }

    /// Moves behind a value without looking at what it says; brackets must match and strings must close.
    static func skipValue(_ p: inout Bytes, _ scratch: Scratch) throws {
        var open = [UInt8]()
        repeat {
            skipBlanks(&p)
            switch p[0] {
            case UInt8(ascii: "\""): _ = try string(&p, scratch)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(p[0] + 2)
                p += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() == p[0] else { throw fault("brackets that do not match") }
                p += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard !open.isEmpty else { throw fault("a value is missing") }
                p += 1
            default:
                let start = p
                while Self.isScalar(p[0]) { p += 1 }
                if p == start { throw fault("a value that does not end on this line") }
            }
        } while !open.isEmpty
    }

    private static func isScalar(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    static func fault(_ message: String) -> GibbsError {
        GibbsError(.malformedData, "invalid JSON: \(message)", advice: "write one complete JSON object a line")
    }

    /// What stands at `p`, for messages.
    static func shown(_ p: Bytes) -> String {
        p[0] == 0x0A ? "the end of the line" : p[0] == 0 ? "the end, or a byte of zero" : p[0] < 0x80 && p[0] >= 0x20 ? "'\(Character(Unicode.Scalar(p[0])))'" : "another byte"
    }
}
