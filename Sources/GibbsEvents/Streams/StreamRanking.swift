import Foundation
import GibbsCore
import GibbsNumerics

/// The entities of a log from the strangest to the most ordinary, each by the highest score that it reached.
///
///     let ranking = try StreamRanking(of: log, by: watchdog)
///     for place in ranking.places.prefix(10) { print(place.entity, place.score, place.pValue ?? 1) }
///
/// A score is evidence in nats, gathered over events: who does much that is strange stands above who does little.
public struct StreamRanking: Sendable {
    /// One entity.
    public struct Place: Sendable {
        /// Who, and whether its events may be taken as normal.
        public var entity: String, isTrusted: Bool
        /// Its highest score, nats; and the share of normal entity-days whose highest score was at least this, with the finite-sample +1;
        /// `nil` without normal days to compare with. An entity of many days has had many chances: this is of its strangest.
        public var score: Float, pValue: Double?
        /// Its events, and the days that have some.
        public var events: Int, days: Int
        /// The event by which the score was reached: its line and its time, seconds since 1970.
        public var line: Int, time: Double?
        /// What brought the score about; empty where it was not asked for.
        public var reasons: [StreamAlert.Reason], dayReasons: [StreamAlert.DayReason]
    }

    /// The strangest first; entities of the same score in the order of their names.
    public let places: [Place]

    /// Ranks by a watchdog, which ought not to have learned from the entities that matter: see `crossFitted`.
    ///
    /// - Parameters:
    ///   - log: Events with the schema's columns.
    ///   - trusted: Which entities are known as normal; only repeated in the places.
    ///   - start: What was seen before the log; nothing unless told. Its scores are set to zero.
    ///   - explained: How many places, from the first, get reasons.
    /// - Complexity: A pass over the log, and another one for reasons.
    public init(of log: EventLog, by watchdog: StreamWatchdog, trusted: [Bool]? = nil, from start: StreamMonitor? = nil, explained: Int = .max) {
        let judge = Judge(measure: watchdog.measure, start: start), plain = log.selecting(watchdog.measure.schema.columns)
        let peaks = judge.peaks(of: plain).map { Judged(peak: $0, judge: 0, pValue: watchdog.calibration?.pValue(of: $0.score)) }
        self.init(of: plain, trusted: trusted ?? [Bool](repeating: false, count: log.entities.count), peaks, judges: [judge], explained: explained)
    }

    /// A day of an entity and what it means.
    struct Judged { var peak: StreamModel.Peak, judge: Int, pValue: Double? }

    /// The ranking by the highest of each entity's days; every judge explains those days that it has judged.
    init(of log: EventLog, trusted: [Bool], _ days: [Judged], judges: [Judge], explained: Int) {
        var best: [Int32: Judged] = [:], dayCounts: [Int32: Int] = [:], events = [Int](repeating: 0, count: log.entities.count)
        for day in days {
            dayCounts[day.peak.entity, default: 0] += 1
            if best[day.peak.entity].map({ $0.peak.score < day.peak.score }) ?? true { best[day.peak.entity] = day }
        }
        for entity in log.entity where entity >= 0 { events[Int(entity)] += 1 }
        let order = best.values.sorted { one, other in
            one.peak.score != other.peak.score ? one.peak.score > other.peak.score : log.entities[Int(one.peak.entity)] < log.entities[Int(other.peak.entity)]
        }
        let first = order.prefix(max(0, explained))
        var reasons: [Int: (events: [StreamAlert.Reason], day: [StreamAlert.DayReason])] = [:]
        for (number, judge) in judges.enumerated() {
            reasons.merge(judge.reasons(at: first.filter { $0.judge == number }.map(\.peak.event), of: log)) { one, _ in one }
        }
        places = order.map { day in
            let who = Int(day.peak.entity), time = log.times[day.peak.event], found = reasons[day.peak.event]
            return Place(entity: log.entities[who], isTrusted: trusted[who], score: day.peak.score, pValue: day.pValue, events: events[who], days: dayCounts[day.peak.entity]!,
                         line: log.lines[day.peak.event], time: time.isNaN ? nil : time, reasons: found?.events ?? [], dayReasons: found?.day ?? [])
        }
    }
}

extension StreamRanking {
    /// A measure, and which events it judges.
    struct Judge {
        var measure: StreamModel
        /// What was seen before the log.
        var start: StreamMonitor?
        /// The events judged; all where `nil`.
        var judged: [Bool]?
        /// The events before which all scores are set to zero, ascending, because those before them were learned from.
        var restarts: [Int] = []

        /// The highest score of every entity-day.
        func peaks(of log: EventLog) -> [StreamModel.Peak] {
            var result = [StreamModel.Peak](), open = [Int32: Int]()
            run(log, each: { score, event in
                let who = log.entity[event], day = log.day(event)
                guard judged?[event] ?? true else { return }
                if let place = open[who], result[place].day == day {
                    if score > result[place].score { (result[place].score, result[place].event) = (score, event) }
                } else {
                    open[who] = result.count
                    result.append(.init(entity: who, day: day, score: score, event: event))
                }
            })
            return result
        }

        /// Why the scores stood where they stood after these events.
        func reasons(at events: [Int], of log: EventLog) -> [Int: (events: [StreamAlert.Reason], day: [StreamAlert.DayReason])] {
            guard !events.isEmpty else { return [:] }
            var result: [Int: (events: [StreamAlert.Reason], day: [StreamAlert.DayReason])] = [:]
            run(log, stops: events, at: { monitor, event in result[event] = monitor.reasons(of: log.entities[Int(log.entity[event])]) })
            return result
        }

        /// Runs a monitor over the log.
        private func run(_ log: EventLog, stops: [Int] = [], at stop: (StreamMonitor, _ event: Int) -> Void = { _, _ in }, each: (_ score: Float, _ event: Int) -> Void = { _, _ in }) {
            var monitor = start ?? StreamMonitor(measure, calibration: nil, limit: max(1, log.entities.count)), done = 0
            monitor.stopAlerting()
            monitor.forgetPlaces()
            monitor.forgive()
            let stops = Set(stops), restarts = Set(restarts)
            for end in Set(stops.map { $0 + 1 } + restarts + [log.count]).sorted() {
                log.batches(of: 4_096, in: done ..< end) { batch, events in monitor.observe(batch) { each($0.score, events[$0.index]) } }
                if end > 0, stops.contains(end - 1) { stop(monitor, end - 1) }
                if restarts.contains(end) { monitor.forgive() }
                done = end
            }
        }
    }
}
