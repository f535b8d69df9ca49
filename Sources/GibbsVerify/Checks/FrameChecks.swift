import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Frames under a history: what each column costs given the rest, and ln Z of a frame's own machine.
package enum FrameChecks {
    /// What measures frames, as `ConditionalRBM.pseudoSurprises(of:given:)`.
    package typealias Measure = (_ model: ConditionalRBM, _ frames: Matrix, _ contexts: Matrix) throws -> Matrix

    /// −ln p(vᵢ | the rest, u) against the states of vᵢ in double precision: both values of a binary column, an integral over a real one.
    ///
    /// - Parameters:
    ///   - model: Binary and real columns.
    ///   - frames: Shape `[any, columns]`; `contexts` has as many rows.
    ///   - columns: Those looked at.
    package static func columns(_ model: ConditionalRBM, frames: Matrix, contexts: Matrix, columns: [Int],
                                by measure: Measure = { try $0.pseudoSurprises(of: $1, given: $2) }) throws -> [CheckFailure] {
        let found = try measure(model, frames, contexts)
        return try (0 ..< frames.rows).flatMap { row -> [CheckFailure] in
            let machine = PlainMachine(try model.given(contexts.slice(row ..< row + 1))), v = frames.row(row).map(Double.init)
            return columns.flatMap { column -> [CheckFailure] in
                let exact = machine.surprise(of: column, in: v), value = Double(found[row, column])
                return compare(abs(value - exact), limit: 2e-5 * max(1, abs(exact)), "column \(column)", "costs \(value) nats where sums over its values say \(exact)")
            }
        }
    }

    /// What gives ln Z(u) of every context's machine, as `ConditionalRBM.logPartitions(given:by:key:)`.
    package typealias Annealing = (_ model: ConditionalRBM, _ contexts: Matrix, _ method: MachineAnnealing, _ key: Key) throws -> [PartitionBracket]

    /// ln Z(u) by annealing, from below and above within six standard errors of plain sums over all hidden states.
    ///
    /// - Parameter model: Of so few hidden units that their states can be summed over; see `part(of:hidden:)`.
    package static func annealed(_ model: ConditionalRBM, contexts: Matrix, key: Key, by anneal: Annealing = { try $0.logPartitions(given: $1, by: $2, key: $3) }) throws -> [CheckFailure] {
        let brackets = try anneal(model, contexts, MachineAnnealing(chains: 200, steps: 200, sweeps: 100), key)
        return try (0 ..< contexts.rows).flatMap { row -> [CheckFailure] in
            let exact = BruteForce(try model.given(contexts.slice(row ..< row + 1))).logPartition
            return [brackets[row].lower, brackets[row].upper].flatMap {
                checkEstimate($0.logPartition, standardError: $0.standardError, exact: exact, rounding: 1e-5 * max(1, abs(exact)), name: "ln Z, \($0.kind.rawValue)")
            }
        }
    }

    /// ln Z(u) by `ConditionalRBM.exactLogPartitions(given:)` against plain sums.
    package static func exact(_ model: ConditionalRBM, contexts: Matrix, by sum: (ConditionalRBM, Matrix) throws -> [Double] = { try $0.exactLogPartitions(given: $1) }) throws -> [CheckFailure] {
        try zip(sum(model, contexts), 0...).flatMap { found, row -> [CheckFailure] in
            let exact = BruteForce(try model.given(contexts.slice(row ..< row + 1))).logPartition
            return compare(abs(found - exact), limit: 1e-5 * max(1, abs(exact)), "ln Z", "is \(found) where \(exact) is exact")
        }
    }

    /// The machine of the first few hidden units: small enough to sum over, with the weights of the whole.
    package static func part(of model: ConditionalRBM, hidden: Int) -> ConditionalRBM {
        func first(_ matrix: Matrix) -> Matrix { Matrix(rows: matrix.rows, columns: min(hidden, matrix.columns), values: (0 ..< matrix.rows).flatMap { matrix.row($0).prefix(hidden) }) }
        let whole = model.machine
        let machine = RBM(visible: whole.variables, weights: first(whole.weights), visibleBias: whole.visibleBias, hiddenBias: Array(whole.hiddenBias.prefix(hidden)), logVariance: whole.logVariance)
        return ConditionalRBM(machine: machine, context: model.contextVariables, visibleWeights: model.visibleWeights, hiddenWeights: first(model.hiddenWeights))
    }
}

/// F(v) of a machine of real and binary columns in double precision, from its formula alone.
private struct PlainMachine {
    private let weights: [[Double]], visibleBias: [Double], hiddenBias: [Double], variance: [Double], units: [Int]

    init(_ machine: RBM) {
        let layout = machine.layout
        weights = (0 ..< machine.weights.rows).map { machine.weights.row($0).map(Double.init) }
        (visibleBias, hiddenBias) = (machine.visibleBias.map(Double.init), machine.hiddenBias.map(Double.init))
        variance = machine.logVariance.map { exp(Double($0)) }
        // The column of every unit.
        units = layout.realColumns + layout.binaryColumns
    }

    /// −ln p of a column's value given all others.
    func surprise(of column: Int, in v: [Double]) -> Double {
        let unit = units.firstIndex(of: column)!, inputs = inputs(v)
        guard unit < variance.count else { return logSumExp([0, 1].map { score(unit, $0, in: v, inputs) }) - score(unit, v[column], in: v, inputs) }
        // Normals of deviation σ around b + Σ of some of the weights; steps of a tenth of σ.
        let sigma = variance[unit].squareRoot(), w = weights[unit], low = visibleBias[unit] + w.reduce(0) { $0 + min($1, 0) } - 9 * sigma
        let high = visibleBias[unit] + w.reduce(0) { $0 + max($1, 0) } + 9 * sigma, points = min(20_000, Int(((high - low) / (0.1 * sigma)).rounded(.up))), step = (high - low) / Double(points)
        return logSumExp((0 ... points).map { score(unit, low + Double($0) * step, in: v, inputs) }) + log(step) - score(unit, v[column], in: v, inputs)
    }

    /// c + Σ (v / σ²) W.
    private func inputs(_ v: [Double]) -> [Double] {
        var result = hiddenBias
        for (unit, column) in units.enumerated() {
            let scaled = unit < variance.count ? v[column] / variance[unit] : v[column]
            if scaled != 0 { for j in result.indices { result[j] += scaled * weights[unit][j] } }
        }
        return result
    }

    /// The part of −F that one unit's value has to do with.
    private func score(_ unit: Int, _ value: Double, in v: [Double], _ inputs: [Double]) -> Double {
        let isReal = unit < variance.count, move = (value - v[units[unit]]) / (isReal ? variance[unit] : 1), off = value - visibleBias[unit]
        let soft = zip(inputs, weights[unit]).reduce(0.0) { sum, pair in
            let x = pair.0 + move * pair.1
            return sum + (x > 40 ? x : log1p(exp(x)))
        }
        return (isReal ? -off * off / (2 * variance[unit]) : visibleBias[unit] * value) + soft
    }
}
