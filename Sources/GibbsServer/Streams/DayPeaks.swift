import Foundation

/// The highest news of every entity on the present day: what a threshold would have made of it, and what a calibration learns from.
///
/// A score is news where it is above all since its entity's last fell below half of it, as alerts are. A day is one of the events' own times, in UTC; an
/// event that lies ahead of the clock by more than a day begins none, and one of an earlier day, or without a time, counts with the present one.
package struct DayPeaks: Sendable {
    /// What is known of an entity.
    package struct Entity: Sendable, Hashable {
        /// Its highest news of the day, 0 without any; `nil` where it had no event.
        package var peak: Float?
        /// The score above which there is news of it.
        package var record: Float

        package init(peak: Float?, record: Float) { (self.peak, self.record) = (peak, record) }
    }

    /// A day: days since 1970, what is known of entities, and where the last event that it has seen stands in the journal.
    package struct Day: Sendable {
        package var day: Int, entities: [UInt64: Entity], seen: Int

        package init(day: Int, entities: [UInt64: Entity], seen: Int = -1) { (self.day, self.entities, self.seen) = (day, entities, seen) }

        /// The highest news of each entity that had an event.
        package var peaks: [UInt64: Float] { entities.compactMapValues(\.peak) }
    }

    /// Days since 1970; `nil` before the first event.
    package private(set) var day: Int?
    private var entities: [UInt64: Entity] = [:], seen = -1
    private let limit: Int, resumed: Int

    /// Of so many entities at most.
    package init(limit: Int) { (self.limit, resumed) = (limit, -1) }

    /// A day on its way, as it was kept: what it has seen may come again, and counts once.
    package init(_ kept: Day, limit: Int) { (day, entities, seen, resumed, self.limit) = (kept.day, kept.entities, kept.seen, kept.seen, limit) }

    /// The day as it is to be kept, with the records of those who had no event; `nil` before the first one.
    package var present: Day? { day.map { Day(day: $0, entities: entities, seen: seen) } }

    /// Entities that had an event today.
    package var count: Int { entities.values.count { $0.peak != nil } }

    /// The highest news of each; 0 for those without.
    package var peaks: [UInt64: Float] { entities.compactMapValues(\.peak) }

    private static func day(_ time: Double) -> Int { Int((time / 86_400).rounded(.down)) }

    /// How many alert above a threshold.
    package func count(above threshold: Float) -> Int { entities.values.count { $0.peak.map { $0 > threshold } ?? false } }

    /// Takes in the score of an entity after an event.
    ///
    /// - Parameters:
    ///   - now: Seconds since 1970, of the clock.
    ///   - offset: Where the event stands in the journal; what was seen when the day was kept is passed over.
    /// - Returns: The day that ended with this event, where one did.
    package mutating func add(_ score: Float, of hash: UInt64, at time: Double, now: Double, offset: Int) -> Day? {
        guard offset > resumed else { return nil }
        seen = max(seen, offset)
        let today = time.isNaN ? day ?? Self.day(now) : Self.day(time > now + 86_400 || time < 0 ? now : time)
        var ended: Day?
        if let day, today > day {
            ended = Day(day: day, entities: entities.filter { $0.value.peak != nil })
            // Whose score is as high as yesterday is no news today.
            entities = entities.filter { $0.value.record > 0 }.mapValues { Entity(peak: nil, record: $0.record) }
        }
        day = max(day ?? today, today)
        guard var own = entities[hash] ?? (entities.count < limit ? Entity(peak: 0, record: 0) : nil) else { return ended }
        var peak = own.peak ?? 0
        if score < own.record / 2 { own.record = score }
        if score > own.record { peak = max(peak, score) }
        (own.peak, own.record) = (peak, max(own.record, score))
        entities[hash] = own
        return ended
    }
}
