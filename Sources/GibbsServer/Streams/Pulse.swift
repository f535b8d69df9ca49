import Foundation
import Gibbs

/// What a stream's events cost of late, for a line that moves: every quarter of a second that had events, at most.
package struct Pulse {
    private var events = 0, surprise = 0.0, score: Float = 0, entity = ""
    private var last = 0.0
    /// The last few minutes.
    package private(set) var past: [JSONValue] = []
    private static let interval = 0.25, kept = 480

    package init() {}

    /// Takes in an event.
    package mutating func add(_ found: StreamMonitor.EventScore, _ batch: EventBatch) {
        events += 1
        surprise += Double(found.surprise)
        if found.score > score || events == 1 { (score, entity) = (found.score, batch.entity(found.index)) }
    }

    /// What came since the last beat, where it is time for the next.
    package mutating func beat(at now: Double, threshold: Float) -> JSONValue? {
        // A clock that was set back does not stop it.
        guard events > 0, abs(now - last) >= Self.interval else { return nil }
        let value = JSONValue.object([
            ("at", .number(now, digits: 14)), ("events", .int(events)), ("surprise", .number(surprise / Double(events), digits: 4)), ("score", .number(Double(score), digits: 5)),
            ("entity", .string(entity)), ("threshold", .number(Double(threshold), digits: 5)),
        ])
        (events, surprise, score, entity, last) = (0, 0, 0, "", now)
        past.append(value)
        if past.count > Self.kept { past.removeFirst(past.count - Self.kept) }
        return value
    }
}
