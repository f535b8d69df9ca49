import Foundation
import Gibbs

/// The score of a session for people.
enum SessionText {
    /// Past events named beside an event, at most.
    private static let blameLimit = 3

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
