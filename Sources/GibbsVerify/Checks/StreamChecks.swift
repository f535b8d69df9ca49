import Foundation
import GibbsEvents
import GibbsNumerics
import GibbsTestSupport

/// A monitor on a trial stream: what events cost, how blame adds up, and that batches are no affair of theirs.
package enum StreamChecks {
    /// What a monitor said of a trial.
    package struct Told: Equatable {
        package var scores: [StreamMonitor.EventScore] = []
        package var alerts: [StreamAlert] = []
    }

    /// What runs a trial through a monitor, so many events at once.
    package typealias Run = (_ watchdog: StreamWatchdog, _ trial: StreamTrial, _ size: Int) throws -> Told

    /// By the monitor that streams are watched with.
    package static func watched(_ watchdog: StreamWatchdog, _ trial: StreamTrial, _ size: Int) -> Told {
        var monitor = watchdog.monitor(), told = Told()
        for first in stride(from: 0, to: trial.events.count, by: size) {
            told.alerts += monitor.observe(trial.batch(first ..< min(first + size, trial.events.count))) { score in
                told.scores.append(score)
                told.scores[told.scores.count - 1].index += first
            }
        }
        return told
    }

    /// −ln p of every event against the sum over its fields by `EventModel.surprises(of:)`, on codes that the trial works out for itself.
    package static func surprises(_ watchdog: StreamWatchdog, on trial: StreamTrial, by run: Run = watched) throws -> [CheckFailure] {
        let scores = try run(watchdog, trial, 256).scores, (sequences, places) = trial.sessions(), fields = try watchdog.measure.model.surprises(of: sequences)
        guard scores.map(\.index) == Array(trial.events.indices) else { return [CheckFailure("events", "\(scores.count) of \(trial.events.count) were scored")] }
        return zip(places, fields).flatMap { places, costs in
            zip(places, costs).flatMap { place, costs -> [CheckFailure] in
                let sum = costs.reduce(0.0) { $0 + Double($1) }, found = Double(scores[place].surprise)
                return compare(abs(found - sum), limit: 2e-5 * max(1, sum), "surprise", "of event \(place) is \(found) nats, and its fields cost \(sum)")
            }
        }
    }

    /// The events behind alerts say of themselves what was said when they came, and those behind a running score raise it.
    package static func blame(_ watchdog: StreamWatchdog, on trial: StreamTrial, by run: Run = watched) throws -> [CheckFailure] {
        let told = try run(watchdog, trial, 256)
        return told.alerts.flatMap { alert -> [CheckFailure] in
            var failures = [CheckFailure]()
            for reason in alert.reasons {
                guard let event = told.scores.first(where: { $0.index == reason.line }), reason.line <= alert.line, trial.events[reason.line].entity == alert.entity else {
                    failures.append(CheckFailure("blame", "of an alert on line \(alert.line) falls on line \(reason.line), which is not its entity's or comes later"))
                    continue
                }
                failures += compare(Double(abs(event.surprise - reason.surprise) + abs(event.gain - reason.gain)), limit: 0, "blame",
                                    "on line \(reason.line) is \(reason.gain) of \(reason.surprise) nats, and the event had \(event.gain) of \(event.surprise)")
            }
            return failures
        }
    }

    /// Scores and alerts, bit by bit, with one event at once, seven, and all.
    package static func batches(_ watchdog: StreamWatchdog, on trial: StreamTrial, by run: Run = watched) throws -> [CheckFailure] {
        let one = try run(watchdog, trial, 1)
        return try [7, trial.events.count].flatMap { size -> [CheckFailure] in
            let many = try run(watchdog, trial, size), apart = zip(one.scores, many.scores).count { $0 != $1 } + abs(one.scores.count - many.scores.count)
            let unlike = zip(one.alerts, many.alerts).count { $0 != $1 } + abs(one.alerts.count - many.alerts.count)
            return compare(Double(apart), limit: 0, "batches of \(size)", "change the scores of \(apart) events")
                + compare(Double(unlike), limit: 0, "batches of \(size)", "change \(unlike) alerts")
        }
    }
}
