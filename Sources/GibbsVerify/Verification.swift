import GibbsCore
import GibbsNumerics
import GibbsTestSupport

/// What one check of the mathematics found on this machine.
public struct Verification: Sendable, Hashable {
    /// What was checked, in words.
    public let name: String
    /// What it was compared with, in words.
    public let reference: String
    /// The unit of `deviation` and `limit`: `nats`, `standard errors`, and so on.
    public let measure: String
    /// Comparisons made.
    public let cases: Int
    /// Of the comparison that came closest to its limit, how far off it was; `nan` where nothing could be compared.
    public let deviation: Double
    /// How far off that one might have been.
    public let limit: Double
    /// What was found wrong; empty when all is well.
    public let failures: [CheckFailure]
    /// Wall time.
    public let seconds: Double

    /// Whether nothing was found wrong.
    public var holds: Bool { failures.isEmpty }
}

/// A check of the mathematics that can be run anywhere, on random small machines made from a key.
public struct VerificationCheck: Sendable {
    /// What is checked, in words.
    public let name: String
    /// What it is compared with, in words.
    public let reference: String
    /// The unit of its deviations.
    public let measure: String
    private let body: @Sendable (Key) throws -> [CheckFailure]

    /// A check that returns what it finds wrong; it compares by the checkers of `GibbsTestSupport`, or by `isWithin`, which count.
    ///
    /// - Parameters:
    ///   - name: What is checked, in words.
    ///   - reference: What it is compared with, in words.
    ///   - measure: The unit of the deviations.
    ///   - body: The check; what it throws is a failure too.
    public init(_ name: String, against reference: String, in measure: String, _ body: @escaping @Sendable (Key) throws -> [CheckFailure]) {
        self.name = name
        self.reference = reference
        self.measure = measure
        self.body = body
    }

    /// Runs the check; consumes `key`. What it throws is a failure, and so is a check that compares nothing.
    public func run(key: Key) -> Verification {
        let clock = ContinuousClock(), begin = clock.now
        var (failures, tally) = Tally.counting {
            do { return try body(key) } catch { return [CheckFailure(name, "was stopped: \(error)")] }
        }
        if failures.isEmpty && tally.count == 0 { failures = [CheckFailure(name, "compared nothing")] }
        let elapsed = (clock.now - begin).components
        return Verification(name: name, reference: reference, measure: measure, cases: tally.count, deviation: tally.closest?.deviation ?? .nan,
                            limit: tally.closest?.limit ?? .nan,
                            failures: failures, seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    }
}

/// A failure unless `deviation` is at most `limit`; `text` says what was compared.
func compare(_ deviation: Double, limit: Double, _ name: String, _ text: @autoclosure () -> String) -> [CheckFailure] {
    isWithin(deviation, limit: limit) ? [] : [CheckFailure(name, text())]
}
