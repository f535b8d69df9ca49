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
        if scores.count < rows * stride { scores = [Float](repeating: 0, count: rows * stride) }
        var surprise = [Float](repeating: 0, count: rows), gain = surprise, entropy = surprise
        choices.withUnsafeBufferPointer { choices in
            contexts.withUnsafeBufferPointer { contexts in
                // No columns, no address: any other is as good.
                guard let chosen = choices.baseAddress else { return }
                let codes = Codes(count: rows, contexts: contexts.baseAddress ?? chosen, contextStep: columns, choices: chosen, choiceStep: 1)
                measure(codes, temperature: temperature, unseen: unseen, scores: &scores, surprises: &surprise, gains: &gain, entropies: &entropy)
            }
        }
        return (0 ..< rows).map { Cost(surprise: surprise[$0], gain: gain[$0], entropy: entropy[$0]) }
    }

    /// Choices and their contexts somewhere in memory; see `costs(of:contexts:temperature:unseen:scores:)` for the codes.
    package struct Codes {
        /// Choices.
        package var count: Int
        /// The first context, and how many codes later the next one is; likewise for the choices.
        package var contexts: UnsafePointer<Int32>, contextStep: Int, choices: UnsafePointer<Int32>, choiceStep: Int

        package init(count: Int, contexts: UnsafePointer<Int32>, contextStep: Int, choices: UnsafePointer<Int32>, choiceStep: Int) {
            (self.count, self.contexts, self.contextStep, self.choices, self.choiceStep) = (count, contexts, contextStep, choices, choiceStep)
        }
    }

    /// m as it is used: neither what is known nor what is new is ever impossible.
    package static func share(ofUnseen m: Double) -> Double { min(max(m, 1e-9), 0.99) }

    /// As `costs`, into memory of `count * stride` scores and `count` of each figure, and without an allocation a call.
    package func measure(_ codes: Codes, temperature: Float, unseen: Double, scores: UnsafeMutablePointer<Float>, surprises: UnsafeMutablePointer<Float>,
                         gains: UnsafeMutablePointer<Float>, entropies: UnsafeMutablePointer<Float>) {
        let m = Self.share(ofUnseen: unseen), known = Float(log(1 - m)), new = Float(log(m)), beta = 1 / temperature
        nonisolated(unsafe) let codes = codes
        let scores = SharedPointer(scores), surprises = SharedPointer(surprises), gains = SharedPointer(gains), entropies = SharedPointer(entropies)
        parallelRanges(codes.count, minimum: 512) { range in
            // In stretches that the fastest caches hold.
            for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 64) {
                let count = min(64, range.upperBound - first), s = scores.pointer! + first * stride
                score(codes.contexts + first * codes.contextStep, step: codes.contextStep, count: count, into: s)
                gk_choice_surprises(s, count, categories, stride, codes.choices + first * codes.choiceStep, codes.choiceStep, beta, known, new,
                                    surprises.pointer! + first, gains.pointer! + first, entropies.pointer! + first)
            }
        }
    }

    private func score(_ contexts: UnsafePointer<Int32>, step: Int, count: Int, into scores: UnsafeMutablePointer<Float>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count * tables.hidden) { inputs in
            let inputs = inputs.baseAddress!
            gk_gather_sums(contexts, count, columns, step, offsets, sizes, tables.hiddenWeights.values, tables.hiddenBias, tables.hidden, inputs)
            gk_gather_sums(contexts, count, columns, step, offsets, sizes, tables.visibleWeights.values, tables.visibleBias, stride, scores)
            gk_choice_scores(inputs, count, tables.hidden, tables.weights.values, tables.expWeights, tables.largest, stride, scores)
        }
    }

    /// The category that was most probable by one row of scores, and its share of the known ones.
    public func expected(_ scores: ArraySlice<Float>) -> (category: Int, probability: Float) {
        precondition(scores.count >= stride, "\(scores.count) scores in a row of \(stride)")
        var share: Float = 0
        let best = scores.withUnsafeBufferPointer { gk_choice_expected($0.baseAddress!, categories, &share) }
        return (Int(best), share)
    }
}
