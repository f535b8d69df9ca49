import Foundation
import GibbsNumerics

/// How many independent draws some chains of a scalar are worth, and whether the chains agree.
///
/// Each chain is split in halves, and values are replaced by the normal quantiles of their ranks, so that heavy tails do no harm.
///
/// - Source: Vehtari, Gelman, Simpson, Carpenter, Bürkner, *Rank-normalization, folding, and localization: An improved R̂*,
///   Bayesian Analysis 2021: bulk effective sample size (equation 11 with Geyer's initial monotone sequence), and the larger of R̂
///   of the ranks and of the ranks of the distances from the median.
public struct ChainDiagnostics: Sendable, Hashable {
    /// Draws in all chains together.
    public let draws: Int
    /// Independent draws that would tell the mean as well; `nan` with fewer than four draws a chain, or where nothing moved.
    public let effectiveSampleSize: Double
    /// Split R̂: near 1 where the chains agree, above 1.01 where they have not run long enough; `nan` as above.
    public let splitRHat: Double

    /// Diagnostics of one scalar: a list of draws for each chain, all of the same length. Traps where lengths differ.
    public init(_ chains: [[Float]]) {
        precondition(chains.allSatisfy { $0.count == chains[0].count }, "chains of different lengths")
        draws = chains.count * (chains.first?.count ?? 0)
        let half = (chains.first?.count ?? 0) / 2
        guard half >= 2 else {
            (effectiveSampleSize, splitRHat) = (.nan, .nan)
            return
        }
        let halves = chains.flatMap { [Array($0.prefix(half)), Array($0.suffix(half))] }
        let median = Statistics.median(halves.flatMap { $0 })
        let bulk = Self.rankNormalised(halves), folded = Self.rankNormalised(halves.map { $0.map { abs($0 - median) } })
        effectiveSampleSize = Self.effectiveSampleSize(bulk)
        splitRHat = max(Self.rHat(bulk), Self.rHat(folded))
    }

    /// √(var⁺ / W): the variance of all draws against the mean variance within a chain.
    private static func rHat(_ chains: [[Double]]) -> Double {
        let n = Double(chains[0].count), within = Statistics.mean(chains.map(variance)), between = variance(chains.map { Statistics.mean($0) })
        return within > 0 ? ((within * (n - 1) / n + between) / within).squareRoot() : .nan
    }

    /// Draws / (1 + 2 Σ ρₜ), ρ summed in pairs while they are positive and made to fall.
    private static func effectiveSampleSize(_ chains: [[Double]]) -> Double {
        let n = chains[0].count, m = chains.count
        let means = chains.map { Statistics.mean($0) }
        let within = Statistics.mean(chains.map(variance)), plus = within * Double(n - 1) / Double(n) + variance(means)
        guard within > 0 else { return .nan }
        func rho(_ lag: Int) -> Double {
            var total = 0.0
            for (chain, mean) in zip(chains, means) {
                total += chain.withUnsafeBufferPointer { x in
                    var sum = 0.0
                    for t in 0 ..< n - lag { sum += (x[t] - mean) * (x[t + lag] - mean) }
                    return sum
                }
            }
            return 1 - (within - total / Double(m * (n - 1))) / plus
        }
        var sum = 0.0, previous = Double.infinity, lag = 0
        while lag + 1 < n {
            let pair = (lag == 0 ? 1 : rho(lag)) + rho(lag + 1)
            if pair < 0 { break }
            previous = min(previous, pair)
            sum += previous
            lag += 2
        }
        let draws = Double(n * m)
        // As Vehtari et al. do: chains that alternate are not credited with more than draws · log₁₀ draws.
        return draws / max(2 * sum - 1, 1 / log10(draws))
    }

    private static func variance(_ values: [Double]) -> Double {
        let mean = Statistics.mean(values)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// Φ⁻¹((rank − 3/8) / (count + 1/4)), ties sharing their mean rank.
    private static func rankNormalised(_ chains: [[Float]]) -> [[Double]] {
        let length = chains[0].count, values = chains.flatMap { $0 }, order = values.indices.sorted { values[$0] < values[$1] }
        var result = [Double](repeating: 0, count: values.count), first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
            let rank = Double(first + last) / 2 + 1, score = Statistics.normalQuantile((rank - 0.375) / (Double(values.count) + 0.25))
            for place in first ... last { result[order[place]] = score }
            first = last + 1
        }
        return (0 ..< chains.count).map { Array(result[$0 * length ..< ($0 + 1) * length]) }
    }
}
