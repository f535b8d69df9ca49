import Foundation
import GibbsCore
import GibbsNumerics

/// What a memory makes of a cue.
public struct Recall: Sendable {
    /// The cues restored; shape `[cues, features]`.
    public let restored: Matrix
    /// The pattern with the largest weight, for each cue.
    public let nearest: [Int]
    /// That weight, 0...1: near 1 where a single pattern explains the cue.
    public let weights: [Float]
    /// E of the cue as given and of what came of it, nats; missing values of the cue are summed out.
    public let energies: [(cue: Float, restored: Float)]
}

extension MemoryEnergy {
    /// The shares of the patterns in a row's energy, pᵢ ∝ (βᵢ/β)^{d/2} exp(−βᵢ d(x, xᵢ)): attention over the memory. Shape `[rows, count]`.
    ///
    /// Missing values leave the distance, and d counts the real columns that are there.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: `rows · count · variables.count`, in parallel over rows.
    public func attention(of batch: Matrix) throws -> Matrix {
        try batch.check(against: variables)
        let logs = precisions.map { log($0 / meanPrecision) }, width = kernel.width, count = patterns.rows
        var result = Matrix(rows: batch.rows, columns: count)
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(batch.rows) { range in
                for row in range {
                    let exponent = kernel == .quadratic ? Float(realValues(batch.row(row))) / 2 : 0
                    let scores = (0 ..< count).map { exponent * logs[$0] - precisions[$0] * distance(batch.row(row), $0, width) }
                    let total = Float(logSumExp(scores))
                    for index in 0 ..< count { out.pointer![row * count + index] = exp(scores[index] - total) }
                }
            }
        }
        return result
    }

    /// d(x, pattern) with the kernel's saturation.
    private func distance(_ x: ArraySlice<Float>, _ pattern: Int, _ width: Float) -> Float {
        let base = pattern * variables.count
        var sum: Float = 0
        x.withUnsafeBufferPointer { x in
            patterns.values.withUnsafeBufferPointer { p in
                for k in x.indices where !x[k].isNaN {
                    let difference = x[k] - p[base + k]
                    let d = switch variables[k] {
                    case .real: difference * difference
                    case .binary: mismatch[k] * difference * difference
                    case .categorical: difference == 0 ? 0 : mismatch[k]
                    }
                    sum += width > 0 ? log1p(width * d) : d
                }
            }
        }
        return sum
    }

    /// Restores cues: x ← Σᵢ pᵢ(x) βᵢ xᵢ / Σᵢ pᵢ(x) βᵢ, a few times over; with one β the attention's mean of the patterns, which is the step of the
    /// modern Hopfield network. For the quadratic kernel no step from a cue without missing values raises the energy, whatever the βᵢ: the new x is
    /// where Σᵢ pᵢ βᵢ d(x, xᵢ) is lowest, which up to a constant is E at the old x and above it elsewhere. Binary columns hold fractions on the way.
    ///
    /// - Parameters:
    ///   - cues: Shape `[cues, features]`; what has been erased is missing (`nan`), what is noisy is as it is.
    ///   - steps: Updates; one is nearly enough where patterns are far apart.
    /// - Throws: `GibbsError` with code `.usage` for a memory with categories, whose mean means nothing, or no step; as `attention(of:)`.
    /// - Complexity: `steps · cues · count · features`.
    /// - Source: Ramsauer et al., *Hopfield Networks Is All You Need*, ICLR 2021, equation 3 and theorem 1; here with squared distances,
    ///   which for patterns of equal length are the same energy. The weights βᵢ: Comaniciu, Ramesh & Meer, *The Variable
    ///   Bandwidth Mean Shift and Data-Driven Scale Selection*, ICCV 2001.
    public func recall(_ cues: Matrix, steps: Int = 3) throws -> Recall {
        if let column = variables.firstIndex(where: { $0 != .real && $0 != .binary }) {
            throw GibbsError(.usage, "column \(column) is categorical, and categories have no mean", advice: "recall from a memory of numbers, such as images")
        }
        guard steps > 0 else { throw GibbsError(.usage, "recall in \(steps) steps", advice: "take at least one") }
        let before = try energies(of: cues)
        var state = cues, shares = Matrix(rows: 0, columns: 0)
        for _ in 0 ..< steps {
            shares = try attention(of: state)
            state = Matrix.product(pulls(shares), patterns)
            // Means of binary patterns stay between 0 and 1 but for rounding.
            for (column, variable) in variables.enumerated() where variable == .binary {
                for row in 0 ..< state.rows { state[row, column] = min(max(state[row, column], 0), 1) }
            }
        }
        let nearest = (0 ..< shares.rows).map { row in shares.row(row).enumerated().max { $0.element < $1.element }!.offset }
        return Recall(restored: state, nearest: nearest, weights: nearest.enumerated().map { shares[$0.offset, $0.element] },
                      energies: zip(before, try energies(of: state)).map { ($0, $1) })
    }
}

extension MemoryEnergy {
    /// pᵢ βᵢ / Σ p β of every row, from its pᵢ.
    private func pulls(_ shares: Matrix) -> Matrix {
        guard precisions.contains(where: { $0 != precisions[0] }) else { return shares }
        var result = shares
        for row in 0 ..< shares.rows {
            let total = zip(shares.row(row), precisions).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            for index in 0 ..< shares.columns { result[row, index] = Float(Double(shares[row, index]) * Double(precisions[index]) / total) }
        }
        return result
    }
}

extension MemoryEnergy: DifferentiableEnergy {
    /// E and ∇E = Σᵢ pᵢ βᵢ ∂d(x, xᵢ)/∂x, with ∂d = 2 (x − xᵢ), divided by 1 + w (x − xᵢ)² and times w for the heavy-tailed kernel
    /// (while that does not saturate).
    ///
    /// - Throws: As `energies(of:)`, and `.unsuitableData` for a missing value or a column that is not real.
    /// - Complexity: `rows · count · variables.count`, in parallel over rows.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        if let column = variables.firstIndex(where: { $0 != .real }) {
            throw GibbsError(.unsuitableData, "column \(column) of the memory is not real and has no gradient", advice: "give it as a number")
        }
        guard try batch.incompleteRows(checkedAgainst: variables).isEmpty else {
            throw GibbsError(.unsuitableData, "a gradient needs rows without missing values")
        }
        let shares = try attention(of: batch), width = kernel.width, features = variables.count
        var gradients = Matrix(rows: batch.rows, columns: features)
        gradients.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(batch.rows) { range in
                for row in range {
                    let g = out.pointer! + row * features, x = row * features
                    for pattern in 0 ..< patterns.rows {
                        let weight = 2 * shares[row, pattern] * precisions[pattern], base = pattern * features
                        if weight == 0 { continue }
                        for k in 0 ..< features {
                            let d = batch.values[x + k] - patterns.values[base + k]
                            g[k] += weight * (width > 0 ? width * d / (1 + width * d * d) : d)
                        }
                    }
                }
            }
        }
        return (try energies(of: batch), gradients)
    }
}
