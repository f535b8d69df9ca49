import Foundation

/// How far long work has come, in a line for a person.
package enum ProgressText {
    /// A bar of 24 places, what `label` says of the work, the time left, and a figure to watch: `[███·····] 12.5 %, 3.6 h left; loss 0.1`.
    ///
    /// - Parameters:
    ///   - share: Of the work that is done, 0...1; what is beyond is clipped.
    ///   - seconds: Since the work began; the rest is taken to go on as fast.
    ///   - label: Stands behind the bar.
    ///   - note: Stands at the end; empty for none.
    package static func bar(_ share: Double, after seconds: Double, _ label: String, note: String = "") -> String {
        let share = clipped(share), filled = Int(24 * share)
        let left = share > 0 && share < 1 ? ", \(time(max(seconds, 1e-3) * (1 - share) / share)) left" : ""
        return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled) + "] " + label + left + (note.isEmpty ? "" : "; " + note)
    }

    /// A share as `0.3 %`.
    package static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * clipped(share)) }

    /// Seconds as `40 s`; above two minutes as `12 min`, above two hours as `3.6 h`.
    package static func time(_ seconds: Double) -> String {
        if seconds > 7200 { return String(format: "%.1f h", seconds / 3600) }
        return seconds > 120 ? String(format: "%.0f min", seconds / 60) : String(format: "%.0f s", seconds)
    }

    private static func clipped(_ share: Double) -> Double { share.isNaN ? 0 : min(max(share, 0), 1) }
}
