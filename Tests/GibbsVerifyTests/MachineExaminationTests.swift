import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsVerify
import Testing

extension [Finding] {
    /// The subjects of the warnings.
    var odd: [String] { filter(\.isWarning).map(\.subject) }
}

/// A sound machine, and the same with one thing wrong.
@Suite struct MachineExaminationTests {
    static let variables: [Variable] = [.binary, .categorical(3), .real, .binary]
    static let names = ["open", "colour", "size", "new"]
    static let rows: Matrix = try! ChainStart.noise(chains: 200).positions(for: variables, key: Key(1))

    /// A machine whose parameters went through `change`: weights of six units by three, biases, ln σ².
    static func machine(_ change: (inout Matrix, inout [Float]) -> Void = { _, _ in }) -> RBM {
        var weights = Matrix(rows: 6, columns: 3, values: Key(2).normals(18)), hidden: [Float] = [0, 0.1, -0.1]
        change(&weights, &hidden)
        return RBM(visible: variables, weights: weights, visibleBias: Array(repeating: 0, count: 6), hiddenBias: hidden, logVariance: [0])
    }

    static func findings(rows: Matrix = rows, _ change: (inout Matrix, inout [Float]) -> Void = { _, _ in }) throws -> [Finding] {
        try MachineExamination(of: machine(change), columns: names, rows: rows).findings
    }

    @Test func sound() throws {
        let findings = try Self.findings()
        #expect(findings.odd == [] && findings.map(\.subject) == ["weights", "dead hidden units", "saturated hidden units", "columns without a say"])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func notANumber(value: Float) throws {
        #expect(try Self.findings { weights, _ in weights[3, 1] = value }.odd == ["weights"])
        #expect(try Self.findings { _, hidden in hidden[2] = value }.odd == ["weights"])
        #expect(try Self.findings { weights, _ in weights[3, 1] = value }[0].seen.hasPrefix("1 of 28 parameters"))
    }

    /// Off, on, and indifferent.
    @Test(arguments: [Float(-12), 12, 0]) func dead(bias: Float) throws {
        let findings = try Self.findings { weights, hidden in
            for row in 0 ..< 6 { weights[row, 1] = 0 }
            hidden[1] = bias
        }
        #expect(findings.odd == ["dead hidden units"] && findings[1].seen == "1 of 3 (1)")
    }

    /// A unit that only switches, by a column that is 0 or 1.
    @Test func saturated() throws {
        let findings = try Self.findings { weights, hidden in
            for row in 0 ..< 6 { weights[row, 0] = 0 }
            weights[1, 0] = 40
            hidden[0] = -20
        }
        #expect(findings.odd == ["saturated hidden units"] && findings[2].seen == "1 of 3 (0)")
    }

    @Test func largeAndMissingWeights() throws {
        #expect(try Self.findings { weights, _ in weights[2, 2] = 60 }.odd.contains("weights"))
        #expect(try Self.findings { weights, _ in weights.scale(by: 0) }.odd == ["weights", "dead hidden units", "columns without a say"])
    }

    /// One column may well be independent of the rest; it is named, and no warning.
    @Test func ignoredColumn() throws {
        let findings = try Self.findings { weights, _ in for unit in 0 ..< 3 { weights[0, unit] = 0 } }
        #expect(findings.odd == [] && findings[3].seen == "1 of 4 (size)")
    }

    @Test func tooFewRows() throws {
        let findings = try Self.findings(rows: Self.rows.slice(0 ..< 3))
        #expect(findings.odd == [] && findings.contains { if case .unknown = $0.verdict { true } else { false } })
    }
}
