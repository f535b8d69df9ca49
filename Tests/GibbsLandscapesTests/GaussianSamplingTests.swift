import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Correlated columns: exact draws, kernels along the gradient, and ln Z by annealing.
@Suite struct GaussianSamplingTests {
    static let target = Landscape.gaussian(4, key: Key(1))
    static let base = try! GaussianEnergy(mean: [0, 0, 0, 0], covariance: SymmetricMatrix(size: 4, values: (0 ..< 16).map { $0 % 5 == 0 ? 4 : 0 }))

    @Test func draws() throws {
        let draws = Self.target.samples(20_000, key: Key(2)), covariance = Self.target.covarianceMatrix
        for i in 0 ..< 4 {
            let x = draws.column(i).map { Double($0) - Double(Self.target.mean[i]) }
            #expect(checkMean(x, exact: 0, rounding: 1e-6) == [])
            for j in 0 ... i {
                let y = draws.column(j).map { Double($0) - Double(Self.target.mean[j]) }
                #expect(checkMean(zip(x, y).map(*), exact: covariance[i, j], rounding: 1e-5) == [])
            }
        }
    }

    @Test func kernels() throws {
        let draws = { Self.target.samples($0, key: $1) }
        #expect(try checkTransitions(HamiltonianMonteCarlo(on: Self.target, stepSize: 0.5, leapfrogSteps: 6), draws: draws, key: Key(3)) == [])
        #expect(try checkTransitions(MetropolisLangevin(on: Self.target, stepSize: 0.15), draws: draws, key: Key(4)) == [])
        let tempered = ParallelTempering(temperatures: [1, 2, 4]) { HamiltonianMonteCarlo(on: Self.target.tempered($0), stepSize: 0.5, leapfrogSteps: 3) }
        // All temperatures start at draws of the coldest, which the warmer ones leave behind; the coldest must not notice for long.
        #expect(try checkTransitions(tempered, draws: draws, steps: [80], key: Key(5)) == [])
    }

    @Test func annealingFindsLnZ() throws {
        let path = try AnnealedImportance(from: Self.base, to: Self.target, steps: 400)
        typealias Between = Sum<Weighted<GaussianEnergy>, Weighted<GaussianEnergy>>
        let kernel: @Sendable (Between) -> HamiltonianMonteCarlo<Between> = { HamiltonianMonteCarlo(on: $0, stepSize: 0.4, leapfrogSteps: 4) }
        let lower = try path.lowerBound(chains: 200, key: Key(6), kernel: kernel)
        let upper = try path.upperBound(from: Self.target.samples(200, key: Key(7)), key: Key(8), kernel: kernel)
        let exact = Self.target.logPartition
        #expect(checkEstimate(lower.logPartition, standardError: lower.standardError, exact: exact) == [])
        #expect(checkEstimate(upper.logPartition, standardError: upper.standardError, exact: exact) == [])
        #expect(lower.standardError < 0.1 && upper.standardError < 0.1 && lower.effectiveChains > 50)
        #expect(lower.kind == .lower && upper.kind == .upper)
        // With two steps and a chain the estimates are poor, and on average on their own sides of the truth.
        let hasty = try AnnealedImportance(from: Self.base, to: Self.target, steps: 2)
        let low = try (0 ..< 60).map { try hasty.lowerBound(chains: 1, key: Key(9).folding($0), kernel: kernel).logPartition }
        let high = try (0 ..< 60).map { try hasty.upperBound(from: Self.target.samples(1, key: Key(10).folding($0)), key: Key(11).folding($0), kernel: kernel).logPartition }
        #expect(Statistics.mean(low) < exact - 0.5 && Statistics.mean(high) > exact + 0.5)
    }

    /// A few steps and many chains: what a step too late or too early would add is far beyond the error.
    @Test func coarseAnnealingIsUnbiased() throws {
        let target = Landscape.gaussian(2, key: Key(13))
        let base = try GaussianEnergy(mean: target.mean.map { $0 + 0.5 }, covariance: SymmetricMatrix(size: 2, values: [2, 0, 0, 2]))
        let path = try AnnealedImportance(from: base, to: target, steps: 4), chains = 40_000
        typealias Between = Sum<Weighted<GaussianEnergy>, Weighted<GaussianEnergy>>
        let kernel: @Sendable (Between) -> HamiltonianMonteCarlo<Between> = { HamiltonianMonteCarlo(on: $0, stepSize: 0.4, leapfrogSteps: 4) }
        let bounds = [try path.lowerBound(chains: chains, key: Key(14), kernel: kernel),
                      try path.upperBound(from: target.samples(chains, key: Key(15)), key: Key(16), kernel: kernel)]
        for found in bounds {
            #expect(checkEstimate(found.logPartition, standardError: found.standardError, exact: target.logPartition, name: found.kind.rawValue) == [])
            #expect(found.effectiveChains > Double(chains) / 4, "\(found)")
        }
    }

    @Test func refusals() {
        let other = Landscape.gaussian(3, key: Key(12))
        #expect(throws: GibbsError.self) { _ = try AnnealedImportance(from: Self.base, to: other) }
        #expect(throws: GibbsError.self) { _ = try AnnealedImportance(from: Self.base, to: Self.target, betas: [0, 0.5]) }
    }
}
