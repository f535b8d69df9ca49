import Foundation
import GibbsEvents
import GibbsNumerics
import Testing

/// What a monitor says depends on the events alone, not on how they are cut into batches.
@Suite struct StreamMonitorTests {
    private func run(_ events: [SmallLog.Event], by size: Int, limit: Int = 1_000) throws -> (scores: [UInt32], alerts: [StreamAlert], monitor: StreamMonitor) {
        var monitor = try SmallLog.watchdog.get().monitor(limit: limit), scores = [UInt32](), alerts = [StreamAlert]()
        for first in stride(from: 0, to: events.count, by: size) {
            alerts += monitor.observe(SmallLog.batch(events[first ..< min(first + size, events.count)])) { scores.append($0.score.bitPattern) }
        }
        return (scores, alerts, monitor)
    }

    @Test(arguments: [1_000, 7, 2]) func batchesDoNotMatter(limit: Int) throws {
        let one = try run(SmallLog.attack, by: 1, limit: limit)
        #expect(one.scores.count == SmallLog.attack.count)
        for size in [3, 64, 5_000] {
            let many = try run(SmallLog.attack, by: size, limit: limit)
            #expect(many.scores == one.scores && many.alerts.map(\.id) == one.alerts.map(\.id), "batches of \(size)")
        }
        if limit == 1_000 { #expect(Set(one.alerts.map(\.entity)).isSuperset(of: ["bad0", "bad1", "bad2"])) } else { #expect(one.monitor.droppedEntities > 0) }
    }

    /// What an alert says of the day adds up to at most what the day adds; its parts are those of the event that raised it.
    @Test func alertsAddUp() throws {
        for alert in try run(SmallLog.attack, by: 5_000).alerts {
            let events = SmallLog.attack.prefix(alert.line).count { $0.who == alert.entity }
            #expect(alert.events == events && abs(alert.score - alert.run - alert.day) < 1e-3 && alert.score > alert.threshold)
            let sum = alert.reasons.map(\.gain).reduce(0, +)
            #expect(alert.reasons.allSatisfy { SmallLog.attack[$0.line - 1].who == alert.entity && $0.line <= alert.line } && (alert.run == 0 || sum > 0))
        }
    }

    /// The same line of another day is another alert.
    @Test func ids() throws {
        let later = SmallLog.attack.map { event in var event = event; event.time += 86_400 * 3; return event }
        let both = try run(SmallLog.attack, by: 5_000).alerts.map(\.id)
        var monitor = try run(SmallLog.attack, by: 5_000).monitor
        let again = monitor.observe(SmallLog.batch(later)).map(\.id)
        #expect(!again.isEmpty && Set(both).isDisjoint(with: again) && Set(both).count == both.count)
    }
}
