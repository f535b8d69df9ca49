import Foundation
import GibbsNumerics

/// Ways down an energy over real columns, from many starts at once.
///
/// - Source: L-BFGS: Nocedal & Wright, *Numerical Optimization*, 2nd edition, algorithms 7.4 and 3.1; annealing: Kirkpatrick,
///   Gelatt, Vecchi, Science 1983, here with Langevin moves.
public struct Descent: Sendable, Hashable {
    /// How the next step is chosen.
    public enum Method: Sendable, Hashable {
        /// Steps along −∇E, the length found by backtracking and allowed to grow again.
        case gradient
        /// Limited-memory BFGS with this many remembered steps.
        case lbfgs(memory: Int = 10)
        /// Metropolis-adjusted Langevin moves while the temperature falls geometrically, then L-BFGS: for landscapes with many minima.
        case annealed(from: Float = 1, to: Float = 0.01, moves: Int = 500)
    }

    /// How the next step is chosen.
    public var method: Method
    /// The most steps of one descent.
    public var maximumSteps: Int
    /// A descent has arrived when ‖∇E‖ is at most this, times the larger of 1 and ‖x‖.
    public var tolerance: Float

    /// A descent with these settings, checked when it begins.
    public init(_ method: Method = .lbfgs(), maximumSteps: Int = 1_000, tolerance: Float = 1e-4) {
        self.method = method
        self.maximumSteps = maximumSteps
        self.tolerance = tolerance
    }
}

extension DifferentiableEnergy {
    /// Descends from each row of `starts`. Only an annealed descent consumes `key`.
    ///
    /// - Throws: `GibbsError` with code `.usage` when a column is not real or a setting makes no sense; as `energiesAndGradients`
    ///   for starts that do not fit. A descent that does not arrive is no error: see `Minimum.endings`.
    /// - Complexity: About one energy with its gradient a step, for all starts together.
    public func minimum(from starts: Matrix, by descent: Descent = Descent(), key: Key = Key(0)) throws -> Minimum {
        guard let memory = descent.memory, descent.maximumSteps > 0, descent.tolerance > 0 else {
            throw GibbsError(.usage, "a descent by \(descent.method) with \(descent.maximumSteps) steps to \(descent.tolerance)",
                             advice: "give positive numbers")
        }
        if let column = variables.firstIndex(where: { $0 != .real }) {
            throw GibbsError(.usage, "descent follows real columns, and column \(column) is \(variables[column].text)",
                             advice: "sample at a low temperature instead")
        }
        var begin = starts
        if case .annealed(let hot, let cold, let moves) = descent.method {
            begin = try annealed(starts, temperatures: .ladder(from: hot, to: cold, count: max(2, moves)), key: key)
        }
        var batch = DescentBatch(energy: self, state: try energiesAndGradients(of: begin), positions: begin, memory: memory)
        for _ in 0 ..< descent.maximumSteps {
            if try !batch.step(tolerance: descent.tolerance) { break }
        }
        return batch.minimum(tolerance: descent.tolerance)
    }

    /// A Langevin move at each temperature, its step size steered to the acceptance that suits it.
    private func annealed(_ starts: Matrix, temperatures: [Float], key: Key) throws -> Matrix {
        var positions = starts, step: Float = 0.01
        for (index, temperature) in temperatures.enumerated() {
            let kernel = MetropolisLangevin(on: tempered(temperature), stepSize: step)
            let (next, report) = try kernel.step(kernel.start(at: positions), key: key.folding(index))
            positions = next.positions
            step *= exp(Float(report.acceptance! - kernel.targetAcceptance) / 2)
        }
        return positions
    }
}

extension Descent {
    /// Remembered steps; `nil` when the settings make no sense.
    fileprivate var memory: Int? {
        switch method {
        case .gradient: 0
        case .lbfgs(let memory): memory > 0 ? memory : nil
        case .annealed(let hot, let cold, let moves): hot > 0 && cold > 0 && moves > 0 ? 10 : nil
        }
    }
}
