import Foundation
import GibbsCore
import GibbsNumerics

extension ConditionalRBM {
    /// Whether the visible part is one categorical column, so that p(v | u) is a softmax over its categories.
    public var isChoice: Bool { machine.layout.variables.count == 1 && machine.layout.groupCount == 1 }

    /// ln p(k | u) of every category under every context, nats; shape `[rows, categories]`. Exact.
    ///
    /// - Parameter context: Shape `[rows, contextVariables.count]`; `nan` for what is not there.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, and `.usage` unless `isChoice`.
    /// - Complexity: `rows × categories × hidden` products and sums, no exponentials among them.
    /// - Source: The sum over hidden states as in Larochelle & Bengio, *Classification using discriminative restricted Boltzmann
    ///   machines*, ICML 2008.
    public func logProbabilities(given context: Matrix) throws -> Matrix {
        try checkChoice()
        try context.check(against: contextVariables)
        let tables = ChoiceTables(self), states = VisibleStates(context, layout: contextLayout)
        let scores = tables.scores(states).scores
        var result = Matrix(rows: context.rows, columns: tables.classes)
        for row in 0 ..< context.rows {
            let total = Float(logSumExp(scores.row(row).prefix(tables.classes)))
            for k in 0 ..< tables.classes { result[row, k] = scores[row, k] - total }
        }
        return result
    }

    /// −ln p(v | u) of every row under its own context, nats.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`, without missing values.
    ///   - context: Shape `[rows, contextVariables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, and `.usage` unless `isChoice`; for other visible
    ///   columns take ln Z of `given(_:)`.
    public func surprises(of batch: Matrix, given context: Matrix) throws -> [Float] {
        try checkChoice()
        try batch.check(against: variables)
        try check(rows: batch.rows, of: context)
        guard !batch.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "a missing choice has no surprise", advice: "leave such rows out")
        }
        try context.check(against: contextVariables)
        let tables = ChoiceTables(self)
        return tables.probabilities(tables.scores(VisibleStates(context, layout: contextLayout)).scores, choices: batch.values.map(Int32.init)).surprises
    }

    func checkChoice() throws {
        if !isChoice {
            throw GibbsError(.usage, "an exact p(v | u) needs one categorical column, and the machine has \(variables.count) columns",
                             advice: "take ln Z of given(_:), exactly or by annealing")
        }
    }
}
