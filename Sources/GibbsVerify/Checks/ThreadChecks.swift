import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// The same key gives the same bits, however many threads share the work.
package enum ThreadChecks {
    /// Sampling, training and annealing.
    package static func all(key: Key) throws -> [CheckFailure] {
        let machine = SmallWorld.machine(Array(repeating: .binary, count: 150), hidden: 80, spread: 0.3, key: key.folding(0))
        let gaussian = try SmallWorld.gaussian(20, key: key.folding(1)), rows = try SmallWorld.rows(machine.variables, count: 900, key: key.folding(2))
        let method = ContrastiveDivergence(chains: .persistent(count: 300, steps: 1), epochs: 1)
        return try same("block Gibbs", key: key.folding(3)) { try machine.sampled(from: rows, sweeps: 5, key: $0).values }
            + same("training", key: key.folding(4)) { try machine.training(on: rows, by: method, key: $0).finish().model.weights.values }
            + same("Hamiltonian Monte Carlo", key: key.folding(5)) {
                try HamiltonianMonteCarlo(on: gaussian).sample(3, from: .noise(chains: 4_000), key: $0).positions.values
            }
            + same("annealing", key: key.folding(6)) {
                let bracket = try machine.logPartition(by: MachineAnnealing(chains: 300, steps: 50, sweeps: 5), key: $0)
                return [Float(bracket.lower.logPartition), Float(bracket.upper.logPartition)]
            }
    }

    /// How many values differ between a run on one thread and runs on more.
    package static func same(_ name: String, key: Key, _ run: (Key) throws -> [Float]) throws -> [CheckFailure] {
        let alone = try Parallelism.$width.withValue(1) { try run(key) }
        return try [2, 3, parallelWidth].flatMap { width -> [CheckFailure] in
            let together = try Parallelism.$width.withValue(width) { try run(key) }
            let differing = zip(alone, together).count { $0.bitPattern != $1.bitPattern } + abs(alone.count - together.count)
            return compare(Double(differing), limit: 0, name, "gives other bits on \(width) threads than on one: \(differing) of \(alone.count) values differ")
        }
    }
}
