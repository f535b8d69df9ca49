import Foundation

/// The highest news of every entity on the present day: what a threshold would have made of it, and what a calibration learns from.
///
/// A score is news where it is above all since its entity's last fell below half of it, as alerts are. A day is one of the events' own times, in UTC; an
/// event that lies ahead of the clock by more than a day begins none, and one of an earlier day counts with the present one.
package struct DayPeaks {
    private struct Record { var peak: Float, record: Float, isToday = true }

    /// Days since 1970; `nil` before the first event.
    package private(set) var day: Int?
    private var records: [UInt64: Record] = [:]
    private let limit: Int

    /// Of so many entities at most.
    package init(limit: Int) { self.limit = limit }

    /// A day on its way, as it was kept.
    package init(day: Int, peaks: [UInt64: Float], limit: Int) {
        (self.day, self.limit) = (day, limit)
        records = peaks.mapValues { Record(peak: $0, record: $0) }
    }

    /// Entities that had an event today.
    package var count: Int { records.values.count(where: \.isToday) }

    /// The highest news of each; 0 for those without.
    package var peaks: [UInt64: Float] { records.filter(\.value.isToday).mapValues(\.peak) }

    /// How many alert above a threshold.
    package func count(above threshold: Float) -> Int { records.values.count { $0.isToday && $0.peak > threshold } }

    /// Takes in the score of an entity after an event.
    ///
    /// - Parameter now: Seconds since 1970, of the clock.
    /// - Returns: The day that ended with this event, where one did.
    package mutating func add(_ score: Float, of hash: UInt64, at time: Double, now: Double) -> (day: Int, peaks: [UInt64: Float])? {
        let today = Int(((time.isNaN || time > now + 86_400 || time < 0 ? now : time) / 86_400).rounded(.down))
        var ended: (day: Int, peaks: [UInt64: Float])?
        if let day, today > day {
            ended = (day, peaks)
            // Whose score is as high as yesterday is no news today.
            records = records.filter { $0.value.record > 0 }.mapValues { Record(peak: 0, record: $0.record, isToday: false) }
        }
        day = max(day ?? today, today)
        guard var own = records[hash] ?? (records.count < limit ? Record(peak: 0, record: 0) : nil) else { return ended }
        own.isToday = true
        if score < own.record / 2 { own.record = score }
        if score > own.record { own.peak = max(own.peak, score) }
        own.record = max(own.record, score)
        records[hash] = own
        return ended
    }
}
