import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// A conditional machine of one categorical column, laid out once for scoring streams: contexts come as category codes and nothing is
/// checked or copied a call.
///
///     p(k) = (1 − m) softmax(s(u))ₖ for known categories, m for all others together
///     surprise = −ln p(x),   gain = ln p_T(x) − ln p(x) with p_T(k) ∝ p(k)^{1/T}
///
/// The gain is the log-likelihood ratio of the same model at a higher temperature: E[exp(gain)] = 1 when events come from the
/// model, so that the product of a stream's exp(gain) is an e-process, exact given each history.
///
/// - Source: the scores: `ConditionalRBM.logProbabilities(given:)`; e-processes: Ramdas et al., *Game-theoretic statistics and safe
///   anytime-valid inference*, Statistical Science 2023.
public struct ChoiceScorer: Sendable {
    /// Context columns.
    public let columns: Int
    /// Categories that can be chosen.
    public let categories: Int
    /// Floats a row of scores; the categories come first.
    public let stride: Int
    private var tables: ChoiceTables
    private let offsets: [Int32]
    private let sizes: [Int32]

    /// What one event cost.
    public struct Cost: Sendable, Hashable {
        /// −ln p of what came, nats.
        public var surprise: Float
        /// ln p_T − ln p of what came, nats.
        public var gain: Float
        /// −Σ p ln p, nats: the surprise that was to be expected.
        public var entropy: Float
    }

    /// A scorer of this machine.
    ///
    /// - Throws: `GibbsError` with code `.usage` unless the visible part is one categorical column and so is each of the context.
    public init(_ model: ConditionalRBM) throws {
        try model.checkChoice()
        let layout = model.contextLayout
        guard layout.groupCount == layout.variables.count else {
            throw GibbsError(.usage, "a stream's context needs categorical columns, and \(layout.variables.count - layout.groupCount) are not",
                             advice: "score such a machine by surprises(of:given:)")
        }
        tables = ChoiceTables(model)
        (columns, categories, stride) = (layout.groupCount, tables.classes, tables.stride)
        offsets = Array(layout.groupOffsets.prefix(columns))
        sizes = (0 ..< columns).map { Int32(layout.rows(ofGroup: $0).count) }
    }

    /// Adds to ln p of every category before it is normalised, such as what frequencies have become; `categories` of them, nats.
    public mutating func shift(by change: [Float]) {
        precondition(change.count == categories, "\(change.count) shifts of \(categories) categories")
        for (k, value) in change.enumerated() { tables.visibleBias[k] += value }
    }

    /// What choices cost in their contexts.
    ///
    /// - Parameters:
    ///   - choices: A category, −1 for a missing value, −2 for a category never seen.
    ///   - contexts: Codes, shape `[choices.count, columns]`; a negative one adds nothing, as does one beyond the categories.
    ///   - temperature: T of the gain, above 1.
    ///   - unseen: m.
    ///   - scores: Takes the scores of all categories, `choices.count * stride`, which `expected(_:)` reads.
    /// - Complexity: `rows × (columns + categories) × hidden`, in parallel.
    public func costs(of choices: [Int32], contexts: [Int32], temperature: Float, unseen: Double, scores: inout [Float]) -> [Cost] {
        let rows = choices.count
        precondition(contexts.count == rows * columns, "\(contexts.count) context codes for \(rows) choices")
        let units = units(of: contexts)
        if scores.count < rows * stride { scores = [Float](repeating: 0, count: rows * stride) }
        var surprise = [Float](repeating: 0, count: rows), gain = surprise, entropy = surprise
        let m = min(max(unseen, 1e-9), 0.99), known = Float(log(1 - m)), new = Float(log(m)), beta = 1 / temperature
        scores.withUnsafeMutableBufferPointer { scores in
            surprise.withUnsafeMutableBufferPointer { surprise in
                gain.withUnsafeMutableBufferPointer { gain in
                    entropy.withUnsafeMutableBufferPointer { entropy in
                        let scores = SharedPointer(scores.baseAddress), surprise = SharedPointer(surprise.baseAddress)
                        let gain = SharedPointer(gain.baseAddress), entropy = SharedPointer(entropy.baseAddress)
                        parallelRanges(rows, minimum: 512) { range in
                            // In stretches that the fastest caches hold.
                            for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 64) {
                                let count = min(64, range.upperBound - first), s = scores.pointer! + first * stride
                                score(units, first: first, count: count, into: s)
                                choices.withUnsafeBufferPointer {
                                    gk_choice_surprises(s, count, categories, stride, $0.baseAddress! + first, beta, known, new, surprise.pointer! + first,
                                                        gain.pointer! + first, entropy.pointer! + first)
                                }
                            }
                        }
                    }
                }
            }
        }
        return (0 ..< rows).map { Cost(surprise: surprise[$0], gain: gain[$0], entropy: entropy[$0]) }
    }

    /// The weight rows of context codes; −1 where there is none.
    private func units(of contexts: [Int32]) -> [Int32] {
        var units = contexts
        for first in Swift.stride(from: 0, to: units.count, by: columns) {
            for column in 0 ..< columns {
                let code = units[first + column]
                units[first + column] = code >= 0 && code < sizes[column] ? code + offsets[column] : -1
            }
        }
        return units
    }

    private func score(_ units: [Int32], first: Int, count: Int, into scores: UnsafeMutablePointer<Float>) {
        units.withUnsafeBufferPointer { units in
            let units = units.baseAddress! + first * columns
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count * tables.hidden) { inputs in
                let inputs = inputs.baseAddress!
                gk_gather_sums(units, count, columns, tables.hiddenWeights.values, tables.hiddenBias, tables.hidden, inputs)
                gk_gather_sums(units, count, columns, tables.visibleWeights.values, tables.visibleBias, stride, scores)
                gk_choice_scores(inputs, count, tables.hidden, tables.weights.values, tables.expWeights, tables.largest, stride, scores)
            }
        }
    }

    /// The category that was most probable by one row of scores, and its share of the known ones.
    public func expected(_ scores: ArraySlice<Float>) -> (category: Int, probability: Float) {
        let known = scores.prefix(categories), best = known.indices.max { known[$0] < known[$1] }!
        return (best - known.startIndex, 1 / known.reduce(0) { $0 + exp($1 - known[best]) })
    }
}
