import Foundation
import GibbsNumerics

/// A regular expression that finds the entity of a line: its first group where it has one, else all it matches.
struct EntityPattern: Sendable {
    private let pattern: LinePattern

    var text: String { pattern.text }

    /// - Throws: `GibbsError` with code `.usage` for what is no regular expression.
    init(_ text: String) throws { pattern = try LinePattern(text) }

    /// Nil where nothing matches, or where the first group took no part in the match.
    func entity(in line: LogText) -> String? {
        let text = line.string(0 ..< min(line.count, LinePattern.reach))
        guard let match = pattern.firstMatch(in: text),
              let range = Range(match.range(at: match.numberOfRanges > 1 ? 1 : 0), in: text) else { return nil }
        return String(text[range])
    }
}
