import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Gradients against differences of the energy.
package enum GradientChecks {
    /// Machines, landscapes and what they combine to.
    package static func all(key: Key) throws -> [CheckFailure] {
        let gaussian = try SmallWorld.gaussian(3, key: key.folding(0)), mixture = try SmallWorld.mixture(3, key: key.folding(1))
        let real = SmallWorld.machine([.real, .real, .real], hidden: 4, spread: 0.7, key: key.folding(2))
        let both = [AnyDifferentiableEnergy(gaussian), AnyDifferentiableEnergy(real)]
        let energies: [any DifferentiableEnergy] = [
            real, SmallWorld.machine(SmallWorld.binary, hidden: 4, key: key.folding(3)), SmallWorld.machine([.binary, .real, .binary], hidden: 4, key: key.folding(4)),
            gaussian, mixture, try SmallWorld.memory(3, kernel: .quadratic, key: key.folding(6)),
            try SmallWorld.memory(3, kernel: .heavyTailed(width: 3), key: key.folding(7)), gaussian + mixture, 0.5 * real, gaussian.tempered(3),
            try Mixture(both, shares: [1, 2], logPartitions: [gaussian.logPartition, try real.exactLogPartition().logPartition]),
            gaussian + (try Excluded(mixture, ceiling: 6)),
        ]
        return try energies.enumerated().flatMap { try check($0.element, key: key.folding(5).folding($0.offset)) }
    }

    /// One energy at four random rows.
    package static func check(_ energy: any DifferentiableEnergy, key: Key) throws -> [CheckFailure] {
        try checkGradient(energy, rows: SmallWorld.rows(energy.variables, count: 4, key: key))
    }
}
