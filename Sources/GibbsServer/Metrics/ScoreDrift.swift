import Foundation
import Synchronization

/// How far the energies of late lie from those that a calibration was made of.
///
///     PSI = Σ_b (q_b − p_b) ln(q_b / p_b),   KS = max_x |F_q(x) − F_p(x)|
///
/// with p the calibration's energies and q the recent ones, in hundredths of the former (PSI in tenths, five counts spread as p added to q). A PSI below 0.1 is
/// usually taken for no change and above 0.25 for a large one; KS is at chance below 1.36 / √n. The past fades: after `memory` energies one counts half.
///
/// - Source: PSI: Siddiqi, *Credit Risk Scorecards*, 2006; KS: Smirnov, *Table for estimating the goodness of fit of empirical distributions*, Ann. Math.
///   Statist. 1948. The fading is this project's own.
package final class ScoreDrift: Sendable {
    /// The two distances, and how many energies of late they rest on.
    package struct Reading: Sendable { package var psi: Double, ks: Double, count: Double }

    /// Energies after which one counts half.
    package static let memory = 10_000.0
    private static let bins = 100
    private let edges: [Float], shares: [Double]
    private let state = Mutex((counts: [Double](repeating: 0, count: bins), total: 0.0, weight: 1.0))

    /// - Parameter reference: The calibration's energies, ascending and not empty.
    package init(reference: [Float]) {
        let n = reference.count
        edges = (1 ..< Self.bins).map { reference[min(n - 1, $0 * n / Self.bins)] }
        // By the edges, because equal energies lie in one bin.
        var counts = [Double](repeating: 0, count: Self.bins)
        for energy in reference { counts[Self.bin(energy, edges)] += 1 / Double(n) }
        shares = counts
    }

    /// The first edge that an energy does not exceed.
    private static func bin(_ energy: Float, _ edges: [Float]) -> Int {
        var low = 0, high = edges.count
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] < energy { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Takes in energies.
    package func add(_ energies: some Sequence<Float>) {
        state.withLock { state in
            for energy in energies where !energy.isNaN {
                // Instead of all that was, what is new grows; now and then both shrink again.
                state.counts[Self.bin(energy, edges)] += state.weight
                state.total += state.weight
                state.weight *= exp2(1 / Self.memory)
            }
            if state.weight > 1e12 {
                for index in state.counts.indices { state.counts[index] /= state.weight }
                state.total /= state.weight
                state.weight = 1
            }
        }
    }

    /// The distances now; `nil` before there is anything.
    package var reading: Reading? {
        let (counts, total, weight) = state.withLock { $0 }
        guard total > 0 else { return nil }
        let n = total / weight
        var q = 0.0, p = 0.0, ks = 0.0
        for bin in 0 ..< Self.bins {
            q += counts[bin] / total
            p += shares[bin]
            ks = max(ks, abs(q - p))
        }
        var psi = 0.0
        for tenth in 0 ..< 10 {
            let range = tenth * 10 ..< tenth * 10 + 10, expected = shares[range].reduce(0, +)
            if expected == 0 { continue }
            let share = (counts[range].reduce(0, +) / total * n + 0.5 * expected * 10) / (n + 5)
            psi += (share - expected) * log(share / expected)
        }
        return Reading(psi: psi, ks: ks, count: n)
    }
}
