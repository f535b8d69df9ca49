import Foundation
import Gibbs

/// Login campaigns in a stream of normal logins: how many are found, how soon, and how often honest entities are blamed.
enum Logins {
    static func run(normal: String, attack: String, entity: String, options: StreamOptions, explains: Bool) throws {
        let columns = ["outcome", entity == "user" ? "address" : "user", "country", "device"]
        func log(_ path: String) throws -> (EventLog, labels: [String?], campaigns: [String?]) {
            var table = TableOptions(types: Dictionary(uniqueKeysWithValues: (["time", "user", "address", "country", "device", "outcome", "label", "campaign"]).map { ($0, FieldType.category) }))
            table.missing = [""]
            let read = try TableReader(path: path, options: table).readAll()
            let label = try read.column("label"), campaign = try read.column("campaign")
            return (try EventLog(read, entity: entity, time: "time", columns: columns), (0 ..< read.rowCount).map { label.text($0) }, (0 ..< read.rowCount).map { campaign.text($0) })
        }
        let begin = Date(), fitted = try log(normal)
        let fit = try StreamFit.fitted(to: fitted.0, entity: entity, time: "time", options: options) {
            FileHandle.standardError.write(Data("\($0) \($1.number) \($1.figures)\n".utf8))
        }
        let seconds = Date().timeIntervalSince(begin), calibration = fit.calibration!
        if explains { top(fitted.0, measure: fit.measure) }
        let test = try log(attack)
        let found = try StreamGrade(of: test.0, campaigns: test.campaigns, measure: fit.measure, calibration: calibration, from: fit.measure.monitor(after: fitted.0, calibration: calibration))
        report("logins-\(entity)", "threshold", Double(calibration.threshold), [
            "rate": calibration.falseAlarmRate, "entityDays": calibration.energies.count, "entityDaysPerDay": fit.entityDaysPerDay, "surprise": fit.surprise, "firstSurprise": fit.firstSurprise,
            "baseline": fit.baselineSurprise, "fitSeconds": seconds, "events": fit.events, "fields": fit.measure.schema.fields.map { "\($0.name):\($0.encoding.rawValue)" }.joined(separator: " ")])
        report("logins-\(entity)", "falseAlarmsPerDay", Double(found.falseAlarms) / test.0.days, ["days": test.0.days, "entitiesBlamed": found.falseAlarms])
        for kind in Set(found.campaigns.map(\.kind)).sorted() {
            let all = found.campaigns.filter { $0.kind == kind }, attempts = all.compactMap(\.attempts).sorted()
            report("logins-\(entity)", "foundWithin20", Double(all.count { $0.attempts ?? .max <= 20 }) / Double(all.count), [
                "kind": kind, "campaigns": all.count, "found": attempts.count, "medianAttempts": attempts.isEmpty ? -1 : attempts[attempts.count / 2], "mostAttempts": attempts.last ?? -1,
                "withinADay": all.count { $0.hours ?? 1e9 <= 24 }])
        }
        if explains { for line in found.shown { print(line) } }
    }
}

/// What a monitor makes of a labelled log.
struct StreamGrade {
    struct Campaign { var name: String, kind: String, attempts: Int?, hours: Double? }
    var falseAlarms = 0
    var campaigns: [Campaign] = []
    var shown: [String] = []

    init(of log: EventLog, campaigns labels: [String?], measure: StreamModel, calibration: Calibration, from start: StreamMonitor) throws {
        var monitor = start
        var seen: [String: Int] = [:], first: [String: Double] = [:], found: [String: (Int, Double)] = [:], blamed = Set<String>()
        for event in 0 ..< log.count {
            var batch = EventBatch(columns: log.columns)
            let who = log.entities[Int(log.entity[event])]
            batch.append(entity: who, time: log.times[event], values: log.codes.indices.map { log.codes[$0][event] < 0 ? nil : log.names[$0][Int(log.codes[$0][event])] }, line: log.lines[event])
            let campaign = labels[log.lines[event] - 1]
            if let campaign {
                seen[campaign, default: 0] += 1
                first[campaign] = first[campaign] ?? log.times[event]
            }
            for alert in monitor.observe(batch) where alert.level >= 1 {
                if let campaign {
                    if found[campaign] == nil { found[campaign] = (seen[campaign]!, (log.times[event] - first[campaign]!) / 3_600) }
                } else if blamed.insert(who + String(log.day(event))).inserted {
                    falseAlarms += 1
                    shown.append("false: \(who) score \(alert.score) " + alert.reasons.map { "\($0.event.map(\.value).joined(separator: ",")) +\($0.gain)" }.joined(separator: " | "))
                }
            }
        }
        for (name, _) in seen.sorted(by: { $0.key < $1.key }) {
            campaigns.append(Campaign(name: name, kind: String(name.prefix { $0 != "-" }), attempts: found[name]?.0, hours: found[name]?.1))
            if found[name] == nil { shown.append("missed: \(name) of \(seen[name]!)") }
        }
    }
}

extension Logins {
    /// What the strangest normal entities did.
    static func top(_ log: EventLog, measure: StreamModel) {
        var sums: [String: (Float, Int, Float)] = [:]
        var monitor = StreamMonitor(measure, calibration: nil), examples: [String: [String]] = [:]
        for event in 0 ..< log.count {
            var batch = EventBatch(columns: log.columns)
            let who = log.entities[Int(log.entity[event])], values = log.codes.indices.map { log.codes[$0][event] < 0 ? nil : log.names[$0][Int(log.codes[$0][event])] }
            batch.append(entity: who, time: log.times[event], values: values, line: log.lines[event])
            _ = monitor.observe(batch) { score in
                var s = sums[who] ?? (0, 0, 0)
                s.0 += score.gain; s.1 += 1; s.2 = max(s.2, score.score)
                sums[who] = s
                if examples[who, default: []].count < 400 { examples[who, default: []].append(TimeStamp.text(log.times[event]) + " " + values.compactMap { $0 }.joined(separator: ",") + " \(score.gain)") }
            }
        }
        for (who, s) in sums.sorted(by: { $0.value.2 > $1.value.2 }).prefix(12) {
            print(who, "peak", s.2, "events", s.1, "mean gain", s.0 / Float(s.1))
            for line in examples[who]!.suffix(6) { print("   ", line) }
        }
    }
}
