import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// How ln Z of a machine is estimated by annealing: from independent columns to the machine.
///
///     p_β(v) ∝ exp(−Σ_real (vᵢ − bᵢ(β))² / 2σᵢ² + Σ_other bᵢ(β) vᵢ) Πⱼ (1 + exp(β (cⱼ + Σᵢ (vᵢ/σᵢ²) Wᵢⱼ))),   b(β) = (1 − β) b₀ + β b
///
/// - Source: Salakhutdinov & Murray, *On the quantitative analysis of deep belief networks*, ICML 2008, section 4.1, base rates b₀ from
///   data and the spacing of β included.
public struct MachineAnnealing: Sendable, Hashable {
    /// Chains each way.
    public var chains: Int
    /// Steps of β from 0 to 1: a thirtieth up to 0.5, a quarter up to 0.9, the rest up to 1.
    public var steps: Int
    /// Sweeps of block Gibbs, from the ends of the forward chains, before the reverse chains set out.
    public var sweeps: Int

    /// Settings; checked when used.
    public init(chains: Int = 100, steps: Int = 10_000, sweeps: Int = 500) {
        self.chains = chains
        self.steps = steps
        self.sweeps = sweeps
    }

    /// β₀ = 0 < … < 1.
    var betas: [Float] {
        let first = max(1, steps / 30), second = max(1, steps / 4), last = max(1, steps - first - second)
        func part(_ low: Double, _ high: Double, _ count: Int) -> [Float] { (1 ... count).map { Float(low + (high - low) * Double($0) / Double(count)) } }
        return [0] + part(0, 0.5, first) + part(0.5, 0.9, second) + part(0.9, 1, last)
    }
}

/// ln Z between two estimates.
public struct PartitionBracket: Sendable, Hashable {
    /// By annealed importance sampling; low on average.
    public let lower: PartitionEstimate
    /// By the reverse; high on average.
    public let upper: PartitionEstimate
}

extension RBM {
    /// ln Z from below and above; consumes `key`.
    ///
    /// - Parameters:
    ///   - method: How many chains, and how slowly.
    ///   - data: Rows whose column means are the base rates, such as the training data; without them the means are those of a short run.
    ///   - progress: Told the share done, 0...1, after every hundredth.
    /// - Throws: `GibbsError` with code `.usage` for settings that are not positive, `.shapeMismatch` or `.unsuitableData` for the data;
    ///   what `progress` throws. Estimates that do not meet are no error: take more steps.
    /// - Complexity: Each way `chains · steps` sweeps of block Gibbs.
    public func logPartition(by method: MachineAnnealing = MachineAnnealing(), data: Matrix? = nil, key: Key,
                             progress: (Double) throws -> Void = { _ in }) throws -> PartitionBracket {
        guard method.chains > 0, method.steps > 2, method.sweeps >= 0 else {
            throw GibbsError(.usage, "annealing with \(method.chains) chains, \(method.steps) steps and \(method.sweeps) sweeps",
                             advice: "run at least one chain and three steps")
        }
        let base = try baseBiases(data, key: key.folding(0)), betas = method.betas
        var forward = AnnealingRun(self, base: base, chains: method.chains, key: key.folding(1))
        let clock = ContinuousClock(), begin = clock.now
        try forward.anneal(along: betas, key: key.folding(2)) { try progress($0 / 2) }
        let lower = PartitionEstimate(base: forward.baseLogPartition, logWeights: forward.weights, kind: .lower, seconds: (clock.now - begin).inSeconds)
        let middle = clock.now
        // The forward ends, drawn again by their weights, are close to draws of the machine; sweeps bring them closer.
        var reverse = forward.resampled(key: key.folding(3))
        for sweep in 0 ..< method.sweeps { reverse.sweep(key: key.folding(4).folding(sweep)) }
        try reverse.anneal(along: betas.reversed(), key: key.folding(5)) { try progress(0.5 + $0 / 2) }
        let upper = PartitionEstimate(base: forward.baseLogPartition, logWeights: reverse.weights, kind: .upper, seconds: (clock.now - middle).inSeconds)
        return PartitionBracket(lower: lower, upper: upper)
    }

    /// Biases of independent columns with the data's means, or with those of draws of this machine.
    private func baseBiases(_ data: Matrix?, key: Key) throws -> [Float] {
        if let data { try data.check(against: variables) }
        let rows = try data ?? sampled(from: ChainStart.noise(chains: 200).positions(for: variables, key: key.folding(0)), sweeps: 200, key: key.folding(1))
        let biases = ColumnMarginals(rows, layout: layout).biases
        // Column rates near 0 or 1 would leave the base without the states that the machine visits.
        return biases.enumerated().map { $0.offset < layout.realCount ? $0.element : min(max($0.element, -7), 7) }
    }
}

/// Chains on their way between the base and the machine, and their weights.
private struct AnnealingRun {
    private let machine: RBM
    private let base: [Float]
    private var states: VisibleStates
    private var inputs: [Float] = []
    private var hidden: [Float]
    /// ln w of every chain.
    private(set) var weights: [Double]

