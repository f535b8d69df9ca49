/// One way in which a model broke a promise, found by one of the checks of this library.
///
/// Checks return a list of these, empty when all is well, so that they serve any test framework and a command line alike:
///
///     #expect(try checkEnergy(model, rows: rows) == [])
public struct CheckFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The check that failed, for instance `gradient`.
    public let check: String
    /// What was found, with the numbers.
    public let message: String

    /// A failure of this check.
    public init(_ check: String, _ message: String) {
        self.check = check
        self.message = message
    }

    public var description: String { "\(check): \(message)" }
}

/// The first failures of a long list and a count of the others, so that one broken loop does not fill a screen.
func shortened(_ failures: [CheckFailure], to limit: Int = 5) -> [CheckFailure] {
    guard failures.count > limit else { return failures }
    return failures.prefix(limit) + [CheckFailure(failures[0].check, "and \(failures.count - limit) more of the kind")]
}
