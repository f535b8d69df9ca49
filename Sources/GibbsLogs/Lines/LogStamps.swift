/// The stamps of time that the presets know, read from a position of a line.
enum LogStamps {
    typealias Found = (seconds: Double, end: Int)

    /// A stamp outside the years 1 to 9999, or moved out of them by its zone, is none.
    private static func found(_ seconds: Double, _ end: Int) -> Found? { CivilTime.writable.contains(seconds) ? (seconds, end) : nil }

    /// `Mar 27 13:06:56`, the day padded by a blank or not.
    static func syslog(_ line: LogText, at start: Int, _ clock: inout LogClock) -> Found? {
        guard start + 14 <= line.count, let month = month(line, at: start), line[start + 3] == 0x20 else { return nil }
        let from = line.ink(from: start + 4, before: start + 6)
        guard let day = line.natural(at: from, before: line.count, limit: 2), (1 ... 31).contains(day.value), line.at(day.end) == 0x20,
              let second = clock24(line, at: day.end + 1) else { return nil }
        return (clock.seconds(month: month, day: day.value, secondOfDay: second), day.end + 9)
    }

    /// `2026-03-27T13:06:56.123456+02:00`, also with a blank for the T, without the part of a second, and with `Z`, `+0200` or no
    /// zone, which is UTC.
    static func iso(_ line: LogText, at start: Int) -> Found? {
        guard start + 19 <= line.count, let year = line.natural(at: start, before: line.count, limit: 4), year.end == start + 4,
              line[start + 4] == 0x2D, line[start + 7] == 0x2D, let month = line.pair(at: start + 5), (1 ... 12).contains(month),
              let day = line.pair(at: start + 8), (1 ... 31).contains(day), line[start + 10] == UInt8(ascii: "T") || line[start + 10] == 0x20,
              let second = clock24(line, at: start + 11) else { return nil }
        var p = start + 19, part = 0.0
        if line.at(p) == UInt8(ascii: ".") || line.at(p) == UInt8(ascii: ","), let digits = line.natural(at: p + 1, before: line.count) {
            part = Double(digits.value)
            for _ in p + 1 ..< digits.end { part /= 10 }
            p = digits.end
        }
        let zone = zone(line, at: p)
        return found(CivilTime.seconds(year: year.value, month: month, day: day, secondOfDay: second - zone.seconds) + part, zone.end)
    }

    /// `10/Oct/2000:13:55:36 -0700`.
    static func access(_ line: LogText, at start: Int) -> Found? {
        guard start + 20 <= line.count, let day = line.pair(at: start), (1 ... 31).contains(day), line[start + 2] == 0x2F, let month = month(line, at: start + 3),
              line[start + 6] == 0x2F, let year = line.natural(at: start + 7, before: line.count, limit: 4), year.end == start + 11,
              line[start + 11] == 0x3A, let second = clock24(line, at: start + 12) else { return nil }
        let zone = line.at(start + 20) == 0x20 ? zone(line, at: start + 21) : (seconds: 0, end: start + 20)
        return found(CivilTime.seconds(year: year.value, month: month, day: day, secondOfDay: second - zone.seconds), zone.end)
    }

    /// `081109 203615`, year first.
    static func hadoop(_ line: LogText, at start: Int) -> Found? {
        guard start + 13 <= line.count, line[start + 6] == 0x20, let year = line.pair(at: start), let month = line.pair(at: start + 2), (1 ... 12).contains(month),
              let day = line.pair(at: start + 4), (1 ... 31).contains(day), let hour = line.pair(at: start + 7), hour < 24,
              let minute = line.pair(at: start + 9), minute < 60, let second = line.pair(at: start + 11), second <= 60 else { return nil }
        return (CivilTime.seconds(year: 2000 + year, month: month, day: day, secondOfDay: hour * 3600 + minute * 60 + second), start + 13)
    }

    /// Seconds of the day at `13:06:56`.
    private static func clock24(_ line: LogText, at start: Int) -> Int? {
        guard start + 8 <= line.count, line[start + 2] == 0x3A, line[start + 5] == 0x3A, let hour = line.pair(at: start), hour < 24,
              let minute = line.pair(at: start + 3), minute < 60, let second = line.pair(at: start + 6), second <= 60 else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func zone(_ line: LogText, at start: Int) -> (seconds: Int, end: Int) {
        let sign = line.at(start)
        if sign == UInt8(ascii: "Z") { return (0, start + 1) }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = line.pair(at: start + 1) else { return (0, start) }
        let colon = line.at(start + 3) == 0x3A ? 1 : 0
        guard let minutes = line.pair(at: start + 3 + colon) else { return (0, start) }
        let offset = hours * 3600 + minutes * 60
        return (sign == UInt8(ascii: "-") ? -offset : offset, start + 5 + colon)
    }

    private static func month(_ line: LogText, at p: Int) -> Int? {
        switch (line[p], line[p + 1], line[p + 2]) {
        case (0x4A, 0x61, 0x6E): 1
        case (0x46, 0x65, 0x62): 2
        case (0x4D, 0x61, 0x72): 3
        case (0x41, 0x70, 0x72): 4
        case (0x4D, 0x61, 0x79): 5
        case (0x4A, 0x75, 0x6E): 6
        case (0x4A, 0x75, 0x6C): 7
        case (0x41, 0x75, 0x67): 8
        case (0x53, 0x65, 0x70): 9
        case (0x4F, 0x63, 0x74): 10
        case (0x4E, 0x6F, 0x76): 11
        case (0x44, 0x65, 0x63): 12
        default: nil
        }
    }
}
