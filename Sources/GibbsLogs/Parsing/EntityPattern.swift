import Foundation
import GibbsNumerics

/// A regular expression that finds the entity of a line: its first group where it has one, else all it matches.
struct EntityPattern: Sendable {
    /// Bytes of a line that are looked at, so that a costly pattern meets a bound.
    static let reach = 1 << 14
    /// Bytes of a pattern at most.
    static let lengthLimit = 4096

    let text: String
    /// Immutable and safe to share, as its documentation says.
    private let expression: Shared

    private final class Shared: @unchecked Sendable {
        let expression: NSRegularExpression
        init(_ expression: NSRegularExpression) { self.expression = expression }
    }

    /// - Throws: `GibbsError` with code `.usage` for what is no regular expression.
    init(_ text: String) throws {
        guard !text.isEmpty, text.utf8.count <= Self.lengthLimit, let compiled = try? NSRegularExpression(pattern: text) else {
            throw GibbsError(.usage, "'\(text.prefix(80))' is no regular expression", advice: "check its brackets and backslashes, and quote it for the shell: 'user=(\\w+)'")
        }
        self.text = text
        expression = Shared(compiled)
    }

    /// Nil where nothing matches, or where the first group took no part in the match.
    func entity(in line: LogText) -> String? {
        let text = line.string(0 ..< min(line.count, Self.reach)), whole = NSRange(text.startIndex..., in: text)
        guard let match = expression.expression.firstMatch(in: text, range: whole),
              let range = Range(match.range(at: match.numberOfRanges > 1 ? 1 : 0), in: text) else { return nil }
        return String(text[range])
    }
}
