import Foundation
import Gibbs

/// A score for people: one line a record, one line a reason.
enum AlertText {
    static func lines(_ score: RecordScore, identity: [(String, String?)], reasons: [Explanation.Reason]?) -> String {
        let head = (score.alert ? "ALERT " : "      ") + "line \(score.line)".padded(14) + String(format: "%7.2f nats", score.energy)
            + (score.pValue.map { String(format: "   p = %.2g", $0) } ?? "")
            + identity.map { "   \($0.0.oneLine) \(($0.1 ?? "missing").oneLine)" }.joined()
        let body = (reasons ?? []).map { reason in
            let expected = reason.expected == reason.value ? "" : "expected \((reason.expected ?? "–").oneLine)"
            return "        " + String(format: "%+6.1f above usual  ", reason.excess) + reason.field.oneLine.padded(18) + " "
                + ((reason.value ?? "missing") + (reason.isUnseen ? " (never seen)" : "")).oneLine.padded(16) + " " + expected
        }
        return ([head] + body).joined(separator: "\n")
    }
}

extension String {
    /// At least `width` characters, filled with blanks on the right.
    func padded(_ width: Int) -> String { count < width ? self + String(repeating: " ", count: width - count) : self }
}
