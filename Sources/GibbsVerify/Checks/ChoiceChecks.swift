import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// What a choice costs in a stream, summed over all that could have been chosen: probabilities, evidence, and the same costs by the machine.
package enum ChoiceChecks {
    /// What measures choices under their contexts, as `ChoiceScorer.costs`.
    package typealias Measure = (_ model: ConditionalRBM, _ choices: [Int32], _ contexts: [Int32], _ temperature: Float, _ unseen: Double) throws -> [ChoiceScorer.Cost]

    /// By the scorer that streams are watched with.
    package static func scored(_ model: ConditionalRBM, _ choices: [Int32], _ contexts: [Int32], _ temperature: Float, _ unseen: Double) throws -> [ChoiceScorer.Cost] {
        var scores = [Float]()
        return try ChoiceScorer(model).costs(of: choices, contexts: contexts, temperature: temperature, unseen: unseen, scores: &scores)
    }

    /// Under random contexts, over every category and the new names together:
    ///
    ///     |ln Σ p(x)|,   |ln Σ p(x) exp gain(x)|,   |−ln p(x) − surprise(x)| by `ConditionalRBM.logProbabilities(given:)`
    ///
    /// - Parameters:
    ///   - model: A machine of one categorical column under categorical contexts.
    ///   - temperature: T of the gains.
    ///   - unseen: The share of new names.
    ///   - count: Random contexts, in which about one value in five is missing.
    ///   - name: What failures call the choice.
    ///   - key: Draws the contexts.
    package static func enumerated(_ model: ConditionalRBM, temperature: Float, unseen: Double, contexts count: Int, name: String, key: Key,
                                   by measure: Measure = scored) throws -> [CheckFailure] {
        let sizes = model.contextVariables.map(\.categories), categories = model.variables[0].categories
        let codes = randomCodes(sizes, rows: count, key: key), logs = try model.logProbabilities(given: matrix(codes, columns: sizes.count))
        // −2 is a new name; the scorer keeps its share off the ends.
        let all = (0 ..< Int32(categories)) + [-2], share = min(max(unseen, 1e-9), 0.99), known = log(1 - share)
        return try (0 ..< count).flatMap { row -> [CheckFailure] in
            let context = Array(codes[row * sizes.count ..< (row + 1) * sizes.count])
            let costs = try measure(model, all, Array(repeatElement(context, count: all.count).joined()), temperature, share)
            let surprises = costs.map { Double($0.surprise) }, total = logSumExp(surprises.map { -$0 })
            var failures = compare(abs(total), limit: 1e-5, name, "has probabilities that sum to exp(\(total))")
            let evidence = logSumExp(costs.map { Double($0.gain) - Double($0.surprise) })
            failures += compare(abs(evidence), limit: 2e-5, name, "has evidence exp(gain) of mean exp(\(evidence))")
            for (choice, surprise) in surprises.enumerated() {
                let exact = choice < categories ? -Double(logs[row, choice]) - known : -log(share)
                failures += compare(abs(surprise - exact), limit: 2e-5 * max(1, abs(exact)), name, "costs \(surprise) nats where the machine says \(exact)")
            }
            return failures
        }
    }

    /// Codes of categorical columns, row by row; −1 where a value is missing.
    static func randomCodes(_ sizes: [Int], rows: Int, key: Key) -> [Int32] {
        let draws = key.uniforms(rows * sizes.count)
        return draws.enumerated().map { place, u in
            let size = sizes[place % sizes.count]
            return u < 0.2 ? -1 : min(Int32(size) - 1, Int32((u - 0.2) / 0.8 * Float(size)))
        }
    }

    private static func matrix(_ codes: [Int32], columns: Int) -> Matrix {
        Matrix(rows: codes.count / columns, columns: columns, values: codes.map { $0 < 0 ? .nan : Float($0) })
    }
}

extension Variable {
    /// Categories of a categorical column; 0 for any other.
    fileprivate var categories: Int { if case .categorical(let count) = self { count } else { 0 } }
}
