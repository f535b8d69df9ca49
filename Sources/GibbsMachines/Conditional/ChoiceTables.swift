import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The parameters of a conditional machine with one categorical column, laid out for the sum over its categories:
///
///     s_k(u) = b_k + (A u)_k + Σⱼ ln(1 + exp(cⱼ + (B u)ⱼ + W_kⱼ)),   p(k | u) = exp(s_k) / Σ exp(s)
///
/// Categories stand `stride` apart, a multiple of 16.
struct ChoiceTables: Sendable {
    let classes: Int, hidden: Int, stride: Int
    /// Wᵀ, shape `[hidden, stride]`.
    var weights: Matrix
    /// A, shape `[context, stride]`, and b.
    var visibleWeights: Matrix
    var visibleBias: [Float]
    /// B, shape `[context, hidden]`, and c.
    var hiddenWeights: Matrix
    var hiddenBias: [Float]
    /// exp(Wᵀ), and the largest weight; see `refresh()`.
    private(set) var expWeights: [Float] = []
    private(set) var largest: Float = 0

    init(_ model: ConditionalRBM) {
        let layout = model.machine.layout
        precondition(layout.groupCount == 1 && layout.variables.count == 1, "a choice is one categorical column")
        classes = layout.width
        hidden = model.machine.hiddenCount
        stride = (classes + 15) / 16 * 16
        weights = Self.padded(model.machine.weights.transposed(), to: stride)
        visibleWeights = Self.padded(model.visibleWeights, to: stride)
        visibleBias = model.machine.visibleBias + [Float](repeating: 0, count: stride - classes)
        hiddenWeights = model.hiddenWeights
        hiddenBias = model.machine.hiddenBias
        refresh()
    }

    /// The tables as a machine again.
    func model(like other: ConditionalRBM) -> ConditionalRBM {
        var result = other
        result.machine.weights = Self.cut(weights, to: classes).transposed()
        result.machine.visibleBias = Array(visibleBias.prefix(classes))
        result.machine.hiddenBias = hiddenBias
        result.visibleWeights = Self.cut(visibleWeights, to: classes)
        result.hiddenWeights = hiddenWeights
        return result
    }

    /// What follows from the weights, after they changed.
    mutating func refresh() {
        expWeights = weights.values.map { exp($0) }
        largest = weights.values.max() ?? 0
    }

    /// Scores s, shape `[rows, stride]`, and the hidden inputs c + B u, of contexts.
    func scores(_ contexts: VisibleStates) -> (scores: Matrix, inputs: Matrix) {
        let inputs = contexts.product(hiddenWeights, plus: hiddenBias)
        var scores = contexts.product(visibleWeights, plus: visibleBias)
        scores.values.withUnsafeMutableBufferPointer { scores in
            inputs.values.withUnsafeBufferPointer { inputs in
                let scores = SharedPointer(scores.baseAddress)
                nonisolated(unsafe) let inputs = inputs.baseAddress
                parallelRanges(contexts.rows, minimum: 32) { range in
                    gk_choice_scores(inputs! + range.lowerBound * hidden, range.count, hidden, weights.values, expWeights, largest, stride,
                                     scores.pointer! + range.lowerBound * stride)
                }
            }
        }
        return (scores, inputs)
    }

    /// p(k | u), shape `[rows, stride]`, zero beyond the categories, and −ln p of the choices made, nats.
    func probabilities(_ scores: Matrix, choices: [Int32]) -> (probabilities: Matrix, surprises: [Float]) {
        var probabilities = Matrix(rows: scores.rows, columns: stride), surprises = [Float](repeating: 0, count: scores.rows)
        probabilities.values.withUnsafeMutableBufferPointer { p in
            surprises.withUnsafeMutableBufferPointer { out in
                let p = SharedPointer(p.baseAddress), out = SharedPointer(out.baseAddress)
                parallelRanges(scores.rows, minimum: 64) { range in
                    choices.withUnsafeBufferPointer { choices in
                        scores.values.withUnsafeBufferPointer { s in
                            let at = range.lowerBound * stride
                            gk_choice_probabilities(s.baseAddress! + at, range.count, classes, stride, choices.baseAddress! + range.lowerBound,
                                                    p.pointer! + at, out.pointer! + range.lowerBound)
                        }
                    }
                }
            }
        }
        return (probabilities, surprises)
    }

    private static func padded(_ matrix: Matrix, to width: Int) -> Matrix {
        var result = Matrix(rows: matrix.rows, columns: width)
        for row in 0 ..< matrix.rows { result.values.replaceSubrange(row * width ..< row * width + matrix.columns, with: matrix.row(row)) }
        return result
    }

    private static func cut(_ matrix: Matrix, to width: Int) -> Matrix {
        Matrix(rows: matrix.rows, columns: width, values: (0 ..< matrix.rows).flatMap { matrix.row($0).prefix(width) })
    }
}
