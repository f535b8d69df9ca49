import Foundation
import Gibbs

extension StreamAlert {
    /// The alert for people: a line, and one a reason.
    func text() -> String {
        let head = "ALERT " + (time.map { TimeStamp.text($0) + "  " } ?? "") + entity.oneLine.padded(18) + String(format: "%7.1f nats (alert above %.1f)   p = %.2g   %@   line %d", score, threshold, pValue, severity, line)
        return ([head] + reasons.map { reason in
            "      " + String(format: "%+5.1f", reason.gain) + "  line " + "\(reason.line)".padded(9) + "\(reason.field) = \((reason.value ?? "missing").oneLine)".padded(34)
                + "expected \(reason.expected.oneLine)" + String(format: " (p = %.2f)", reason.probability)
        } + dayReasons.map { reason in
            "      " + String(format: "%+5.1f", reason.gain) + "  " + "\(reason.what.oneLine): \(reason.value)".padded(48) + "expected \(reason.expected)"
                + String(format: " (p = %.2f)", reason.probability)
        }).joined(separator: "\n")
    }
}
