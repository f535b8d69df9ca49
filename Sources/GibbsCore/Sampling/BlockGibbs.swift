import GibbsNumerics

/// Block Gibbs sampling: all hidden units given the visible ones, then all visible units given the hidden ones. Nothing is rejected.
///
/// Serves every machine with hidden units, whatever its visible ones. Mixes slowly where the machine's modes are far apart; see
/// `ParallelTempering`.
///
/// - Source: Geman & Geman, IEEE PAMI 1984; Hinton, *Training Products of Experts*, Neural Computation 2002.
public struct BlockGibbs<Target: LatentEnergy>: TransitionKernel {
    /// F, the free energy of the visible units.
    public let target: Target
    /// Sweeps over all units that count as one step.
    public var sweeps: Int

    /// A kernel; its settings are checked when a chain starts.
    public init(on target: Target, sweeps: Int = 1) {
        self.target = target
        self.sweeps = sweeps
    }

    /// Visible states.
    public struct State: ChainState {
        /// Where the chains are; shape `[chains, features]`.
        public let positions: Matrix
    }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        guard sweeps > 0 else { throw GibbsError(.usage, "block Gibbs with \(sweeps) sweeps a step", advice: "take at least one") }
        try check(positions)
        return State(positions: positions)
    }

    /// See `TransitionKernel.step(_:key:)`.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        (State(positions: try target.sampled(from: state.positions, sweeps: sweeps, key: key)), StepReport())
    }
}
