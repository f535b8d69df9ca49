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
        return Double(text).flatMap { $0.isFinite ? $0 : nil } ?? TimeStamp.seconds(text)
    }
}
