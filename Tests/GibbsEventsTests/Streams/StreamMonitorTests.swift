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

    /// Learned frequencies follow at the same events, however the events arrive.
    @Test func batchesDoNotMatterWhereFrequenciesFollow() throws {
        let watchdog = try SmallLog.watchdog.get(), events = SmallLog.events(120, days: 4, prefix: "n", key: Key(71))
        #expect(events.count > 4_000)
        func scores(by size: Int) throws -> [UInt32] {
            var monitor = watchdog.monitor(), scores = [UInt32]()
            try monitor.learn(with: Frequencies(of: watchdog.measure.model, halfLife: 300))
            for first in stride(from: 0, to: events.count, by: size) {
                _ = monitor.observe(SmallLog.batch(events[first ..< min(first + size, events.count)])) { scores.append($0.score.bitPattern) }
            }
            return scores
        }
        let one = try scores(by: 1)
        for size in [7, 999, 4_096] { #expect(try scores(by: size) == one, "batches of \(size)") }
    }

    /// All four levels come, in order, to an entity that does nothing but what nobody does.
    @Test func severities() throws {
        var monitor = try SmallLog.watchdog.get().monitor()
        var wild = [SmallLog.Event]()
        for index in 0 ..< 400 {
            wild.append(SmallLog.Event(who: "bad", time: Double(20_000 * 86_400 + 20 * index), what: index.isMultiple(of: 2) ? "fail" : "wipe", file: "x\(index)"))
        }
        let levels: [Int] = monitor.observe(SmallLog.batch(wild)).map { $0.level }
        #expect(levels == levels.sorted() && Set(levels).count == levels.count && levels.last == 4, "\(levels)")
    }

    /// Who was told of is quiet for the rest of its day, and alarms anew on another, though little of its score would be forgotten by then.
    @Test func comingBack() throws {
        var monitor = try SmallLog.watchdog.get().monitor()
        func wild(_ begin: Double, _ count: Int) -> EventBatch {
            SmallLog.batch((0 ..< count).map { SmallLog.Event(who: "bad", time: 20_000 * 86_400 + begin + 20 * Double($0), what: $0.isMultiple(of: 2) ? "fail" : "wipe", file: "x\($0)") })
        }
        let first = monitor.observe(wild(0, 400)).map(\.level), rest = monitor.observe(wild(40_000, 400)), second = monitor.observe(wild(86_400, 400)).map(\.level)
        #expect(first.last == 4 && rest.isEmpty)
        #expect(second.first == first.first && second.last == 4, "\(second)")
        // Nobody else is forgiven with it, nor it in the middle of a day.
        #expect(monitor.observe(wild(86_400 + 40_000, 100)).isEmpty)
    }

    /// A day later half of a score is left, after a month nothing; without a time all of it is.
    @Test func scoresAreForgotten() throws {
        let watchdog = try SmallLog.watchdog.get(), wild = SmallLog.day("bad", start: 20_000 * 86_400, key: Key(61), strange: true), end = wild.last!.time
        func score(after gap: Double) -> Float {
            let next = SmallLog.batch([SmallLog.Event(who: "bad", time: end + gap, what: "read", file: "f1")])
            // One that alerts nobody, for what was told begins another day at zero.
            var monitor = StreamMonitor(watchdog.measure, calibration: nil), with: Float = 0, without: Float = 0
            _ = monitor.observe(SmallLog.batch(wild))
            // The same past, and no score: what differs is what is left of it.
            var forgiven = monitor
            forgiven.forgive()
            _ = monitor.observe(next) { with = $0.score - min(0, $0.gain) }
            _ = forgiven.observe(next) { without = $0.score }
            return with - without
        }
        let days = (1 ... 6).map { score(after: Double($0) * 86_400) }
        #expect(days[0] > 10, "\(days)")
        for (one, next) in zip(days, days.dropFirst()) { #expect(abs(next / one - 0.5) < 0.02, "\(days)") }
        #expect(score(after: 60 * 86_400) < 0.05)
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
