import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import Testing

/// Scores of streams beside the machine they come from.
@Suite struct ChoiceScorerTests {
    static let context: [Variable] = [.categorical(5), .categorical(3), .categorical(4)]

    static func machine(categories: Int, hidden: Int, scale: Float) -> ConditionalRBM {
        let key = Key(7), start = ConditionalRBM(visible: [.categorical(categories)], context: context, hidden: hidden, spread: scale, key: key)
        let base = RBM(visible: [.categorical(categories)], weights: start.machine.weights, visibleBias: key.folding(3).normals(categories), hiddenBias: key.folding(4).normals(hidden))
        return ConditionalRBM(machine: base, context: context, visibleWeights: Matrix(rows: 12, columns: categories, values: key.folding(5).normals(12 * categories).map { scale * $0 }),
                              hiddenWeights: start.hiddenWeights)
    }

    /// Codes of contexts, negative ones and ones beyond the categories among them, and the same for the machine.
    static func contexts(_ rows: Int) -> (codes: [Int32], matrix: Matrix) {
        let codes = Key(8).uniforms(rows * 3).map { Int32($0 * 9) - 2 }
        return (codes, Matrix(rows: rows, columns: 3, values: codes.enumerated().map { $1 >= 0 && $1 < [5, 3, 4][$0 % 3] ? Float($1) : .nan }))
    }

    static let shapes: [(Int, Int, Float)] = [(17, 6, 0.7), (64, 70, 0.3), (3, 5, 9), (70, 64, 0.4), (50, 64, 0.3), (1, 1, 1), (16, 12, 0.5)]

    @Test(arguments: shapes) func costsAreThoseOfTheMachine(categories: Int, hidden: Int, scale: Float) throws {
        let model = Self.machine(categories: categories, hidden: hidden, scale: scale), scorer = try ChoiceScorer(model), rows = 150
        let (codes, matrix) = Self.contexts(rows), logs = try model.logProbabilities(given: matrix), choices = (0 ..< rows).map { Int32($0 % categories) }
        var scores = [Float]()
        let costs = scorer.costs(of: choices, contexts: codes, temperature: 2, unseen: 0.01, scores: &scores), known = Float(log(0.99))
        for row in 0 ..< rows {
            let expected = -logs[row, Int(choices[row])] - known
            #expect(abs(costs[row].surprise - expected) < 1e-4 * max(1, expected), "row \(row)")
            let best = (0 ..< categories).max { logs[row, $0] < logs[row, $1] }!, told = scorer.expected(scores[row * scorer.stride ..< (row + 1) * scorer.stride])
            #expect(abs(logs[row, told.category] - logs[row, best]) < 1e-4 && abs(told.probability - exp(logs[row, best])) < 1e-4)
        }
    }

    /// Over all that can come, the new name included: probabilities sum to one, E[exp gain] = 1, and the entropy is the mean surprise.
    @Test(arguments: shapes) func gainsAreOfMeanOne(categories: Int, hidden: Int, scale: Float) throws {
        let scorer = try ChoiceScorer(Self.machine(categories: categories, hidden: hidden, scale: scale)), choices = (0 ..< Int32(categories)).map { $0 } + [-2]
        for (temperature, unseen) in [(Float(2), 0.01), (1.3, 0.2), (50, 1e-6)] {
            let context = Self.contexts(5).codes
            for row in 0 ..< 5 {
                var scores = [Float]()
                let contexts = (0 ..< choices.count).flatMap { _ in context[row * 3 ..< row * 3 + 3] }
                let costs = scorer.costs(of: choices, contexts: contexts, temperature: temperature, unseen: unseen, scores: &scores)
                let p = costs.map { exp(-Double($0.surprise)) }
                #expect(abs(p.reduce(0, +) - 1) < 1e-4)
                #expect(abs(zip(p, costs).reduce(0) { $0 + $1.0 * exp(Double($1.1.gain)) } - 1) < 1e-4, "T = \(temperature)")
                let entropy = zip(p, costs).reduce(0) { $0 + $1.0 * Double($1.1.surprise) }
                #expect(costs.allSatisfy { abs(Double($0.entropy) - entropy) < 1e-3 * max(1, entropy) })
                let hot = zip(p, costs).map { log($0) / Double(temperature) - (log($0) + Double($1.gain)) }
                #expect(hot.max()! - hot.min()! < 1e-3 * Double(costs.map(\.surprise).max()!), "ln p_T is ln p / T up to one constant")
            }
        }
    }

    @Test func missingAndUnseen() throws {
        let scorer = try ChoiceScorer(Self.machine(categories: 17, hidden: 6, scale: 0.7))
        var scores = [Float]()
        let costs = scorer.costs(of: [-1, -2], contexts: [0, 1, 2, 0, 1, 2], temperature: 2, unseen: 0.02, scores: &scores)
        #expect(costs[0].surprise == 0 && costs[0].gain == 0 && costs[0].entropy == 0)
        #expect(abs(costs[1].surprise + log(0.02)) < 1e-5 && costs[1].gain > 0 && costs[1].entropy > 0)
    }

    /// A shift multiplies the odds.
    @Test func shifts() throws {
        var scorer = try ChoiceScorer(Self.machine(categories: 3, hidden: 5, scale: 0.5)), scores = [Float]()
        let contexts: [Int32] = [0, 1, 2, 0, 1, 2, 0, 1, 2]
        let before = scorer.costs(of: [0, 1, 2], contexts: contexts, temperature: 2, unseen: 0.1, scores: &scores)
        scorer.shift(by: [0, 1.5, 0])
        let after = scorer.costs(of: [0, 1, 2], contexts: contexts, temperature: 2, unseen: 0.1, scores: &scores)
        #expect(abs(after[0].surprise - after[1].surprise - (before[0].surprise - before[1].surprise) - 1.5) < 1e-4)
        #expect(abs(after.reduce(0) { $0 + exp(-$1.surprise) } - 0.9) < 1e-5)
    }

    @Test func otherContextsAreRefused() throws {
        let model = ConditionalRBM(visible: [.categorical(3)], context: [.real], hidden: 2, key: Key(1))
        #expect(throws: GibbsError.self) { try ChoiceScorer(model) }
    }
}
