import GibbsCore
import GibbsNumerics

/// A model with what its checks need: a new conformer joins the suite as one of these, in one line.
public struct Conformer: Sendable, CustomStringConvertible {
    /// What failures call it.
    public let name: String
    /// The model.
    public let energy: any Energy
    /// Rows without missing values, of finite energy.
    public let rows: Matrix
    /// What it promises of missing values.
    public let promise: MarginalPromise

    /// A model with what its checks need.
    public init(_ name: String, _ energy: any Energy, rows: Matrix, promise: MarginalPromise = .exact) {
        self.name = name
        self.energy = energy
        self.rows = rows
        self.promise = promise
    }

    public var description: String { name }

    /// Runs every check that the model's protocols call for: energies always, gradients, marginals, conditionals, block
    /// Gibbs and storage where it conforms; conditionals only of machines small enough to enumerate.
    ///
    /// - Throws: What the model throws on its own rows.
    public func failures(key: Key) throws -> [CheckFailure] {
        var failures = try checkEnergy(energy, rows: rows)
        if let energy = energy as? any DifferentiableEnergy, energy.variables.allSatisfy({ $0 == .real || $0 == .binary }) {
            failures += try checkGradient(energy, rows: rows.slice(0 ..< min(4, rows.rows)))
        }
        if let energy = energy as? any MarginalEnergy { failures += try marginals(energy) }
        if let energy = energy as? any Energy & Storable { failures += try checkStorable(energy, rows: rows) }
        if let energy = energy as? any LatentEnergy, (try? StateSpace(energy.variables, limit: 1024)) != nil, energy.hiddenCount <= 8 {
            failures += try checkLatent(energy, key: key.folding(0))
            failures += try checkBlockGibbs(energy, key: key.folding(1))
        }
        return failures
    }

    /// Every column alone, and pairs of neighbours that quadrature can serve.
    private func marginals(_ energy: some MarginalEnergy) throws -> [CheckFailure] {
        var failures = [CheckFailure]()
        let row = Array(rows.row(0))
        for column in row.indices {
            var parts = [[column]]
            if column > 0, [column - 1, column].filter({ energy.variables[$0] == .real }).count < 2 { parts.append([column - 1, column]) }
            for missing in parts {
                failures += try checkMarginal(energy, row: row, missing: missing, promise: promise)
            }
        }
        return failures
    }
}
