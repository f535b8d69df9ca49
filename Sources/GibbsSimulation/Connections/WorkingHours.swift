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
