import Foundation
import GibbsNumerics

/// Annealed importance sampling between two energies: p_β ∝ exp(−(1−β) E₀ − β E), from a base E₀ that can be drawn from exactly.
///
/// Forward, chains go from β = 0 to 1 and give an estimate of ln Z that is low on average; in reverse they go from draws of the
/// target back to the base, and the estimate is high on average. When the two meet, ln Z is known. The reverse bound holds for
/// exact draws of the target: draws by a chain that has missed a mode make it too low, and no diagnostic shows that.
///
/// - Source: Neal, *Annealed Importance Sampling*, Statistics and Computing 2001; the reverse runs: Grosse, Ghahramani, Adams,
///   *Sandwiching the marginal likelihood using bidirectional Monte Carlo*, 2015. For machines with hidden units see their own
///   `logPartition`, which is faster.
public struct AnnealedImportance<Base: NormalisedEnergy & DifferentiableEnergy, Target: DifferentiableEnergy>: Sendable {
    /// E₀ + (E − E₀) β.
    public typealias Intermediate = Sum<Weighted<Base>, Weighted<Target>>

    /// E₀.
    public let base: Base
    /// E.
    public let target: Target
    /// 0 = β₀ < … < β_K = 1.
    public let betas: [Double]

    /// A path of `steps` equal steps, or with these values of β.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for energies of different columns, `.usage` unless β rises from 0 to 1.
    public init(from base: Base, to target: Target, steps: Int = 1_000, betas: [Double]? = nil) throws {
        let betas = betas ?? (0 ... max(1, steps)).map { Double($0) / Double(max(1, steps)) }
        guard steps > 0, betas.count > 1, betas.first == 0, betas.last == 1, zip(betas, betas.dropFirst()).allSatisfy(<) else {
            throw GibbsError(.usage, "annealing in \(betas.count - 1) steps of β", advice: "let β rise from 0 to 1")
        }
        guard base.variables == target.variables else {
            throw GibbsError(.shapeMismatch, "annealing from \(base.features) columns to \(target.features) others", advice: "give a base with the target's columns")
        }
        self.base = base
        self.target = target
        self.betas = betas
    }

    /// The energy at β.
    public func energy(at beta: Double) -> Intermediate { Float(1 - beta) * base + Float(beta) * target }

    /// ln Z of the target from below; consumes `key`.
    ///
    /// - Parameters:
    ///   - chains: Chains, each from an exact draw of the base.
    ///   - key: Feeds the draws.
    ///   - kernel: Makes the kernel for an intermediate energy; one step is taken at each.
    /// - Throws: What the kernel throws; `GibbsError` with code `.usage` for no chains.
    /// - Complexity: For each β a step of every chain and one energy of base and target.
    public func lowerBound<Kernel: TransitionKernel>(chains: Int, key: Key, kernel: (Intermediate) -> Kernel) throws -> PartitionEstimate
    where Kernel.Target == Intermediate {
        guard chains > 0 else { throw GibbsError(.usage, "annealing with \(chains) chains", advice: "run at least one") }
        let clock = ContinuousClock(), begin = clock.now
        let (weights, _) = try run(from: base.samples(chains, key: key.folding(0)), along: betas, key: key.folding(1), kernel)
        return PartitionEstimate(base: base.logPartition, logWeights: weights, kind: .lower, seconds: (clock.now - begin).inSeconds)
    }

    /// ln Z of the target from above, given draws of the target; consumes `key`.
    ///
    /// - Parameters:
    ///   - draws: As nearly exact draws of the target as can be had, one a chain; shape `[chains, features]`.
    ///   - key: Feeds the draws.
    ///   - kernel: As for `lowerBound`.
    /// - Throws: As `lowerBound`.
    public func upperBound<Kernel: TransitionKernel>(from draws: Matrix, key: Key, kernel: (Intermediate) -> Kernel) throws -> PartitionEstimate
    where Kernel.Target == Intermediate {
        guard draws.rows > 0 else { throw GibbsError(.usage, "annealing with no chains", advice: "give at least one draw of the target") }
        let clock = ContinuousClock(), begin = clock.now
        let (weights, _) = try run(from: draws, along: betas.reversed(), key: key, kernel)
        return PartitionEstimate(base: base.logPartition, logWeights: weights, kind: .upper, seconds: (clock.now - begin).inSeconds)
    }

    /// ln w = Σ E_{k−1}(x) − E_k(x), each taken before the step at β_k.
    private func run<Kernel: TransitionKernel>(from start: Matrix, along betas: [Double], key: Key, _ kernel: (Intermediate) -> Kernel)
    throws -> (weights: [Double], last: Matrix) where Kernel.Target == Intermediate {
        var positions = start, weights = [Double](repeating: 0, count: start.rows)
        for index in 1 ..< betas.count {
            let difference = betas[index] - betas[index - 1]
            let low = try base.energies(of: positions), high = try target.energies(of: positions)
            for chain in weights.indices { weights[chain] -= difference * (Double(high[chain]) - Double(low[chain])) }
            if index == betas.count - 1 { break }
            let moves = kernel(energy(at: betas[index]))
            positions = try moves.step(moves.start(at: positions), key: key.folding(index)).state.positions
        }
        return (weights, positions)
    }
}
