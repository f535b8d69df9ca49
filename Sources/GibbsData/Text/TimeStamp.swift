import Foundation

/// Times as texts of ISO 8601 or as numbers of seconds, without a formatter a cell.
public enum TimeStamp {
    /// Seconds since 1970 of a number of them, or of `YYYY-MM-DD[T ]hh:mm[:ss[.fff]][Z|±hh[:]mm|±hh]`; a text without a zone counts as
    /// UTC. Numbers from 10¹¹ to 10¹⁴ are milliseconds, as no time before the year 5138 is one of seconds. `nil` for anything else.
    public static func seconds(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { seconds($0) }
    }

    /// As above, of bytes.
    public static func seconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var scan = Scan(bytes)
        guard bytes.count >= 8, bytes[4] == UInt8(ascii: "-") else { return number(bytes) }
        guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"), let day = scan.digits(2),
              (1 ... 12).contains(month) else { return nil }
        let number = days(year, month, day)
        // The 30th of February would be another day.
        guard date(number) == (year, month, day) else { return nil }
        var total = Double(number) * 86_400
        if scan.isAtEnd { return total }
        guard scan.take("T") || scan.take(" "), let hour = scan.digits(2), scan.take(":"), let minute = scan.digits(2), hour < 24, minute < 60 else { return nil }
        total += Double(hour * 3600 + minute * 60)
        if scan.take(":") {
            guard let second = scan.digits(2), second < 61 else { return nil }
            total += Double(second)
            if scan.take(".") || scan.take(",") {
                guard let fraction = scan.fraction() else { return nil }
                total += fraction
            }
        }
        if scan.isAtEnd || scan.take("Z") { return scan.isAtEnd ? total : nil }
        let sign: Double
        if scan.take("+") { sign = 1 } else if scan.take("-") { sign = -1 } else { return nil }
        guard let hours = scan.digits(2) else { return nil }
        _ = scan.take(":")
        let minutes = scan.isAtEnd ? 0 : scan.digits(2)
        guard let minutes, scan.isAtEnd, hours < 24, minutes < 60 else { return nil }
        return total - sign * Double(hours * 3600 + minutes * 60)
    }

    /// `2026-03-02T19:09:21Z`, with three digits more where the seconds are not whole.
    public static func text(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e11 else { return "–" }
        let millis = (seconds * 1000).rounded(), whole = Int((millis / 1000).rounded(.down)), rest = Int(millis) - whole * 1000
        let day = Int((Double(whole) / 86_400).rounded(.down)), clock = whole - day * 86_400, date = date(day)
        let fraction = rest == 0 ? "" : String(format: ".%03d", rest)
        return String(format: "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day, clock / 3600, clock / 60 % 60, clock % 60) + fraction + "Z"
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        guard (1 ... 32).contains(bytes.count), let value = Double(String(decoding: bytes, as: UTF8.self)), abs(value) < 1e14 else { return nil }
        return abs(value) >= 1e11 ? value / 1000 : value
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    ///
    /// - Source: Hinnant, *chrono-compatible low-level date algorithms*, 2013.
    public static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date so many days after 1970-01-01, by the same calendar and source.
    public static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days + 719_468, era = (z >= 0 ? z : z - 146_096) / 146_097, dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100), m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }
}

/// Reads digits and signs off bytes.
private struct Scan {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard at + count <= bytes.count else { return nil }
        var value = 0
        for index in at ..< at + count {
            guard case 48 ... 57 = bytes[index] else { return nil }
            value = value * 10 + Int(bytes[index] - 48)
        }
        at += count
        return value
    }

    mutating func fraction() -> Double? {
        var value = 0.0, scale = 0.1, any = false
        while at < bytes.count, case 48 ... 57 = bytes[at] {
            value += Double(bytes[at] - 48) * scale
            scale /= 10
            at += 1
            any = true
        }
        return any ? value : nil
    }
}
