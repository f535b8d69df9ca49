import Foundation
import GibbsNumerics

/// The OR of energies: E(x) = −ln Σᵢ wᵢ exp(−Eᵢ(x) − ln Zᵢ), the energy of a mixture with shares wᵢ; nats, normalised when the ln Zᵢ are.
///
/// Every part must say how large it is, or the mixture's shares mean nothing: a part's ln Z is exact for a `NormalisedEnergy`, and
/// estimated for others by `AnnealedImportance` or a machine's own `logPartition`. Parts of different types are mixed as
/// `AnyDifferentiableEnergy`.
public struct Mixture<Part: Energy>: Energy {
    /// Eᵢ, all of the same variables.
    public let parts: [Part]
    /// wᵢ, summing to one.
    public let shares: [Float]
    /// ln Zᵢ of the parts, nats.
    public let logPartitions: [Double]

    /// A mixture.
    ///
    /// - Parameters:
    ///   - parts: Eᵢ, at least one.
    ///   - shares: Positive numbers, scaled to sum to one; equal unless told.
    ///   - logPartitions: ln Zᵢ, nats.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the parts are energies of different columns, `.usage` for no part, a
    ///   share that is not positive, or another number of shares or ln Z than of parts.
    public init(_ parts: [Part], shares: [Float]? = nil, logPartitions: [Double]) throws {
        guard let first = parts.first, logPartitions.count == parts.count, logPartitions.allSatisfy(\.isFinite) else {
            throw GibbsError(.usage, "a mixture of \(parts.count) energies with \(logPartitions.count) values of ln Z",
                             advice: "give at least one energy, and ln Z of each; estimate what is not known exactly")
        }
        let shares = shares ?? parts.map { _ in 1 }
        guard shares.count == parts.count, shares.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw GibbsError(.usage, "a mixture of \(parts.count) energies with the shares \(shares)", advice: "give a positive share for each")
        }
        guard parts.allSatisfy({ $0.variables == first.variables }) else {
            throw GibbsError(.shapeMismatch, "a mixture of energies of different columns", advice: "all must be energies of the same columns")
        }
        self.parts = parts
        self.shares = shares.map { $0 / shares.reduce(0, +) }
        self.logPartitions = logPartitions
    }

    public var variables: [Variable] { parts[0].variables }

    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.refuseMissing("a mixture")
        return terms(try parts.map { try $0.energies(of: batch) }).map { Float(-logSumExp($0)) }
    }

    /// p(part i | x) = wᵢ exp(−Eᵢ(x) − ln Zᵢ) / Σ; shape `[rows, parts]`.
    ///
    /// - Throws: As `energies(of:)`.
    public func responsibilities(of batch: Matrix) throws -> Matrix {
        try batch.refuseMissing("a mixture")
        let terms = terms(try parts.map { try $0.energies(of: batch) })
        return Matrix(rows: batch.rows, columns: parts.count, values: terms.flatMap { row -> [Float] in
            let total = logSumExp(row)
            return row.map { Float(exp($0 - total)) }
        })
    }

    /// ln wᵢ − Eᵢ − ln Zᵢ, a list a row.
    private func terms(_ energies: [[Float]]) -> [[Double]] {
        let constants = zip(shares, logPartitions).map { log(Double($0)) - $1 }
        return (0 ..< (energies.first?.count ?? 0)).map { row in parts.indices.map { constants[$0] - Double(energies[$0][row]) } }
    }
}

extension Mixture: DifferentiableEnergy where Part: DifferentiableEnergy {
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try mixed(parts.map { try $0.energiesAndGradients(of: batch) })
    }

    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) {
        try mixed(parts.map { try $0.energiesAndSlopes(of: batch) })
    }

    private func mixed(_ each: [([Float], Matrix)]) -> ([Float], Matrix) {
        let terms = terms(each.map(\.0)), totals = terms.map { logSumExp($0) }
        var slopes = Matrix(rows: terms.count, columns: each[0].1.columns)
        for row in 0 ..< slopes.rows {
            for part in parts.indices {
                let weight = Float(exp(terms[row][part] - totals[row]))
                if weight == 0 { continue }
                for index in row * slopes.columns ..< (row + 1) * slopes.columns { slopes.values[index] += weight * each[part].1.values[index] }
            }
        }
        return (totals.map { Float(-$0) }, slopes)
    }
}

/// Any differentiable energy, its type forgotten: for lists of energies of different kinds.
public struct AnyDifferentiableEnergy: DifferentiableEnergy {
    /// The energy.
    public let base: any DifferentiableEnergy

    /// Forgets the type of `base`.
    public init(_ base: any DifferentiableEnergy) { self.base = base }

    public var variables: [Variable] { base.variables }
    public func energies(of batch: Matrix) throws -> [Float] { try base.energies(of: batch) }
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) { try base.energiesAndGradients(of: batch) }
    /// See `DifferentiableEnergy.gradients(of:)`.
    public func gradients(of batch: Matrix) throws -> Matrix { try base.gradients(of: batch) }
    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) { try base.energiesAndSlopes(of: batch) }
}
