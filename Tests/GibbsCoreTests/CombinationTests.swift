import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct CombinationTests {
    static let left = SeparableEnergy([.real, .real], strengths: [1, 4], centres: [0, 0])
    static let right = SeparableEnergy([.real, .real], strengths: [2, 0.5], centres: [5, 1])
    /// ln Z = ½ Σ ln (2π / aₖ).
    static func logZ(_ energy: SeparableEnergy) -> Double { energy.strengths.reduce(0) { $0 + log(2 * .pi / Double($1)) / 2 } }
    static let rows = Matrix(rows: 6, columns: 2, values: Key(1).normals(12).map { 3 * $0 })
    static let mixture = try! Mixture([left, right], shares: [1, 3], logPartitions: [logZ(left), logZ(right)])

    @Test func conform() throws {
        let others: [Conformer] = [
            Conformer("mixture", Self.mixture, rows: Self.rows),
            Conformer("forgotten types", try Mixture([AnyDifferentiableEnergy(Self.left), AnyDifferentiableEnergy(2 * Self.right)], logPartitions: [0, 1]), rows: Self.rows),
            Conformer("left but not right", Self.left + (try Excluded(Self.right, ceiling: 4)), rows: Self.rows),
        ]
        for conformer in others { #expect(try conformer.failures(key: Key(2)) == []) }
    }

    /// OR is normalised: exp(−E) integrates to one, and the shares are those asked for.
    @Test func aMixtureIsADistribution() throws {
        let step = 0.05, grid = stride(from: -8.0, to: 14, by: step).flatMap { x in stride(from: -9.0, to: 9, by: step).map { [Float(x), Float($0)] } }
        let energies = try Self.mixture.energies(of: Matrix(grid))
        #expect(abs(energies.reduce(0) { $0 + exp(-Double($1)) } * step * step - 1) < 1e-3)
        let share = try Self.mixture.responsibilities(of: Matrix(grid)), p = energies.map { exp(-Double($0)) * step * step }
        #expect(abs(zip(p, share.column(1)).reduce(0) { $0 + $1.0 * Double($1.1) } - 0.75) < 1e-3)
    }

    /// NOT never pays more than staying away does: between 0 and about the ceiling above the lowest energy.
    @Test func exclusionIsBounded() throws {
        let excluded = try Excluded(Self.left, ceiling: 6)
        let energies = try excluded.energies(of: Matrix([[0, 0], [100, 100], [1, 1]]))
        #expect(abs(energies[0] - 6) < 0.01 && energies[1] == 0 && energies[2] < energies[0])
        expect(.usage, "no minimum", "ceiling") { _ = try Excluded(Self.left, ceiling: .infinity) }
        expect(.unsuitableData) { _ = try excluded.energies(of: Matrix(rows: 1, columns: 2, repeating: .nan)) }
    }

    @Test func refusals() {
        let other = SeparableEnergy([.real], strengths: [1], centres: [0])
        expect(.shapeMismatch, "different columns") { _ = try Mixture([Self.left, other], logPartitions: [0, 0]) }
        expect(.usage, "ln Z") { _ = try Mixture([Self.left], logPartitions: []) }
        expect(.usage, "shares") { _ = try Mixture([Self.left, Self.right], shares: [1, 0], logPartitions: [0, 0]) }
    }
}
