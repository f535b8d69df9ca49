import Foundation
import GibbsCore
import GibbsNumerics

extension ConditionalRBM {
    /// ln Z(u) of every context's own machine, exactly: `RBM.exactLogPartition()` of `given(_:)`, a context a thread.
    ///
    /// - Parameter context: Shape `[rows, contextVariables.count]`.
    /// - Throws: `GibbsError` with code `.limitExceeded` when both sides have too many states; `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: `rows × 2^hidden × visible`, or the visible states where they are fewer.
    public func exactLogPartitions(given context: Matrix) throws -> [Double] {
        try parallelMap(context.rows) { row in
            Result { try given(context.slice(row ..< row + 1)).exactLogPartition().logPartition }
        }.map { try $0.get() }
    }

    /// ln Z(u) of every context's own machine, from below and above; consumes `key`.
    ///
    /// The path is that of `MachineAnnealing`; b₀ are the rates, under that context, of a few chains of the machine itself. The chains of
    /// many contexts share their products with W. A context's estimate has the same random numbers whatever contexts stand beside it.
    ///
    /// - Parameters:
    ///   - context: Shape `[rows, contextVariables.count]`.
    ///   - method: Chains a context, steps, and sweeps at β = 1 between the two directions.
    ///   - progress: Sees the share that is done; what it throws ends the work.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, `.usage` for a categorical column (whose p(v | u) may be
    ///   exact) or for settings that make no sense.
    /// - Complexity: `2 · rows · chains · steps` times a product `hidden × visible`, in parallel over contexts.
    /// - Source: Salakhutdinov & Murray, ICML 2008; the reverse runs: Grosse, Ghahramani, Adams, 2015. Reverse chains start from the
    ///   forward ends, drawn again by their weights and moved on by `sweeps`, so that the upper bound holds as far as those are draws.
    public func logPartitions(given context: Matrix, by method: MachineAnnealing = MachineAnnealing(steps: 1_000, sweeps: 100), key: Key,
                              progress: (Double) throws -> Void = { _ in }) throws -> [PartitionBracket] {
        guard machine.layout.groupCount == 0 else {
            throw GibbsError(.usage, "annealing under contexts with a categorical column", advice: "take ln Z of given(_:), a context at a time")
        }
        try method.check(units: machine.layout.width + machine.hiddenCount)
        let biases = try biases(given: context), keys = (0 ..< context.rows).map(key.folding)
        // Some hundred chains fill a product; more contexts at once would only leave the cache.
        let block = max(1, 256 / method.chains), blocks = (context.rows + block - 1) / block, round = 4 * parallelWidth
        var result = [PartitionBracket]()
        for first in stride(from: 0, to: blocks, by: round) {
            result += parallelMap(min(round, blocks - first)) { index -> [PartitionBracket] in
                let rows = (first + index) * block ..< min(context.rows, (first + index + 1) * block)
                var annealer = ContextAnnealer(machine, visible: biases.visible.slice(rows), hidden: biases.hidden.slice(rows), keys: Array(keys[rows]), chains: method.chains)
                return annealer.brackets(by: method)
            }.flatMap { $0 }
            try progress(Double(result.count) / Double(context.rows))
        }
        return result
    }
}

extension MachineAnnealing {
    /// - Throws: `GibbsError` with code `.usage` or `.limitExceeded`, naming the setting that cannot be served.
    func check(units: Int) throws {
        guard chains > 0, steps > 2, sweeps >= 0 else {
            throw GibbsError(.usage, "annealing with \(chains) chains, \(steps) steps and \(sweeps) sweeps", advice: "run at least one chain and three steps")
        }
        guard chains <= MachineAnnealing.stateLimit / units, steps <= MachineAnnealing.stateLimit else {
            throw GibbsError(.limitExceeded, "annealing with \(chains) chains and \(steps) steps, more than fit into memory", advice: "take fewer; a hundred chains and 10 000 steps do for most machines")
        }
    }
}
