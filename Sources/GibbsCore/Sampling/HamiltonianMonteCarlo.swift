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

    /// - Complexity: `leapfrogSteps` gradients, the last of them with energies; small chains in parallel, 32 at a time.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        let step = stepSize * (1 + jitter * Float(2 * key.folding(1).uniform() - 1)), rows = state.positions.rows
        let momentum = Matrix(rows: rows, columns: state.positions.columns, values: key.folding(0).normals(state.positions.values.count))
        let uniforms = key.folding(2).uniforms(rows)
        // Parts depend on the shape alone, so that the bits do not depend on the number of processors.
        let size = isWorthParts(state.positions) ? 32 : rows, parts = max(1, rows / size)
        let ends = parallelMap(parts) { part -> Result<Trajectories, any Error> in
            let range = part * size ..< (part + 1 == parts ? rows : (part + 1) * size)
            return Result { try trajectories(from: state.selecting(rows: range), momentum: momentum.slice(range), uniforms: uniforms[range], step: step) }
        }
        let first = try ends[0].get()
        if parts == 1 { return (first.state, StepReport(acceptance: first.acceptance / Double(rows), diverged: first.diverged, stepSize: step)) }
        var next = state, acceptance = 0.0, diverged = [Int]()
        for (part, end) in ends.enumerated() {
            let end = try end.get()
            next.setRows(from: part * size, to: end.state)
            acceptance += end.acceptance
            diverged += end.diverged.map { $0 + part * size }
        }
        return (next, StepReport(acceptance: acceptance / Double(rows), diverged: diverged, stepSize: step))
    }

    /// Whether chains are moved in parts: not short trajectories, which take less time than waking a thread, nor wide targets,
    /// whose own products fill the processors.
    private func isWorthParts(_ positions: Matrix) -> Bool {
        positions.columns <= 256 && positions.values.count * leapfrogSteps >= 6_000
    }

    /// Where some chains went, the sum of their probabilities of acceptance, and which of them ran away.
    private struct Trajectories: Sendable {
        var state: State
        var acceptance = 0.0
        var diverged = [Int]()
    }

    /// One trajectory of each chain, accepted or not.
    private func trajectories(from state: State, momentum start: Matrix, uniforms: ArraySlice<Float>, step: Float) throws -> Trajectories {
        var momentum = start, end = Trajectories(state: state), runaway = Set<Int>()
        let begin = momentum.rowDots(momentum)
        momentum.add(state.gradients, times: -step / 2, columnScales: scales)
        for index in 1 ... leapfrogSteps {
            end.state.positions.add(momentum, times: step, columnScales: scales)
            runaway.formUnion(end.state.positions.replaceRowsThatAreNotFinite(by: state.positions))
            if index < leapfrogSteps {
                end.state.gradients = try target.gradients(of: end.state.positions)
                momentum.add(end.state.gradients, times: -step, columnScales: scales)
            } else {
                (end.state.energies, end.state.gradients) = try target.energiesAndGradients(of: end.state.positions)
                momentum.add(end.state.gradients, times: -step / 2, columnScales: scales)
            }
        }
        let finish = momentum.rowDots(momentum)
        for (row, uniform) in uniforms.enumerated() {
            let gain = Double(state.energies[row] - end.state.energies[row]) + Double(begin[row] - finish[row]) / 2
            let hasDiverged = !(gain > -1_000) || runaway.contains(row), chance = hasDiverged ? 0 : min(1, exp(gain))
            if hasDiverged { end.diverged.append(row) }
            end.acceptance += chance
            if Double(uniform) < chance { continue }
            end.state.positions.setRow(row, to: state.positions)
            end.state.gradients.setRow(row, to: state.gradients)
            end.state.energies[row] = state.energies[row]
        }
        return end
    }
}

extension HamiltonianMonteCarlo.State {
    /// Some of the chains.
    func selecting(rows range: Range<Int>) -> Self {
        range.count == energies.count ? self
            : .init(positions: positions.slice(range), energies: Array(energies[range]), gradients: gradients.slice(range))
    }

    /// Puts these chains in place of as many from `first`.
    mutating func setRows(from first: Int, to other: Self) {
        positions.setRows(from: first, to: other.positions)
        gradients.setRows(from: first, to: other.gradients)
        energies.replaceSubrange(first ..< first + other.energies.count, with: other.energies)
    }
}
