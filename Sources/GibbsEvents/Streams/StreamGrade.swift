import Foundation
import GibbsCore
import GibbsNumerics

/// What a watchdog makes of a labelled log: how well entity-days are told apart, how often normal ones alarm, and how soon strange entities
/// are found.
public struct StreamGrade: Sendable {
    /// The strange entities of one label.
    public struct Kind: Sendable, Hashable {
        /// The label.
        public var label: String
        /// Entities with such events, and how many raised an alert at one of them.
        public var entities: Int, found: Int
        /// Their strange events up to the first alert, in the median of those found.
        public var medianEvents: Int?
        /// How many were found within their first twenty strange events, and within a day of the first, where times are known.
        public var within20: Int, withinADay: Int
    }

    /// Pairs of an entity and a day, and those with a strange event.
    public var entityDays: Int, positiveDays: Int
    /// By the highest score of each entity-day; and by its most surprising single event, the plain figure beside it.
    public var auroc: Double, averagePrecision: Double, baselineAUROC: Double
    /// Share of normal entity-days that count as false alarms, and their number a day: those with a score above the threshold that is news, which is what a
    /// calibration counts. Alerts may be fewer, for an entity that keeps rising is named again only at twice the score.
    public var falseAlarmRate: Double, falseAlarmsPerDay: Double
    /// What the calibration promises for as many entity-days.
    public var promisedPerDay: Double
    /// Share of strange entity-days with an alert.
    public var detectionRate: Double
    /// By label, in alphabetical order.
    public var kinds: [Kind]

    private struct Day { var score: Float = 0, surprise: Float = 0, isStrange = false, hasAlert = false, hasNews = false }
    private struct Suspect { var label: String, events = 0, first: Double, foundAt: Int?, foundAfter: Double? }

    /// Grades a watchdog.
    ///
    /// - Parameters:
    ///   - log: Events with the schema's columns and that of the label.
    ///   - group: The column by whose values strange events are found together, such as a campaign of several addresses; the entity unless told.
    ///   - isNormal: What a label says.
    ///   - start: What was seen before the log.
    /// - Throws: `GibbsError` with code `.unsuitableData` when every event is normal, or none.
    public init(of log: EventLog, label: String, group: String? = nil, isNormal: (String?) -> Bool, watchdog: StreamWatchdog, from start: StreamMonitor) throws {
        let place = log.columns.firstIndex(of: label)!, plain = log.selecting(watchdog.measure.schema.columns)
        let labels = log.codes[place].map { $0 < 0 ? nil : log.names[place][Int($0)] }, strange = labels.map { !isNormal($0) }
        let groups = group.map { log.codes[log.columns.firstIndex(of: $0)!] } ?? log.entity
        guard strange.contains(true), strange.contains(false) else {
            throw GibbsError(.unsuitableData, strange.contains(true) ? "no event is normal" : "every event is normal", at: .init(field: label), advice: "name the value that means normal with --normal")
        }
        var monitor = start, days: [UInt64: Day] = [:], suspects: [Int32: Suspect] = [:], news = StreamModel.News()
        let threshold = watchdog.calibration?.tailThreshold ?? .infinity
        monitor.forgive()
        plain.batches(of: 4_096) { batch, events in
            monitor.observe(batch) { score in
                let event = events[score.index], who = log.entity[event], key = Self.key(who, log.day(event))
                days[key, default: Day()].score = max(days[key]?.score ?? 0, score.score)
                days[key]!.surprise = max(days[key]!.surprise, score.surprise)
                let suspect = groups[event]
                if strange[event] {
                    days[key]!.isStrange = true
                    suspects[suspect, default: Suspect(label: labels[event] ?? "missing", first: log.times[event], foundAt: nil, foundAfter: nil)].events += 1
                }
                if score.alerts, strange[event], suspects[suspect]!.foundAt == nil {
                    suspects[suspect]!.foundAt = suspects[suspect]!.events
                    suspects[suspect]!.foundAfter = log.times[event] - suspects[suspect]!.first
                }
                if score.alerts { days[key]!.hasAlert = true }
                if news.add(score.score, of: who) > threshold { days[key]!.hasNews = true }
            }
        }
        let all = Array(days.values), positive = all.map(\.isStrange), normal = all.filter { !$0.isStrange }, span = max(1, log.days)
        entityDays = all.count
        positiveDays = all.count - normal.count
        auroc = Ranking.auroc(scores: all.map(\.score), positive: positive)
        averagePrecision = Ranking.averagePrecision(scores: all.map(\.score), positive: positive)
        baselineAUROC = Ranking.auroc(scores: all.map(\.surprise), positive: positive)
        let alarms = normal.count(where: \.hasNews)
        falseAlarmRate = Double(alarms) / Double(max(1, normal.count))
        falseAlarmsPerDay = Double(alarms) / span
        promisedPerDay = (watchdog.calibration?.falseAlarmRate ?? 0) * Double(normal.count) / span
        detectionRate = Double(all.count { $0.isStrange && $0.hasAlert }) / Double(max(1, positiveDays))
        kinds = Dictionary(grouping: suspects.values, by: \.label).sorted { $0.key < $1.key }.map { label, found in
            let attempts = found.compactMap(\.foundAt).sorted()
            return Kind(label: label, entities: found.count, found: attempts.count, medianEvents: attempts.isEmpty ? nil : attempts[attempts.count / 2],
                        within20: attempts.count { $0 <= 20 }, withinADay: found.count { $0.foundAfter.map { $0 <= 86_400 } ?? false })
        }
    }

    private static func key(_ entity: Int32, _ day: Int) -> UInt64 { UInt64(UInt32(bitPattern: entity)) << 32 | UInt64(UInt32(truncatingIfNeeded: day)) }
}
