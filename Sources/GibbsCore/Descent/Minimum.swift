import GibbsNumerics

/// Where descents ended, and whether they had arrived.
public struct Minimum: Sendable {
    /// The lowest position of each descent; shape `[starts, features]`.
    public let positions: Matrix
    /// E there, nats.
    public let energies: [Float]
    /// ‖∇E‖ there, nats per unit of the columns.
    public let gradientNorms: [Float]
    /// How each descent ended.
    public let endings: [Ending]
    /// Steps taken by the longest descent.
    public let steps: Int

    /// How a descent ended; none is an error.
    public enum Ending: String, Sendable, Hashable {
        /// The gradient is below the tolerance.
        case converged
        /// No step lowers the energy any more in single precision, though the gradient is above the tolerance.
        case stalled
        /// The steps allowed were used up.
        case outOfSteps
    }

    /// Whether every descent ended at a gradient below the tolerance.
    public var hasConverged: Bool { endings.allSatisfy { $0 == .converged } }
}
