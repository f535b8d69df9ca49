import Foundation
import GibbsNumerics

/// How much it costs a session that its count of one name differs from a remembered session's, name by name; the kernel of `CountEnergy`.
///
///     q_k(n | m) = 1 − λₖ where the levels agree, λₖ / (L − 1) where not;   wₖ = ln((1 − λₖ) (L − 1) / λₖ)
///
/// A count that never varies among sessions that are otherwise alike is dear to change, one that varies is cheap.
package struct CountKernel {
    /// The different sessions, row by row, and how often each came.
    private var rows = [UInt8](), counts = [Int]()
    private let width: Int

    /// The different ones among sessions.
    ///
    /// - Parameter patterns: Levels, shape `[sessions, names + 1]`.
    package init(_ patterns: Matrix) {
        width = patterns.columns
        var index = [[UInt8]: Int]()
        for row in 0 ..< patterns.rows {
            let levels = patterns.row(row).map { UInt8($0) }
            if let known = index[levels] { counts[known] += 1 } else {
                index[levels] = counts.count
                rows += levels
                counts.append(1)
            }
        }
    }

    /// w of every column, nats: that under which the sessions are most probable given the others, by expectation maximisation.
    ///
    ///     r_si ∝ Πₖ q_k(n_sk | n_ik), s itself left out;   λₖ = (Σ_s Σ_i r_si [n_sk ≠ n_ik] + ½) / (S + 1), at most ½
    ///
    /// - Parameters:
    ///   - limit: The most different sessions s that are looked at, each as often as it came.
    ///   - key: Feeds their choice.
    /// - Returns: As many as columns; 4 each where there is one session only.
    /// - Complexity: At most 30 rounds of `limit × different sessions × columns`, in parallel.
    /// - Source: the ½ is that of Krichevsky & Trofimov, *The performance of universal encoding*, IEEE Trans. Information Theory 1981: no share is 0.
    package func mismatch(levels: Int, limit: Int = 1_000, key: Key) -> [Float] {
        guard counts.reduce(0, +) > 1 else { return [Float](repeating: 4, count: width) }
        let asked = key.choose(min(limit, counts.count), of: counts.count), total = Double(asked.reduce(0) { $0 + counts[$1] })
        var weights = [Float](repeating: 8, count: width)
        for _ in 0 ..< 30 {
            let now = weights, shares = parallelMap(asked.count, minimum: 8) { differing(from: asked[$0], now) }
            var sums = [Double](repeating: 0, count: width)
            for (session, share) in zip(asked, shares) {
                for column in 0 ..< width { sums[column] += Double(counts[session]) * share[column] }
            }
            let next = sums.map { sum -> Float in
                let lambda = min(0.5, (sum + 0.5) / (total + 1))
                return Float(log((1 - lambda) * Double(levels - 1) / lambda))
            }
            let change = zip(next, weights).map { abs($0 - $1) }.max() ?? 0
            weights = next
            if change < 0.01 { break }
        }
        return weights
    }

    /// Σ_i r_i [n_k ≠ n_ik] of one session against the others.
    private func differing(from own: Int, _ weights: [Float]) -> [Double] {
        rows.withUnsafeBufferPointer { rows in
            let mine = own * width
            var logs = [Float](repeating: 0, count: counts.count)
            for (other, count) in counts.enumerated() {
                var distance: Float = 0
                for column in 0 ..< width where rows[mine + column] != rows[other * width + column] { distance += weights[column] }
                logs[other] = log(Float(count - (other == own ? 1 : 0))) - distance
            }
            let highest = logs.max()!
            var sums = [Double](repeating: 0, count: width), total = 0.0
            for (other, value) in logs.enumerated() where value > highest - 20 {
                let weight = Double(exp(value - highest))
                total += weight
                for column in 0 ..< width where rows[mine + column] != rows[other * width + column] { sums[column] += weight }
            }
            return sums.map { $0 / total }
        }
    }
}
