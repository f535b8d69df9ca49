import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// A machine in double precision, from the formula of its energy alone: plain sums over all hidden states.
struct BruteForce {
    let variables: [Variable]
    private let layout: UnitLayout
    private let weights: [[Double]], visibleBias: [Double], hiddenBias: [Double], variance: [Double]

    init(_ machine: RBM) {
        variables = machine.variables
        layout = machine.layout
        weights = (0 ..< machine.weights.rows).map { machine.weights.row($0).map(Double.init) }
        visibleBias = machine.visibleBias.map(Double.init)
        hiddenBias = machine.hiddenBias.map(Double.init)
        variance = machine.logVariance.map { exp(Double($0)) }
    }

    /// Every hidden state.
    var hiddenStates: [[Double]] {
        (0 ..< 1 << hiddenBias.count).map { code in hiddenBias.indices.map { Double(code >> $0 & 1) } }
    }

    /// A visible state as numbers in the order of the weights' rows, a category as zeros and a one.
    func units(_ v: [Float]) -> [Double] {
        var result = layout.realColumns.map { Double(v[$0]) } + layout.binaryColumns.map { Double(v[$0]) }
        for (group, column) in layout.groupColumns.enumerated() {
            result += layout.rows(ofGroup: group).enumerated().map { $0.offset == Int(v[column]) ? 1 : 0 }
        }
        return result
    }

    /// E(v, h) = Σ_real (v − b)² / 2σ² − Σ_other b v − Σ c h − Σ (v / σ²) W h.
    private func energy(_ units: [Double], _ h: [Double]) -> Double {
        var sum = -dot(hiddenBias, h)
        for (row, value) in units.enumerated() {
            let isReal = row < variance.count, scale = isReal ? variance[row] : 1, b = visibleBias[row]
            sum += (isReal ? (value - b) * (value - b) / (2 * scale) : -b * value) - value / scale * dot(weights[row], h)
        }
        return sum
    }

    /// F(v) = −ln Σₕ exp(−E(v, h)).
    func freeEnergy(_ v: [Float]) -> Double {
        let units = units(v)
        return -logSumExp(hiddenStates.map { -energy(units, $0) })
    }

    /// p(hⱼ = 1 | v).
    func hiddenMeans(_ v: [Float]) -> [Double] {
        let units = units(v), states = hiddenStates, scores = states.map { -energy(units, $0) }, total = logSumExp(scores)
        return hiddenBias.indices.map { j in zip(states, scores).reduce(0) { $0 + $1.0[j] * exp($1.1 - total) } }
    }

    /// ln Z = ln Σₕ ∫ exp(−E(v, h)) dv; the visible units are summed or integrated one by one.
    var logPartition: Double { logSumExp(hiddenStates.map(logWeight)) }

    private func logWeight(_ h: [Double]) -> Double {
        var sum = dot(hiddenBias, h)
        for row in 0 ..< layout.realCount {
            let a = dot(weights[row], h), b = visibleBias[row]
            sum += log(2 * .pi * variance[row]) / 2 + (2 * a * b + a * a) / (2 * variance[row])
        }
        for row in layout.binaryRows { sum += logSumExp([0, visibleBias[row] + dot(weights[row], h)]) }
        for group in 0 ..< layout.groupCount { sum += logSumExp(layout.rows(ofGroup: group).map { visibleBias[$0] + dot(weights[$0], h) }) }
        return sum
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}

extension BruteForce {
    /// −∂F/∂θ at a visible state of a machine without real columns: weights row by row, then visible and hidden biases.
    func slopes(_ v: [Float]) -> [Double] {
        let units = units(v), means = hiddenMeans(v)
        return units.flatMap { unit in means.map { unit * $0 } } + units + means
    }

    /// T(v, v′) = Σₕ p(h | v) p(v′ | h), row by row: one sweep of block Gibbs of a machine without real columns.
    func sweep(over space: StateSpace) -> [[Double]] {
        let hidden = hiddenStates, scores = (0 ..< space.count).map { index in
            let units = units(Array(space.states.row(index)))
            return hidden.map { -energy(units, $0) }
        }
        let totals = hidden.indices.map { h in logSumExp(scores.map { $0[h] }) }
        return scores.map { row in
            let total = logSumExp(row)
            return scores.map { next in hidden.indices.reduce(0) { $0 + exp(row[$1] - total + next[$1] - totals[$1]) } }
        }
    }
}
