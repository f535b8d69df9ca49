import Foundation

/// Gives a year to stamps that carry none, such as `Mar 27 13:06:56`.
///
/// The first stamp of a log lies in the given year; without one in the present year, or in the year before where it would lie more than
/// a day ahead of now. From there on a step back of six months or more, as from December to January, is a new year. A step forward
/// as wide, when a year has turned before, is a straggler of the old one. Stamps count as UTC.
public struct LogClock: Sendable, Hashable, Codable {
    private let firstYear: Int?
    private let now: Double
    private struct Month: Hashable, Codable { var year: Int, month: Int }
    private var latest: Month?
    private var hasTurned = false

    /// A clock that has seen no stamp.
    ///
    /// - Parameters:
    ///   - year: Of the first stamp, from 1 to 9999; `nil` infers it from now.
    ///   - now: Seconds since 1970.
    public init(year: Int? = nil, now: Double = Date().timeIntervalSince1970) {
        firstYear = year
        self.now = now
    }

    /// Whether the numbers in it can be those of stamps, as a file may hold anything.
    var isPossible: Bool { latest.map { 1 ... 12 ~= $0.month && 0 ... 100_000 ~= $0.year } ?? true }

    /// The year that it took the last stamp for, where the stamps have none and nobody told the first one's.
    public var inferredYear: Int? { firstYear == nil ? latest?.year : nil }

    /// Whether it knows a year from the log itself.
    var hasSeenStamps: Bool { latest != nil }

    /// Seconds since 1970 of a stamp without a year.
    mutating func seconds(month: Int, day: Int, secondOfDay: Int) -> Double {
        var year = latest?.year ?? 0
        if let latest {
            if month - latest.month <= -6 {
                year += 1
                hasTurned = true
            } else if hasTurned, month - latest.month >= 6 {
                return CivilTime.seconds(year: year - 1, month: month, day: day, secondOfDay: secondOfDay)
            }
        } else {
            year = firstYear ?? CivilTime.date(now).year
            if firstYear == nil, CivilTime.seconds(year: year, month: month, day: day, secondOfDay: secondOfDay) > now + 86_400 { year -= 1 }
        }
        latest = Month(year: year, month: month)
        return CivilTime.seconds(year: year, month: month, day: day, secondOfDay: secondOfDay)
    }
}
