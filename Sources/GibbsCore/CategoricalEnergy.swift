import Foundation
import GibbsNumerics

/// How surprising each category is, from counts: uᵢ = −ln pᵢ, with an honest price for what was never seen.
///
///     pᵢ = (1 − m) nᵢ / N,    m = (n₁ + ½) / (N + 1)          n₁: categories seen exactly once
///
/// m is the Good–Turing estimate of the probability that the next observation is a category never seen (the ½ and 1 keep
/// it inside (0, 1)); an unseen category costs −ln m. The uᵢ are the energies of the maximum-likelihood Gibbs distribution
/// of the counts, up to the constant −ln(1 − m): `GibbsDistribution.descended(from:)` finds the same by gradient.
///
/// Counts may decay, so that a stream forgets: with a half-life h every count halves in h observations, n₁ being the decayed
/// counts of the categories seen once.
///
/// - Source: Good, *The population frequencies of species and the estimation of population parameters*, Biometrika 1953.
public struct CategoricalEnergy<Category: Hashable & Sendable>: Sendable {
    /// Observations until a count has halved; `nil` never forgets.
    public let halfLife: Double?
    private var counts: [Category: Entry] = [:]
    private var mass = 0.0
    private var singletonMass = 0.0
    /// The weight of one new observation: it grows instead of every old count shrinking.
    private var unit = 1.0

    private struct Entry: Sendable {
        var weight: Double
        var sightings: Int
    }

    /// An empty energy: everything is unseen. Traps when the half-life is not positive.
    public init(halfLife: Double? = nil) {
        precondition(halfLife == nil || halfLife! > 0, "a half-life of \(halfLife!) observations")
        self.halfLife = halfLife
    }

    /// The energy of these observations, in order. Traps when the half-life is not positive. Cost: one pass.
    public init(_ observations: some Sequence<Category>, halfLife: Double? = nil) {
        self.init(halfLife: halfLife)
        for observation in observations { observe(observation) }
    }

    /// The number of different categories held.
    public var categoryCount: Int { counts.count }
    /// N, the decayed number of observations.
    public var total: Double { mass / unit }

    /// Counts one observation. Cost: constant.
    public mutating func observe(_ category: Category) {
        if let halfLife { unit *= exp2(1 / halfLife) }
        var entry = counts[category] ?? Entry(weight: 0, sightings: 0)
        if entry.sightings == 1 { singletonMass -= entry.weight }
        entry.weight += unit
        entry.sightings += 1
        if entry.sightings == 1 { singletonMass += entry.weight }
        counts[category] = entry
        mass += unit
        if unit > 1e100 { rescale() }
    }

    /// Forgets categories whose decayed count has fallen below `floor`, which bounds the memory of a stream. Cost: one pass
    /// over the categories held.
    public mutating func forget(below floor: Double) {
        for (category, entry) in counts where entry.weight / unit < floor {
            if entry.sightings == 1 { singletonMass -= entry.weight }
            mass -= entry.weight
            counts[category] = nil
        }
    }

    /// m, the probability that the next observation is a category never seen.
    public var unseenProbability: Double { (singletonMass / unit + 0.5) / (total + 1) }

    /// p of a category, in (0, 1); `unseenProbability` for any that was never seen.
    ///
    /// The unseen mass is not shared out, because nobody knows among how many: p sums to one over the categories held and one
    /// entry that stands for all others.
    public func probability(of category: Category) -> Double {
        let unseen = unseenProbability
        guard let entry = counts[category] else { return unseen }
        return (1 - unseen) * entry.weight / mass
    }

    /// −ln p, nats; finite for every category.
    public func surprise(of category: Category) -> Double { -log(probability(of: category)) }

    /// −log₂ p, for people.
    public func bits(of category: Category) -> Double { surprise(of: category) / log(2) }

    /// The categories held with their energies −ln p in nats, most probable first; ties in no particular order. The unseen is
    /// not among them. Cost: one sort.
    public var energies: [(category: Category, energy: Double)] {
        counts.keys.map { ($0, surprise(of: $0)) }.sorted { $0.1 < $1.1 }
    }

    private mutating func rescale() {
        for category in counts.keys { counts[category]!.weight /= unit }
        mass /= unit
        singletonMass /= unit
        unit = 1
    }
}

extension GibbsDistribution {
    /// The distribution whose energies minimise the mean surprise of counted choices, in closed form: Eᵢ = −ln(nᵢ / N).
    ///
    /// Traps unless some count is positive and none is negative; a zero count gives an infinite energy.
    public static func maximumLikelihood(counts: [Double]) -> GibbsDistribution {
        let total = counts.reduce(0, +)
        precondition(total > 0 && counts.allSatisfy { $0 >= 0 }, "counts that are not positive")
        return GibbsDistribution(energies: counts.map { Float(-log($0 / total)) })
    }

    /// The same by gradient descent on the energies: dL/dEᵢ = nᵢ/N − pᵢ, from all energies zero, by natural steps
    /// Eᵢ ← Eᵢ − rate · (nᵢ/N − pᵢ) / pᵢ. Shows that counting *is* learning an energy.
    ///
    /// Traps unless every count is positive. A step moves an energy by at most `rate` nats, so that rare choices cannot jump.
    ///
    /// - Parameters:
    ///   - counts: nᵢ > 0.
    ///   - rate: Share of a natural step to take, 0...1.
    ///   - tolerance: Relative: |pᵢ − nᵢ/N| below `tolerance` · nᵢ/N ends the descent.
    ///   - limit: Steps at most.
    /// - Returns: The distribution, energies shifted so that ln Z = 0, and the steps it took until no probability was
    ///   further than `tolerance` from its share (or `limit` steps: not converging is no error).
    /// - Source: Amari, *Natural Gradient Works Efficiently in Learning*, Neural Computation 1998; of the Fisher information we
    ///   keep the diagonal.
    public static func descended(from counts: [Double], rate: Double = 0.5, tolerance: Double = 1e-6,
                                 limit: Int = 10_000) -> (distribution: GibbsDistribution, steps: Int) {
        let total = counts.reduce(0, +)
        precondition(total > 0 && counts.allSatisfy { $0 > 0 }, "gradient descent needs every count positive")
        let shares = counts.map { $0 / total }
        var energies = [Double](repeating: 0, count: counts.count), steps = 0
        while steps < limit {
            let logZ = logSumExp(energies.map { -$0 })
            let p = energies.map { exp(-$0 - logZ) }
            if zip(p, shares).allSatisfy({ abs($0 - $1) < tolerance * $1 }) { break }
            // dL/dE = share − p; divided by p (the Fisher information's diagonal), clipped so that rare choices cannot jump.
            for i in energies.indices { energies[i] += rate * max(-1, min(1, (p[i] - shares[i]) / p[i])) }
            steps += 1
        }
        let logZ = logSumExp(energies.map { -$0 })
        return (GibbsDistribution(energies: energies.map { Float($0 + logZ) }), steps)
    }
}
