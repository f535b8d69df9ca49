import GibbsData

/// Seconds since 1970 UTC from parts of a date, and back, by the calendar of `TimeStamp`.
enum CivilTime {
    /// Seconds since 1970 UTC; a day or an hour beyond its month or day counts on into the next.
    static func seconds(year: Int, month: Int, day: Int, secondOfDay: Int) -> Double { Double(TimeStamp.days(year, month, day) * 86_400 + secondOfDay) }

    /// Seconds of the years 1 to 9999, which four digits can write, UTC.
    static let writable = seconds(year: 1, month: 1, day: 1, secondOfDay: 0) ..< seconds(year: 10_000, month: 1, day: 1, secondOfDay: 0)

    static func date(_ seconds: Double) -> (year: Int, month: Int, day: Int, secondOfDay: Int) {
        let whole = Int(seconds.rounded(.down)), days = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400, date = TimeStamp.date(days)
        return (date.year, date.month, date.day, whole - days * 86_400)
    }

    /// Such as `2026-03-27T13:08:09Z`, with microseconds where the time has a part of a second; times that are not `writable` count as the nearest that is.
    static func append(_ seconds: Double, to bytes: inout [UInt8]) {
        let ticks = (min(max(seconds, writable.lowerBound), writable.upperBound - 1) * 1e6).rounded(), whole = (ticks / 1e6).rounded(.down), micro = Int(ticks - whole * 1e6)
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
