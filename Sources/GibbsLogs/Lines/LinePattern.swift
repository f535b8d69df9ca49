import Foundation
import GibbsNumerics

/// A regular expression that lines are looked through for.
public struct LinePattern: Sendable {
    /// Bytes of a line that are looked at, so that a costly pattern meets a bound.
    static let reach = 1 << 14
    /// Bytes of a pattern at most.
    static let lengthLimit = 4096

    /// The expression as it was given.
    public let text: String
    /// Immutable and safe to share, as its documentation says.
    private let shared: Shared

    private final class Shared: @unchecked Sendable {
        let expression: NSRegularExpression
        init(_ expression: NSRegularExpression) { self.expression = expression }
    }

    /// A pattern in the syntax of ICU, which is that of most tools.
    ///
    /// - Throws: `GibbsError` with code `.usage` for what is no regular expression, or longer than 4,096 bytes.
    public init(_ text: String) throws {
        guard !text.isEmpty, text.utf8.count <= Self.lengthLimit, let compiled = try? NSRegularExpression(pattern: text) else {
            throw GibbsError(.usage, "'\(text.prefix(80))' is no regular expression", advice: "check its brackets and backslashes, and quote it for the shell: 'user=(\\w+)'")
        }
        self.text = text
        shared = Shared(compiled)
    }

    /// Whether it occurs in the first 16,384 characters of a text.
    public func occurs(in text: String) -> Bool { firstMatch(in: String(text.prefix(Self.reach))) != nil }

    /// Where it occurs first.
    func firstMatch(in text: String) -> NSTextCheckingResult? {
        shared.expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text))
    }
}
