import Foundation
import Gibbs

/// What entity-days are whose alerts nobody has judged.
package enum Unjudged: String, Sendable, CaseIterable { case normal, strange }

/// What a stream says of itself.
extension StreamService {
    /// The score above which it alerts.
    package var threshold: Float { watchdog.calibration?.tailThreshold ?? .infinity }

    /// How far its journal goes.
    package var end: StreamJournal.Place { journal.end }

    /// Alerts that wait for room in the store.
    package var waitingAlerts: Int { waiting.count }

    /// What cannot be written; `nil` where all is well.
    package var trouble: String? { troubles.text }

    /// Takes in a new calibration of the same model; whether it is the same.
    func adopt(_ other: StreamWatchdog) throws -> Bool {
        guard other.fingerprint == fingerprint else { return false }
        watchdog = other
        monitor.decide(by: other.calibration)
        hasNewDays = true
        return true
    }

    /// Its rules have changed.
    func reloadRules() throws { rules = try store.rules(stream: name) }

    /// Where it stands.
    package func json() throws -> JSONValue {
        let seen = monitor.counters, counts = try store.counts(stream: name), calibration = watchdog.calibration
        return .object([
            ("name", .string(name)), ("entity", .string(watchdog.measure.schema.entity)), ("time", .optional(watchdog.measure.schema.time)), ("events", .int(seen.events)), ("entities", .int(monitor.entityCount)),
            ("entitiesDropped", .int(monitor.droppedEntities)), ("malformed", .int(source.counters.malformed + source.counters.tooLong)), ("withoutEntity", .int(seen.withoutEntity)),
            ("threshold", calibration == nil ? .null : .number(Double(threshold), digits: 5)), ("falseAlarmRate", calibration.map { .number($0.falseAlarmRate) } ?? .null),
            ("alerts", .object([("all", .int(counts.all)), ("open", .int(counts.open)), ("real", .int(counts.real)), ("falseAlarms", .int(counts.falseAlarms)), ("suppressed", .int(counts.suppressed))])),
            ("rules", .int(rules.count)), ("journalBytes", .int(journal.length)), ("trouble", .optional(trouble)), ("drift", drift?.reading?.json ?? .null), ("pulses", .array(pulse.past)),
        ])
    }

    /// Today, and what any false-alarm rate would have made of it.
    func todayJSON() -> JSONValue {
        let peaks = today.peaks.values.sorted(by: >), calibration = watchdog.calibration
        return .object([
            ("day", today.day.map { .string(String(TimeStamp.text(Double($0) * 86_400).prefix(10))) } ?? .null), ("entities", .int(peaks.count)), ("threshold", calibration == nil ? .null : .number(Double(threshold), digits: 5)),
            ("falseAlarmRate", calibration.map { .number($0.falseAlarmRate) } ?? .null), ("entityDaysPerDay", .number(watchdog.training.entityDaysPerDay)),
            ("alarms", .int(Self.count(of: peaks, above: threshold))), ("curve", .array(calibration.map { Self.curve($0, peaks) } ?? [])), ("scores", .array(peaks.prefix(2_000).map { .number(Double($0), digits: 5) })),
        ])
    }

    /// Thresholds of forty rates from one in three down to the least that the calibration can promise.
    private static func curve(_ calibration: Calibration, _ peaks: [Float]) -> [JSONValue] {
        let least = 1.0 / Double(calibration.energies.count + 1), most = 1.0 / 3
        guard least < most else { return [] }
        return (0 ..< 40).map { step in
            let rate = min(most, least * 1.000_001 * pow(most / least, 1 - Double(step) / 39))
            let threshold = calibration.tailThreshold(falseAlarmRate: rate)
            return .object([("rate", .number(rate, digits: 4)), ("threshold", .number(Double(threshold), digits: 5)), ("alarms", .int(count(of: peaks, above: threshold)))])
        }
    }

