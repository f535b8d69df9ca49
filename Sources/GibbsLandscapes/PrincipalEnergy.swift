import Foundation
import GibbsCore
import GibbsNumerics

/// Probabilistic principal components: a Gaussian that is free along some directions and round in all others.
///
///     E(x) = ½ (x − μ)ᵀ C⁻¹ (x − μ) = ½ [ ‖x − μ‖²/σ² − Σₖ (1/σ² − 1/λₖ) (vₖᵀ(x − μ))² ],   C = Σₖ (λₖ − σ²) vₖ vₖᵀ + σ² 1
///
/// in nats, with v and λ the eigenvectors and the largest eigenvalues of the data's covariance, and σ² the mean of the other eigenvalues: the
/// maximum of the likelihood. Normalised exactly: ln Z = ½ (d ln 2π + Σₖ ln λₖ + (d − q) ln σ²).
///
/// - Source: Tipping & Bishop, *Probabilistic Principal Component Analysis*, J. Royal Statistical Society B 1999, equations 7 and 8.
public struct PrincipalEnergy: Sendable {
    /// μ, length d.
    public let mean: [Float]
    /// v, one a row, orthonormal; shape `[q, d]`.
    public let components: Matrix
    /// λ, the variances along the components, largest first; length q.
    public let variances: [Float]
    /// σ², the variance in every other direction.
    public let noise: Float

    private init(mean: [Float], components: Matrix, variances: [Float], noise: Float) {
        (self.mean, self.components, self.variances, self.noise) = (mean, components, variances, noise)
    }

    /// The likeliest of its kind for these rows.
    ///
    /// A constant column is no error: σ² is at least a millionth of the mean variance, and at least 1e-12.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, d]`.
    ///   - count: q; less than d and than the rows.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer than two rows or missing values; `.usage` for a number of components that there cannot be.
    /// - Complexity: `rows · d²` for the covariance plus some ten d³.
    public static func fitted(to data: Matrix, components count: Int) throws -> PrincipalEnergy {
        guard data.rows >= 2, data.isFinite else {
            throw GibbsError(.unsuitableData, "principal components need at least two rows without missing values, and got \(data.rows)")
        }
        let d = data.columns
        guard count > 0, count < d, count < data.rows else {
            throw GibbsError(.usage, "\(count) principal components of \(data.rows) rows of \(d) columns", advice: "give a number below both")
        }
        let mean = (0 ..< d).map { Float(Statistics.mean(data.column($0))) }
        var centred = data
        centred.subtractFromRows(mean)
        let (values, vectors) = SymmetricMatrix(size: d, values: GaussianEnergy.secondMoments(centred)).eigen()
        let others = values.prefix(d - count).reduce(0, +) / Double(d - count), floor = max(1e-12, 1e-6 * values.reduce(0, +) / Double(d))
        let noise = max(others, floor), top = (0 ..< count).map { d - 1 - $0 }
        return PrincipalEnergy(mean: mean, components: Matrix(top.map { vectors[$0].map(Float.init) }), variances: top.map { Float(max(values[$0], noise)) }, noise: Float(noise))
    }

    /// (x − μ), and its coordinates along the components.
    private func projected(_ batch: Matrix) -> (centred: Matrix, along: Matrix) {
        var centred = batch
        centred.subtractFromRows(mean)
        return (centred, Matrix.product(centred, components, transposeB: true))
    }

    /// 1/σ² − 1/λₖ.
    private var excess: [Float] { variances.map { 1 / noise - 1 / $0 } }
}

extension PrincipalEnergy: DifferentiableEnergy {
    public var variables: [Variable] { Array(repeating: .real, count: mean.count) }

    /// E of every row, nats; at least 0.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`, or `.unsuitableData` for a missing value.
    /// - Complexity: `rows · d · q`.
    public func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    /// E and its gradient C⁻¹ (x − μ).
    ///
    /// - Throws: As `energies(of:)`.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try batch.check(against: variables)
        guard batch.isFinite else { throw GibbsError(.unsuitableData, "principal components need rows without missing values") }
        var (centred, along) = projected(batch)
        let excess = excess, squares = centred.rowDots(centred), before = along
        for index in along.values.indices { along.values[index] *= excess[index % excess.count] }
        let energies = zip(squares, before.rowDots(along)).map { max(0, 0.5 * ($0 / noise - $1)) }
        for index in centred.values.indices { centred.values[index] /= noise }
        centred.add(Matrix.product(along, components), times: -1)
        return (energies, centred)
    }
}

extension PrincipalEnergy: NormalisedEnergy {
    /// ln Z, nats at T = 1.
    public var logPartition: Double {
        let rest = Double(mean.count - variances.count) * log(Double(noise))
        return 0.5 * (Double(mean.count) * log(2 * .pi) + variances.reduce(rest) { $0 + log(Double($1)) })
    }

    /// μ + σ ξ + Σₖ (√λₖ − σ) (vₖᵀ ξ) vₖ, ξ standard normal; consumes `key`.
    public func samples(_ count: Int, key: Key) -> Matrix {
        let deviation = noise.squareRoot(), draws = Matrix(rows: count, columns: mean.count, values: key.normals(count * mean.count))
        var along = Matrix.product(draws, components, transposeB: true), result = draws
        for index in along.values.indices { along.values[index] *= variances[index % variances.count].squareRoot() - deviation }
        for index in result.values.indices { result.values[index] *= deviation }
        result.add(Matrix.product(along, components), times: 1)
        result.subtractFromRows(mean.map { -$0 })
        return result
    }
}

extension PrincipalEnergy: Storable {
    public static let kind = "principal"

    public init(archive: Archive) throws {
        let mean = try archive.vector("mean"), variances = try archive.vector("variances"), noise = try archive.vector("noise", count: 1)[0]
        guard !variances.isEmpty, variances.count < mean.count, noise > 0, variances.allSatisfy({ $0 >= noise }) else {
            throw GibbsError(.unsuitableModel, "\(variances.count) components of \(mean.count) columns with noise \(noise)", advice: "the file is damaged")
        }
        let components = try archive.matrix("components", rows: variances.count, columns: mean.count), products = Matrix.product(components, components, transposeB: true)
        guard products.values.indices.allSatisfy({ abs(products.values[$0] - ($0 % (variances.count + 1) == 0 ? 1 : 0)) < 1e-3 }) else {
            throw GibbsError(.unsuitableModel, "components that are not at right angles", advice: "the file is damaged")
        }
        self.init(mean: mean, components: components, variances: variances, noise: noise)
    }

    public func archive() -> Archive {
        Archive(tensors: ["mean": .init(mean), "variances": .init(variances), "noise": .init([noise]), "components": .init(shape: [components.rows, components.columns], values: components.values)])
    }
}
