import Foundation
import GibbsData
import GibbsNumerics

/// From alerts a day to a false-alarm rate, by the times of the records.
public enum RecordRate {
    /// The share of normal records that may alert for `alertsPerDay`: alerts a day over records a day, one half at most.
    ///
    /// - Parameters:
    ///   - alertsPerDay: Positive.
    ///   - table: The records whose times count.
    ///   - timeColumn: Holds seconds since 1970, or ISO 8601 texts.
    /// - Throws: `GibbsError` with code `.usage` without a column, or `.unsuitableData` when it holds no times or no span.
    public static func falseAlarmRate(alertsPerDay: Double, of table: Table, timeColumn: String?) throws -> Double {
        guard alertsPerDay > 0 else { throw GibbsError(.usage, "\(alertsPerDay) alerts a day", advice: "give a positive number") }
        guard let timeColumn else {
            throw GibbsError(.usage, "alerts a day need the times of the records", advice: "name their column with --time")
        }
        let column = try table.column(timeColumn)
        let times = (0 ..< table.rowCount).compactMap { seconds(column, $0) }
        guard let first = times.min(), let last = times.max(), last > first else {
            throw GibbsError(.unsuitableData, "the column holds no span of time", at: .init(field: timeColumn),
                             advice: "give seconds since 1970, or ISO 8601 such as 2026-03-01T12:00:00Z")
        }
        let perDay = Double(times.count) / ((last - first) / 86_400)
        guard alertsPerDay <= perDay / 2 else {
            throw GibbsError(.unsuitableData, "\(alertsPerDay.shortText) alerts a day would be over half of the \(perDay.shortText) records a day that the column tells of",
                             at: .init(field: timeColumn), advice: "check that the times are in seconds and ask for fewer alerts")
        }
        return alertsPerDay / perDay
    }

    private static func seconds(_ column: Column, _ row: Int) -> Double? {
        guard let text = column.text(row) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil } ?? ISO8601.seconds(text)
    }
}

/// Times as ISO 8601 texts, without a formatter a cell.
enum ISO8601 {
    /// Seconds since 1970 of `YYYY-MM-DD[T ]hh:mm:ss[.fff][Z|±hh[:]mm|±hh]`; a text without a zone counts as UTC.
    static func seconds(_ text: String) -> Double? {
        let parts = text.split(whereSeparator: { $0 == "T" || $0 == " " })
        guard let first = parts.first else { return nil }
        let pieces = first.split(separator: "-", omittingEmptySubsequences: false), date = pieces.compactMap { Int($0) }
        guard pieces.count == 3, date.count == 3, (0 ... 9999).contains(date[0]), (1 ... 12).contains(date[1]), (1 ... 31).contains(date[2]) else { return nil }
        var total = Double(days(date[0], date[1], date[2])) * 86_400
        guard parts.count > 1 else { return total }
        var clock = parts[1], offset = 0.0
        if clock.hasSuffix("Z") { clock = clock.dropLast() }
        else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let digits = clock[clock.index(after: sign)...].filter { $0 != ":" }
            guard digits.count == 2 || digits.count == 4, let hours = Double(digits.prefix(2)), let minutes = Double("0" + digits.dropFirst(2)) else { return nil }
            offset = (hours * 3600 + minutes * 60) * (clock[sign] == "-" ? -1 : 1)
            clock = clock[..<sign]
        }
        let hands = clock.split(separator: ":", omittingEmptySubsequences: false), time = hands.compactMap { Double($0) }
        guard (2 ... 3).contains(hands.count), time.count == hands.count, time.allSatisfy({ 0 ..< 61 ~= $0 }) else { return nil }
        total += time[0] * 3600 + time[1] * 60 + (time.count > 2 ? time[2] : 0)
        return total - offset
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
