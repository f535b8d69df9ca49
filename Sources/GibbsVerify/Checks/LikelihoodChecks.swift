import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Gradients by sampling, against exact ones.
///
/// One step at rate 1 on all rows moves each parameter by its gradient. Of that the data's part is exact and the model's part a mean
/// over chains, whose expectation and standard error follow from sums over all states.
package enum LikelihoodChecks {
    /// A machine after one epoch of training.
    package typealias Training = (RBM, Matrix, ContrastiveDivergence, Key) throws -> RBM

    /// Training as it is.
    package static func train(_ machine: RBM, _ data: Matrix, _ method: ContrastiveDivergence, _ key: Key) throws -> RBM {
        try machine.training(on: data, by: method, key: key).finish().model
    }

    /// Chains at equilibrium, against the gradient of the log-likelihood: every entry within six standard errors.
    ///
    /// With weights of deviation 1.5 fifty sweeps are within 1e-3 standard errors of equilibrium, and one is beyond ten of them.
    package static func unbiased(_ chains: ContrastiveDivergence.Chains, key: Key, training: Training = train) throws -> [CheckFailure] {
        let lesson = try Lesson(spread: 1.5, rows: 20_000, key: key.folding(0)), count = chains.count ?? lesson.data.rows
        return try lesson.compare(chains, with: lesson.likelihood(chains: count), key: key.folding(1), training)
    }

    /// CD-k far from equilibrium, against its own expectation over chains that take k sweeps from the data.
    package static func afterSweeps(_ sweeps: Int, key: Key, training: Training = train) throws -> [CheckFailure] {
        let lesson = try Lesson(spread: 1.5, rows: 20_000, key: key.folding(0))
        return try lesson.compare(.data(steps: sweeps), with: lesson.expectation(afterSweeps: sweeps), key: key.folding(1), training)
    }
}

/// A machine and data of another one, with all that can be summed exactly.
private struct Lesson {
    let machine: RBM
    let data: Matrix
    private let brute: BruteForce
    private let space: StateSpace
    /// Share of each state among the data, and its probability under the machine.
    private let shares: [Double], probabilities: [Double]
    /// −∂F/∂θ of each state.
    private let slopes: [[Double]]

    /// A gradient, and the standard error of each entry.
    struct Exact { let gradient: [Double], errors: [Double] }

    init(spread: Float, rows: Int, key: Key) throws {
        let teacher = SmallWorld.machine(SmallWorld.discrete, hidden: 3, spread: 2, key: key.folding(0))
        let space = try StateSpace(SmallWorld.discrete), machine = SmallWorld.machine(SmallWorld.discrete, hidden: 3, spread: spread, key: key.folding(1))
        data = space.sample(try space.probabilities(of: teacher), count: rows, key: key.folding(2))
        shares = try space.counts(of: data).map { Double($0) / Double(rows) }
        let brute = BruteForce(machine), states = (0 ..< space.count).map { Array(space.states.row($0)) }
        slopes = states.map(brute.slopes)
        let scores = states.map { -brute.freeEnergy($0) }, total = logSumExp(scores)
        probabilities = scores.map { exp($0 - total) }
        (self.space, self.machine, self.brute) = (space, machine, brute)
    }

    /// ⟨slope⟩ over the data less ⟨slope⟩ over the machine; the error of independent draws of the machine.
    func likelihood(chains: Int) -> Exact {
        let (data, model) = (mean(shares) { slopes[$0] }, mean(probabilities) { slopes[$0] })
        let squares = mean(probabilities) { slopes[$0].map { $0 * $0 } }
        return Exact(gradient: zip(data, model).map(-), errors: zip(squares, model).map { (max(0, $0 - $1 * $1) / Double(chains)).squareRoot() })
    }

    /// ⟨slope⟩ over the data less ⟨slope⟩ after sweeps from it; the error of one chain a row.
    func expectation(afterSweeps sweeps: Int) -> Exact {
        let sweep = brute.sweep(over: space)
        func after(_ values: [[Double]]) -> [[Double]] { (0 ..< sweeps).reduce(values) { values, _ in sweep.map { row in mean(row) { values[$0] } } } }
        let expected = after(slopes), squares = after(slopes.map { $0.map { $0 * $0 } })
        // Of a chain from each state; rows are given.
        let variances = zip(expected, squares).map { zip($0, $1).map { max(0, $1 - $0 * $0) } }
        return Exact(gradient: zip(mean(shares) { slopes[$0] }, mean(shares) { expected[$0] }).map(-),
                     errors: mean(shares) { variances[$0] }.map { ($0 / Double(data.rows)).squareRoot() })
    }

    private func mean(_ weights: [Double], _ values: (Int) -> [Double]) -> [Double] {
        weights.indices.reduce(into: [Double](repeating: 0, count: values(0).count)) { sums, state in
            for (index, value) in values(state).enumerated() { sums[index] += weights[state] * value }
        }
    }

    /// The gradient by which one step of training moves the machine, against an exact one.
    func compare(_ chains: ContrastiveDivergence.Chains, with exact: Exact, key: Key, _ training: LikelihoodChecks.Training) throws -> [CheckFailure] {
        let method = ContrastiveDivergence(chains: chains, centring: .none, optimiser: .momentum(rate: 1, momentum: 0), weightDecay: 0,
                                           batchSize: data.rows, epochs: 1)
        let after = try training(machine, data, method, key)
        func change(_ new: [Float], _ old: [Float]) -> [Double] { zip(new, old).map { Double($0) - Double($1) } }
        let found = change(after.weights.values, machine.weights.values) + change(after.visibleBias, machine.visibleBias)
            + change(after.hiddenBias, machine.hiddenBias)
        return found.indices.flatMap { index in
            checkEstimate(found[index], standardError: exact.errors[index], exact: exact.gradient[index], rounding: 1e-5,
                          name: "parameter \(index) of the gradient by \(chains)")
        }
    }
}

extension ContrastiveDivergence.Chains {
    /// The chains' number; `nil` where every row has one.
    fileprivate var count: Int? {
        switch self {
        case .data: nil
        case .persistent(let count, _), .tempered(let count, _, _): count
        }
    }
}
