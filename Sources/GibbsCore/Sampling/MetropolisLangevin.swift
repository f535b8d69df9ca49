import GibbsNumerics

/// The Metropolis-adjusted Langevin algorithm (MALA): the proposal of `Langevin`, accepted so that the distribution is exact.
///
/// A Langevin step of size ε is a leapfrog step of size √(2ε) with fresh momentum, and the two acceptance probabilities are the
/// same, so this is `HamiltonianMonteCarlo` with one leapfrog step and no jitter.
///
/// - Source: Roberts & Rosenthal, *Optimal scaling of discrete approximations to Langevin diffusions*, J. R. Statist. Soc. B 1998;
///   the identity: Neal 2011, section 5.5.2.
public struct MetropolisLangevin<Target: DifferentiableEnergy>: AdaptiveKernel {
    private var trajectory: HamiltonianMonteCarlo<Target>

    /// A kernel; its settings are checked when a chain starts.
    ///
    /// - Parameters:
    ///   - target: E; all columns are real.
    ///   - stepSize: ε of `Langevin`.
    ///   - scales: sₖ, roughly the deviation of each column; `nil` for ones.
    public init(on target: Target, stepSize: Float = 0.01, scales: [Float]? = nil) {
        trajectory = HamiltonianMonteCarlo(on: target, stepSize: (2 * stepSize).squareRoot(), leapfrogSteps: 1, scales: scales, jitter: 0)
    }

    /// E.
    public var target: Target { trajectory.target }
    /// See `AdaptiveKernel.targetAcceptance`: 0.574 for one leapfrog step, 0.8 for more.
    public var targetAcceptance: Double { trajectory.targetAcceptance }
    /// ε of `Langevin`.
    public var stepSize: Float {
        get { trajectory.stepSize * trajectory.stepSize / 2 }
        set { trajectory.stepSize = (2 * newValue).squareRoot() }
    }
    /// sₖ, roughly the deviation of each column; `nil` for ones.
    public var scales: [Float]? {
        get { trajectory.scales }
        set { trajectory.scales = newValue }
    }

    /// That of the leapfrog kernel.
    public typealias State = HamiltonianMonteCarlo<Target>.State

    /// See `TransitionKernel.start(at:)`.
    public func start(at positions: Matrix) throws -> State {
        try checkRealTarget(stepSize: stepSize, scales: scales, name: "MALA")
        return try trajectory.start(at: positions)
    }

    /// - Complexity: One energy with its gradient.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        var (next, report) = try trajectory.step(state, key: key)
        report.stepSize = stepSize
        return (next, report)
    }
}
