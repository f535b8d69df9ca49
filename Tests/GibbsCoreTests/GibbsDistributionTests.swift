import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The finite Gibbs distribution: thermodynamic identities at every temperature, and draws with its frequencies.
@Suite struct GibbsDistributionTests {
    static let energies = Key(1).normals(12).map { 3 * $0 }

    /// ln Z and moments in double precision.
    static func exact(_ energies: [Float], _ t: Double) -> (logZ: Double, mean: Double, entropy: Double) {
        let logZ = logSumExp(energies.map { -Double($0) / t })
        let terms = energies.map { (e: Double($0), p: exp(-Double($0) / t - logZ)) }.filter { $0.p > 0 }
        return (logZ, terms.reduce(0) { $0 + $1.p * $1.e }, terms.reduce(0) { $0 - $1.p * log($1.p) })
    }

    @Test(arguments: [0.05, 0.3, 1, 2.5, 100] as [Float]) func identities(temperature: Float) {
        let d = GibbsDistribution(energies: Self.energies, temperature: temperature), t = Double(temperature)
        let exact = Self.exact(Self.energies, t)
        #expect(abs(d.probabilities.reduce(0.0) { $0 + Double($1) } - 1) < 1e-6)
        #expect(abs(Double(d.logPartition) - exact.logZ) < 1e-6 * max(1, abs(exact.logZ)))
        #expect(abs(Double(d.meanEnergy) - exact.mean) < 1e-5)
        #expect(abs(Double(d.entropy) - exact.entropy) < 1e-5)
        // F = ⟨E⟩ − T S.
        #expect(abs(Double(d.freeEnergy) - (exact.mean - t * exact.entropy)) < 2e-6 * max(1, abs(Double(d.freeEnergy))))
        // C = d⟨E⟩/dT, and S = −dF/dT, by central differences in double precision.
        let h = 1e-4 * t, (up, down) = (Self.exact(Self.energies, t + h), Self.exact(Self.energies, t - h))
        #expect(abs(Double(d.heatCapacity) - (up.mean - down.mean) / (2 * h)) < 1e-4 * max(0.01, Double(d.heatCapacity)))
        let slope = (-(t + h) * up.logZ + (t - h) * down.logZ) / (2 * h)
        #expect(abs(Double(d.entropy) + slope) < 1e-5)
    }

    @Test func surprises() {
        let d = GibbsDistribution(energies: Self.energies, temperature: 0.7)
        for i in Self.energies.indices { #expect(abs(d.surprise(of: i) + log(d.probabilities[i])) < 1e-5 * max(1, d.surprise(of: i))) }
    }

    /// Where E/T is large the surprise is still the difference of two close numbers, not the noise of their rounding.
    @Test func surprisesOfLargeEnergies() {
        let energies: [Float] = [1000.3, 1000.7, 1001.9], t: Float = 0.013
        let d = GibbsDistribution(energies: energies, temperature: t)
        #expect(abs(d.surprise(of: 0)) < 1e-6)
        #expect(abs(Double(d.surprise(of: 1)) - Double(energies[1] - energies[0]) / Double(t)) < 1e-4)
    }

    @Test func forbiddenChoices() {
        let d = GibbsDistribution(energies: [.infinity, 1, 2, .infinity]), allowed = GibbsDistribution(energies: [1, 2])
        #expect(d.probabilities == [0, allowed.probabilities[0], allowed.probabilities[1], 0])
        #expect(d.surprise(of: 0) == .infinity && d.logPartition == allowed.logPartition)
        #expect(d.entropy == allowed.entropy && d.meanEnergy == allowed.meanEnergy && d.heatCapacity == allowed.heatCapacity)
        #expect(d.sample(count: 1000, key: Key(2)).allSatisfy { $0 == 1 || $0 == 2 })
        #expect(Set(d.draw(4, key: Key(3))) == [1, 2])
        let only = GibbsDistribution(energies: [.infinity, -5, .infinity])
        #expect(only.probabilities[1] == 1 && only.entropy == 0 && only.sample(count: 5, key: Key(1)) == [1, 1, 1, 1, 1])
    }

    @Test(arguments: [1e-30, 1e-20, 1e-6] as [Float]) func cold(temperature: Float) {
        let d = GibbsDistribution(energies: [2, 1, 3], temperature: temperature)
        #expect(d.probabilities == [0, 1, 0] && d.entropy == 0 && d.meanEnergy == 1)
        #expect(d.heatCapacity == 0)
        #expect(abs(d.freeEnergy - 1) < 1e-6)
        #expect(d.sample(count: 50, key: Key(4)).allSatisfy { $0 == 1 })
        #expect(d.draw(3, key: Key(5)) == [1, 0, 2])
    }

    @Test(arguments: [1e6, 1e30, .greatestFiniteMagnitude] as [Float]) func hot(temperature: Float) {
        let d = GibbsDistribution(energies: [2, 1, 3], temperature: temperature)
        #expect(d.probabilities.allSatisfy { abs($0 - 1 / 3) < 1e-6 })
        #expect(abs(d.entropy - log(3)) < 1e-6 && abs(d.meanEnergy - 2) < 1e-5 && d.heatCapacity < 1e-11)
    }

    @Test func frequenciesOfDraws() {
        for temperature: Float in [0.5, 1, 4] {
            let d = GibbsDistribution(energies: Self.energies, temperature: temperature)
            var counts = [Int](repeating: 0, count: d.energies.count)
            for choice in d.sample(count: 100_000, key: Key(6)) { counts[choice] += 1 }
            #expect(ChiSquare.check(counts, against: d.probabilities.map(Double.init), name: "sample") == [])
        }
        #expect(GibbsDistribution(energies: [0]).sample(count: 0, key: Key(1)) == [])
    }

    /// Ordered draws of three out of five have the probability of drawing one by one and renormalising.
    @Test func drawsWithoutReplacement() {
        let d = GibbsDistribution(energies: [0, 1, -0.5, 2, 0.3], temperature: 1.5), p = d.probabilities.map(Double.init)
        var counts = [[Int]: Int]()
        for draw in 0 ..< 60_000 { counts[d.draw(3, key: Key(7).folding(draw)), default: 0] += 1 }
        var orders = [[Int]](), exact = [Double]()
        for a in 0 ..< 5 { for b in 0 ..< 5 where b != a { for c in 0 ..< 5 where c != a && c != b {
            orders.append([a, b, c])
            exact.append(p[a] * p[b] / (1 - p[a]) * p[c] / (1 - p[a] - p[b]))
        } } }
        #expect(counts.values.reduce(0, +) == 60_000 && Set(counts.keys).isSubset(of: Set(orders)))
        #expect(ChiSquare.check(orders.map { counts[$0] ?? 0 }, against: exact, name: "draw") == [])
        #expect(d.draw(0, key: Key(1)) == [] && d.draw(-1, key: Key(1)) == [] && d.draw(99, key: Key(1)).sorted() == [0, 1, 2, 3, 4])
    }

    @Test func sameKeySameDraws() {
        let d = GibbsDistribution(energies: Self.energies)
        #expect(d.sample(count: 100, key: Key(8)) == d.sample(count: 100, key: Key(8)))
        #expect(d.sample(count: 100, key: Key(8)) != d.sample(count: 100, key: Key(9)))
        #expect(d.draw(5, key: Key(8)) == d.draw(5, key: Key(8)))
    }
}
