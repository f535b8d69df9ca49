import Foundation
import Gibbs

/// What a fit on a log of events says, and `gibbs inspect`.
enum StreamSummary {
    static func fitted(_ watchdog: StreamWatchdog, path: String, entities: Int, seconds: Double) -> String {
        let training = watchdog.training
        return """
            fitted to \(training.events) events of \(training.entities) entities in \(String(format: "%.1f", seconds)) s: \(training.method)
            \(parts(watchdog))
            wrote \(path), and what \(entities) entities did last to \(StreamState.past(of: path))
            """
    }

    static func inspected(_ watchdog: StreamWatchdog, path: String) -> String {
        let training = watchdog.training
        return """
            \(path): watchdog on a stream of events, \(training.method)
            trained on \(training.events) events of \(training.entities) entities, key \(training.seed)\(training.digest.map { ", data digest \($0)" } ?? "")
            \(parts(watchdog))
            """
    }

    /// Fields, figures and threshold.
    static func parts(_ watchdog: StreamWatchdog) -> String {
        let schema = watchdog.measure.schema
        let fields = zip(schema.fields, watchdog.measure.model.vocabularies).map { field, vocabulary in
            let names = vocabulary.names.prefix(4).map { $0.oneLine.capped(60) }.joined(separator: ", ") + (vocabulary.names.count > 4 ? ", …" : "")
            return "  \(field.name.oneLine): " + (field.encoding == .name ? "\(vocabulary.names.count) names: \(names)" : "\(field.encoding.words): \(names)")
        }
        return """
            whose events: \(schema.entity)\(schema.subject.map { ", about: \($0)" } ?? ""), \(schema.time.map { "when: \($0)" } ?? "no times")
            \(fields.joined(separator: "\n"))
            \(quality(watchdog))
            \(threshold(watchdog))
            """
    }

    /// How well the model foresees events it has not learned from, and whether counting would do as well.
    static func quality(_ watchdog: StreamWatchdog) -> String {
        let training = watchdog.training, field = watchdog.measure.schema.fields[0].name.oneLine, baseline = training.baselineSurprise, more = training.firstSurprise - baseline
        let verdict = more > max(0.02, 0.1 * baseline) ? "WORSE than counting does: more events, or fewer --fields, would help" : (more > -0.02 * baseline ? "as well as" : "better than") + " counting does"
        return "\(training.heldEvents) held-out events cost \(training.surprise.shortText) nats each; '\(field)' alone \(training.firstSurprise.shortText), "
            + "and \(baseline.shortText) by a plain \(watchdog.measure.model.history + 1)-gram: it is foreseen \(verdict)"
    }

    static func threshold(_ watchdog: StreamWatchdog) -> String {
        guard let calibration = watchdog.calibration else { return "not calibrated: it raises no alert" }
        // Without times there are no days to promise anything for.
        let hasDays = watchdog.measure.schema.time != nil, unit = hasDays ? "entity-days" : "entities", perDay = calibration.falseAlarmRate * watchdog.training.entityDaysPerDay
        return "alert above \(Double(calibration.tailThreshold).shortText) nats: \((calibration.falseAlarmRate * 100).shortText) % of normal \(unit), " + (hasDays ? "about \(perDay.shortText) a day, " : "")
            + "promised by \(calibration.energies.count) calibration \(unit)"
    }
}

extension EventSchema.Encoding {
    /// What the encoding takes, in words.
    var words: String {
        switch self {
        case .name: "the value"
        case .change: "how it changes"
        case .familiar: "whether it was there before today"
        case .gap: "time since the last event"
        }
    }
}

extension StreamRemark {
    /// The remark for people.
    var text: String {
        switch self {
        case .dominated(let entity, let threshold, let without):
            "'\(entity.oneLine)' alone holds the threshold at \(Double(threshold).shortText) nats; without it alerts would begin at \(Double(without).shortText). "
                + "Where many share one name, such as an office behind one address, leave it out of the log, or watch another column"
        case .high(let threshold):
            "an alert begins at \(Double(threshold).shortText) nats only, which few attacks reach: give more days, fewer --fields, or --changes for fields of many values"
        case .strayTimes(let count, let line, let time):
            "\(count) event\(count == 1 ? "" : "s") lie\(count == 1 ? "s" : "") far from all others in time, the first on line \(line) at \(TimeStamp.text(time)); days are told without \(count == 1 ? "it" : "them")"
        case .withoutTime(let count): "\(count) event\(count == 1 ? " has" : "s have") no time"
        }
    }
}
