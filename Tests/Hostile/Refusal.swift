import CommandDriver
import Testing

extension Workplace {
    /// Runs `gibbs` and demands that it refuses as it should: this exit status, a message of one sentence with these parts and
    /// a piece of advice, nothing on standard output, no file made, none left over, no crash.
    func expectRefusal(_ status: Int32, _ parts: String..., by arguments: [String], input: String? = nil,
                       sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = try contents
        let outcome = try gibbs(arguments, input: input)
        #expect(outcome.signal == nil && outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.output == "", "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.errors.utf8.count < 4000, "the message has \(outcome.errors.utf8.count) bytes", sourceLocation: sourceLocation)
        for part in parts { #expect(outcome.errors.contains(part), "no '\(part)' in: \(outcome)", sourceLocation: sourceLocation) }
        // Ours are 'gibbs: place: what; advice', those of the argument parser end with the usage.
        let advises = outcome.errors.hasPrefix("gibbs: ") ? outcome.errors.contains("; ") : outcome.errors.contains("--help")
        #expect(advises, "no advice: \(outcome)", sourceLocation: sourceLocation)
        #expect(try contents == before, sourceLocation: sourceLocation)
    }

    /// Demands success without a word on standard error, but that few records bear no rate of 1 %.
    @discardableResult
    func expectSuccess(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
        let outcome = try gibbs(arguments), remarks = outcome.errors.split(separator: "\n").filter { !$0.contains(" instead of 1 %, because ") }
        #expect(outcome.status == 0 && remarks.isEmpty, "\(outcome)", sourceLocation: sourceLocation)
        return outcome
    }

    /// A workplace with `data.csv`, of columns `size`, `kind` and `label`, and `m.gibbs` fitted to its normal rows.
    static func fitted() throws -> Workplace {
        let place = try Workplace()
        let rows = (0 ..< 200).map { "\(20 + $0 * 37 % 11),\($0 % 3 == 0 ? "a" : "b"),\($0 % 20 == 19 ? "attack" : "normal")\n" }
        try place.file("data.csv", "size,kind,label\n" + rows.joined())
        try place.expectSuccess("fit", "table", "data.csv", "--label", "label", "--normal", "normal", "--out", "m.gibbs")
        return place
    }
}
