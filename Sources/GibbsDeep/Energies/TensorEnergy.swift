import GibbsCore
import GibbsNumerics

/// An energy written in tensors: whoever says what E(x) is gets ∇E(x), and with it every sampler, combination and descent of Gibbs.
///
///     struct Ring: TensorEnergy {
///         let input = [2]
///         func energy(of x: Tensor) throws -> Tensor { try 4 * (x.squared().rowSums().squareRoot() - 2).squared() }
///     }
///     let samples = try HamiltonianMonteCarlo(on: Ring()).sample(100, from: .noise(chains: 64), key: Key(1))
///
/// `DeepEnergy` and `WrittenEnergy` spare most people a type of their own.
public protocol TensorEnergy: DifferentiableEnergy {
    /// The shape of a row; its product is the number of columns of a batch.
    var input: [Int] { get }
    /// Where `energy(of:)` wants its rows; the processor unless a conformer says otherwise.
    var device: Device { get }
    /// Rows that are computed at once, so that memory is bounded whatever the batch; 256 unless a conformer says otherwise.
    var rowsAtOnce: Int { get }

    /// E of rows `[n] + input`; shape `[n]`, nats. Rows must not see each other.
    ///
    /// - Throws: `GibbsError`, as the operations on tensors do.
    func energy(of x: Tensor) throws -> Tensor
}

extension TensorEnergy {
    /// The processor.
    public var device: Device { .processor }
    /// See `TensorEnergy.rowsAtOnce`.
    public var rowsAtOnce: Int { 256 }
    /// Real columns, one a number of a row.
    public var variables: [Variable] { Array(repeating: .real, count: input.reduce(1, *)) }

    /// See `Energy.energies(of:)`.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`, also where `energy(of:)` gives no number a row; `.unsuitableData`, also for a missing
    ///   value; `.limitExceeded` where memory runs out. An energy that is not finite is no error.
    /// - Complexity: One computation of `energy(of:)`, `rowsAtOnce` rows at a time.
    public func energies(of batch: Matrix) throws -> [Float] {
        try checkComplete(batch)
        return try chunks(of: batch) { try checked(energy(of: $0), rows: $0.shape[0]).floats() }.flatMap { $0 }
    }

    /// See `DifferentiableEnergy.energiesAndGradients(of:)`.
    ///
    /// - Throws: As `energies(of:)`.
    /// - Complexity: About three computations of `energy(of:)`.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try checkComplete(batch)
        let parts = try chunks(of: batch) { rows in
            let x = try rows.variable(), energies = try checked(energy(of: x), rows: x.shape[0])
            return (energies: try energies.floats(), gradients: try energies.gradients(of: [x])[0].floats())
        }
        return (parts.flatMap(\.energies), Matrix(rows: batch.rows, columns: batch.columns, values: parts.flatMap(\.gradients)))
    }

    /// The energies of rows, refused unless they are one number a row.
    func checked(_ energies: Tensor, rows: Int) throws -> Tensor {
        guard energies.shape == [rows] else {
            throw GibbsError(.shapeMismatch, "the energy of \(rows) rows of the shape \(input) has the shape \(energies.shape), not [\(rows)]",
                             advice: "sum over all axes but the first, as rowSums() does")
        }
        return energies
    }

    /// Refuses rows that do not fit or are not complete.
    func checkComplete(_ batch: Matrix) throws {
        if batch.columns == input.reduce(1, *) && batch.isFinite { return }
        try batch.check(against: variables)
        throw GibbsError(.unsuitableData, "a deep energy needs rows without missing values")
    }

    private func chunks<Part>(of batch: Matrix, _ body: (Tensor) throws -> Part) throws -> [Part] {
        precondition(rowsAtOnce > 0, "\(rowsAtOnce) rows at once")
        try device.require()
        return try stride(from: 0, to: batch.rows, by: rowsAtOnce).map { first in
            let last = min(batch.rows, first + rowsAtOnce), rows = last - first == batch.rows ? batch : batch.slice(first ..< last)
            return try body(Tensor(rows, row: input, on: device))
        }
    }
}