    /// How many of some numbers, highest first, lie above another.
    private static func count(of peaks: [Float], above threshold: Float) -> Int { peaks.firstIndex { !($0 > threshold) } ?? peaks.count }

    /// A calibration by the days that this model has watched to their end, and where there are others not by its first, less those on which a person found an alert to be real.
    ///
    /// - Parameter unjudged: What entity-days are whose alerts nobody has judged: learned from, an attack would be normal from then on; left out, the strangest of the
    ///   normal ones would be missing.
    /// - Returns: The watchdog with it, entity-days used, and those left out.
    /// - Throws: `GibbsError` with code `.unsuitableData` for too few, or where nobody says what the unjudged are and there are some.
    package func recalibrated(falseAlarmRate: Double?, days: Int, unjudged: Unjudged? = nil) throws -> (watchdog: StreamWatchdog, used: Int, left: Int) {
        guard keepDays() else { throw GibbsError(.cannotWrite, "the days that were watched cannot be kept", advice: "check the room on the store's disk") }
        let real = try store.entityDays(stream: name, .real), open = try store.entityDays(stream: name, nil)
        // Today is not over: who comes later is not in it, and who is in it may get further.
        let kept = try store.days(stream: name, model: fingerprint, before: today.day ?? .max, limit: days)
        guard !kept.isEmpty else { throw GibbsError(.unsuitableData, "no day has been watched to its end by this model", advice: "calibrate when the first event of another day has come") }
        // It may have watched the first day from its middle on only.
        let first = kept.count > 1 ? try store.firstDay(stream: name, model: fingerprint) : nil
        var energies = [Float](), left = 0, questions = 0
        for day in kept where day.day != first {
            for (hash, score) in day.peaks {
                let entityDay = EntityDay(hash: hash, day: day.day), isOpen = open.contains(entityDay)
                if isOpen { questions += 1 }
                if real.contains(entityDay) || isOpen && unjudged == .strange { left += 1 } else { energies.append(score) }
            }
        }
        guard questions == 0 || unjudged != nil else {
            throw GibbsError(.unsuitableData, "\(questions) of the entity-days have alerts that nobody has judged", at: .init(field: "unjudged"),
                             advice: "judge them, or say whether they were \"normal\" or \"strange\": an attack that is learned from alarms nobody again")
        }
        let rate = falseAlarmRate ?? watchdog.calibration?.falseAlarmRate ?? 0.01
        return (watchdog.calibrated(by: try Calibration(energies: energies, falseAlarmRate: rate)), energies.count, left)
    }

    /// Shows its numbers as gauges.
    func measure() {
        let labels = [("stream", name)], calibration = watchdog.calibration
        metrics.gauge("gibbs_stream_entities", "Entities held", labels, Double(monitor.entityCount))
        metrics.gauge("gibbs_stream_entities_dropped", "Entities that made room for others", labels, Double(monitor.droppedEntities))
        metrics.gauge("gibbs_stream_threshold_nats", "Score above which an entity alerts", labels, Double(threshold))
        metrics.gauge("gibbs_stream_promised_alert_share", "Share of normal entity-days that may alert", labels, calibration?.falseAlarmRate ?? 0)
        metrics.gauge("gibbs_stream_alert_share", "Share of today's entities that have alerted", labels, Double(today.count(above: threshold)) / Double(max(1, today.count)))
        metrics.gauge("gibbs_stream_day_entities", "Entities that had an event today", labels, Double(today.count))
        metrics.gauge("gibbs_stream_journal_bytes", "Bytes of lines kept", labels, Double(journal.length))
        metrics.gauge("gibbs_stream_followers", "Live followers", labels, Double(hub.count))
        metrics.gauge("gibbs_stream_trouble", "1 while something cannot be written", labels, trouble == nil ? 0 : 1)
    }
}

extension ScoreDrift.Reading {
    /// As an answer.
    var json: JSONValue { .object([("psi", .number(psi, digits: 4)), ("ks", .number(ks, digits: 4)), ("count", .number(count, digits: 4))]) }
}
