/// Days and seconds since 1970 UTC, and back, by the proleptic Gregorian calendar.
///
/// Source: Hinnant, "chrono-compatible low-level date algorithms" (`days_from_civil`, `civil_from_days`).
enum CivilTime {
    /// Seconds since 1970 UTC; a day or an hour beyond its month or day counts on into the next.
    static func seconds(year: Int, month: Int, day: Int, secondOfDay: Int) -> Double {
        let y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Double((era * 146_097 + dayOfEra - 719_468) * 86_400 + secondOfDay)
    }

    static func date(_ seconds: Double) -> (year: Int, month: Int, day: Int, secondOfDay: Int) {
        let whole = Int(seconds.rounded(.down)), days = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400
        let z = days + 719_468, era = (z >= 0 ? z : z - 146_096) / 146_097, dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100), m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1, whole - days * 86_400)
    }

    /// Such as `2026-03-27T13:08:09Z`, with microseconds where the time has a part of a second.
    static func append(_ seconds: Double, to bytes: inout [UInt8]) {
        let ticks = (seconds * 1e6).rounded(), whole = (ticks / 1e6).rounded(.down), micro = Int(ticks - whole * 1e6)
        let (year, month, day, second) = date(whole)
        func digits(_ value: Int, _ count: Int) {
            var unit = 1
            for _ in 1 ..< count { unit *= 10 }
            while unit > 0 {
                bytes.append(0x30 + UInt8(value / unit % 10))
                unit /= 10
            }
        }
        func mark(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }
        digits(year, 4); mark("-"); digits(month, 2); mark("-"); digits(day, 2); mark("T")
        digits(second / 3600, 2); mark(":"); digits(second / 60 % 60, 2); mark(":"); digits(second % 60, 2)
        if micro > 0 { mark("."); digits(micro, 6) }
        mark("Z")
    }
}
