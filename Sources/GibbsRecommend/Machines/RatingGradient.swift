import Foundation
import GibbsNumerics

/// The evidence of a step, summed: by item, in the order of its ratings, and over all items, in their order.
struct RatingGradient: Sendable {
    /// By the shapes of each item's rows, shape [items, (Q + 1) · hidden], and by its biases, [items, K].
    let shapes: Matrix, pulls: Matrix
    /// By S, β and c.
    let shared: [Float], levels: [Float], hidden: [Float]
    /// By P and T.
    let featureHidden: Matrix, featureLevels: Matrix
    private let items: [Int], width: Int, parts: Int

    init(_ evidence: RatingEvidence, _ parameters: RatingParameters, features: Matrix?) {
        let step = evidence.step, (levels, hidden, parts, basis) = (parameters.scale.count, parameters.hidden, parameters.shapes + 1, parameters.basis)
        var shapes = Matrix(rows: step.items.count, columns: parts * hidden), pulls = Matrix(rows: step.items.count, columns: levels)
        shapes.values.withUnsafeMutableBufferPointer { shapes in
            pulls.values.withUnsafeMutableBufferPointer { pulls in
                evidence.weights.values.withUnsafeBufferPointer { weights in
                    let shapes = SharedPointer(shapes.baseAddress), pulls = SharedPointer(pulls.baseAddress)
                    nonisolated(unsafe) let weights = weights.baseAddress!
                    parallelRanges(step.items.count, minimum: 8) { range in
                        for place in range {
                            for entry in step.entries(of: place) {
                                for k in 0 ..< levels {
                                    pulls.pointer![place * levels + k] += evidence.pulls[entry, k]
                                    let row = weights + (entry * levels + k) * hidden
                                    for q in 0 ..< parts {
                                        let out = shapes.pointer! + (place * parts + q) * hidden, factor = basis[q, k]
                                        for j in 0 ..< hidden { out[j] += factor * row[j] }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        (self.shapes, self.pulls, items, width, self.parts) = (shapes, pulls, step.items, hidden, parts)
        (shared, self.levels, self.hidden) = (Self.columnSums(shapes), Self.columnSums(pulls), Self.columnSums(evidence.hidden))
        var featureHidden = Matrix(rows: features?.columns ?? 0, columns: hidden), featureLevels = Matrix(rows: features?.columns ?? 0, columns: levels)
        if let features {
            for (p, row) in step.people.enumerated() {
                let told = (step.starts[p] ..< step.starts[p + 1]).reduce(into: [Float](repeating: 0, count: levels)) { add(evidence.pulls.row($1), to: &$0) }
                for f in 0 ..< features.columns {
                    for j in 0 ..< hidden { featureHidden[f, j] += features[row, f] * evidence.hidden[p, j] }
                    for k in 0 ..< levels { featureLevels[f, k] += features[row, f] * told[k] }
                }
            }
        }
        (self.featureHidden, self.featureLevels) = (featureHidden, featureLevels)
    }

    /// The gradient by A of one of the step's items in one shape, written to `width` numbers from `place`: of the shape itself, or times Bᵀ.
    func project(_ item: Int, _ q: Int, by mix: Matrix, into along: inout [Float], at place: Int) {
        let row = shapes.row(item), start = row.startIndex + q * width
        if mix.rows == 0 {
            for j in 0 ..< width { along[place + j] = row[start + j] }
            return
        }
        for c in 0 ..< mix.rows {
            var sum: Float = 0
            for j in 0 ..< width { sum += row[start + j] * mix[c, j] }
            along[place + c] = sum
        }
    }

    /// By B: Σ_i Σ_q A_iqc × the gradient by the shape q of i.
    func mix(_ parameters: RatingParameters) -> [Float] {
        let rank = parameters.mix.rows
        var result = Matrix(rows: rank, columns: width)
        guard rank > 0 else { return [] }
        for (place, i) in items.enumerated() {
            let own = parameters.item.row(i), row = shapes.row(place)
            for q in 0 ..< parts {
                for c in 0 ..< rank {
                    let factor = own[own.startIndex + q * rank + c]
                    for j in 0 ..< width { result[c, j] += factor * row[row.startIndex + q * width + j] }
                }
            }
        }
        return result.values
    }

    /// By G: Σ_i y_if × the gradient by the biases of i.
    func itemLevels(_ parameters: RatingParameters) -> [Float] {
        var result = Matrix(rows: parameters.itemLevels.rows, columns: parameters.itemLevels.columns)
        for (place, i) in items.enumerated() {
            for f in 0 ..< result.rows { for k in 0 ..< result.columns { result[f, k] += parameters.itemFeatures[i, f] * pulls[place, k] } }
        }
        return result.values
    }

    private static func columnSums(_ matrix: Matrix) -> [Float] {
        var sums = [Float](repeating: 0, count: matrix.columns)
        for row in 0 ..< matrix.rows { add(matrix.row(row), to: &sums) }
        return sums
    }
}

extension RatingMachine {
    /// What one step over all these people would follow: the sum that is reported and the gradient by W + D, shape `[items · K, hidden]`, by b, and by
    /// c. Every item must be rated by somebody. With `gibbsSteps` 0 by conditional likelihood, else by contrastive divergence.
    package func gradient(on ratings: SparseRows, gibbsSteps: Int = 0, key: Key) -> (reported: Double, told: Matrix, biases: Matrix, hidden: [Float]) {
        let step = RatingStep(Array(0 ..< ratings.rows), ratings), levels = ratings.values.map { Int32(scale.level(of: $0) ?? 0) }
        precondition(step.items.count == itemCount, "\(itemCount - step.items.count) items without ratings")
        var evidence = RatingEvidence(step, self), options = RatingMachineOptions()
        options.forgets = 0
        evidence.gather(levels: levels, features: nil, options: options, gibbsSteps: gibbsSteps, key: key)
        var told = Matrix(rows: itemCount * scale.count, columns: hiddenCount), biases = Matrix(rows: itemCount, columns: scale.count), hidden = [Float](repeating: 0, count: hiddenCount)
        for (entry, item) in step.item.enumerated() {
            for k in 0 ..< scale.count {
                biases[item, k] += evidence.pulls[entry, k]
                for j in 0 ..< hiddenCount { told[item * scale.count + k, j] += evidence.weights[entry * scale.count + k, j] }
            }
        }
        for person in 0 ..< ratings.rows { add(evidence.hidden.row(person), to: &hidden) }
        return (evidence.reported.reduce(0, +), told, biases, hidden)
    }
}
