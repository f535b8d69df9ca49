import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Free energies and hidden means against sums over every hidden state, for every kind of visible unit and any order.
@Suite struct RBMFreeEnergyTests {
    static let kinds: [[Variable]] = [
        [.binary], [.real], [.categorical(4)], [.binary, .binary, .binary], [.real, .real], Small.discrete, Small.mixed,
        [.categorical(2), .categorical(5)], [.real, .categorical(1), .binary],
    ]

    @Test(arguments: kinds) func agreesWithEnumeration(variables: [Variable]) throws {
        for hidden in [1, 5] {
            let machine = Small.machine(variables, hidden: hidden, key: Key(UInt64(hidden))), reference = RBMReference(machine)
            let rows = Small.rows(variables, count: 20, key: Key(2))
            let energies = try machine.freeEnergy(rows), means = try machine.hiddenMeans(given: rows)
            for row in 0 ..< rows.rows {
                let exact = reference.freeEnergy(Array(rows.row(row)))
                #expect(abs(Double(energies[row]) - exact) < 1e-5 * max(1, abs(exact)))
                for (mean, exact) in zip(means.row(row), reference.hiddenMeans(Array(rows.row(row)))) { #expect(abs(Double(mean) - exact) < 1e-5) }
            }
            #expect(try machine.energies(of: rows) == energies)
        }
    }

    /// More rows than are evaluated at once, with and without missing values among them.
    @Test func longBatches() throws {
        let machine = Small.machine(Small.mixed, hidden: 4, key: Key(3)), few = Small.rows(Small.mixed, count: 9, key: Key(4))
        let order = (0 ..< 1500).map { $0 * 7 % 9 }, expected = try machine.freeEnergy(few)
        let found = try machine.freeEnergy(few.selecting(rows: order))
        for (index, row) in order.enumerated() { #expect(abs(found[index] - expected[row]) < 1e-5 * max(1, abs(expected[row]))) }
        var gaps = few.selecting(rows: order)
        for row in stride(from: 0, to: 1500, by: 100) { gaps[row, 2] = .nan }
        let partial = try machine.freeEnergy(gaps)
        for (index, row) in order.enumerated() where index % 100 != 0 { #expect(abs(partial[index] - expected[row]) < 1e-5 * max(1, abs(expected[row]))) }
        #expect(try abs(partial[100] - machine.freeEnergy(gaps.slice(100 ..< 101))[0]) < 1e-5)
    }

    /// Binary values between 0 and 1 are read as they stand.
    @Test func grayValues() throws {
        let machine = Small.machine([.binary, .binary], hidden: 3, key: Key(5)), reference = RBMReference(machine)
        #expect(abs(Double(try machine.freeEnergy(Matrix([[0.25, 0.8]]))[0]) - reference.freeEnergy([0.25, 0.8])) < 1e-5)
    }

    /// Inputs far outside what exp can represent.
    @Test func extremeWeights() throws {
        let machine = RBM(visible: [.binary, .binary], weights: Matrix([[500, -500], [400, -2000]]), visibleBias: [3, -1], hiddenBias: [0, 0])
        let energies = try machine.freeEnergy(Matrix([[0, 0], [1, 0], [0, 1], [1, 1]]))
        for (found, exact) in zip(energies, [-2 * log(2.0), -503, -399, -902] as [Double]) { #expect(abs(Double(found) - exact) < 1e-3) }
    }

    @Test func newMachines() throws {
        let machine = RBM(visible: Small.mixed, hidden: 30, spread: 0.5, key: Key(6))
        #expect(machine.weights.rows == 9 && machine.weights.columns == 30 && machine.layout.width == 9)
        #expect(machine.visibleBias.allSatisfy { $0 == 0 } && machine.hiddenBias.allSatisfy { $0 == 0 } && machine.logVariance == [0, 0])
        #expect(abs(Statistics.standardDeviation(machine.weights.values) - 0.5) < 6 * 0.5 / 540.0.squareRoot())
        #expect(RBM(visible: Small.mixed, hidden: 30, spread: 0.5, key: Key(6)).weights == machine.weights)
        #expect(RBM(visible: Small.mixed, hidden: 30, spread: 0.5, key: Key(7)).weights != machine.weights)
    }
}
