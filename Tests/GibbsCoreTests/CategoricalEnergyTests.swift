import Foundation
import GibbsCore
import GibbsNumerics
import Testing

/// Energies of counted categories: the stated formula, forgetting, and counting as gradient descent.
@Suite struct CategoricalEnergyTests {
    @Test func formula() {
        let energy = CategoricalEnergy(Array("aaaabbcd"))
        // Eight observations, two of them singletons.
        let m = 2.5 / 9
        #expect(abs(energy.unseenProbability - m) < 1e-15 && abs(energy.probability(of: "z") - m) < 1e-15)
        for (category, n) in [("a", 4.0), ("b", 2), ("c", 1), ("d", 1)] as [(Character, Double)] {
            #expect(abs(energy.probability(of: category) - (1 - m) * n / 8) < 1e-15)
            #expect(abs(energy.surprise(of: category) + log((1 - m) * n / 8)) < 1e-12)
            #expect(abs(energy.bits(of: category) + log2((1 - m) * n / 8)) < 1e-12)
        }
        #expect(energy.categoryCount == 4 && energy.total == 8 && energy.energies.map(\.category).prefix(2) == ["a", "b"])
        #expect(abs("abcd".reduce(0) { $0 + energy.probability(of: $1) } + energy.unseenProbability - 1) < 1e-12)
    }

    @Test func emptyEnergiesPriceEverything() {
        let energy = CategoricalEnergy<String>()
        #expect(energy.unseenProbability == 0.5 && energy.surprise(of: "x") == log(2) && energy.energies.isEmpty)
    }

    /// With a half-life every count is Σ 2^(−age / h); 2000 half-lives pass through the rescaling of the weights.
    @Test func halfLife() {
        var energy = CategoricalEnergy<Int>(halfLife: 3), weights = [Double](repeating: 0, count: 4)
        for step in 0 ..< 6000 {
            let category = step * step % 7 % 4
            energy.observe(category)
            for i in weights.indices { weights[i] *= exp2(-1.0 / 3) }
            weights[category] += 1
        }
        let total = weights.reduce(0, +)
        #expect(abs(energy.total - total) < 1e-6 * total)
        let seen = 1 - energy.unseenProbability
        for category in 0 ..< 4 where weights[category] > 0 {
            #expect(abs(energy.probability(of: category) - seen * weights[category] / total) < 1e-6)
        }
    }

    @Test func forgetting() {
        var energy = CategoricalEnergy<Int>(halfLife: 2)
        for step in 0 ..< 100 { energy.observe(step) }
        energy.forget(below: 0.1)
        // 2^(−age/2) ≥ 0.1 for ages 0 ... 6.
        #expect(energy.categoryCount == 7)
        let remaining = (0 ..< 7).reduce(0.0) { $0 + exp2(-Double($1) / 2) }
        #expect(abs(energy.total - remaining) < 1e-9)
        // All that is left was seen once.
        #expect(abs(energy.unseenProbability - (remaining + 0.5) / (remaining + 1)) < 1e-9)
    }

    @Test func countingIsGradientDescent() {
        let counts = [3.0, 1, 0.5, 20, 7], closed = GibbsDistribution.maximumLikelihood(counts: counts)
        for (p, n) in zip(closed.probabilities, counts) { #expect(abs(Double(p) - n / 31.5) < 1e-6) }
        #expect(abs(closed.logPartition) < 1e-6)
        let (descended, steps) = GibbsDistribution.descended(from: counts)
        #expect(steps > 0 && steps < 10_000)
        for (a, b) in zip(descended.energies, closed.energies) { #expect(abs(a - b) < 1e-4) }
        #expect(GibbsDistribution.descended(from: counts, limit: 3).steps == 3)
        #expect(GibbsDistribution.maximumLikelihood(counts: [1, 0]).probabilities == [1, 0])
    }
}
