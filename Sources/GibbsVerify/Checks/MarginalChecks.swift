import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Energies of rows with missing values, against the sum or integral over what is missing.
package enum MarginalChecks {
    /// Machines, Gaussians, mixtures and memories.
    package static func all(key: Key) throws -> [CheckFailure] {
        let machines = [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete, SmallWorld.mixed].enumerated().map {
            SmallWorld.machine($0.element, hidden: 5, key: key.folding(0).folding($0.offset))
        }
        var failures = try machines.enumerated().flatMap { try check($0.element, key: key.folding(1).folding($0.offset)) }
        failures += try check(SmallWorld.gaussian(3, key: key.folding(2)), key: key.folding(3))
        failures += try check(SmallWorld.mixture(3, key: key.folding(4)), key: key.folding(5))
        for (index, kernel) in [MemoryEnergy.Kernel.quadratic, .heavyTailed(width: 3)].enumerated() {
            let memory = try SmallWorld.memory(3, kernel: kernel, key: key.folding(8).folding(index))
            failures += try check(memory, key: key.folding(9).folding(index))
        }
        // A machine's real column is bounded from above.
        let row = Array(try SmallWorld.rows(SmallWorld.mixed, count: 1, key: key.folding(6)).row(0))
        return failures + (try checkMarginal(SmallWorld.machine(SmallWorld.mixed, hidden: 5, spread: 0.3, key: key.folding(7)), row: row, missing: [1],
                                             promise: .upperBound(slack: 2)))
    }

    /// Each column alone and each pair of neighbours, but for real columns of a machine and two real ones at once.
    package static func check(_ energy: any MarginalEnergy, key: Key) throws -> [CheckFailure] {
        let row = Array(try SmallWorld.rows(energy.variables, count: 1, key: key).row(0)), isMachine = energy is any LatentEnergy
        return try (row.indices.map { [$0] } + row.indices.dropFirst().map { [$0 - 1, $0] }).flatMap { missing -> [CheckFailure] in
            let real = missing.count { energy.variables[$0] == .real }
            return real > (isMachine ? 0 : 1) ? [] : try checkMarginal(energy, row: row, missing: missing)
        }
    }
}
