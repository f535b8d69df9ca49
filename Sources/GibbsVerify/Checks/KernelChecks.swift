import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Kernels leave their distribution where it is: chains start at exact draws and must still have the distribution after 1, 4 and 16
/// steps; and, where they mix fast enough to ask for it, have it after some more from a single state.
package enum KernelChecks {
    /// On machines with these columns.
    package static func onMachines<Kernel: TransitionKernel>(_ kinds: [[Variable]], mixing: Int?, key: Key, kernel: (RBM) -> Kernel) throws -> [CheckFailure] {
        try kinds.enumerated().flatMap { index, variables in
            let own = key.folding(index)
            return try checkTransitions(kernel(SmallWorld.machine(variables, hidden: 3, key: own.folding(0))), mixing: mixing, key: own.folding(1))
        }
    }

    /// On a Gaussian with correlated columns.
    package static func onGaussian<Kernel: TransitionKernel>(mixing: Int?, key: Key, kernel: (GaussianEnergy) -> Kernel) throws -> [CheckFailure] {
        let energy = try SmallWorld.gaussian(3, key: key.folding(0))
        return try checkTransitions(kernel(energy), draws: { energy.samples($0, key: $1) }, mixing: mixing, key: key.folding(1))
    }

    /// The unadjusted Langevin algorithm, whose own distribution on a Gaussian is exact at any step size ε: a Gaussian with the same
    /// mean and directions, and σ² / (1 − ε / 2σ²) in place of each variance σ².
    ///
    /// - Source: the fixed point of S = (1 − ε/σ²)² S + 2ε.
    package static func unadjusted<Kernel: TransitionKernel>(key: Key, kernel: (GaussianEnergy, Float) -> Kernel) throws -> [CheckFailure] {
        let uniforms = key.folding(0).uniforms(2).map(Double.init), mean = key.folding(1).normals(3), step: Float = 0.3
        // Along (1, 1, 1), and across it.
        let along = 1.5 + uniforms[0], across = 0.4 + 0.2 * uniforms[1]
        func gaussian(_ change: (Double) -> Double) throws -> GaussianEnergy {
            let (p, q) = (change(along), change(across))
            return try GaussianEnergy(mean: mean, covariance: SymmetricMatrix(size: 3, values: (0 ..< 9).map { (p - q) / 3 + ($0 % 4 == 0 ? q : 0) }))
        }
        let own = try gaussian { $0 / (1 - Double(step) / (2 * $0)) }
        return try checkTransitions(kernel(gaussian { $0 }, step), draws: { own.samples($0, key: $1) }, mixing: 200, key: key.folding(2))
    }

    /// p(h | v) and p(v | h), against the free energy.
    package static func conditionals(key: Key) throws -> [CheckFailure] {
        try [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete].enumerated().flatMap { index, variables in
            try checkLatent(SmallWorld.machine(variables, hidden: 4, key: key.folding(index).folding(0)), key: key.folding(index).folding(1))
        }
    }

    /// p(v | h) of real columns: z = (v − b − Wh) / σ has the first four moments of a standard normal number, each column alone.
    package static func realUnits(key: Key, draw: (RBM, Matrix, Key) throws -> Matrix = { try $0.sampleVisible(given: $1, key: $2) }) throws -> [CheckFailure] {
        let machine = SmallWorld.machine(SmallWorld.mixed + SmallWorld.real, hidden: 4, key: key.folding(0)), count = 20_000
        let states = key.folding(1).uniforms(4).map { $0 < 0.5 ? Float(0) : 1 }
        let drawn = try draw(machine, Matrix(Array(repeating: states, count: count)), key.folding(2))
        return machine.layout.realColumns.enumerated().flatMap { unit, column -> [CheckFailure] in
            let mean = zip(machine.weights.row(unit), states).reduce(Double(machine.visibleBias[unit])) { $0 + Double($1.0) * Double($1.1) }
            let z = drawn.column(column).map { (Double($0) - mean) / exp(Double(machine.logVariance[unit]) / 2) }
            return [0.0, 1, 0, 3].enumerated().flatMap { power, moment in
                checkMean(z.map { pow($0, Double(power + 1)) }, exact: moment, rounding: 1e-4, name: "moment \(power + 1) of column \(column)")
            }
        }
    }

    /// Every temperature starts at exact draws of its own, and the coldest is looked at.
    package static func tempering<Kernel: TransitionKernel>(
        key: Key, kernel: ([GibbsWithGradients<Weighted<RBM>>]) -> Kernel
    ) throws -> [CheckFailure] where Kernel.State == ParallelTempering<GibbsWithGradients<Weighted<RBM>>>.State {
        let machine = SmallWorld.machine(SmallWorld.binary, hidden: 4, spread: 2, key: key.folding(0)), temperatures: [Float] = [1, 2, 5]
        let rungs = temperatures.map { GibbsWithGradients(on: machine.tempered($0)) }
        let moves = kernel(rungs), opening = ParallelTempering(rungs), space = try StateSpace(machine.variables)
        let distributions = try rungs.map { try space.probabilities(of: $0.target) }
        var state: Kernel.State?
        return try checkKernel(stationary: distributions[0], of: space, key: key.folding(1)) { positions, key in
            // A new run begins where its positions are not where the last one ended.
            if state?.positions != positions {
                let warmer = rungs.indices.dropFirst().map { space.sample(distributions[$0], count: positions.rows, key: key.folding(-1 - $0)) }
                state = try opening.start(atEach: [positions] + warmer)
            }
            state = try moves.step(state!, key: key).state
            return state!.positions
        }
    }
}
