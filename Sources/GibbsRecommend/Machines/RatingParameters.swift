import Foundation
import GibbsCore
import GibbsNumerics

/// The free parameters of a `RatingMachine` while it learns:
///
///     W_ij^k + D_ij = Σ_{q = 0 … Q} φ_q(k) (S_qj + Σ_c A_iqc B_cj),   b_i^k = β^k + Σ_f y_if G_f^k + Σ_{q = 1 … K − 1} φ_q(k) a_iq
///
/// with φ_0 = 1, whose share is D, and φ_q(k) = √2 cos(π q (k + ½) / K), which are orthogonal. S and β belong to all items; B is the identity
/// where the weights are not factored.
struct RatingParameters: Sendable {
    let scale: RatingScale, items: Int, hidden: Int, gaussian: Int, stiffening: Float, shapes: Int
    /// Columns of A: the rank, or the hidden units.
    let width: Int
    /// φ, shape [K, K], row q.
    let basis: Matrix
    /// A, shape [items, (Q + 1) · width]; S, [Q + 1, hidden]; B, [rank, hidden] or without rows; a, [items, K − 1].
    var item: Matrix, shared: Matrix, mix: Matrix, bias: Matrix
    /// β and c.
    var sharedBias: [Float], hiddenBias: [Float]
    /// P, T and G.
    var people: RatingMachine.Features?, itemLevels: Matrix
    /// y, shape [items, features].
    let itemFeatures: Matrix

    init(scale: RatingScale, items: Int, options: RatingMachineOptions, features: RatingFeatures, key: Key) {
        let levels = scale.count
        (self.scale, self.items, hidden, gaussian) = (scale, items, options.hidden + options.gaussian, options.gaussian)
        (stiffening, shapes, width) = (options.stiffening, min(options.shapes ?? max(2, levels / 3), levels - 1), options.rank ?? hidden)
        var basis = Matrix(rows: levels, columns: levels, repeating: 1)
        for q in 1 ..< levels { for k in 0 ..< levels { basis[q, k] = Float(2.0.squareRoot() * cos(.pi * Double(q) * (Double(k) + 0.5) / Double(levels))) } }
        self.basis = basis
        item = Matrix(rows: items, columns: (shapes + 1) * width)
        shared = Matrix(rows: shapes + 1, columns: hidden)
        mix = Matrix(rows: options.rank ?? 0, columns: hidden)
        bias = Matrix(rows: items, columns: levels - 1)
        sharedBias = [Float](repeating: 0, count: levels)
        hiddenBias = [Float](repeating: 0, count: hidden)
        people = features.people.map { .init(hidden: Matrix(rows: $0.columns, columns: options.hidden + options.gaussian), levels: Matrix(rows: $0.columns, columns: levels)) }
        itemFeatures = features.items ?? Matrix(rows: items, columns: 0)
        itemLevels = Matrix(rows: itemFeatures.columns, columns: levels)
        let (first, second) = key.split(), noise = first.normals(item.values.count)
        for place in noise.indices {
            let q = place / width % (shapes + 1)
            item.values[place] = q == 0 ? 0 : 0.05 / Float(q * q) * noise[place]
        }
        if let rank = options.rank { mix.values = second.normals(mix.values.count).map { $0 / Float(rank).squareRoot() } }
    }

    /// What an item tells the hidden units for each level, K rows of `hidden`, and its biases, K.
    func write(item i: Int, told: UnsafeMutablePointer<Float>, biases: UnsafeMutablePointer<Float>) {
        let levels = scale.count
        var parts = shared.values
        parts.withUnsafeMutableBufferPointer { parts in
            for q in 0 ... shapes { addItem(i, q, to: parts.baseAddress! + q * hidden) }
            for k in 0 ..< levels {
                let row = told + k * hidden
                row.update(repeating: 0, count: hidden)
                for q in 0 ... shapes {
                    let factor = basis[q, k]
                    for j in 0 ..< hidden { row[j] += factor * parts[q * hidden + j] }
                }
            }
        }
        for k in 0 ..< levels {
            biases[k] = sharedBias[k]
            for f in 0 ..< itemLevels.rows { biases[k] += itemFeatures[i, f] * itemLevels[f, k] }
            for q in 1 ..< levels { biases[k] += basis[q, k] * bias[i, q - 1] }
        }
    }

    /// y += the item's own part of a shape.
    private func addItem(_ i: Int, _ q: Int, to y: UnsafeMutablePointer<Float>) {
        item.values.withUnsafeBufferPointer { item in
            let own = item.baseAddress! + i * (shapes + 1) * width + q * width
            if mix.rows == 0 {
                for j in 0 ..< hidden { y[j] += own[j] }
                return
            }
            mix.values.withUnsafeBufferPointer { mix in
                for c in 0 ..< width { for j in 0 ..< hidden { y[j] += own[c] * mix[c * hidden + j] } }
            }
        }
    }

    /// The machine of some items, in this order; what they tell is not parted into W and D.
    func part(of chosen: [Int]) -> RatingMachine {
        let levels = scale.count
        var told = Matrix(rows: chosen.count * levels, columns: hidden), biases = Matrix(rows: chosen.count, columns: levels)
        told.values.withUnsafeMutableBufferPointer { rows in
            biases.values.withUnsafeMutableBufferPointer { values in
                let rows = SharedPointer(rows.baseAddress), values = SharedPointer(values.baseAddress)
                parallelRanges(chosen.count, minimum: 16) { range in
                    for place in range { write(item: chosen[place], told: rows.pointer! + place * levels * hidden, biases: values.pointer! + place * levels) }
                }
            }
        }
        return RatingMachine(scale: scale, biases: biases, told: told, hiddenBias: hiddenBias, gaussian: gaussian, stiffening: stiffening, features: people)
    }

    /// The machine of all items.
    func machine() -> RatingMachine {
        let whole = part(of: Array(0 ..< items)), levels = scale.count
        var weights = whole.told, rated = Matrix(rows: items, columns: hidden)
        for i in 0 ..< items {
            for j in 0 ..< hidden {
                var sum: Float = 0
                for k in 0 ..< levels { sum += weights[i * levels + k, j] }
                rated[i, j] = sum / Float(levels)
                for k in 0 ..< levels { weights[i * levels + k, j] -= sum / Float(levels) }
            }
        }
        return RatingMachine(scale: scale, biases: whole.biases, weights: weights, rated: rated, hiddenBias: hiddenBias, gaussian: gaussian, stiffening: stiffening, features: people)
    }
}
