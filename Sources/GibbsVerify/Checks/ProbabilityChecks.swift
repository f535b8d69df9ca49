import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// With exact ln Z, probabilities sum to one.
package enum ProbabilityChecks {
    /// ln Σ p of finite lists of energies and of counted categories, the unseen included.
    package static func finiteChoices(key: Key) throws -> [CheckFailure] {
        var failures = [CheckFailure]()
        for (index, temperature) in [0.3, 1, 5].enumerated() as EnumeratedSequence<[Float]> {
            let energies = key.folding(index).normals(40).map { 3 * $0 }, choices = GibbsDistribution(energies: energies, temperature: temperature)
            let logZ = log(energies.reduce(0) { $0 + exp(-Double($1) / Double(temperature)) })
            failures += sum(choices.probabilities.map(Double.init), "GibbsDistribution at T = \(temperature)")
            failures += sum((0 ..< 40).map { exp(-Double(choices.surprise(of: $0))) }, "the surprises of GibbsDistribution at T = \(temperature)")
            failures += compare(abs(Double(choices.logPartition) - logZ), limit: 1e-6 * max(1, abs(logZ)), "ln Z", "is \(choices.logPartition) where \(logZ) is exact")
        }
        let seen = GibbsDistribution(energies: key.folding(3).normals(20)).sample(count: 500, key: key.folding(4))
        for halfLife in [nil, 100.0] {
            let energy = CategoricalEnergy(seen, halfLife: halfLife)
            failures += sum(energy.energies.map { exp(-$0.energy) } + [energy.unseenProbability], "CategoricalEnergy")
        }
        return failures
    }

    /// ln Σᵥ exp(−F(v) − ln Z) of machines with discrete columns, one real one among them integrated.
    package static func machines(key: Key, logPartition: (RBM) throws -> Double = { try $0.exactLogPartition().logPartition }) throws -> [CheckFailure] {
        var failures = [CheckFailure]()
        for (index, variables) in [SmallWorld.binary, SmallWorld.categorical, SmallWorld.discrete, SmallWorld.mixed].enumerated() {
            for hidden in [2, 6] {
                let machine = SmallWorld.machine(variables, hidden: hidden, key: key.folding(index).folding(hidden))
                let found = try logPartition(machine), total = try logSum(machine)
                failures += compare(abs(total - found), limit: 1e-5 * max(1, abs(found)), "sum of probabilities",
                                    "is exp(\(total - found)) for a machine of \(hidden) hidden units on \(variables.text)")
            }
        }
        return failures
    }

    /// ln ∫ exp(−E(x) − ln Z) dx of landscapes over two columns, by quadrature.
    package static func landscapes(key: Key) throws -> [CheckFailure] {
        let gaussian = try SmallWorld.gaussian(2, key: key.folding(0)), mixture = try SmallWorld.mixture(2, key: key.folding(1))
        let memory = try SmallWorld.memory(2, kernel: .quadratic, key: key.folding(2))
        return try integral(gaussian, gaussian.logPartition) + integral(mixture, 0)
            + integral(memory, memory.logPartition)
    }

    /// An energy whose ln Z is claimed to be `logPartition`.
    package static func integral(_ energy: some Energy, _ logPartition: Double) throws -> [CheckFailure] {
        let total = try logPartitionByQuadrature(energy, centre: [0, 0]) - logPartition
        return compare(abs(total), limit: 1e-5, "integral of the density", "is exp(\(total)) for a \(type(of: energy))")
    }

    private static func logSum(_ machine: RBM) throws -> Double {
        let discrete = machine.variables.indices.filter { machine.variables[$0] != .real }, states = try enumerateStates(discrete.map { machine.variables[$0] })
        let real = machine.variables.firstIndex(of: .real)
        return logSumExp(try (0 ..< states.rows).map { state in
            var row = [Float](repeating: 0, count: machine.features)
            for (position, column) in discrete.enumerated() { row[column] = states[state, position] }
            return try real.map { try logIntegral(machine, row, column: $0) } ?? -Double(machine.energies(of: Matrix([row]))[0])
        })
    }

    private static func sum(_ probabilities: [Double], _ name: String) -> [CheckFailure] {
        let total = probabilities.reduce(0, +)
        return compare(abs(log(total)), limit: 1e-6, name, "has probabilities that sum to \(total)")
    }
}
