import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The path from independent columns with the biases b₀ to a machine; see `MachineAnnealing`.
struct AnnealingPath: Sendable {
    /// b₀ in weight order.
    let base: [Float]
    /// b − b₀.
    private let drift: [Float]

    init(_ machine: RBM, base: [Float]) {
        self.base = base
        drift = zip(machine.visibleBias, base).map { $0 - $1 }
    }

    /// b(β).
    func biases(at beta: Float) -> [Float] { zip(base, drift).map { $0 + beta * $1 } }

    /// ln Z at β = 0: the hidden units are free, the visible ones independent.
    func baseLogPartition(_ machine: RBM) -> Double {
        let layout = machine.layout
        var sum = Double(machine.hiddenCount) * log(2) + machine.logVariance.reduce(0.0) { $0 + (log(2 * .pi) + Double($1)) / 2 }
        for unit in layout.binaryRows { sum += log1p(exp(-abs(Double(base[unit])))) + max(0, Double(base[unit])) }
        for group in 0 ..< layout.groupCount { sum += logSumExp(layout.rows(ofGroup: group).map { base[$0] }) }
        return sum
    }

    /// Adds the visible units' part of ln p*_new(v) − ln p*_old(v) to a number a row.
    func addVisibleDifference(_ machine: RBM, _ states: VisibleStates, from old: Float, to new: Float, to weights: inout [Double]) {
        if old == new { return }
        let real = states.layout.realCount
        var shares = [Float](repeating: 0, count: states.rows)
        gk_list_dots(states.units, states.values, states.starts, states.stops, states.rows, drift, &shares)
        let (oldBias, newBias) = real > 0 ? (biases(at: old), biases(at: new)) : ([], [])
        for row in weights.indices {
            var sum = Double((new - old) * shares[row])
            for unit in 0 ..< real {
                let v = states.real.values[row * real + unit], a = v - oldBias[unit], b = v - newBias[unit]
                sum += Double((a * a - b * b) / 2 * exp(-machine.logVariance[unit]))
            }
            weights[row] += sum
        }
    }
}

/// Block Gibbs chains somewhere on an annealing path, in buffers that steps reuse.
struct AnnealedChains: Sendable {
    private(set) var states: VisibleStates
    private var inputs: [Float] = []
    /// β h, as the inputs of the visible units want it.
    private var hidden: [Float]

    /// Chains whose visible units are all off; draw before use.
    init(_ machine: RBM, count: Int) {
        states = VisibleStates(rows: count, layout: machine.layout)
        hidden = [Float](repeating: 0, count: count * machine.hiddenCount)
    }

    /// Adds ln p*_new(v) − ln p*_old(v) to the weights and draws h ~ p_new(h | v).
    mutating func drawHidden(_ machine: RBM, from old: Float, to new: Float, on path: AnnealingPath, adding weights: inout [Double], key: Key) {
        path.addVisibleDifference(machine, states, from: old, to: new, to: &weights)
        hidden.withUnsafeMutableBufferPointer {
            Self.anneal(machine, states, from: old, to: new, adding: &weights, sample: $0.baseAddress, key: key)
        }
    }

    /// ln p*_new(v) − ln p*_old(v) of every chain; nothing moves.
    func differences(_ machine: RBM, from old: Float, to new: Float, on path: AnnealingPath) -> [Double] {
        var weights = [Double](repeating: 0, count: states.rows)
        path.addVisibleDifference(machine, states, from: old, to: new, to: &weights)
        Self.anneal(machine, states, from: old, to: new, adding: &weights, sample: nil, key: Key(0))
        return weights
    }

    private static func anneal(_ machine: RBM, _ states: VisibleStates, from old: Float, to new: Float, adding weights: inout [Double],
                               sample: UnsafeMutablePointer<Float>?, key: Key) {
        let x = machine.hiddenInput(states), count = machine.hiddenCount, tiles = gk_padded(count) / 128
        weights.withUnsafeMutableBufferPointer { weights in
            let sample = SharedPointer(sample), weights = SharedPointer(weights.baseAddress)
            parallelRanges(x.rows, minimum: max(1, 4_096 / count)) { range in
                x.values.withUnsafeBufferPointer {
                    gk_anneal_hidden($0.baseAddress! + range.lowerBound * count, machine.hiddenBias, range.count, count, old, new,
                                     weights.pointer! + range.lowerBound, sample.pointer.map { $0 + range.lowerBound * count }, key.raw,
                                     UInt64(range.lowerBound * tiles))
                }
            }
        }
    }

    /// v ~ p_β(v | h).
    mutating func drawVisible(_ machine: RBM, at beta: Float, on path: AnnealingPath, key: Key) {
        var annealed = machine
        annealed.visibleBias = path.biases(at: beta)
        annealed.sampleVisible(given: hidden, key: key, into: &states, rows: 0 ..< states.rows, inputs: &inputs)
    }

    /// Keeps the named chains, in that order; an index may repeat.
    mutating func select(_ rows: [Int]) { states = VisibleStates(states.batch().selecting(rows: rows), layout: states.layout) }

    /// Puts other states in place of the named chains'.
    mutating func replace(_ rows: [Int], by state: (Int) -> ArraySlice<Float>) {
        var batch = states.batch()
        for (index, row) in rows.enumerated() {
            for (column, value) in state(index).enumerated() { batch[row, column] = value }
        }
        states = VisibleStates(batch, layout: states.layout)
    }

    /// Sets the states of all chains.
    mutating func set(_ new: VisibleStates) { states = new }

    /// Exchanges one chain's state with that of another run's.
    mutating func exchange(_ row: Int, with other: inout AnnealedChains) { states.exchange(row, with: &other.states) }
}
