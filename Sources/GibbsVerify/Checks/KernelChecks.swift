import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Kernels leave their distribution where it is: chains start at exact draws and must still have the distribution after 1, 4 and 16
/// steps; and, where they mix fast enough to ask for it, have it after some more from a single state.
enum KernelChecks {
    static func onMachines<Kernel: TransitionKernel>(_ kinds: [[Variable]], mixing: Int?, key: Key, kernel: (RBM) -> Kernel) throws -> [CheckFailure] {
        try kinds.enumerated().flatMap { index, variables in
            let own = key.folding(index)
            return try checkTransitions(kernel(SmallWorld.machine(variables, hidden: 3, key: own.folding(0))), mixing: mixing, key: own.folding(1))
        }
    }

    static func onGaussian<Kernel: TransitionKernel>(mixing: Int?, key: Key, kernel: (GaussianEnergy) -> Kernel) throws -> [CheckFailure] {
        let energy = try SmallWorld.gaussian(3, key: key.folding(0))
        return try checkTransitions(kernel(energy), draws: { energy.samples($0, key: $1) }, mixing: mixing, key: key.folding(1))
    }

    /// p(h | v) and p(v | h), against the free energy.
    static func conditionals(key: Key) throws -> [CheckFailure] {
        try [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete].enumerated().flatMap { index, variables in
            try checkLatent(SmallWorld.machine(variables, hidden: 4, key: key.folding(index).folding(0)), key: key.folding(index).folding(1))
        }
    }

    /// Every temperature starts at exact draws of its own, and the coldest is looked at.
    static func tempering<Kernel: TransitionKernel>(
        key: Key, kernel: ([GibbsWithGradients<Weighted<RBM>>]) -> Kernel
    ) throws -> [CheckFailure] where Kernel.State == ParallelTempering<GibbsWithGradients<Weighted<RBM>>>.State {
        let machine = SmallWorld.machine(SmallWorld.binary, hidden: 4, spread: 2, key: key.folding(0)), temperatures: [Float] = [1, 2, 5]
        let rungs = temperatures.map { GibbsWithGradients(on: machine.tempered($0)) }
        let moves = kernel(rungs), opening = ParallelTempering(rungs), space = try StateSpace(machine.variables)
        let distributions = try rungs.map { try space.probabilities(of: $0.target) }
        var state: Kernel.State?
        return try checkKernel(stationary: distributions[0], of: space, key: key.folding(1)) { positions, key in
            if state?.positions != positions {
                let warmer = rungs.indices.dropFirst().map { space.sample(distributions[$0], count: positions.rows, key: key.folding(-1 - $0)) }
                state = try opening.start(atEach: [positions] + warmer)
            }
            state = try moves.step(state!, key: key).state
            return state!.positions
        }
    }
}
