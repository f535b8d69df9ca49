import Foundation
import Gibbs

/// The score of a session for machines and for people.
enum SessionText {
    /// Past events named beside an event, at most.
    private static let blameLimit = 3

    static func json(_ score: SessionScore, _ explanation: SessionExplanation?) -> JSONValue {
        let parts = score.parts
        return .object([
            ("id", .string(score.id)), ("line", .int(score.line)), ("length", .int(score.events)), ("energy", .number(Double(score.energy), digits: 5)),
            ("parts", .object([("largest", .number(Double(parts.largest), digits: 5)), ("mean", .number(Double(parts.mean), digits: 5)),
                               ("middle", .number(Double(parts.middle), digits: 5)),
                               ("counts", .number(Double(parts.counts), digits: 5))])),
            ("pValue", score.pValue.map { .number($0, digits: 4) } ?? .null), ("alert", .bool(score.alert)),
        ] + (explanation.map { [("events", .array($0.events.map(json))), ("counts", .array($0.counts.map(json)))] } ?? []))
    }

    private static func json(_ event: SessionExplanation.Event) -> JSONValue {
        .object([
            ("position", .int(event.position)), ("line", .int(event.line)), (event.field, .optional(event.value)), ("isEnd", .bool(event.isEnd)),
            ("unseen", .bool(event.isUnseen)), ("surprise", .number(Double(event.surprise), digits: 4)),
            ("expected", .optional(event.expected)), ("expectedEnd", .bool(event.expectedEnd)), ("probability", .number(event.probability, digits: 4)),
            ("blame", .array(event.blame.map {
                .object([("position", .int($0.position)), ("event", .optional($0.value)), ("effect", .number(Double($0.effect), digits: 4))])
            })),
        ])
    }

    private static func json(_ count: SessionExplanation.Count) -> JSONValue {
        .object([("event", .optional(count.name)), ("count", .int(count.count)), ("usual", .string(count.usual)), ("excess", .number(Double(count.excess), digits: 4))])
    }

    static func lines(_ score: SessionScore, _ explanation: SessionExplanation?) -> String {
        let head = (score.alert ? "ALERT " : "      ") + "line \(score.line)".padded(14) + String(format: "%7.2f nats", score.energy)
            + (score.pValue.map { String(format: "   p = %.2g", $0) } ?? "") + "   " + score.id.oneLine
        let events = (explanation?.events ?? []).map { event in
            let what = event.isEnd ? "the end" : (event.value ?? "missing").oneLine + (event.isUnseen ? " (never seen)" : "")
            let expected = event.expectedEnd ? "the end" : (event.expected ?? "–").oneLine
            let blame = event.blame.prefix(blameLimit).filter { abs($0.effect) >= 0.1 }.map { String(format: "%+.1f for event %d", $0.effect, $0.position) }
            return "        " + String(format: "%6.1f nats  ", event.surprise) + "event \(event.position)".padded(11) + what.padded(24) + " expected \(expected)"
                + String(format: " (p = %.2g)", event.probability) + (blame.isEmpty ? "" : "; " + blame.joined(separator: ", "))
        }
        let counts = (explanation?.counts ?? []).map { count in
            "        " + String(format: "%6.1f nats  ", count.excess) + "\(count.count) times".padded(11) + (count.name?.oneLine ?? "names never seen").padded(24) + " usually \(count.usual)"
        }
        return ([head] + events + counts).joined(separator: "\n")
    }
}