    /// Chains drawn from the base.
    init(_ machine: RBM, base: [Float], chains: Int, key: Key) {
        self.machine = machine
        self.base = base
        states = VisibleStates(rows: chains, layout: machine.layout)
        hidden = [Float](repeating: 0, count: chains * machine.hiddenCount)
        weights = [Double](repeating: 0, count: chains)
        sampleVisible(biases: base, key: key)
    }

    /// ln Z at β = 0: the hidden units are free, the visible ones independent.
    var baseLogPartition: Double {
        let layout = machine.layout
        var sum = Double(machine.hiddenCount) * log(2) + machine.logVariance.reduce(0.0) { $0 + (log(2 * .pi) + Double($1)) / 2 }
        for unit in layout.binaryRows { sum += log1p(exp(-abs(Double(base[unit])))) + max(0, Double(base[unit])) }
        for group in 0 ..< layout.groupCount { sum += logSumExp(layout.rows(ofGroup: group).map { base[$0] }) }
        return sum
    }

    /// Moves along β, adding ln p*_new(v) − ln p*_old(v) before each draw at the new β.
    mutating func anneal(along betas: [Float], key: Key, progress: (Double) throws -> Void) throws {
        let layout = machine.layout, drift = zip(machine.visibleBias, base).map { $0 - $1 }
        var shares = [Float](repeating: 0, count: states.rows)
        for index in 1 ..< betas.count {
            let (old, new) = (betas[index - 1], betas[index]), stepKey = key.folding(index)
            let oldBias = biases(at: old), newBias = biases(at: new)
            gk_list_dots(states.units, states.values, states.starts, states.stops, states.rows, drift, &shares)
            for chain in weights.indices {
                weights[chain] += Double((new - old) * shares[chain]) + realDifference(chain, from: oldBias, to: newBias, count: layout.realCount)
            }
            let isLast = index == betas.count - 1 && new == 0
            drawHidden(old: old, new: new, key: stepKey.folding(0))
            // At β = 0 the weight is complete, and what comes next does not matter.
            if !isLast { sampleVisible(biases: newBias, key: stepKey.folding(1)) }
            if index % max(1, betas.count / 100) == 0 { try progress(Double(index) / Double(betas.count - 1)) }
        }
    }

    /// One sweep of block Gibbs at β = 1; the weights stay as they are.
    mutating func sweep(key: Key) {
        drawHidden(old: 1, new: 1, key: key.folding(0))
        sampleVisible(biases: machine.visibleBias, key: key.folding(1))
    }

    /// As many chains, drawn by their weights, with fresh weights.
    func resampled(key: Key) -> AnnealingRun {
        let total = logSumExp(weights), shares = weights.map { exp($0 - total) }
        // Systematic resampling: one uniform for all.
        var picks = [Int](), sum = 0.0, mark = key.uniform() / Double(weights.count)
        for (chain, share) in shares.enumerated() {
            sum += share
            while picks.count < weights.count, mark < sum || chain == shares.count - 1 {
                picks.append(chain)
                mark += 1 / Double(weights.count)
            }
        }
        var copy = self
        copy.states = VisibleStates(states.batch().selecting(rows: picks), layout: machine.layout)
        copy.weights = [Double](repeating: 0, count: weights.count)
        return copy
    }

    private func biases(at beta: Float) -> [Float] { zip(base, machine.visibleBias).map { (1 - beta) * $0 + beta * $1 } }

    /// Σ_real ((v − b_old)² − (v − b_new)²) / 2σ².
    private func realDifference(_ chain: Int, from old: [Float], to new: [Float], count: Int) -> Double {
        var sum = 0.0
        for unit in 0 ..< count {
            let v = states.real.values[chain * count + unit], a = v - old[unit], b = v - new[unit]
            sum += Double((a * a - b * b) / 2 * exp(-machine.logVariance[unit]))
        }
        return sum
    }

    /// Adds the hidden units' part to the weights and draws them at the new β; `hidden` holds β h, as the inputs of the visible units
    /// want it.
    private mutating func drawHidden(old: Float, new: Float, key: Key) {
        let x = machine.hiddenInput(states), count = machine.hiddenCount, tiles = gk_padded(count) / 128, machine = machine
        hidden.withUnsafeMutableBufferPointer { hidden in
            weights.withUnsafeMutableBufferPointer { weights in
                let hidden = SharedPointer(hidden.baseAddress), weights = SharedPointer(weights.baseAddress)
                parallelRanges(x.rows, minimum: max(1, 4_096 / count)) { range in
                    x.values.withUnsafeBufferPointer {
                        gk_anneal_hidden($0.baseAddress! + range.lowerBound * count, machine.hiddenBias, range.count, count, old, new,
                                         weights.pointer! + range.lowerBound, hidden.pointer! + range.lowerBound * count, key.raw,
                                         UInt64(range.lowerBound * tiles))
                    }
                }
            }
        }
    }

    private mutating func sampleVisible(biases: [Float], key: Key) {
        var machine = machine
        machine.visibleBias = biases
        machine.sampleVisible(given: hidden, key: key, into: &states, rows: 0 ..< states.rows, inputs: &inputs)
    }
}
