import Foundation
import Gibbs

/// ln Z of a machine with 784 binary pixels and 500 hidden units by annealing: how exact, how soon.
enum Annealing {
    /// - Parameter machinePath: Where to write the machine, for the peers to read.
    static func run(machinePath: String) throws {
        let machine = RBM(visible: Array(repeating: .binary, count: 784), hidden: 500, spread: 0.05, key: Key(8))
        let file = Archive(tensors: ["W": .init(machine.weights), "visibleBias": .init(machine.visibleBias), "hiddenBias": .init(machine.hiddenBias)])
        try ModelFile.write(file, to: machinePath, kind: "annealed-machine")
        for steps in [1_000, 10_000] {
            let results = try (0 ..< 3).map { try machine.logPartition(by: MachineAnnealing(chains: 100, steps: steps, sweeps: 100), key: Key(9).folding($0)) }
                .sorted { $0.lower.seconds < $1.lower.seconds }
            let middle = results[1]
            report("ais-784x500", "chainSteps/s", Double(100 * steps) / middle.lower.seconds, [
                "chains": 100, "steps": steps, "seconds": middle.lower.seconds, "logPartition": middle.lower.logPartition, "standardError": middle.lower.standardError,
                "effectiveChains": middle.lower.effectiveChains, "upper": middle.upper.logPartition, "upperError": middle.upper.standardError])
        }
    }
}
