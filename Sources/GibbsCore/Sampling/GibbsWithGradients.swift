import Foundation
import GibbsNumerics

/// Gibbs with gradients, for binary and categorical columns: propose the changes that the slopes say lower the energy, and correct by
/// Metropolis.
///
///     q(m | x) ∝ exp(−Δₘ/2),   accepted with min(1, exp(E(x) − E(x′)) q(m⁻¹ | x′) / q(m | x))
///
/// m turns a bit over, Δ = (1 − 2xᵢ) ∂E/∂xᵢ, or gives a column another category, Δ = ∂E/∂xᵢⱼ − ∂E/∂xᵢₖ from k to j, read as one-hot
/// vectors; all changes of a row compete. Exact whatever the slopes; the better the first order tells what a change does, the more is
/// accepted.
///
/// - Source: Grathwohl, Swersky, Hashemi, Duvenaud, Maddison, *Oops I Took A Gradient*, ICML 2021, algorithm 1; categories: its
///   equation 4.
public struct GibbsWithGradients<Target: DifferentiableEnergy>: TransitionKernel {
    /// E; no column is real.
    public let target: Target
    /// Changes proposed one after another in a step: flips of bits, or other categories.
    public var flips: Int

    /// A kernel; its settings are checked when a chain starts.
    public init(on target: Target, flips: Int = 1) {
        self.target = target
        self.flips = flips
    }

    /// Positions, with E and its slopes there.
    public struct State: ChainState {
        /// Where the chains are; shape `[chains, features]`.
        public internal(set) var positions: Matrix
        var energies: [Float]
        var slopes: Matrix
    }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        if let column = target.variables.firstIndex(where: { $0.stateCount == nil }) {
            throw GibbsError(.usage, "Gibbs with gradients moves binary and categorical columns, and column \(column) is real",
                             advice: "use Hamiltonian Monte Carlo for real columns, block Gibbs for machines")
        }
        guard flips > 0 else { throw GibbsError(.usage, "Gibbs with gradients with \(flips) flips a step", advice: "take at least one") }
        guard target.variables.contains(where: { $0.stateCount ?? 1 > 1 }) else {
            throw GibbsError(.usage, "Gibbs with gradients has nothing to change in \(target.features) columns of one category", advice: "give a column with a choice")
        }
        try check(positions)
        guard positions.values.enumerated().allSatisfy({ target.variables[$0.offset % target.features] != .binary || $0.element == 0 || $0.element == 1 }) else {
            throw GibbsError(.unsuitableData, "a chain of binary columns starts between 0 and 1", advice: "round the start")
        }
        let (energies, slopes) = try target.energiesAndSlopes(of: positions)
        return State(positions: positions, energies: energies, slopes: slopes)
    }

    /// - Complexity: `flips` energies with slopes.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        var state = state, acceptance = 0.0
        let changes = Changes(target.variables)
        for flip in 0 ..< flips { acceptance += try self.flip(&state, changes, key: key.folding(flip)) }
        return (state, StepReport(acceptance: acceptance / Double(flips)))
    }

    private func flip(_ state: inout State, _ changes: Changes, key: Key) throws -> Double {
        let rows = state.positions.rows
        let choice = key.folding(0).uniforms(rows), test = key.folding(1).uniforms(rows)
        var next = state.positions, acceptance = 0.0, scores = changes.room
        let proposals = (0 ..< rows).map { row -> (back: Int, logShare: Float) in
            let total = changes.weigh(state.positions.row(row), state.slopes.row(row), into: &scores)
            let place = changes.drawn(scores, total, choice[row])
            let column = changes.columns[place], old = next[row, column]
            next[row, column] = changes.result(place, of: old)
            return (changes.inverse(place, from: old), scores[place] - total.log)
        }
        let (energies, slopes) = try target.energiesAndSlopes(of: next)
        for row in 0 ..< rows {
            let total = changes.weigh(next.row(row), slopes.row(row), into: &scores), (back, logShare) = proposals[row]
            let gain = state.energies[row] - energies[row] + scores[back] - total.log - logShare
            let chance = gain.isNaN ? 0 : min(1, exp(gain))
            acceptance += Double(chance)
            guard test[row] < chance else { continue }
            state.positions.setRow(row, to: next)
            state.slopes.setRow(row, to: slopes)
            state.energies[row] = energies[row]
        }
        return acceptance / Double(rows)
    }
}

/// The changes that can be made to a row: a place a bit, and a place a category.
private struct Changes {
    /// The column that the change at each place is made to.
    let columns: [Int]
    /// The first place of each column, and whether it is a bit.
    private let starts: [(place: Int, isBit: Bool)]

    init(_ variables: [Variable]) {
        var starts = [(Int, Bool)](), columns = [Int]()
        for (column, variable) in variables.enumerated() {
            switch variable {
            case .real: preconditionFailure("column \(column) is real, which a start refuses")
            case .binary, .categorical:
                starts.append((columns.count, variable == .binary))
                columns += Array(repeating: column, count: variable.expandedWidth)
            }
        }
        (self.columns, self.starts) = (columns, starts)
    }

    /// Room for a score a place.
    var room: [Float] { [Float](repeating: 0, count: columns.count) }

    /// The largest score, the sum of all exponentials below it, and the logarithm of the sum of all.
    struct Total { var top: Float, sum: Float, log: Float }

    /// Writes −Δ/2 of every change into `scores`, −∞ for the category that is there already.
    func weigh(_ x: ArraySlice<Float>, _ slopes: ArraySlice<Float>, into scores: inout [Float]) -> Total {
        var top = -Float.infinity, sum: Float = 0
        let first = slopes.startIndex
        for ((place, isBit), value) in zip(starts, x) {
            if isBit {
                scores[place] = (value - 0.5) * slopes[first + place]
                top = max(top, scores[place])
            } else {
                let end = place + width(from: place), own = place + Int(value)
                for other in place ..< end { scores[other] = (slopes[first + own] - slopes[first + other]) / 2 }
                scores[own] = -.infinity
                for other in place ..< end { top = max(top, scores[other]) }
            }
        }
        for score in scores { sum += exp(score - top) }
        return Total(top: top, sum: sum, log: top + Foundation.log(sum))
    }

    /// A place drawn by its share.
    func drawn(_ scores: [Float], _ total: Total, _ uniform: Float) -> Int {
        var mark = uniform * total.sum, last = 0
        for place in scores.indices where scores[place] > -.infinity {
            last = place
            mark -= exp(scores[place] - total.top)
            if mark < 0 { break }
        }
        return last
    }

    /// What the column holds after the change.
    func result(_ place: Int, of old: Float) -> Float {
        let (start, isBit) = starts[columns[place]]
        return isBit ? 1 - old : Float(place - start)
    }

    /// The place of the change that undoes this one.
    func inverse(_ place: Int, from old: Float) -> Int {
        let (start, isBit) = starts[columns[place]]
        return isBit ? place : start + Int(old)
    }

    private func width(from place: Int) -> Int {
        let column = columns[place]
        return (column + 1 < starts.count ? starts[column + 1].place : columns.count) - place
    }
}
