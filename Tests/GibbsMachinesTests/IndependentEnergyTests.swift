import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Independent columns: Krichevsky and Trofimov's estimate, and a distribution that sums to one.
@Suite struct IndependentEnergyTests {
    static let variables: [Variable] = [.categorical(2), .categorical(4)]
    static let data = Matrix([[0, 3], [1, 3], [0, .nan], [0, 1]])

    @Test func formula() throws {
        let energy = try IndependentEnergy.fitted(to: Self.data, variables: Self.variables)
        let exact: [[Double]] = [[0.7, 0.3], [0.1, 0.3, 0.1, 0.5]]
        for (surprises, row) in zip(energy.surprises, exact) {
            for (surprise, p) in zip(surprises, row) { #expect(abs(Double(surprise) + log(p)) < 1e-6) }
        }
        #expect(abs(logSumExp(try energy.energies(of: enumerateStates(Self.variables)).map { -$0 })) < 1e-6)
        #expect(try energy.energies(of: Matrix([[.nan, .nan]])) == [0])
    }

    @Test func conforms() throws {
        let energy = try IndependentEnergy.fitted(to: Self.data, variables: Self.variables)
        #expect(try Conformer("independent", energy, rows: Matrix([[0, 3], [1, 0], [1, 2]])).failures(key: Key(1)) == [])
    }

    @Test func refusals() {
        #expect(checkRefusal([.unsuitableData], "binary") { _ = try IndependentEnergy.fitted(to: Matrix([[0]]), variables: [.binary]) } == [])
        #expect(checkRefusal([.shapeMismatch], "columns") { _ = try IndependentEnergy.fitted(to: Matrix([[0, 0]]), variables: [.categorical(2)]) } == [])
    }
}
