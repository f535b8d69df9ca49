import Foundation
import GibbsNumerics

/// Hamiltonian Monte Carlo: a fresh momentum, some leapfrog steps along −∇E, and a Metropolis test of the whole trajectory.
///
///     r ~ N(0, 1);   r ← r − ½ε sₖ ∇E(x),  x ← x + ε sₖ r,  r ← r − ½ε sₖ ∇E(x)   `leapfrogSteps` times
///     accepted with probability min(1, exp(E(x) + ½r² − E(x′) − ½r′²))
///
/// sₖ² is the diagonal of the inverse mass matrix. Find ε and s by `warmedUp`. A trajectory whose energy grows by more than
/// 1,000 nats, or is no number, counts as divergent and is rejected.
///
/// - Source: Neal, *MCMC using Hamiltonian dynamics*, Handbook of MCMC 2011; jitter of the step size: its section 5.4.2.2.
public struct HamiltonianMonteCarlo<Target: DifferentiableEnergy>: AdaptiveKernel {
    /// E; all columns are real.
    public let target: Target
    /// ε, in units of the columns divided by their scales.
    public var stepSize: Float
    /// Leapfrog steps a trajectory; with 1 the kernel is the Metropolis-adjusted Langevin algorithm.
    public var leapfrogSteps: Int
    /// sₖ, roughly the deviation of each column; `nil` for ones.
    public var scales: [Float]?
    /// Each trajectory's ε is drawn from ε(1 − jitter) ... ε(1 + jitter), so that no direction is left where it began.
    public var jitter: Float

    /// A kernel; its settings are checked when a chain starts.
    public init(on target: Target, stepSize: Float = 0.1, leapfrogSteps: Int = 10, scales: [Float]? = nil, jitter: Float = 0.2) {
        self.target = target
        self.stepSize = stepSize
        self.leapfrogSteps = leapfrogSteps
        self.scales = scales
        self.jitter = jitter
    }

    /// Positions, with E and ∇E there.
    public struct State: ChainState {
        /// Where the coldest chains are; shape `[chains, features]`.
        public internal(set) var positions: Matrix
        var energies: [Float]
        var gradients: Matrix
    }

    /// See `AdaptiveKernel.targetAcceptance`: 0.574 for one leapfrog step, 0.8 for more.
    public var targetAcceptance: Double { leapfrogSteps == 1 ? 0.574 : 0.8 }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        try checkRealTarget(stepSize: stepSize, scales: scales, name: "Hamiltonian Monte Carlo")
        guard leapfrogSteps > 0, (0 ..< 1).contains(jitter) else {
            throw GibbsError(.usage, "Hamiltonian Monte Carlo with \(leapfrogSteps) leapfrog steps and a jitter of \(jitter)",
                             advice: "take at least one step, and a jitter from 0 to below 1")
        }
        try check(positions)
        let (energies, gradients) = try target.energiesAndGradients(of: positions)
        return State(positions: positions, energies: energies, gradients: gradients)
    }

    /// - Complexity: `leapfrogSteps` gradients, the last of them with energies.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        let step = stepSize * (1 + jitter * Float(2 * key.folding(1).uniform() - 1)), rows = state.positions.rows
        var momentum = Matrix(rows: rows, columns: state.positions.columns, values: key.folding(0).normals(state.positions.values.count))
        let begin = momentum.rowDots(momentum)
        var next = state, runaway = Set<Int>()
        momentum.add(state.gradients, times: -step / 2, columnScales: scales)
        for index in 1 ... leapfrogSteps {
            next.positions.add(momentum, times: step, columnScales: scales)
            runaway.formUnion(next.positions.replaceRowsThatAreNotFinite(by: state.positions))
            if index < leapfrogSteps {
                next.gradients = try target.gradients(of: next.positions)
                momentum.add(next.gradients, times: -step, columnScales: scales)
            } else {
                (next.energies, next.gradients) = try target.energiesAndGradients(of: next.positions)
                momentum.add(next.gradients, times: -step / 2, columnScales: scales)
            }
        }
        let end = momentum.rowDots(momentum), uniforms = key.folding(2).uniforms(rows)
        var acceptance = 0.0, diverged = [Int]()
        for row in 0 ..< rows {
            let gain = Double(state.energies[row] - next.energies[row]) + Double(begin[row] - end[row]) / 2
            let hasDiverged = !(gain > -1_000) || runaway.contains(row), chance = hasDiverged ? 0 : min(1, exp(gain))
            if hasDiverged { diverged.append(row) }
            acceptance += chance
            if Double(uniforms[row]) < chance { continue }
            next.positions.setRow(row, to: state.positions)
            next.gradients.setRow(row, to: state.gradients)
            next.energies[row] = state.energies[row]
        }
        return (next, StepReport(acceptance: acceptance / Double(rows), diverged: diverged, stepSize: step))
    }
}
