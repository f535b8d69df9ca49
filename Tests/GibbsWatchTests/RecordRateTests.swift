import GibbsData
import GibbsNumerics
import GibbsSimulation
import GibbsWatch
import Testing

/// From alerts a day to a rate: times in every spelling that is promised, and those that are none.
@Suite struct RecordRateTests {
    /// Two records that far apart make 2 / days a day.
    private func days(_ first: String, _ last: String) throws -> Double {
        let rate = try RecordRate.falseAlarmRate(alertsPerDay: 1e-6, of: Table(texts: ["t": [first, last]]), timeColumn: "t")
        return rate * 2 / 1e-6
    }

    private static let spelt: [(first: String, last: String, days: Double)] = [
        ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", 1), ("2026-03-01", "2026-03-02", 1), ("2026-03-01 06:00:00", "2026-03-01 12:00:00", 0.25),
        ("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", 1), ("2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z", 2),
        ("2000-02-28", "2000-03-01", 2), ("1900-02-28", "1900-03-01", 1), ("1969-12-31", "1970-01-01", 1), ("2025-12-31T23:00", "2026-01-01T11:00", 0.5),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T11:00:00Z", 1.0 / 24), ("2026-03-01T01:00:00Z", "2026-03-01T00:00:00-05:30", 4.5 / 24.0),
        ("2026-03-01T12:00:00+0230", "2026-03-01T11:00:00Z", 1.5 / 24.0), ("2026-03-01T12:00:00+02", "2026-03-01T11:00:00Z", 1.0 / 24),
        ("2026-03-01T00:00:00.25Z", "2026-03-01T00:00:01.75Z", 1.5 / 86_400), ("2026-03-01T00:00:00", "2026-03-01T00:00:36Z", 36 / 86_400.0),
        ("1772323200", "1772409600", 1), ("1772323200.5", "1772366400.5", 0.5), ("1772323200", "2026-03-02T00:00:00Z", 1),
    ]

    @Test(arguments: spelt) func spellings(first: String, last: String, days expected: Double) throws {
        #expect(abs(try days(first, last) / expected - 1) < 1e-9)
        #expect(abs(try days(last, first) / expected - 1) < 1e-9)
    }

    @Test func ratesAreAlertsOverRecords() throws {
        // 1001 records in ten days, in any order, as numbers and with gaps.
        let times = (0 ... 1000).map { 1.7e9 + Double($0) * 864 }
        let table = Table(columns: [Column(name: "time", numbers: times.reversed() + [.nan, .nan])])
        #expect(abs(try RecordRate.falseAlarmRate(alertsPerDay: 2, of: table, timeColumn: "time") - 2 / 100.1) < 1e-12)
        // More alerts than half of the records, and milliseconds taken for seconds, are refused.
        for (alerts, column) in [(1e6, "time"), (2, "milliseconds")] {
            let thousandfold = table.adding(Column(name: "milliseconds", numbers: times.map { $0 * 1000 } + [.nan, .nan]))
            #expect(throws: GibbsError.self) { try RecordRate.falseAlarmRate(alertsPerDay: alerts, of: thousandfold, timeColumn: column) }
        }
        let simulated = try ConnectionSimulator(key: Key(1), recordsPerDay: 10_000).records(20_000)
        let rate = try RecordRate.falseAlarmRate(alertsPerDay: 5, of: simulated, timeColumn: "time")
        // Two working days of a Poisson process: five standard errors of 20,000 arrivals are 3.5 %.
        #expect(abs(rate / (5 / 10_000) - 1) < 0.08)
    }

    @Test func refusals() {
        let table = Table(texts: ["t": ["2026-03-01", "2026-03-02"], "word": ["soon", "later"], "same": ["2026-03-01", "2026-03-01"], "none": [nil, nil]])
        func rate(_ alerts: Double, _ column: String?) throws -> Double { try RecordRate.falseAlarmRate(alertsPerDay: alerts, of: table, timeColumn: column) }
        expectError(.usage, "--time") { try rate(5, nil) }
        for alerts in [0, -1, .nan] { expectError(.usage, "alerts a day") { try rate(alerts, "t") } }
        for column in ["word", "same", "none"] { expectError(.unsuitableData, "'\(column)'", "ISO 8601") { try rate(5, column) } }
        expectError(.unsuitableData, "'absent'") { try rate(5, "absent") }
    }

    /// Texts that look like times but are none are left out; none of them traps.
    @Test(arguments: ["2026-13-01", "2026-00-01", "2026-01-32", "9223372036854775807-01-01", "-5-01-01", "2026-01", "T", "", "2026-03-01T12", "2026-03-01T12:00:00+",
                      "2026-03-01T12:00:00+ab:cd", "2026-03-01T12:00:00+2", "99999999999999999999-01-01", "----", "2026-03-01TZ"]) func oddTimes(text: String) throws {
        let table = Table(texts: ["t": ["2026-03-01", text, "2026-03-02"]])
        #expect(try RecordRate.falseAlarmRate(alertsPerDay: 0.001, of: table, timeColumn: "t") == 0.001 / 2)
    }
}
