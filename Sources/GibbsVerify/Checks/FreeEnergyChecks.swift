import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Free energies and hidden means of machines, against sums over every hidden state in double precision.
package enum FreeEnergyChecks {
    /// Machines with every kind of column.
    package static func machines(key: Key, freeEnergy: (RBM, Matrix) throws -> [Float] = { try $0.freeEnergy($1) }) throws -> [CheckFailure] {
        var failures = [CheckFailure]()
        for (index, variables) in [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete, SmallWorld.mixed, SmallWorld.real].enumerated() {
            for hidden in [1, 7] {
                let own = key.folding(index).folding(hidden), machine = SmallWorld.machine(variables, hidden: hidden, key: own)
                failures += try check(machine, rows: SmallWorld.rows(variables, count: 20, key: own.folding(-1)), freeEnergy)
            }
        }
        return failures
    }

    private static func check(_ machine: RBM, rows: Matrix, _ freeEnergy: (RBM, Matrix) throws -> [Float]) throws -> [CheckFailure] {
        let exact = BruteForce(machine), energies = try freeEnergy(machine, rows), means = try machine.hiddenMeans(given: rows)
        return (0 ..< rows.rows).flatMap { index -> [CheckFailure] in
            let row = Array(rows.row(index)), energy = exact.freeEnergy(row)
            return compare(abs(Double(energies[index]) - energy), limit: 1e-5 * max(1, abs(energy)), "free energy",
                           "of \(row) is \(energies[index]) where \(energy) is exact")
                + zip(means.row(index), exact.hiddenMeans(row)).flatMap { found, mean in
                    compare(abs(Double(found) - mean), limit: 1e-5, "hidden mean", "given \(row) is \(found) where \(mean) is exact")
                }
        }
    }
}
