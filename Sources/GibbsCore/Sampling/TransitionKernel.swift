import GibbsNumerics

/// One step of a Markov chain that leaves exp(−E(x))/Z where it is (or, where it says so, nearly so).
///
/// A kernel is a value made for one energy, `target`; many chains move in one batch, a chain a row. Stepping is pure: the same
/// state and key give the same state. Draw from the distribution at another temperature by a kernel on `energy.tempered(T)`.
///
///     let kernel = HamiltonianMonteCarlo(on: energy, stepSize: 0.1)
///     let samples = try kernel.sample(1_000, from: .noise(chains: 64), key: Key(1))
public protocol TransitionKernel: Sendable {
    /// The kind of energy that the kernel can serve.
    associatedtype Target: Energy
    /// What a chain carries from step to step.
    associatedtype State: ChainState

    /// E.
    var target: Target { get }

    /// The state of chains at these positions.
    ///
    /// - Parameter positions: Shape `[chains, target.features]`, without missing values.
    /// - Throws: `GibbsError` with code `.usage` when the kernel cannot serve the target's columns or its own settings make no
    ///   sense, `.shapeMismatch` or `.unsuitableData` when the positions do not fit.
    func start(at positions: Matrix) throws -> State

    /// One step of every chain; consumes `key`.
    ///
    /// - Throws: What the target throws. A chain that diverges is no error: it stays where it was, and the report names it.
    func step(_ state: State, key: Key) throws -> (state: State, report: StepReport)
}

/// What chains carry from step to step; every kernel has its own.
public protocol ChainState: Sendable {
    /// Where the chains are; shape `[chains, features]`.
    var positions: Matrix { get }
}

/// What happened in one step.
public struct StepReport: Sendable, Hashable {
    /// Probability of acceptance, the mean over the chains; `nil` for kernels that reject nothing.
    public var acceptance: Double?
    /// Chains whose trajectory ran away in this step; they stayed where they were.
    public var diverged: [Int]
    /// The step size in force, in units of the columns; `nil` for kernels without one.
    public var stepSize: Float?
    /// Share of the chains that changed places, for each pair of neighbouring temperatures; empty without tempering.
    public var swaps: [Double]

    /// A report; for kernels.
    public init(acceptance: Double? = nil, diverged: [Int] = [], stepSize: Float? = nil, swaps: [Double] = []) {
        self.acceptance = acceptance
        self.diverged = diverged
        self.stepSize = stepSize
        self.swaps = swaps
    }
}

extension TransitionKernel {
    /// Refuses positions that no chain can start from.
    func check(_ positions: Matrix) throws {
        guard positions.rows > 0 else {
            throw GibbsError(.usage, "a run of no chains", advice: "start at least one")
        }
        guard try positions.incompleteRows(checkedAgainst: target.variables).isEmpty else {
            throw GibbsError(.unsuitableData, "a chain cannot start where a value is missing", advice: "start from complete rows")
        }
    }

    /// Refuses a target with columns that are not of this kind.
    func check(columns kind: Variable, name: String, advice: String) throws {
        if let column = target.variables.firstIndex(where: { $0 != kind }) {
            throw GibbsError(.usage, "\(name) moves \(kind.text) columns, and column \(column) is \(target.variables[column].text)", advice: advice)
        }
    }
}

extension Variable {
    /// The kind in words.
    var text: String {
        switch self {
        case .real: "real"
        case .binary: "binary"
        case .categorical(let count): "categorical (\(count) states)"
        }
    }
}
