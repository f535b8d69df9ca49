import Foundation
import GibbsCore
import GibbsEvents
import GibbsNumerics
import Testing

/// A watchdog on a stream as a file, what it promises, and how it is graded.
@Suite struct StreamWatchdogTests {
    private func scores(_ watchdog: StreamWatchdog) -> [UInt32] {
        var monitor = watchdog.monitor(), scores = [UInt32]()
        _ = monitor.observe(SmallLog.batch(SmallLog.attack)) { scores.append($0.score.bitPattern) }
        return scores
    }

    @Test func sameBitsBack() throws {
        let watchdog = try SmallLog.watchdog.get(), path = NSTemporaryDirectory() + "stream-\(UUID().uuidString).gibbs"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try watchdog.write(to: path)
        let copy = try StreamWatchdog(contentsOf: path)
        #expect(copy.archive() == watchdog.archive() && copy.fingerprint == watchdog.fingerprint && copy.training == watchdog.training && scores(copy) == scores(watchdog))
        #expect(try SmallLog.fitted().archive() == watchdog.archive(), "the same key, another model")
        let other = try SmallLog.fitted(key: 2)
        #expect(other.fingerprint != watchdog.fingerprint && scores(other) != scores(watchdog))
        // The threshold is none of a score's affairs.
        #expect(try watchdog.alerting(at: 0.2).fingerprint == watchdog.fingerprint)
    }

    /// Fresh entity-days like those of the calibration raise alerts at the promised rate: here 5 % of 1,000, each group against a calibration of
    /// its own, so that the count is binomial but for the few that share one.
    @Test func promise() throws {
        let watchdog = try SmallLog.watchdog.get(), rounds = 250, each = 4
        var alarms = 0
        for round in 0 ..< rounds {
            let key = Key(77).folding(round), calibrated = try watchdog.calibrated(on: SmallLog.log(SmallLog.events(199, prefix: "c", key: key.folding(0))), falseAlarmRate: 0.05)
            var monitor = calibrated.monitor()
            alarms += Set(monitor.observe(SmallLog.batch(SmallLog.events(each, prefix: "f", key: key.folding(1)))).map(\.entity)).count
        }
        // Each calibration's own rate varies by Beta(10, 190).
        let n = Double(rounds * each), p = 0.05, variance = n * p * (1 - p) * (1 + Double(each - 1) / 201)
        #expect(abs(Double(alarms) - n * p) < 2.58 * variance.squareRoot() + 0.5, "\(alarms) of \(rounds * each)")
    }

    /// Two strange entities of three days' work, counted by hand.
    @Test func grade() throws {
        let watchdog = try SmallLog.watchdog.get(), calm = SmallLog.events(30, days: 2, prefix: "n", key: Key(5))
        let bad = SmallLog.day("bad", start: 20_000 * 86_400 + 100, key: Key(61), strange: true) + SmallLog.day("bad", start: 20_001 * 86_400 + 100, key: Key(62), strange: true)
        let mute = [SmallLog.Event(who: "mute", time: 20_000 * 86_400 + 500, what: "read", file: "f1")]
        let marked = (calm.map { ($0, "normal") } + bad.map { ($0, "loud") } + mute.map { ($0, "quiet") }).sorted { $0.0.time < $1.0.time }
        let log = try SmallLog.log(marked.map(\.0), labels: marked.map(\.1))
        let grade = try StreamGrade(of: log, label: "label", isNormal: { $0 == "normal" }, watchdog: watchdog, from: watchdog.monitor())
        let days = Set(marked.map { "\($0.0.who) \(Int($0.0.time / 86_400))" }), normal = days.count - 3
        #expect(grade.entityDays == days.count && grade.positiveDays == 3 && grade.kinds.map(\.label) == ["loud", "quiet"])
        let loud = grade.kinds[0], quiet = grade.kinds[1]
        #expect(loud.entities == 1 && loud.found == 1 && loud.withinADay == 1 && (1 ... bad.count).contains(loud.medianEvents ?? 0) && loud.within20 == (loud.medianEvents! <= 20 ? 1 : 0))
        #expect(quiet.entities == 1 && quiet.found == 0 && quiet.medianEvents == nil && quiet.within20 == 0 && quiet.withinADay == 0)
        // The same by a plain watch.
        var monitor = watchdog.monitor(), best = [String: Float](), alarmed = Set<String>()
        _ = monitor.observe(SmallLog.batch(marked.map(\.0))) { score in
            let event = marked[score.index].0, key = "\(event.who) \(Int(event.time / 86_400))"
            best[key] = max(best[key] ?? 0, score.score)
            if score.alerts { alarmed.insert(key) }
        }
        let positive = best.keys.map { $0.hasPrefix("bad") || $0.hasPrefix("mute") }
        #expect(abs(grade.auroc - Ranking.auroc(scores: Array(best.values), positive: positive)) < 1e-12)
        #expect(abs(grade.falseAlarmRate - Double(alarmed.count { $0.hasPrefix("n") }) / Double(normal)) < 1e-12)
        #expect(abs(grade.detectionRate - Double(alarmed.count { $0.hasPrefix("bad") || $0.hasPrefix("mute") }) / 3) < 1e-12)
    }

    /// A history that no file could hold is refused before memory is taken for it.
    @Test func histories() throws {
        let log = try SmallLog.log(SmallLog.events(4, key: Key(1)))
        for history in [0, EventModel.historyLimit + 1, .max] {
            var options = StreamOptions()
            options.history = history
            #expect(throws: GibbsError.self, "a history of \(history)") { try StreamFit.fitted(to: log, entity: "who", time: "time", options: options) }
        }
    }
}
