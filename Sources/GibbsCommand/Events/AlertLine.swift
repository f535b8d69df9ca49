import Foundation
import Gibbs

extension StreamAlert {
    /// The alert for people: a line, and one a reason, under it the line of the source where that can still be had.
    ///
    /// - Parameter raw: Gives the text of a line of the source by where it begins.
    func text(raw: (Int) -> String?) -> String {
        let head = "ALERT " + (time.map { TimeStamp.text($0) + "  " } ?? "") + entity.oneLine.padded(18) + String(format: "%7.1f nats (alert above %.1f)   p = %.2g   %@   line %d", score, threshold, pValue, severity, line)
        return ([head] + reasons.map { reason in
            "      " + String(format: "%+5.1f", reason.gain) + "  line " + "\(reason.line)".padded(9) + "\(reason.field) = \((reason.value ?? "missing").oneLine)".padded(34)
                + "expected \(reason.expected.oneLine)" + String(format: " (p = %.2f)", reason.probability)
                + (raw(reason.offset).map { "\n" + "".padded(13) + $0.oneLine.capped(Self.shownLength) } ?? "")
        } + dayReasons.map { reason in
            "      " + String(format: "%+5.1f", reason.gain) + "  " + "\(reason.what.oneLine): \(reason.value.oneLine)".padded(48) + "expected \(reason.expected.oneLine)"
                + String(format: " (p = %.2f)", reason.probability)
        }).joined(separator: "\n")
    }
}

extension StreamAlert {
    /// Characters of a raw line that people are shown.
    fileprivate static let shownLength = 300
}
