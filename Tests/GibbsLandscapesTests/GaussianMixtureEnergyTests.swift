import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Mixtures: a density that integrates to one, basins found where the data are, and data that are hardly any.
@Suite struct GaussianMixtureEnergyTests {
    static let centres: [[Float]] = [[0, 0], [20, 0], [0, 20]]

    /// Three round clouds of 100, 200 and 300 rows with standard deviations 0.5, 1 and 0.7, far apart.
    static func blobs(_ key: Key) -> Matrix {
        var rows = [[Float]]()
        for (k, (count, spread)) in [(100, 0.5), (200, 1), (300, 0.7)].enumerated() as EnumeratedSequence<[(Int, Float)]> {
            let noise = key.folding(k).normals(2 * count)
            for row in 0 ..< count { rows.append([centres[k][0] + spread * noise[2 * row], centres[k][1] + spread * noise[2 * row + 1]]) }
        }
        return Matrix(rows).selecting(rows: key.permutation(600))
    }

    /// Clouds this far apart share no row, so that the fixed point can be written down: each basin has its cloud's mean and
    /// scatter, with the pooled covariance worth d + 2 rows and the ridge.
    @Test func findsThreeClouds() throws {
        for seed: UInt64 in 1 ... 5 {
            let data = Self.blobs(Key(seed)), mixture = try GaussianMixtureEnergy.fitted(to: data, count: 3, key: Key(seed + 100))
            #expect(mixture.components.count == 3 && abs(logSumExp(mixture.logWeights)) < 1e-5)
            let pooled = try GaussianEnergy.fitted(to: data).covarianceMatrix
            for (k, count) in [100, 200, 300].enumerated() {
                let cloud = (0 ..< 600).map { Array(data.row($0)) }.filter { hypot($0[0] - Self.centres[k][0], $0[1] - Self.centres[k][1]) < 10 }
                let mean = (0 ..< 2).map { column in Statistics.mean(cloud.map { $0[column] }) }
                let found = zip(mixture.components, mixture.logWeights).min { Self.distance($0.0, mean) < Self.distance($1.0, mean) }!
                #expect(cloud.count == count && Self.distance(found.0, mean) < 1e-4)
                #expect(abs(exp(found.1) - Double(count + 1) / 603) < 1e-5)
                for (i, j) in [(0, 0), (0, 1), (1, 1)] {
                    let scatter = cloud.reduce(0.0) { $0 + (Double($1[i]) - mean[i]) * (Double($1[j]) - mean[j]) }, ridge = i == j ? 0.01 : 0
                    let exact = (scatter + 4 * (pooled[i, j] + ridge)) / Double(count + 4) + ridge
                    #expect(abs(found.0.covarianceMatrix[i, j] - exact) < 1e-3)
                }
            }
        }
    }

    private static func distance(_ component: GaussianEnergy, _ mean: [Double]) -> Double {
        hypot(Double(component.mean[0]) - mean[0], Double(component.mean[1]) - mean[1])
    }

    @Test func integratesToOne() throws {
        #expect(abs(try logPartitionByQuadrature(Landscape.mixture(1, count: 3, key: Key(1)), centre: [0])) < 1e-5)
        #expect(abs(try logPartitionByQuadrature(Landscape.mixture(2, count: 3, key: Key(2)), centre: [0, 0])) < 1e-4)
        let fitted = try GaussianMixtureEnergy.fitted(to: Self.blobs(Key(3)), count: 4, key: Key(4))
        #expect(abs(try logPartitionByQuadrature(fitted, centre: [0, 0], points: 1200)) < 1e-4)
    }

