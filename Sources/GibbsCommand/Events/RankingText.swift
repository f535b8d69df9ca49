import Foundation
import Gibbs

/// A ranking on its way out: a line an entity.
struct RankingText {
    private let ranking: StreamRanking, showsTrust: Bool

    init(_ ranking: StreamRanking, showsTrust: Bool = false) { (self.ranking, self.showsTrust) = (ranking, showsTrust) }

    /// Writes the first places, or all.
    func write(to path: String, top: Int?, reasons: Int, text: Bool) throws {
        let output = try OutputFile(path: path), width = max(6, ranking.places.prefix(top ?? .max).map { $0.entity.oneLine.count }.max() ?? 0)
        do {
            if text { try output.write("rank  " + "entity".padded(min(width, 40)) + "   score (nats)   nats/event   p-value   events   what is blamed most\n") }
            for (number, place) in ranking.places.prefix(top ?? .max).enumerated() {
                try output.write((text ? line(place, number + 1, width: min(width, 40)) : json(place, number + 1, reasons).text) + "\n")
            }
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }

    private func line(_ place: StreamRanking.Place, _ rank: Int, width: Int) -> String {
        String(format: "%4d  ", rank) + place.entity.oneLine.padded(width) + String(format: "%15.1f%13.2f   ", place.score, place.surprise)
            + (place.pValue.map { String(format: "%7.2g", $0) } ?? "      –") + String(format: "%9d   ", place.events) + (showsTrust && place.isTrusted ? "(trusted) " : "") + blame(place)
    }

    /// The reason of the largest gain, of an event or of the day.
    private func blame(_ place: StreamRanking.Place) -> String {
        let event = place.reasons.max { $0.gain < $1.gain }, day = place.dayReasons.first
        if let day, day.gain > event?.gain ?? 0 { return "\(day.what.oneLine): \(day.value), expected \(day.expected)" }
        return event.map { "line \($0.line): \($0.field) = \(Self.told($0).oneLine), expected \($0.expected.oneLine)" } ?? ""
    }

    private static func told(_ reason: StreamAlert.Reason) -> String { reason.value ?? "missing" }

    private func json(_ place: StreamRanking.Place, _ rank: Int, _ limit: Int) -> JSONValue {
        let reasons = place.reasons.sorted { $0.gain > $1.gain }.prefix(limit).map { reason in
            JSONValue.object([("line", .int(reason.line)), ("gain", .number(Double(reason.gain), digits: 4)), ("field", .string(reason.field)), ("value", .optional(reason.value)),
                              ("expected", .string(reason.expected)), ("probability", .number(Double(reason.probability), digits: 3)),
                              ("event", .object(reason.event.map { ($0.field, .string($0.value)) }))])
        }
        let days = place.dayReasons.prefix(limit).map { reason in
            JSONValue.object([("what", .string(reason.what)), ("value", .string(reason.value)), ("expected", .string(reason.expected)), ("gain", .number(Double(reason.gain), digits: 4))])
        }
        return .object([("rank", .int(rank)), ("entity", .string(place.entity)), ("score", .number(Double(place.score), digits: 5)), ("surprise", .number(place.surprise, digits: 5)), ("pValue", place.pValue.map { .number($0, digits: 3) } ?? .null),
                        ("events", .int(place.events)), ("days", .int(place.days))] + (showsTrust ? [("trusted", .bool(place.isTrusted))] : [])
            + [("line", .int(place.line)), ("time", place.time.map { .string(TimeStamp.text($0)) } ?? .null), ("reasons", .array(reasons)), ("dayReasons", .array(days))])
    }
}

extension Score {
    /// The entities of a log by a model's scores, the strangest first; what the model was fitted to is ranked as though nothing had come before.
    func rankStream(_ watchdog: StreamWatchdog) throws {
        guard !alertsOnly, !explainAll, id == nil else { throw GibbsError(.usage, "--alerts, --explain-all and --id are not for rankings", advice: "leave them out; --top N prints the first places") }
        guard data != "-" else { throw GibbsError(.usage, "a ranking reads its log more than once", advice: "give a file") }
        let log = try StreamLog.read(data, for: watchdog, input: input), wasLearned = log.digest != nil && log.digest == watchdog.training.digest
        let start = wasLearned ? nil : try StreamState.known(of: watchdog, model: model)
        let ranking = StreamRanking(of: log, by: watchdog, from: start, explained: top ?? .max)
        Console.clearProgress()
        if wasLearned { Console.note("gibbs: the model was fitted to \(data), so those it learned from look ordinary; gibbs rank judges each by the others") }
        try RankingText(ranking).write(to: out, top: top, reasons: reasons, text: text)
    }
}
