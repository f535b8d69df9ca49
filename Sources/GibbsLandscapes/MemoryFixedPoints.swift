import Foundation
import GibbsCore
import GibbsNumerics

/// Where updates of a memory come to rest.
public struct MemoryFixedPoints: Sendable {
    /// Shape `[cues, features]`.
    public let points: Matrix
    /// Updates until the last one moved less than the tolerance; the limit where it had not.
    public let steps: [Int]
    /// The pattern with the largest weight at rest, for each cue.
    public let nearest: [Int]
    /// exp of the weights' entropy: 1 where a single pattern is recalled, k in a mixture of k patterns that are alike, the number of all patterns
    /// in the one valley that is left where β is small.
    public let effectivePatterns: [Float]
    /// Whether the last update moved less than the tolerance.
    public let hasSettled: [Bool]
}

extension MemoryEnergy {
    /// The modern Hopfield network over some patterns, at the inverse temperature β of its softmax: ξ ← Xᵀ softmax(β X ξ) for patterns of one length.
    ///
    ///     E(ξ) = −ln Σᵢ exp(β xᵢ·ξ) + ½ β ξ·ξ + ln n + ½ β M²,   M the length of a pattern
    ///
    /// in nats: β times the paper's. One update is attention with the cue as query and the patterns as keys and values, at the temperature 1 / (β √d).
    /// Squared distances count half of this β, which is what `precisions` holds.
    ///
    /// - Parameters:
    ///   - patterns: Shape `[count, features]`, real. Patterns of different lengths are compared by distance, not by dot product.
    ///   - beta: β > 0. Large: every pattern has a valley; small: there is one valley, near the mean.
    /// - Throws: `GibbsError` with code `.usage` for β that is not positive; as the initialiser.
    /// - Source: Ramsauer et al., *Hopfield Networks Is All You Need*, ICLR 2021, equations 2 and 3.
    public static func hopfield(_ patterns: Matrix, beta: Float) throws -> MemoryEnergy {
        guard beta > 0, beta.isFinite else { throw GibbsError(.usage, "a memory with β = \(beta)", advice: "give a positive number") }
        return try MemoryEnergy(patterns: patterns, variables: Array(repeating: .real, count: patterns.columns), precisions: Array(repeating: beta / 2, count: patterns.rows))
    }

    /// Updates cues until they rest. With the quadratic kernel and one β no update raises the energy, and every cue ends in a fixed point.
    ///
    /// - Parameters:
    ///   - cues: Shape `[cues, features]`; what has been erased is missing (`nan`).
    ///   - tolerance: The length of an update that counts as rest, in units of the columns.
    ///   - limit: Updates at most; a cue that has not settled by then is no error, and `hasSettled` says so.
    /// - Throws: As `recall(_:steps:)`.
    /// - Complexity: `updates · cues · count · features`.
    /// - Source: Ramsauer et al. 2021, theorems 1 and 2, and figure 1 for the three kinds of fixed points.
    public func fixedPoints(from cues: Matrix, tolerance: Float = 1e-4, limit: Int = 1000) throws -> MemoryFixedPoints {
        guard limit > 0, tolerance >= 0 else { throw GibbsError(.usage, "rest within \(tolerance) after \(limit) updates", advice: "give at least one update and no negative tolerance") }
        var points = cues, steps = [Int](repeating: limit, count: cues.rows), moving = Array(0 ..< cues.rows)
        for step in 1 ... limit where !moving.isEmpty {
            let before = points.selecting(rows: moving), after = try recall(before, steps: 1).restored
            var still = [Int]()
            for (index, row) in moving.enumerated() {
                let moved = zip(before.row(index), after.row(index)).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                points.values.replaceSubrange(row * points.columns ..< (row + 1) * points.columns, with: after.row(index))
                // What was erased has moved by nan.
                if moved <= tolerance { steps[row] = step } else { still.append(row) }
            }
            moving = still
        }
        let shares = try attention(of: points), unsettled = Set(moving)
        return MemoryFixedPoints(
            points: points, steps: steps, nearest: (0 ..< shares.rows).map { row in shares.row(row).enumerated().max { $0.element < $1.element }!.offset },
            effectivePatterns: (0 ..< shares.rows).map { row in Float(exp(shares.row(row).reduce(0.0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 })) },
            hasSettled: (0 ..< cues.rows).map { !unsettled.contains($0) })
    }
}
