import CTorch
import GibbsCore
import GibbsNumerics

/// Long runs of unadjusted Langevin that stay in tensors: x ← x − (ε/T) ∇E(x) + √(2ε) ξ with ξ ~ N(0, 1).
///
/// That is `Langevin` on `energy.tempered(T)`, with the same noise from the same key, without a copy in and out at every step: only
/// where the chains end is kept. Step size and noise belong together, so that T is what is said here. Papers that take a step α along
/// the gradient and add noise of the deviation σ sample at the temperature σ² / (2α), which `init(on:gradientStep:noise:)` works out.
///
/// - Source: Welling & Teh, *Bayesian Learning via Stochastic Gradient Langevin Dynamics*, ICML 2011, for the name SGLD that such runs go by;
///   Grathwohl et al., *Your Classifier is Secretly an Energy Based Model*, ICLR 2020, whose α = 1 and σ = 0.01 mean T = 5e-5.
public struct LangevinChains<Target: TensorEnergy>: Sendable {
    /// E.
    public let target: Target
    /// ε, in squared units of the columns.
    public let stepSize: Float
    /// T.
    public let temperature: Float
    /// What every number is clamped to after each step, which is not Langevin at the bounds; `nil` for no bounds.
    public var range: ClosedRange<Float>?
    /// What each number of ∇E is clamped to, ± this, before a step follows it; `nil` for no limit. Where the limit binds the step is no longer Langevin and the
    /// chain no longer at T: it walks down at a constant pace, ε/T times the limit, however steep the energy is.
    public var slopeLimit: Float?

    /// Where chains ended.
    public struct Run: Sendable {
        /// Shape `[chains, features]`. A chain that diverged is where it started.
        public let positions: Matrix
        /// Chains whose position stopped being finite; take a smaller step.
        public let diverged: [Int]
    }

    /// Chains at a temperature.
    ///
    /// - Throws: `GibbsError` with code `.usage` unless both numbers are positive.
    public init(on target: Target, stepSize: Float, temperature: Float = 1) throws {
        guard stepSize > 0, temperature > 0, stepSize.isFinite, temperature.isFinite else {
            throw GibbsError(.usage, "Langevin with a step size of \(stepSize) at temperature \(temperature)", advice: "give positive numbers")
        }
        self.target = target
        self.stepSize = stepSize
        self.temperature = temperature
    }

    /// Chains that go α along the gradient and add noise of the deviation σ: ε = σ² / 2, T = σ² / (2α).
    ///
    /// - Throws: `GibbsError` with code `.usage` unless both numbers are positive.
    public init(on target: Target, gradientStep: Float, noise: Float) throws {
        try self.init(on: target, stepSize: noise * noise / 2, temperature: noise * noise / (2 * gradientStep))
    }

    /// Where the chains are after some steps; consumes `key`.
    ///
    /// - Parameters:
    ///   - steps: Steps of every chain.
    ///   - positions: Where they start, a chain a row.
    ///   - holding: Marks of the numbers that stay as they are, 1 for those and 0 for the others, in the shape of the positions: chains of what
    ///     is left, given these. `nil` for none.
    ///   - key: Step k takes its noise from `key.folding(k)`, as `Langevin` does.
    /// - Throws: What the target throws; `.shapeMismatch` for marks of another shape. A chain that diverges is no error.
    /// - Complexity: `steps` gradients of all chains together: memory for `rowsAtOnce` at a time.
    public func run(_ steps: Int, from positions: Matrix, holding: Matrix? = nil, key: Key) throws -> Run {
        try run(positions, steps: steps, holding: holding) { key.folding($0) }
    }

    /// The run with the keys of its steps.
    func run(_ positions: Matrix, steps: Int = 1, holding: Matrix? = nil, key: (Int) -> Key) throws -> Run {
        try target.checkComplete(positions)
        try target.device.require()
        func tensor(_ rows: Matrix) throws -> Tensor {
            let x = try Tensor(rows, row: target.input)
            return target.device == .processor ? x : try x.moved(to: target.device)
        }
        if let holding, (holding.rows, holding.columns) != (positions.rows, positions.columns) {
            throw GibbsError(.shapeMismatch, "what is held has \(holding.rows) × \(holding.columns) marks for \(positions.rows) × \(positions.columns) numbers", advice: "give one mark a number")
        }
        var x = try tensor(positions)
        let held = try holding.map { (marks: try tensor($0), values: try tensor(positions)) }
        for step in 0 ..< steps {
            let noise = try Tensor(normal: key(step), shape: x.shape, on: target.device)
            try move(x, along: gradient(at: x), noise)
            if let range { x = try x.clamped(Double(range.lowerBound), Double(range.upperBound)) }
            if let held { x = try Tensor.choose(held.marks, held.values, x) }
        }
        var ends = try x.matrix()
        let diverged = ends.isFinite ? [] : (0 ..< ends.rows).filter { !ends.row($0).allSatisfy(\.isFinite) }
        for row in diverged { for column in 0 ..< ends.columns { ends[row, column] = positions[row, column] } }
        return Run(positions: ends, diverged: diverged)
    }

    /// ∇E, some rows at a time.
    private func gradient(at x: Tensor) throws -> Tensor {
        let rows = x.shape[0], parts = try stride(from: 0, to: rows, by: target.rowsAtOnce).map { first in
            let part = try (rows <= target.rowsAtOnce ? x : x.slice(first ..< min(rows, first + target.rowsAtOnce))).variable()
            return try target.checked(target.energy(of: part), rows: part.shape[0]).gradients(of: [part])[0]
        }
        return parts.count == 1 ? parts[0] : try Tensor.concatenating(parts, along: 0)
    }

    /// Writes to x, which this run alone has.
    private func move(_ x: Tensor, along gradient: Tensor, _ noise: Tensor) throws {
        let status = withExtendedLifetime((x, gradient, noise)) {
            ct_langevin(x.storage.handle, gradient.storage.handle, noise.storage.handle, Double(stepSize / temperature), (2 * Double(stepSize)).squareRoot(), Double(slopeLimit ?? 0))
        }
        try Engine.check(status) { "a Langevin step of \(x.shape)" }
    }
}
