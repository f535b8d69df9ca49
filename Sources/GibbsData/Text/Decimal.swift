/// Reads decimal numbers from bytes, each to the nearest double, as `strtod` in the C locale would.
///
/// The accepted form is `[+-] digits [. digits] [e [+-] digits]` with digits on at least one side of the point.
///
/// - Source: W. D. Clinger, *How to read floating point numbers accurately*, PLDI 1990, for short numbers; D. Lemire,
///   *Number parsing at a gigabyte per second*, 2021, for up to 19 digits; the standard library for the rest.
enum Decimal {
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ]
    /// Raw tables for the inner loop; they live as long as the process.
    struct Tables: @unchecked Sendable {
        let tens: UnsafePointer<Double>
        let fives: UnsafePointer<UInt64>
    }
    static let tables: Tables = {
        let tens = UnsafeMutablePointer<Double>.allocate(capacity: powersOfTen.count)
        tens.initialize(from: powersOfTen, count: powersOfTen.count)
        let fives = UnsafeMutablePointer<UInt64>.allocate(capacity: PowersOfFive.words.count)
        fives.initialize(from: PowersOfFive.words, count: PowersOfFive.words.count)
        return Tables(tens: tens, fives: fives)
    }()

    /// Reads the longest number at `p` and moves `p` behind it.
    ///
    /// The bytes must end in one that belongs to no number (a line feed), with eight readable bytes after it.
    ///
    /// - Parameter json: Whether to insist on JSON's narrower form: no `+`, no leading zeros, digits on both sides of a point.
    /// - Returns: The number; an infinity where it exceeds every double; `nan` where there is no number, with `p` unspecified.
    @inline(__always)
    static func parse(_ p: inout UnsafePointer<UInt8>, _ tables: Tables, json: Bool = false) -> Double {
        let start = p
        let negative = p[0] == UInt8(ascii: "-")
        if negative || (!json && p[0] == UInt8(ascii: "+")) { p += 1 }
        let digitsStart = p
        var mantissa: UInt64 = 0
        digits(&p, &mantissa)
        var digitCount = p - digitsStart
        if json, digitCount == 0 || (digitCount > 1 && digitsStart[0] == UInt8(ascii: "0")) { return .nan }
        var exponent = 0
        if p[0] == UInt8(ascii: ".") {
            p += 1
            let fractionStart = p
            digits(&p, &mantissa)
            exponent = fractionStart - p
            if json, exponent == 0 { return .nan }
            digitCount -= exponent
        }
        if digitCount == 0 { return .nan }
        if p[0] | 0x20 == UInt8(ascii: "e") {
            guard let written = exponentPart(&p) else { return .nan }
            exponent += written
        }
        // Twenty digits may overflow the mantissa; leading zeros are counted too, which only sends more to the slow way.
        if digitCount > 19 { return slow(start, p) }
        if exponent >= -22, exponent <= 22, mantissa < 1 << 53 {
            let whole = Double(mantissa)
            let value = exponent < 0 ? whole / tables.tens[-exponent] : whole * tables.tens[exponent]
            return negative ? -value : value
        }
        if mantissa == 0 { return negative ? -0.0 : 0 }
        if let value = nearest(mantissa, exponent, tables) { return negative ? -value : value }
        return slow(start, p)
    }

    @inline(__always)
    private static func digits(_ p: inout UnsafePointer<UInt8>, _ mantissa: inout UInt64) {
        while true {
            let word = loadWord(p)
            // All eight bytes are digits: high nibbles 3, and adding 6 carries none of them over.
            if (word & 0xF0F0_F0F0_F0F0_F0F0) | (((word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4)
                != 0x3333_3333_3333_3333 { break }
            var eight = word &- 0x3030_3030_3030_3030
            eight = eight &* 10 &+ (eight >> 8)
            eight = ((eight & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
                &+ ((eight >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) >> 32
            mantissa = mantissa &* 100_000_000 &+ eight
            p += 8
        }
        while true {
            let digit = p[0] &- UInt8(ascii: "0")
            if digit > 9 { return }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            p += 1
        }
    }

    /// Behind an `e`: the exponent, held within ±99999, or nil where its digits are missing.
    @inline(never)
    private static func exponentPart(_ p: inout UnsafePointer<UInt8>) -> Int? {
        p += 1
        let negative = p[0] == UInt8(ascii: "-")
        if negative || p[0] == UInt8(ascii: "+") { p += 1 }
        let start = p
        var value = 0
        while true {
            let digit = p[0] &- UInt8(ascii: "0")
            if digit > 9 { break }
            value = min(value * 10 + Int(digit), 99_999)
            p += 1
        }
        return p == start ? nil : (negative ? -value : value)
    }

    /// The double nearest to `mantissa · 10^exponent`, or nil where 128 bits of the power do not settle it.
    private static func nearest(_ mantissa: UInt64, _ exponent: Int, _ tables: Tables) -> Double? {
        guard PowersOfFive.range.contains(exponent) else { return nil }
        let index = 2 * (exponent - PowersOfFive.range.lowerBound)
        let zeros = mantissa.leadingZeroBitCount
        let scaled = mantissa << UInt64(zeros)
        var (high, low) = scaled.multipliedFullWidth(by: tables.fives[index])
        if high & 0x1FF == 0x1FF {
            let second = scaled.multipliedFullWidth(by: tables.fives[index + 1])
            let (sum, carry) = low.addingReportingOverflow(second.high)
            low = sum
            if carry { high &+= 1 }
        }
        if low == .max, exponent < -27 || exponent > 55 { return nil }
        let upper = high >> 63
        let shift = upper + 9
        var bits = high >> shift
        var power = (217_706 * exponent) >> 16 + 63 + Int(upper) - zeros + 1023
        // Exactly halfway between two doubles: round to even.
        if low <= 1, exponent >= -4, exponent <= 23, bits & 3 == 1, bits << shift == high { bits &= ~1 }
        bits = (bits + (bits & 1)) >> 1
        if bits >= 2 << 52 {
            bits = 1 << 52
            power += 1
        }
        return Double(bitPattern: bits & ~(1 << 52) | UInt64(power) << 52)
    }

    @inline(never)
    private static func slow(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Double {
        Double(String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)) ?? .nan
    }
}
