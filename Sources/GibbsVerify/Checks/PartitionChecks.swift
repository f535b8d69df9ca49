import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// ln Z: exact sums against each other, estimates against exact values, bounds on their own sides.
package enum PartitionChecks {
    /// By the states of either side, against sums in double precision.
    package static func exact(key: Key, logPartition: (RBM, RBM.Side) throws -> Double = { $0.logPartition(summing: $1) }) throws -> [CheckFailure] {
        var failures = [CheckFailure]()
        for (index, variables) in [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete, SmallWorld.mixed, SmallWorld.real].enumerated() {
            for hidden in [1, 4, 13] {
                let machine = SmallWorld.machine(variables, hidden: hidden, spread: 0.8, key: key.folding(index).folding(hidden))
                let exact = BruteForce(machine).logPartition
                for side in variables.contains(.real) ? [RBM.Side.hidden] : [.hidden, .visible] {
                    let found = try logPartition(machine, side)
                    failures += compare(abs(found - exact), limit: 1e-5 * max(1, abs(exact)), "ln Z by \(side) states",
                                        "is \(found) where \(exact) is exact, of \(hidden) hidden units on \(variables.text)")
                }
            }
        }
        return failures
    }

    /// What estimates ln Z of a machine from below and above.
    package typealias Annealing = (RBM, MachineAnnealing, Key) throws -> PartitionBracket

    /// Coarse annealing of many chains, which tells the ln of a mean from the mean of ln: both estimates within six standard errors.
    package static func annealed(key: Key, by anneal: Annealing = { try $0.logPartition(by: $1, key: $2) }) throws -> [CheckFailure] {
        try [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete, SmallWorld.mixed, SmallWorld.real].enumerated().flatMap { index, variables in
            let own = key.folding(index), machine = SmallWorld.machine(variables, hidden: 4, spread: 1, key: own.folding(0))
            let bracket = try anneal(machine, MachineAnnealing(chains: 4_000, steps: 60, sweeps: 200), own.folding(1))
            return enclosed([bracket.lower, bracket.upper], exact: BruteForce(machine).logPartition, rounding: 1e-3)
        }
    }

    /// From a wide Gaussian to a correlated one by Hamiltonian Monte Carlo, with exact draws for the way back.
    package static func annealedGaussian(key: Key) throws -> [CheckFailure] {
        let path = try gaussianPath(shift: 0.5, variance: 2, steps: 6, key: key.folding(0)), chains = 20_000
        let lower = try path.lowerBound(chains: chains, key: key.folding(2), kernel: moves)
        let upper = try path.upperBound(from: path.target.samples(chains, key: key.folding(1)), key: key.folding(3), kernel: moves)
        return enclosed([lower, upper], exact: path.target.logPartition, rounding: 1e-3)
    }

    private static func enclosed(_ estimates: [PartitionEstimate], exact: Double, rounding: Double) -> [CheckFailure] {
        estimates.flatMap { checkEstimate($0.logPartition, standardError: $0.standardError, exact: exact, rounding: rounding, name: "ln Z, \($0.kind.rawValue)") }
    }

    /// One chain and few steps give poor estimates, whose means over many machines lie below and above: lower ≤ ln Z ≤ upper.
    ///
    /// A base without the machine's own column rates makes them poorer still: some ten standard errors to their own sides.
    package static func hastyBoundsEnclose(key: Key, by anneal: Annealing = {
        try $0.logPartition(by: $1, data: SmallWorld.rows($0.variables, count: 50, key: $2.folding(0)), key: $2.folding(1))
    }) throws -> [CheckFailure] {
        var low = [Double](), high = [Double]()
        for index in 0 ..< 80 {
            let own = key.folding(index), machine = SmallWorld.machine(Array(repeating: .binary, count: 40), hidden: 10, spread: 0.7, key: own.folding(0))
            let bracket = try anneal(machine, MachineAnnealing(chains: 1, steps: 3, sweeps: 300), own.folding(1)), exact = machine.logPartition(summing: .hidden)
            low.append(bracket.lower.logPartition - exact)
            high.append(bracket.upper.logPartition - exact)
        }
        let path = try gaussianPath(shift: 2, variance: 4, steps: 2, key: key.folding(-1)), exact = path.target.logPartition
        let below = try (0 ..< 80).map { try path.lowerBound(chains: 1, key: key.folding(-2).folding($0), kernel: moves).logPartition - exact }
        let above = try (0 ..< 80).map { index -> Double in
            let draw = path.target.samples(1, key: key.folding(-3).folding(index))
            return try path.upperBound(from: draw, key: key.folding(-4).folding(index), kernel: moves).logPartition - exact
        }
        return onItsSide(low, "below") + onItsSide(high.map { -$0 }, "above") + onItsSide(below, "below") + onItsSide(above.map { -$0 }, "above")
    }

    /// The mean excess on the wrong side, in its standard errors: far below zero, and never six above it.
    private static func onItsSide(_ excess: [Double], _ side: String) -> [CheckFailure] {
        let mean = Statistics.mean(excess), error = Statistics.standardDeviation(excess) / Double(excess.count - 1).squareRoot()
        return compare(mean / error, limit: 6, "hasty bound", "lies \(mean) ± \(error) nats on the wrong side of ln Z, where it should lie \(side)")
    }

    private typealias Between = Sum<Weighted<GaussianEnergy>, Weighted<GaussianEnergy>>

    /// From independent columns of this variance, so far off, to a correlated Gaussian.
    private static func gaussianPath(shift: Float, variance: Double, steps: Int, key: Key) throws -> AnnealedImportance<GaussianEnergy, GaussianEnergy> {
        let target = try SmallWorld.gaussian(3, key: key), wide = SymmetricMatrix(size: 3, values: (0 ..< 9).map { $0 % 4 == 0 ? variance : 0 })
        return try AnnealedImportance(from: GaussianEnergy(mean: target.mean.map { $0 - shift }, covariance: wide), to: target, steps: steps)
    }

    private static func moves(_ energy: Between) -> HamiltonianMonteCarlo<Between> { HamiltonianMonteCarlo(on: energy, stepSize: 0.4, leapfrogSteps: 4) }
}