    /// −ln Σ w N(x), written out in double precision, with and without a missing column.
    @Test func formula() throws {
        let mixture = Landscape.mixture(2, count: 3, key: Key(5))
        for x: [Float] in [[0, 0], [3, -2], [.nan, 1], [2, .nan], [40, 40]] {
            let terms = zip(mixture.components, mixture.logWeights).map { component, logWeight -> Double in
                let kept = (0 ..< 2).filter { !x[$0].isNaN }, part = component.covarianceMatrix.selecting(kept).inverseAndLogDeterminant()!
                let d = kept.map { Double(x[$0]) - Double(component.mean[$0]) }
                var square = 0.0
                for i in d.indices { for j in d.indices { square += d[i] * part.inverse[i, j] * d[j] } }
                return logWeight - 0.5 * (square + part.logDeterminant + Double(kept.count) * log(2 * .pi))
            }
            let exact = -logSumExp(terms)
            #expect(abs(Double(try mixture.energies(of: Matrix([x]))[0]) - exact) < 1e-5 * max(1, abs(exact)))
        }
        #expect(try mixture.energies(of: Matrix([[.nan, .nan]]))[0].magnitude < 1e-5)
    }

    /// Far from every basin the gradient is still that of the nearest: responsibilities sum to one whatever the energy's size.
    @Test func gradientsFarAway() throws {
        let mixture = Landscape.mixture(2, count: 3, key: Key(6)), far = Matrix([[3000, 1000]])
        let (energies, gradients) = try mixture.energiesAndGradients(of: far)
        let nearest = zip(mixture.components, mixture.logWeights).map { ($0, Double(try! $0.energies(of: far)[0]) + $0.logPartition - $1) }.min { $0.1 < $1.1 }!
        #expect(abs(Double(energies[0]) / nearest.1 - 1) < 1e-5)
        let slope = try nearest.0.energiesAndGradients(of: far).gradients
        for k in 0 ..< 2 { #expect(abs(gradients[0, k] / slope[0, k] - 1) < 1e-5) }
        // The same basin twice is that basin.
        let one = mixture.components[0], twice = GaussianMixtureEnergy(components: [one, one], logWeights: [log(0.5), log(0.5)])
        let (single, double) = try (one.energiesAndGradients(of: far).gradients, twice.energiesAndGradients(of: far).gradients)
        for k in 0 ..< 2 { #expect(abs(double[0, k] / single[0, k] - 1) < 1e-5) }
    }

    @Test func hardlyAnyData() throws {
        // One basin for every six rows of two columns.
        #expect(try GaussianMixtureEnergy.fitted(to: Self.blobs(Key(7)).slice(0 ..< 11), count: 5, key: Key(8)).components.count == 1)
        #expect(try GaussianMixtureEnergy.fitted(to: Self.blobs(Key(7)).slice(0 ..< 12), count: 5, key: Key(8)).components.count == 2)
        for data in [Matrix([[1, 2], [1, 2]]), Matrix(rows: 60, columns: 2, repeating: 3), Matrix((0 ..< 60).map { [Float($0 % 2), 5] })] {
            let mixture = try GaussianMixtureEnergy.fitted(to: data, count: 4, key: Key(9))
            #expect(try mixture.energies(of: data).allSatisfy(\.isFinite))
            #expect(try mixture.energies(of: Matrix([[100, 100]]))[0] > mixture.energies(of: data).max()! + 100)
        }
        #expect(checkRefusal([.unsuitableData], "one row") { _ = try GaussianMixtureEnergy.fitted(to: Matrix([[1]]), count: 1, key: Key(1)) } == [])
        #expect(checkRefusal([.unsuitableData], "nan") { _ = try GaussianMixtureEnergy.fitted(to: Matrix([[1], [.nan]]), count: 1, key: Key(1)) } == [])
    }

    @Test func sameKeySameFit() throws {
        let data = Self.blobs(Key(10))
        let a = try GaussianMixtureEnergy.fitted(to: data, count: 3, key: Key(11)), b = try GaussianMixtureEnergy.fitted(to: data, count: 3, key: Key(11))
        #expect(a.archive() == b.archive())
    }
}
