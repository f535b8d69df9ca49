import GibbsCore
import GibbsNumerics

/// One step at a time, for chains whose way is looked at: what `sample` and its diagnostics need. The noise is that of `run` from the same keys.
extension LangevinChains: TransitionKernel {
    /// Where the chains are.
    public struct State: ChainState {
        /// Shape `[chains, features]`.
        public let positions: Matrix
    }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        guard positions.rows > 0 else { throw GibbsError(.usage, "a run of no chains", advice: "start at least one") }
        try target.checkComplete(positions)
        return State(positions: positions)
    }

    /// - Complexity: One gradient, and a copy in and out.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        let run = try run(state.positions) { _ in key }
        return (State(positions: run.positions), StepReport(diverged: run.diverged, stepSize: stepSize))
    }
}
