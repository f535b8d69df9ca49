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

    /// The most units of all chains together, and the most steps: 2³⁰.
    public static let stateLimit = 1 << 30

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

    /// A bracket of these two.
    public init(lower: PartitionEstimate, upper: PartitionEstimate) {
        self.lower = lower
        self.upper = upper
    }
}

extension RBM {
    /// ln Z from below and above; consumes `key`.
    ///
    /// - Parameters:
    ///   - method: How many chains, and how slowly.
    ///   - data: Rows whose column means are the base rates, and from which half of the reverse chains start, such as the training data;
    ///     without them the means are those of a short run. Rows with missing values start no chain.
    ///   - key: Feeds the draws.
    ///   - progress: Told the share done, 0...1, after every hundredth.
    /// - Throws: `GibbsError` with code `.usage` for settings that are not positive, `.limitExceeded` beyond `MachineAnnealing.stateLimit`, `.shapeMismatch` or `.unsuitableData` for the data;
    ///   what `progress` throws. Estimates that do not meet are no error: take more steps.
    /// - Complexity: Each way `chains · steps` sweeps of block Gibbs.
    public func logPartition(by method: MachineAnnealing = MachineAnnealing(), data: Matrix? = nil, key: Key,
                             progress: (Double) throws -> Void = { _ in }) throws -> PartitionBracket {
        try method.check(units: layout.width + hiddenCount)
        let base = try baseBiases(data, key: key.folding(0)), betas = method.betas
        var forward = AnnealingRun(self, base: base, chains: method.chains, key: key.folding(1))
        let clock = ContinuousClock(), begin = clock.now
        try forward.anneal(along: betas, key: key.folding(2)) { try progress($0 / 2) }
        let lower = PartitionEstimate(base: forward.baseLogPartition, logWeights: forward.weights, kind: .lower, seconds: (clock.now - begin).inSeconds)
        let middle = clock.now
        // The forward ends, drawn again by their weights, are close to draws of the machine, and so is data it has learned; sweeps bring
        // them closer. Data is where modes are that annealing missed, so half of the chains start there.
        var reverse = forward.resampled(key: key.folding(3))
        if let data { reverse.replaceHalf(by: data, key: key.folding(6)) }
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
    private let path: AnnealingPath
    private var chains: AnnealedChains
    /// ln w of every chain.
    private(set) var weights: [Double]

    /// Chains drawn from the base.
    init(_ machine: RBM, base: [Float], chains count: Int, key: Key) {
        self.machine = machine
        path = AnnealingPath(machine, base: base)
        chains = AnnealedChains(machine, count: count)
        weights = [Double](repeating: 0, count: count)
        chains.drawVisible(machine, at: 0, on: path, key: key)
    }

    var baseLogPartition: Double { path.baseLogPartition(machine) }

    /// Moves along β, adding ln p*_new(v) − ln p*_old(v) before each draw at the new β.
    mutating func anneal(along betas: [Float], key: Key, progress: (Double) throws -> Void) throws {
        for index in 1 ..< betas.count {
            let (old, new) = (betas[index - 1], betas[index]), stepKey = key.folding(index)
            chains.drawHidden(machine, from: old, to: new, on: path, adding: &weights, key: stepKey.folding(0))
            // At β = 0 the weight is complete, and what comes next does not matter.
            if new > 0 { chains.drawVisible(machine, at: new, on: path, key: stepKey.folding(1)) }
            if index % max(1, betas.count / 100) == 0 { try progress(Double(index) / Double(betas.count - 1)) }
        }
    }

    /// One sweep of block Gibbs at β = 1; the weights stay as they are.
    mutating func sweep(key: Key) {
        var unchanged = weights
        chains.drawHidden(machine, from: 1, to: 1, on: path, adding: &unchanged, key: key.folding(0))
        chains.drawVisible(machine, at: 1, on: path, key: key.folding(1))
    }

    /// Every second chain goes on from a row of the data.
    mutating func replaceHalf(by data: Matrix, key: Key) {
        let complete = (0 ..< data.rows).filter { !data.row($0).contains(where: \.isNaN) }, order = key.permutation(complete.count)
        if complete.isEmpty { return }
        chains.replace((0 ..< weights.count).filter { $0 % 2 == 1 }) { data.row(complete[order[$0 % complete.count]]) }
    }

    /// As many chains, drawn by their weights, with fresh weights.
    func resampled(key: Key) -> AnnealingRun {
        let total = logSumExp(weights), picks = systematicPicks(weights.map { exp($0 - total) }, mark: key.uniform())
        var copy = self
        copy.chains.select(picks)
        copy.weights = [Double](repeating: 0, count: weights.count)
        return copy
    }
}
