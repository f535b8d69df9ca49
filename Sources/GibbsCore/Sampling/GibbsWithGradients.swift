import Foundation
import GibbsNumerics

/// Gibbs with gradients, for binary columns: propose the flips that the gradient says lower the energy, and correct by Metropolis.
///
///     Δᵢ = (1 − 2xᵢ) ∂E/∂xᵢ,   q(i | x) ∝ exp(−Δᵢ/2),   accepted with min(1, exp(E(x) − E(x′)) q(i | x′) / q(i | x))
///
/// Exact whatever the gradient; the better the first order tells what a flip does, the more is accepted.
///
/// - Source: Grathwohl, Swersky, Hashemi, Duvenaud, Maddison, *Oops I Took A Gradient*, ICML 2021, algorithm 1.
public struct GibbsWithGradients<Target: DifferentiableEnergy>: TransitionKernel {
    /// E; all columns are binary.
    public let target: Target
    /// Flips proposed one after another in a step.
    public var flips: Int

    /// A kernel; its settings are checked when a chain starts.
    public init(on target: Target, flips: Int = 1) {
        self.target = target
        self.flips = flips
    }

    /// Positions, with E and ∇E there.
    public struct State: ChainState {
        /// Where the coldest chains are; shape `[chains, features]`.
        public internal(set) var positions: Matrix
        var energies: [Float]
        var gradients: Matrix
    }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        try check(columns: .binary, name: "Gibbs with gradients", advice: "use Hamiltonian Monte Carlo for real columns, block Gibbs for machines")
        guard flips > 0 else { throw GibbsError(.usage, "Gibbs with gradients with \(flips) flips a step", advice: "take at least one") }
        try check(positions)
        guard positions.values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw GibbsError(.unsuitableData, "a chain of binary columns starts between 0 and 1", advice: "round the start")
        }
        let (energies, gradients) = try target.energiesAndGradients(of: positions)
        return State(positions: positions, energies: energies, gradients: gradients)
    }

    /// - Complexity: `flips` energies with gradients.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        var state = state, acceptance = 0.0
        for flip in 0 ..< flips { acceptance += try self.flip(&state, key: key.folding(flip)) }
        return (state, StepReport(acceptance: acceptance / Double(flips)))
    }

    private func flip(_ state: inout State, key: Key) throws -> Double {
        let rows = state.positions.rows, columns = state.positions.columns
        let choice = key.folding(0).uniforms(rows), test = key.folding(1).uniforms(rows)
        var next = state.positions, acceptance = 0.0, scores = [Float](repeating: 0, count: columns)
        let proposals = (0 ..< rows).map { row -> (column: Int, logShare: Float) in
            let total = Self.weigh(state.positions.row(row), state.gradients.row(row), into: &scores)
            var mark = choice[row] * total.sum, column = 0
            while column < columns - 1 {
                mark -= exp(scores[column] - total.top)
                if mark < 0 { break }
                column += 1
            }
            next[row, column] = 1 - next[row, column]
            return (column, scores[column] - total.top - log(total.sum))
        }
        let (energies, gradients) = try target.energiesAndGradients(of: next)
        for row in 0 ..< rows {
            let total = Self.weigh(next.row(row), gradients.row(row), into: &scores), (column, logShare) = proposals[row]
            let gain = state.energies[row] - energies[row] + scores[column] - total.top - log(total.sum) - logShare
            let chance = gain.isNaN ? 0 : min(1, exp(gain))
            acceptance += Double(chance)
            guard test[row] < chance else { continue }
            state.positions.setRow(row, to: next)
            state.gradients.setRow(row, to: gradients)
            state.energies[row] = energies[row]
        }
        return acceptance / Double(rows)
    }

    /// Writes −Δᵢ/2 of every column into `scores`; their largest, and the sum of their exponentials below it.
    private static func weigh(_ x: ArraySlice<Float>, _ gradient: ArraySlice<Float>, into scores: inout [Float]) -> (top: Float, sum: Float) {
        var top = -Float.infinity, sum: Float = 0
        for (index, (value, slope)) in zip(x, gradient).enumerated() {
            scores[index] = -(1 - 2 * value) * slope / 2
            top = max(top, scores[index])
        }
        for score in scores { sum += exp(score - top) }
        return (top, sum)
    }
}
