import GibbsNumerics

/// A function E whose low values are expected and high values surprising: p(x) = exp(−E(x)/T) / Z(T).
///
/// Energies are in nats at T = 1 and need not be normalised: differences matter. Conformers are values; evaluating never
/// changes them.
public protocol Energy: Sendable {
    /// What each column of a batch can hold.
    var variables: [Variable] { get }

    /// E of every row of `batch`, shape `[rows, variables.count]`; nats.
    ///
    /// A `nan` is a missing value. Energies that conform to `MarginalEnergy` sum it out; others throw. A batch without rows is
    /// no error and has no energies.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    func energies(of batch: Matrix) throws -> [Float]
}

extension Energy {
    /// The number of columns of a batch.
    public var features: Int { variables.count }
}

/// An energy in which missing values (`nan`) are summed out.
///
/// For a row with missing part m, `energies(of:)` returns −ln Σₘ exp(−E(x)) (an integral for real columns), so that
/// differences between the same row with and without a value are exact conditional surprises:
/// E(x) − E(x without j) = −ln p(xⱼ | rest), at T = 1 as everywhere. Where the sum cannot be had exactly the conformer says what it returns.
public protocol MarginalEnergy: Energy {}

/// An energy with a gradient in its real and binary columns.
public protocol DifferentiableEnergy: Energy {
    /// E and ∇E of every row; the gradient has the shape of `batch`, nats per unit of the column.
    ///
    /// - Throws: As `energies(of:)`, and `.unsuitableData` when a column is categorical or a value is missing.
    func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix)

    /// ∇E alone, for samplers that need the energy only now and then; that of `energiesAndGradients` unless a conformer has a
    /// shorter way.
    ///
    /// - Throws: As `energiesAndGradients(of:)`.
    func gradients(of batch: Matrix) throws -> Matrix

    /// E, and its slopes with every category read as a one-hot vector: shape `[rows, Σ expandedWidth]`, nats; the columns in their order,
    /// a categorical one with a slope a category. To first order E changes by slope j − slope i when a column goes from category i to j.
    ///
    /// Without categorical columns these are the gradients, which they are unless a conformer says otherwise.
    /// - Throws: As `energies(of:)`, and `.unsuitableData` for a missing value, or a categorical column of an energy that has no slopes there.
    func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix)
}

extension DifferentiableEnergy {
    /// See `DifferentiableEnergy.gradients(of:)`.
    public func gradients(of batch: Matrix) throws -> Matrix { try energiesAndGradients(of: batch).gradients }

    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) {
        let (energies, gradients) = try energiesAndGradients(of: batch)
        return (energies, gradients)
    }
}

/// An energy of visible units whose hidden units have been summed out: E here is the free energy
/// F(v) = −ln Σₕ exp(−E(v, h)).
public protocol LatentEnergy: Energy {
    /// The number of hidden units.
    var hiddenCount: Int { get }

    /// p(hⱼ = 1 | v) of every row; shape `[rows, hiddenCount]`.
    ///
    /// - Parameter visible: Complete rows, shape `[rows, variables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for a missing value.
    func hiddenMeans(given visible: Matrix) throws -> Matrix

    /// Hidden states drawn from p(h | v), 0 or 1, shape `[rows, hiddenCount]`; consumes `key`.
    ///
    /// - Parameters:
    ///   - visible: Complete rows, as for `hiddenMeans(given:)`.
    ///   - key: Feeds the draws.
    /// - Throws: As `hiddenMeans(given:)`.
    func sampleHidden(given visible: Matrix, key: Key) throws -> Matrix

    /// Visible states drawn from p(v | h), shape `[rows, variables.count]`; consumes `key`.
    ///
    /// - Parameters:
    ///   - hidden: Shape `[rows, hiddenCount]`; values between 0 and 1 are no error and enter as they are.
    ///   - key: Feeds the draws.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the columns differ from `hiddenCount`.
    func sampleVisible(given hidden: Matrix, key: Key) throws -> Matrix

    /// Visible states after some sweeps of block Gibbs sampling, h ~ p(h | v), v ~ p(v | h); consumes `key`.
    ///
    /// - Parameters:
    ///   - visible: Complete rows to start from, shape `[chains, variables.count]`.
    ///   - sweeps: Sweeps over all units.
    ///   - key: Feeds the draws.
    /// - Throws: As `sampleHidden(given:key:)`.
    func sampled(from visible: Matrix, sweeps: Int, key: Key) throws -> Matrix
}

extension LatentEnergy {
    /// The sweeps one by one.
    public func sampled(from visible: Matrix, sweeps: Int, key: Key) throws -> Matrix {
        var states = visible
        for sweep in 0 ..< sweeps {
            let (hiddenKey, visibleKey) = key.folding(sweep).split()
            states = try sampleVisible(given: sampleHidden(given: states, key: hiddenKey), key: visibleKey)
        }
        return states
    }
}

/// An energy E(x | u) of rows that each stand in a context u, such as what came before: p(x | u) = exp(−E(x | u)) / Z(u).
public protocol ConditionalEnergy: Sendable {
    /// The energy that a context leaves.
    associatedtype Conditioned: Energy

    /// What each column of a batch can hold.
    var variables: [Variable] { get }
    /// What each column of a context can hold.
    var contextVariables: [Variable] { get }

    /// The energy under one context.
    ///
    /// - Parameter context: Shape `[1, contextVariables.count]`; `nan` for what is not there.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    func given(_ context: Matrix) throws -> Conditioned

    /// E(x | u) of every row under its own context, nats.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`.
    ///   - context: Shape `[rows, contextVariables.count]`.
    /// - Throws: As `given(_:)`.
    func energies(of batch: Matrix, given context: Matrix) throws -> [Float]
}
