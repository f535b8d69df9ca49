import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Gradients by sampling, against the exact gradient of the log-likelihood.
///
/// One step at rate 1 on all rows moves each parameter by its gradient. Of that the data's part is exact and the model's part a mean
/// over chains, so that its standard error follows from sums over all states.
enum LikelihoodChecks {
    /// A machine after one epoch of training.
    typealias Training = (RBM, Matrix, ContrastiveDivergence, Key) throws -> RBM

    static func train(_ machine: RBM, _ data: Matrix, _ method: ContrastiveDivergence, _ key: Key) throws -> RBM {
        try machine.training(on: data, by: method, key: key).finish().model
    }

    /// Chains at equilibrium: every entry within six standard errors.
    static func unbiased(_ chains: ContrastiveDivergence.Chains, key: Key, training: Training = train) throws -> [CheckFailure] {
        let lesson = try Lesson(spread: 0.6, rows: 20_000, key: key.folding(0))
        let found = try lesson.gradient(chains, key: key.folding(1), training), count = chains.count ?? lesson.data.rows
        return found.indices.flatMap { index in
            checkEstimate(found[index], standardError: lesson.deviations[index] / Double(count).squareRoot(), exact: lesson.exact[index], rounding: 1e-5,
                          name: "parameter \(index) of the gradient by \(chains)")
        }
    }

    /// CD-k's bias falls with k: of CD-1's error at most a half is left after ten steps, and CD-1's own is far beyond chance.
    static func biasFalls(key: Key, training: Training = train) throws -> [CheckFailure] {
        let lesson = try Lesson(spread: 1, rows: 20_000, key: key.folding(0))
        func error(_ steps: Int) throws -> Double {
            let found = try lesson.gradient(.data(steps: steps), key: key.folding(steps), training)
            return zip(found, lesson.exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        let (one, ten) = try (error(1), error(10)), chance = lesson.deviations.reduce(0) { $0 + $1 * $1 }.squareRoot() / 20_000.0.squareRoot()
        return compare(ten / one, limit: 0.5, "bias of CD-k", "\(one) with one step is still \(ten) with ten")
            + compare(3 * chance / one, limit: 1, "bias of CD-1", "of \(one) cannot be told from chance, \(chance)")
    }
}

/// A machine and data of another one, with the exact gradient of the machine's log-likelihood.
private struct Lesson {
    let machine: RBM
    let data: Matrix
    /// ∂ ln p / ∂θ, mean over the data: Σ shares · slopes − Σ p · slopes.
    let exact: [Double]
    /// Standard deviation of each slope over states drawn from the machine.
    let deviations: [Double]

    init(spread: Float, rows: Int, key: Key) throws {
        let space = try StateSpace(SmallWorld.discrete), teacher = SmallWorld.machine(SmallWorld.discrete, hidden: 3, spread: 2, key: key.folding(0))
        machine = SmallWorld.machine(SmallWorld.discrete, hidden: 3, spread: spread, key: key.folding(1))
        data = space.sample(try space.probabilities(of: teacher), count: rows, key: key.folding(2))
        let shares = try space.counts(of: data).map { Double($0) / Double(rows) }, brute = BruteForce(machine)
        let slopes = (0 ..< space.count).map { brute.slopes(Array(space.states.row($0))) }
        let scores = (0 ..< space.count).map { -brute.freeEnergy(Array(space.states.row($0))) }, total = logSumExp(scores), p = scores.map { exp($0 - total) }
        func mean(_ weights: [Double], _ value: (Int) -> Double) -> Double { weights.indices.reduce(0) { $0 + weights[$1] * value($1) } }
        exact = slopes[0].indices.map { i in mean(shares) { slopes[$0][i] } - mean(p) { slopes[$0][i] } }
        deviations = slopes[0].indices.map { i in
            let centre = mean(p) { slopes[$0][i] }
            return mean(p) { (slopes[$0][i] - centre) * (slopes[$0][i] - centre) }.squareRoot()
        }
    }

    /// The gradient by which one step of training moves the machine.
    func gradient(_ chains: ContrastiveDivergence.Chains, key: Key, _ training: LikelihoodChecks.Training) throws -> [Double] {
        let method = ContrastiveDivergence(chains: chains, centring: .none, optimiser: .momentum(rate: 1, momentum: 0), weightDecay: 0,
                                           batchSize: data.rows, epochs: 1)
        let after = try training(machine, data, method, key)
        func change(_ new: [Float], _ old: [Float]) -> [Double] { zip(new, old).map { Double($0) - Double($1) } }
        return change(after.weights.values, machine.weights.values) + change(after.visibleBias, machine.visibleBias) + change(after.hiddenBias, machine.hiddenBias)
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
