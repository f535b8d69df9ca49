import Foundation

/// When things happen in the company: two Poisson processes laid over each other.
///
/// People follow `peopleByHour` on Monday to Friday and do 6 % of that at the weekend; machines tick evenly around the
/// clock. Time is UTC, in seconds since 1970.
struct WorkingHours {
    /// Share of a weekday's records that machines make by themselves.
    static let machineShare = 0.25
    static let weekendActivity = 0.06
    /// Relative activity of people in each hour of a weekday: a ramp at eight, a dip at lunch, stragglers until eleven.
    static let peopleByHour: [Double] = [
        0.05, 0.02, 0.01, 0.01, 0.02, 0.05, 0.2, 1.2, 4, 7, 8, 7.5, 4.5, 6, 7.5, 7.5, 6.5, 4, 2, 1.2, 0.9, 0.7, 0.4, 0.15,
    ]

    /// Expected records of people per second in each hour of a weekday.
    private let peopleRates: [Double]
    private let machineRate: Double

    init(recordsPerDay: Double) {
        let total = Self.peopleByHour.reduce(0, +)
        peopleRates = Self.peopleByHour.map { $0 / total * (1 - Self.machineShare) * recordsPerDay / 3600 }
        machineRate = Self.machineShare * recordsPerDay / 86_400
    }

    /// The hour of the day, 0 ..< 24.
    static func hour(of time: Double) -> Int { Int(time) % 86_400 / 3600 }

    /// Saturday or Sunday; 1 January 1970 was a Thursday.
    static func isWeekend(_ time: Double) -> Bool { (Int(time) / 86_400 + 4) % 7 % 6 == 0 }

    private func peopleRate(at time: Double) -> Double {
        peopleRates[Self.hour(of: time)] * (Self.isWeekend(time) ? Self.weekendActivity : 1)
    }

    /// The time of the next record: the intensity integrates to an exponential variable between two records.
    func next(after time: Double, _ draws: inout Draws) -> Double {
        var time = time, owed = draws.exponential()
        while true {
            let rate = peopleRate(at: time) + machineRate
            let hourEnd = (time / 3600).rounded(.down) * 3600 + 3600
            if owed < rate * (hourEnd - time) { return time + owed / rate }
            owed -= rate * (hourEnd - time)
            time = hourEnd
        }
    }

    /// The probability that a record at that time was made by a person.
    func peopleShare(at time: Double) -> Double {
        let people = peopleRate(at: time)
        return people / (people + machineRate)
    }
}

/// A second as ISO 8601 text, `2026-03-02T08:14:05Z`, without a formatter because it is written for every row.
///
/// - Source: the civil calendar of Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `civil_from_days`.
func isoText(second: Int) -> String {
    let shifted = second / 86_400 + 719_468, era = shifted / 146_097, dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let clock = second % 86_400
    return String(unsafeUninitializedCapacity: 20) { buffer in
        func digits(_ value: Int, at start: Int, _ count: Int) {
            var rest = value
            for place in stride(from: start + count - 1, through: start, by: -1) {
                buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        digits(year, at: 0, 4)
        digits(month, at: 5, 2)
        digits(day, at: 8, 2)
        digits(clock / 3600, at: 11, 2)
        digits(clock / 60 % 60, at: 14, 2)
        digits(clock % 60, at: 17, 2)
        buffer[4] = UInt8(ascii: "-")
        buffer[7] = UInt8(ascii: "-")
        buffer[10] = UInt8(ascii: "T")
        buffer[13] = UInt8(ascii: ":")
        buffer[16] = UInt8(ascii: ":")
        buffer[19] = UInt8(ascii: "Z")
        return 20
    }
}
