import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Weighted sums of energies: values, gradients, temperatures, and energies that do not belong together.
@Suite struct CompositionTests {
    static let variables: [Variable] = [.real, .binary, .real]
    static let first = SeparableEnergy(variables, strengths: [1, -2, 0.5], centres: [0.3, 0, -1])
    static let second = SeparableEnergy(variables, strengths: [2, 1, 3], centres: [-1, 0, 2])
    static let rows = Matrix([[0.5, 1, -0.2], [2, 0, 1], [-1, 0.5, 3]])

    static let conformers = [
        Conformer("separable", first, rows: rows), Conformer("weighted", -1.5 * first, rows: rows),
        Conformer("sum", first + second, rows: rows), Conformer("nested", 2 * (first + 0.5 * second) + first.tempered(3), rows: rows),
        Conformer("table", TableEnergy(try! StateSpace([.binary, .categorical(3)]), key: Key(1)), rows: Matrix([[0, 2], [1, 0], [1, 1]])),
    ]

    @Test(arguments: conformers) func conforms(conformer: Conformer) throws {
        let failures = try conformer.failures(key: Key(2))
        #expect(failures == [])
    }

    @Test func values() throws {
        let (a, b) = try (Self.first.energies(of: Self.rows), Self.second.energies(of: Self.rows))
        let sum = try (2 * Self.first + -0.5 * Self.second).energies(of: Self.rows)
        for row in 0 ..< 3 { #expect(abs(sum[row] - (2 * a[row] - 0.5 * b[row])) < 1e-5) }
        let (ga, gb) = try (Self.first.energiesAndGradients(of: Self.rows).gradients, Self.second.energiesAndGradients(of: Self.rows).gradients)
        let gradient = try (2 * Self.first + -0.5 * Self.second).energiesAndGradients(of: Self.rows).gradients
        for i in gradient.values.indices { #expect(abs(gradient.values[i] - (2 * ga.values[i] - 0.5 * gb.values[i])) < 1e-5) }
    }

    /// E/T gives the distribution of E at temperature T.
    @Test func temperatures() throws {
        let space = try StateSpace([.binary, .categorical(4)]), table = TableEnergy(space, spread: 2, key: Key(3))
        for t: Float in [0.5, 1, 3] {
            let tempered = try space.probabilities(of: table.tempered(t)), exact = try space.probabilities(of: table, temperature: Double(t))
            #expect(zip(tempered, exact).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test func mismatchedVariables() {
        let other = SeparableEnergy([.real, .binary], strengths: [1, 1], centres: [0, 0])
        #expect(checkRefusal([.shapeMismatch], "two and three columns") { _ = try Sum(Self.first, other) } == [])
        let reordered = SeparableEnergy([.binary, .real, .real], strengths: [1, 1, 1], centres: [0, 0, 0])
        #expect(checkRefusal([.shapeMismatch], "columns in another order") { _ = try Sum(Self.first, reordered) } == [])
        #expect(throws: Never.self) { try Sum(Self.first, Self.second) }
    }
}
