import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

// What the scores of normal days are, for calibrations.

extension StreamModel {
    /// The highest news of a day of an entity, and where in the log it came.
    struct Peak: Sendable { var entity: Int32, day: Int, score: Float, event: Int }

    /// Which scores are news, as alerts are: those above all since their entity's score last fell below half of it. An entity that stays where it was
    /// yesterday, or sinks, is no news. A watch goes further: an entity that has alerted begins its next day at zero, so that its scores there are at most these.
    struct News {
        private var records: [Int32: Float] = [:]

        /// The score where it is news, else 0.
        mutating func add(_ score: Float, of entity: Int32) -> Float {
            var record = records[entity] ?? 0
            // What has sunk is news again when it rises, not while it goes on sinking.
            if score < record / 2 { record = score }
            records[entity] = max(record, score)
            return score > record ? score : 0
        }
    }

    /// The highest score that was news on every day of every entity; 0 for a day without.
    struct Peaks {
        private(set) var all: [Peak] = []
        private var open: [Int32: Int] = [:], news = News()

        mutating func add(_ score: Float, entity: Int32, day: Int, event: Int) {
            let news = news.add(score, of: entity)
            if let place = open[entity], all[place].day == day {
                if news > all[place].score { (all[place].score, all[place].event) = (news, event) }
            } else {
                open[entity] = all.count
                all.append(Peak(entity: entity, day: day, score: news, event: event))
            }
        }
    }

    /// Runs a monitor without a threshold over a log; scores begin at zero with the first event that counts, as they do when a watch
    /// begins.
    ///
    /// - Parameter counted: Which events' scores count.
    func peaks(of log: EventLog, where counted: [Bool]) -> [Peak] {
        var monitor = StreamMonitor(self, calibration: nil, limit: max(1, log.entities.count)), result = Peaks()
        monitor.run(log, begin: counted.firstIndex(of: true) ?? log.count) { event, score in
            if counted[event] { result.add(score.score, entity: log.entity[event], day: log.day(event), event: event) }
        }
        return result.all
    }

    /// The same of a log that follows what a monitor has seen; all of it counts.
    func peaks(of log: EventLog, from start: StreamMonitor?) -> [Peak] {
        var monitor = start ?? StreamMonitor(self, calibration: nil, limit: max(1, log.entities.count)), result = Peaks()
        monitor.stopAlerting()
        monitor.run(log, begin: 0) { event, score in result.add(score.score, entity: log.entity[event], day: log.day(event), event: event) }
        return result.all
    }
}

extension StreamMonitor {
    /// Takes in a log; scores begin at zero with the event `begin`.
    fileprivate mutating func run(_ log: EventLog, begin: Int, _ each: (_ event: Int, EventScore) -> Void) {
        for range in [0 ..< begin, begin ..< log.count] {
            forgive()
            log.batches(of: 4_096, in: range) { batch, events in observe(batch) { each(events[$0.index], $0) } }
        }
    }
}

extension StreamModel {
    /// A monitor that has seen a log, as it would be had it watched all along; scores begin at zero.
    public func monitor(after log: EventLog, calibration: Calibration?, limit: Int = StreamMonitor.usualLimit) -> StreamMonitor {
        var monitor = StreamMonitor(self, calibration: calibration, limit: limit)
        log.batches(of: 4_096) { batch, _ in _ = monitor.observe(batch) }
        monitor.forgive()
        return monitor
    }
}
