import Foundation
import GibbsCore
import GibbsNumerics

/// The entities of a log from the strangest to the most ordinary.
///
///     let ranking = try StreamRanking(of: log, by: watchdog)
///     for place in ranking.places.prefix(10) { print(place.entity, place.score, place.pValue ?? 1) }
///
/// By the highest score that each reached, which is evidence gathered over events: who does much that is strange stands above who does little.
/// Or by the mean surprise of its events, −1/n Σ ln p(event | those before it), nats an event: who does little, all of it strange, stands
/// above who does much, some of it strange.
public struct StreamRanking: Sendable {
    /// What entities are ranked by.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// The highest score.
        case score
        /// The mean surprise of an event.
        case surprise
    }

    /// One entity.
    public struct Place: Sendable {
        /// Who, and whether its events may be taken as normal.
        public var entity: String, isTrusted: Bool
        /// Its highest score, and the mean surprise of its events, nats.
        public var score: Float, surprise: Double
        /// By scores the share of normal entity-days whose highest score was at least this, an entity of many days having had many chances; by
        /// surprise the share of normal entities whose mean was. With the finite-sample +1; `nil` without others to compare with.
        public var pValue: Double?
        /// Its events, and the days that have some.
        public var events: Int, days: Int
        /// The event by which the score was reached: its line and its time, seconds since 1970.
        public var line: Int, time: Double?
        /// What brought the score about; empty where it was not asked for.
        public var reasons: [StreamAlert.Reason], dayReasons: [StreamAlert.DayReason]
    }

    /// The strangest first; equals in the order of their names.
    public let places: [Place]

    /// Ranks by a watchdog, which ought not to have learned from the entities that matter: see `crossFitted`.
    ///
    /// - Parameters:
    ///   - log: Events with the schema's columns.
    ///   - trusted: Which entities are known as normal; only repeated in the places.
    ///   - start: What was seen before the log; nothing unless told. Its scores are set to zero.
    ///   - order: By what. P-values by surprise need trusted entities.
    ///   - explained: How many places, from the first, get reasons.
    /// - Complexity: A pass over the log, and another one for reasons.
    public init(of log: EventLog, by watchdog: StreamWatchdog, trusted: [Bool]? = nil, from start: StreamMonitor? = nil, order: Order = .score, explained: Int = .max) {
        let judge = Judge(measure: watchdog.measure, start: start), plain = log.selecting(watchdog.measure.schema.columns)
        var verdict = judge.verdict(on: plain)
        for index in verdict.days.indices { verdict.days[index].pValue = watchdog.calibration?.pValue(of: verdict.days[index].peak.score) }
        self.init(of: plain, trusted: trusted ?? [Bool](repeating: false, count: log.entities.count), verdict, judges: [judge], order: order, explained: explained)
    }

    /// A day of an entity, the judge who judged it, and what it means.
    struct Day { var peak: StreamModel.Peak, judge = 0, pValue: Double? = nil }

    /// What judges found: days, and the surprises of every entity's events, summed.
    struct Verdict {
        var days: [Day] = [], surprises: [Double], events: [Int]

        mutating func add(_ other: Verdict, judge: Int) {
            days += other.days.map { Day(peak: $0.peak, judge: judge) }
            for who in surprises.indices { (surprises[who], events[who]) = (surprises[who] + other.surprises[who], events[who] + other.events[who]) }
        }

        /// Nats an event.
        func mean(_ who: Int) -> Double { surprises[who] / Double(max(1, events[who])) }
    }

    /// The ranking; every judge explains those days that it has judged.
    init(of log: EventLog, trusted: [Bool], _ verdict: Verdict, judges: [Judge], order: Order, explained: Int) {
        var best: [Int32: Day] = [:], dayCounts: [Int32: Int] = [:]
        for day in verdict.days {
            dayCounts[day.peak.entity, default: 0] += 1
            if best[day.peak.entity].map({ $0.peak.score < day.peak.score }) ?? true { best[day.peak.entity] = day }
        }
        func height(_ day: Day) -> Double { order == .score ? Double(day.peak.score) : verdict.mean(Int(day.peak.entity)) }
        let sorted = best.values.sorted { one, other in
            height(one) != height(other) ? height(one) > height(other) : log.entities[Int(one.peak.entity)] < log.entities[Int(other.peak.entity)]
        }
        let first = sorted.prefix(max(0, explained)), normal = trusted.indices.filter { trusted[$0] && verdict.events[$0] > 0 }
        var reasons: [Int: Reasons] = [:]
        for (number, judge) in judges.enumerated() {
            reasons.merge(judge.reasons(at: first.filter { $0.judge == number }.map(\.peak.event), of: log)) { one, _ in one }
        }
        places = sorted.map { day in
            let who = Int(day.peak.entity), time = log.times[day.peak.event], found = reasons[day.peak.event], mean = verdict.mean(who), others = normal.filter { $0 != who }
            let share = others.isEmpty ? nil : Double(1 + others.count { verdict.mean($0) >= mean }) / Double(others.count + 1)
            return Place(entity: log.entities[who], isTrusted: trusted[who], score: day.peak.score, surprise: mean, pValue: order == .score ? day.pValue : share,
                         events: verdict.events[who], days: dayCounts[day.peak.entity]!, line: log.lines[day.peak.event], time: time.isNaN ? nil : time,
                         reasons: found?.events ?? [], dayReasons: found?.day ?? [])
        }
    }

    typealias Reasons = (events: [StreamAlert.Reason], day: [StreamAlert.DayReason])
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

        /// The highest score of every entity-day, and the surprises.
        func verdict(on log: EventLog) -> Verdict {
            var result = Verdict(surprises: [Double](repeating: 0, count: log.entities.count), events: [Int](repeating: 0, count: log.entities.count)), open = [Int32: Int]()
            run(log, each: { score, event in
                let who = log.entity[event], day = log.day(event)
                guard judged?[event] ?? true else { return }
                result.surprises[Int(who)] += Double(score.surprise)
                result.events[Int(who)] += 1
                if let place = open[who], result.days[place].peak.day == day {
                    if score.score > result.days[place].peak.score { (result.days[place].peak.score, result.days[place].peak.event) = (score.score, event) }
                } else {
                    open[who] = result.days.count
                    result.days.append(Day(peak: .init(entity: who, day: day, score: score.score, event: event)))
                }
            })
            return result
        }

        /// Why the scores stood where they stood after these events.
        func reasons(at events: [Int], of log: EventLog) -> [Int: Reasons] {
            guard !events.isEmpty else { return [:] }
            var result: [Int: Reasons] = [:]
            run(log, stops: events, at: { monitor, event in result[event] = monitor.reasons(of: log.entities[Int(log.entity[event])]) })
            return result
        }

        /// Runs a monitor over the log.
        private func run(_ log: EventLog, stops: [Int] = [], at stop: (StreamMonitor, _ event: Int) -> Void = { _, _ in }, 
                         each: (StreamMonitor.EventScore, _ event: Int) -> Void = { _, _ in }) {
            var monitor = start ?? StreamMonitor(measure, calibration: nil, limit: max(1, log.entities.count)), done = 0
            monitor.stopAlerting()
            monitor.forgetPlaces()
            monitor.forgive()
            let stops = Set(stops), restarts = Set(restarts)
            for end in Set(stops.map { $0 + 1 } + restarts + [log.count]).sorted() {
                log.batches(of: 4_096, in: done ..< end) { batch, events in monitor.observe(batch) { each($0, events[$0.index]) } }
                if end > 0, stops.contains(end - 1) { stop(monitor, end - 1) }
                if restarts.contains(end) { monitor.forgive() }
                done = end
            }
        }
    }
}
