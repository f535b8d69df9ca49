import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Probabilistic principal components against the Gaussian that they are, written out.
@Suite struct PrincipalEnergyTests {
    static let world = Landscape.gaussian(6, key: Key(1))
    static let data = world.samples(500, key: Key(2))

    /// The Gaussian with C = Σ (λₖ − σ²) vₖ vₖᵀ + σ² 1, variances and noise multiplied.
    static func twin(of energy: PrincipalEnergy, variances: Double = 1, noise: Double = 1) throws -> GaussianEnergy {
        let d = energy.mean.count, level = noise * Double(energy.noise)
        return try GaussianEnergy(mean: energy.mean, covariance: SymmetricMatrix(size: d, values: (0 ..< d * d).map { index in
            energy.variances.indices.reduce(index % (d + 1) == 0 ? level : 0) { sum, k in
                sum + (variances * Double(energy.variances[k]) - level) * Double(energy.components[k, index / d]) * Double(energy.components[k, index % d])
            }
        }))
    }

    @Test(arguments: [1, 2, 5]) func isAGaussian(count: Int) throws {
        let energy = try PrincipalEnergy.fitted(to: Self.data, components: count), twin = try Self.twin(of: energy), rows = Self.world.samples(20, key: Key(3))
        let (found, exact) = try (energy.energiesAndGradients(of: rows), twin.energiesAndGradients(of: rows))
        for (a, b) in zip(found.energies + found.gradients.values, exact.energies + exact.gradients.values) { #expect(abs(a - b) < 1e-3 * max(1, abs(b))) }
        #expect(abs(energy.logPartition - twin.logPartition) < 1e-4)
        #expect(try Conformer("principal", energy, rows: rows).failures(key: Key(4)) == [])
        #expect(try energy.energies(of: Matrix([energy.mean])) == [0])
    }

    /// No other Gaussian of this kind makes the data likelier: neither other variances, nor another noise, nor other directions.
    @Test func isTheLikeliest() throws {
        let energy = try PrincipalEnergy.fitted(to: Self.data, components: 2)
        func surprise(_ energy: some NormalisedEnergy, _ rows: Matrix = Self.data) throws -> Double { try Statistics.mean(energy.energies(of: rows)) + energy.logPartition }
        let least = try surprise(energy)
        for (variances, noise) in [(0.9, 1), (1.1, 1), (1, 0.9), (1, 1.1)] { #expect(try surprise(Self.twin(of: energy, variances: variances, noise: noise)) > least + 1e-3) }
        // Turned a little in the plane of the first two columns.
        var turned = Self.data
        for row in 0 ..< turned.rows {
            let (x, y) = (Self.data[row, 0] - energy.mean[0], Self.data[row, 1] - energy.mean[1])
            (turned[row, 0], turned[row, 1]) = (energy.mean[0] + 0.98 * x + 0.199 * y, energy.mean[1] + 0.98 * y - 0.199 * x)
        }
        #expect(try surprise(energy, turned) > least + 1e-3)
        // Equation 8: σ² is the mean of what is left over.
        let total = (0 ..< 6).reduce(0.0) { sum, k in sum + pow(Statistics.standardDeviation(Self.data.column(k)), 2) }
        #expect(abs(Double(energy.noise) - (total - energy.variances.reduce(0) { $0 + Double($1) }) / 4) < 0.01 * Double(energy.noise))
    }

    @Test func draws() throws {
        let energy = try PrincipalEnergy.fitted(to: Self.data, components: 2), covariance = try Self.twin(of: energy).covarianceMatrix, draws = energy.samples(20_000, key: Key(5))
        for i in 0 ..< 6 {
            let x = draws.column(i).map { Double($0) - Double(energy.mean[i]) }
            #expect(checkMean(x, exact: 0, rounding: 1e-5) == [])
            for j in 0 ... i {
                let y = draws.column(j).map { Double($0) - Double(energy.mean[j]) }
                #expect(checkMean(zip(x, y).map(*), exact: covariance[i, j], rounding: 1e-4) == [])
            }
        }
    }

    @Test func filesAndMisfits() throws {
        let energy = try PrincipalEnergy.fitted(to: Self.data, components: 2), again = try PrincipalEnergy(archive: energy.archive())
        #expect(again.archive() == energy.archive())
        let spoilt: [(inout Archive) -> Void] = [
            { $0.tensors["noise"] = .init([-1]) }, { $0.tensors["variances"] = .init([energy.noise / 2, energy.noise]) }, { $0.tensors["variances"] = .init([1, 1, 1]) },
            { $0.tensors["components"]!.values[0] += 0.1 }, { $0.tensors["mean"] = nil }, { $0.tensors["variances"] = .init([]) },
        ]
        for (index, spoil) in spoilt.enumerated() {
            var archive = energy.archive()
            spoil(&archive)
            #expect(checkRefusal([.unsuitableModel], "file \(index)") { _ = try PrincipalEnergy(archive: archive) } == [])
        }
        for count in [0, 6, 7] { #expect(checkRefusal([.usage], "\(count) components") { _ = try PrincipalEnergy.fitted(to: Self.data, components: count) } == []) }
        #expect(checkRefusal([.unsuitableData], "one row") { _ = try PrincipalEnergy.fitted(to: Self.data.slice(0 ..< 1), components: 1) } == [])
        #expect(checkRefusal([.unsuitableData], "a gap") { _ = try energy.energies(of: Matrix([[1, 2, 3, .nan, 5, 6]])) } == [])
        // Constant columns leave σ² above zero.
        let flat = try PrincipalEnergy.fitted(to: Matrix([[1, 0, 0], [2, 0, 0], [3, 0, 0]]), components: 1)
        #expect(flat.noise > 0 && flat.logPartition.isFinite)
    }
}
