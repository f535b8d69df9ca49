import Foundation

/// What an examination of a model says of one thing.
public struct Finding: Sendable, Hashable {
    /// How it looks.
    public enum Verdict: Sendable, Hashable {
        /// As it should.
        case good
        /// Odd enough that a person should look, with advice what to do; never an error, since such a model still works.
        case warning(advice: String)
        /// It could not be judged, and what is needed for that.
        case unknown(need: String)
    }

    /// What was looked at, in a few words.
    public let subject: String
    /// What was seen, with the numbers.
    public let seen: String
    /// How it looks.
    public let verdict: Verdict

    /// A finding.
    public init(_ subject: String, _ seen: String, _ verdict: Verdict = .good) {
        self.subject = subject
        self.seen = seen
        self.verdict = verdict
    }

    /// A finding that is a warning when `isOdd`.
    public init(_ subject: String, _ seen: String, warnsIf isOdd: Bool, advice: String) {
        self.init(subject, seen, isOdd ? .warning(advice: advice) : .good)
    }

    /// What a check of the mathematics found on a model's own numbers.
    init(_ verification: Verification) {
        let call = verification.limit == 0 ? verification.deviation == 0 ? "equal to the last bit" : "\(verification.deviation) off where nothing may be"
            : String(format: "the closest call %.2g of the %.2g %@ allowed", verification.deviation, verification.limit, verification.measure as NSString)
        let seen = verification.cases == 0 ? "nothing compared" : "\(verification.cases) against \(verification.reference), \(call)"
        self.init(verification.name, seen, warnsIf: !verification.holds,
                  advice: "\(verification.failures.first?.message ?? ""); check this program on this machine with gibbs verify, and fit again if that holds")
    }

    /// Whether it is a warning.
    public var isWarning: Bool { if case .warning = verdict { true } else { false } }
}

extension [Int] {
    /// A count with the first eight of its members: `3 of 64 (2, 17, 40)`.
    func counted(of total: Int, names: (Int) -> String = { String($0) }) -> String {
        isEmpty ? "none of \(total)" : "\(count) of \(total) (\(prefix(8).map(names).joined(separator: ", "))\(count > 8 ? ", …" : ""))"
    }
}
