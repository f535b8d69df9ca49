import Foundation
import Gibbs

/// A score for people: one line a record, one line a reason.
enum AlertText {
    static func lines(_ score: RecordScore, identity: [(column: String, text: String?)], explanation: Explanation?, reasons limit: Int) -> String {
        let head = (score.alert ? "ALERT " : "      ") + "line \(score.line)".padded(14) + String(format: "%7.2f nats", score.energy)
            + (score.pValue.map { String(format: "   p = %.2g", $0) } ?? "")
            + identity.map { "   \($0.column.oneLine) \(($0.text ?? "missing").oneLine)" }.joined()
        let body = (explanation?.reasons.prefix(limit) ?? []).map { reason in
            if let nearest = reason.nearest { return text(reason, nearest) }
            let expected = reason.expected == reason.value ? "" : "expected \((reason.expected ?? "–").oneLine)"
            return "        " + String(format: "%+6.1f above usual  ", reason.excess) + reason.field.oneLine.padded(18) + " "
                + ((reason.value ?? "missing") + (reason.isUnseen ? " (never seen)" : "")).oneLine.padded(16) + " " + expected
        }
        let outside = (explanation?.outside ?? []).map { found in
            "        outside its range   " + found.field.oneLine.padded(18) + " " + found.value.shortText.padded(16) + " seen \(found.seen.text)"
        }
        return ([head] + body + outside).joined(separator: "\n")
    }

    /// A reason that is a text, with the likest that the model remembers, and what it would have expected, a line each.
    private static func text(_ reason: Explanation.Reason, _ nearest: Explanation.Likeness) -> String {
        func cut(_ text: String) -> String { text.oneLine.capped(120) }
        let indent = String(repeating: " ", count: 43)
        let expected = reason.expected.flatMap { $0 == reason.value || $0 == nearest.text ? nil : "\n" + indent + "expected something like: " + cut($0) } ?? ""
        return "        " + String(format: "%+6.1f above usual  ", reason.excess) + reason.field.oneLine.padded(18) + " " + cut(reason.value ?? "missing")
            + "\n" + indent + String(format: "nearest it remembers, cosine %.2f: ", nearest.cosine) + cut(nearest.text) + expected
    }
}

extension String {
    /// The text, or its beginning and an ellipsis where it is longer.
    func capped(_ length: Int) -> String { count > length ? prefix(length - 1) + "…" : self }

    /// At least `width` characters, filled with blanks on the right.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}
