import GibbsCore
import GibbsNumerics

/// An energy given state by state: any distribution over a small discrete space, for testing samplers and estimators.
public struct TableEnergy: Energy {
    /// The states that have an energy.
    public let space: StateSpace
    /// E of every state of `space`.
    public let values: [Float]

    /// Traps unless there is one value a state.
    public init(_ space: StateSpace, values: [Float]) {
        precondition(values.count == space.count, "\(values.count) energies of \(space.count) states")
        self.space = space
        self.values = values
    }

    /// Independent normal energies of standard deviation `spread`; consumes `key`.
    public init(_ space: StateSpace, spread: Float = 1, key: Key) {
        self.init(space, values: key.normals(space.count).map { spread * $0 })
    }

    public var variables: [Variable] { space.variables }

    /// - Throws: As `Energy.energies(of:)`; a binary value between 0 and 1 is none of the states and is refused too.
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.check(against: variables)
        return try (0 ..< batch.rows).map { row in
            guard let index = space.index(of: batch.row(row)) else {
                throw GibbsError(.unsuitableData, "row \(row) is not a state of the table")
            }
            return values[index]
        }
    }
}

/// E(x) = Σ_real ½ aₖ (xₖ − mₖ)² + Σ_binary aₖ xₖ: the simplest differentiable energy, for testing what is built upon one.
public struct SeparableEnergy: DifferentiableEnergy {
    public let variables: [Variable]
    /// aₖ.
    public let strengths: [Float]
    /// mₖ; not used for binary columns.
    public let centres: [Float]

    /// Traps unless there is one strength and one centre a variable and no variable is categorical.
    public init(_ variables: [Variable], strengths: [Float], centres: [Float]) {
        precondition(variables.count == strengths.count && variables.count == centres.count
            && variables.allSatisfy { $0 == .real || $0 == .binary }, "parameters of another shape")
        self.variables = variables
        self.strengths = strengths
        self.centres = centres
    }

    public func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try batch.check(against: variables)
        guard !batch.values.contains(where: \.isNaN) else { throw GibbsError(.unsuitableData, "a value is missing") }
        var energies = [Float](repeating: 0, count: batch.rows), gradients = Matrix(rows: batch.rows, columns: batch.columns)
        for row in 0 ..< batch.rows {
            for column in 0 ..< batch.columns {
                let a = strengths[column], d = batch[row, column] - centres[column], isReal = variables[column] == .real
                energies[row] += isReal ? a * d * d / 2 : a * batch[row, column]
                gradients[row, column] = isReal ? a * d : a
            }
        }
        return (energies, gradients)
    }
}
