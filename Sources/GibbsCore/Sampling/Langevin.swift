import GibbsNumerics

/// The unadjusted Langevin algorithm: x ← x − ε sₖ² ∇E(x) + √(2ε) sₖ ξ with ξ ~ N(0, 1).
///
/// Step size and noise belong together: at step size ε the temperature is 1, whatever ε; sample at another by a kernel on
/// `energy.tempered(T)`. The chain's distribution is off by an amount that vanishes with ε and is nowhere corrected;
/// `MetropolisLangevin` corrects it.
///
/// - Source: Roberts & Tweedie, *Exponential convergence of Langevin distributions and their discrete approximations*,
///   Bernoulli 1996.
public struct Langevin<Target: DifferentiableEnergy>: TransitionKernel {
    /// E; all columns are real.
    public let target: Target
    /// ε, in squared units of the columns divided by their scales.
    public var stepSize: Float
    /// sₖ, roughly the deviation of each column; `nil` for ones.
    public var scales: [Float]?

    /// A kernel; its settings are checked when a chain starts.
    public init(on target: Target, stepSize: Float, scales: [Float]? = nil) {
        self.target = target
        self.stepSize = stepSize
        self.scales = scales
    }

    /// Positions and the gradient there.
    public struct State: ChainState {
        /// Where the chains are; shape `[chains, features]`.
        public let positions: Matrix
        let gradients: Matrix
    }

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        try checkRealTarget(stepSize: stepSize, scales: scales, name: "Langevin")
        try check(positions)
        return State(positions: positions, gradients: try target.gradients(of: positions))
    }

    /// - Complexity: One gradient.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        var next = state.positions
        let noise = Matrix(rows: next.rows, columns: next.columns, values: key.normals(next.values.count))
        next.add(state.gradients, times: -stepSize, columnScales: scales?.map { $0 * $0 })
        next.add(noise, times: (2 * stepSize).squareRoot(), columnScales: scales)
        let diverged = next.replaceRowsThatAreNotFinite(by: state.positions)
        return (State(positions: next, gradients: try target.gradients(of: next)), StepReport(diverged: diverged, stepSize: stepSize))
    }
}

extension TransitionKernel {
    /// What kernels along a gradient need of their target and settings.
    func checkRealTarget(stepSize: Float, scales: [Float]?, name: String) throws {
        try check(columns: .real, name: name, advice: "use block Gibbs for a machine with hidden units, Gibbs with gradients for binary columns")
        guard stepSize > 0, stepSize.isFinite else {
            throw GibbsError(.usage, "\(name) with a step size of \(stepSize)", advice: "give a positive number")
        }
        if let scales, scales.count != target.features || !scales.allSatisfy({ $0 > 0 && $0.isFinite }) {
            throw GibbsError(.usage, "\(name) with \(scales.count) scales for \(target.features) columns", advice: "give one positive number a column")
        }
    }
}

extension Matrix {
    /// Puts `other`'s row in place of each row that holds a value that is not finite, and names those rows.
    mutating func replaceRowsThatAreNotFinite(by other: Matrix) -> [Int] {
        if isFinite { return [] }
        let diverged = (0 ..< rows).filter { !row($0).allSatisfy(\.isFinite) }
        for row in diverged { setRow(row, to: other) }
        return diverged
    }

    /// Copies a row of a matrix of the same shape.
    mutating func setRow(_ row: Int, to other: Matrix) {
        for index in row * columns ..< (row + 1) * columns { values[index] = other.values[index] }
    }
    /// Copies all rows of a matrix of the same width in place of as many from `first`.
    mutating func setRows(from first: Int, to other: Matrix) {
        values.replaceSubrange(first * columns ..< first * columns + other.values.count, with: other.values)
    }
}
