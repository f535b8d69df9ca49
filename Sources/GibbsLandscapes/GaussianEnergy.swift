import Foundation
import GibbsCore
import GibbsNumerics

/// The quadratic energy of a Gaussian: E(x) = ½ (x − μ)ᵀ Λ (x − μ), nats; half the squared Mahalanobis distance.
///
/// Normalised exactly: ln Z = ½ (d ln 2π − ln det Λ).
public struct GaussianEnergy: Sendable {
    /// μ, length d.
    public let mean: [Float]
    /// Λ, the precision: inverse of the covariance.
    public let precision: SymmetricMatrix
    /// Share of the shrinkage target in the covariance it was fitted with, 0...1; 0 where it was not fitted.
    public let shrinkage: Double
    /// Σ, the covariance; shape `[d, d]`.
    public let covarianceMatrix: SymmetricMatrix
    private let logDeterminant: Double
    /// Rows of A with Λ = AᵀA, so that E = ½ ‖A(x − μ)‖².
    private let whitening: Matrix
    /// Λ in single precision.
    private let precisionMatrix: Matrix

    /// A Gaussian with this mean and covariance.
    ///
    /// Traps when the two differ in size.
    ///
    /// - Parameters:
    ///   - mean: μ, length d.
    ///   - covariance: Σ, shape `[d, d]`.
    ///   - shrinkage: Kept for the record, not applied.
    /// - Throws: `GibbsError` with code `.unsuitableData` unless the covariance is positive definite.
    /// - Complexity: Some ten d³ operations.
    public init(mean: [Float], covariance: SymmetricMatrix, shrinkage: Double = 0) throws {
        precondition(covariance.size == mean.count, "\(mean.count) means and a covariance of \(covariance.size)")
        // No more digits than the two parts of an archive hold, so that a model read back is equal to the last bit.
        let covariance = SymmetricMatrix(size: covariance.size, values: covariance.values.map {
            Double(Float($0)) + Double(Float($0 - Double(Float($0))))
        })
        guard let (inverse, logDeterminant) = covariance.inverseAndLogDeterminant() else {
            throw GibbsError(.unsuitableData, "the covariance of \(mean.count) columns is not positive definite",
                             advice: "drop columns that repeat each other, or fit with shrinkage")
        }
        self.mean = mean
        self.covarianceMatrix = covariance
        self.shrinkage = shrinkage
        self.logDeterminant = logDeterminant
        precision = inverse
        precisionMatrix = Matrix(rows: mean.count, columns: mean.count, values: inverse.values.map(Float.init))
        let (values, vectors) = covariance.eigen()
        whitening = Matrix(zip(values, vectors).map { value, vector in vector.map { Float($0 / max(value, 1e-30).squareRoot()) } })
    }

    /// ln Z = ½ (d ln 2π + ln det Σ), nats at T = 1.
    public var logPartition: Double { 0.5 * (Double(mean.count) * log(2 * .pi) + logDeterminant) }

    /// Fits mean and covariance to the rows, the covariance shrunk towards a multiple of the identity by the amount that
    /// minimises the expected squared error.
    ///
    /// A constant column is no error: a millionth of the mean variance is added to every variance, and `ridge` on top, so that
    /// the precision stays finite.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, d]`.
    ///   - ridge: Added to every variance.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer than two rows or missing values.
    /// - Complexity: `rows · d²` for the covariance plus `d³`.
    /// - Source: Ledoit & Wolf, *A well-conditioned estimator for large-dimensional covariance matrices*, J. Multivariate
    ///   Analysis 2004, equations 14–18.
    public static func fitted(to data: Matrix, ridge: Double = 0) throws -> GaussianEnergy {
        guard data.rows >= 2, !data.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "a Gaussian needs at least two rows without missing values, and got \(data.rows)")
        }
        let n = Double(data.rows), d = data.columns
        var centred = data
        var mean = [Float](repeating: 0, count: d)
        for k in 0 ..< d { mean[k] = Float(Statistics.mean(data.column(k))) }
        centred.subtractFromRows(mean)
        let second = secondMoments(centred)
        let trace = (0 ..< d).reduce(0.0) { $0 + second[$1 * d + $1] } / Double(d)
        // Σⱼₖ ⟨xⱼ² xₖ²⟩ = ⟨‖x‖⁴⟩.
        let fourth = centred.rowDots(centred).reduce(0.0) { $0 + Double($1) * Double($1) } / n
        let norm = second.reduce(0) { $0 + $1 * $1 }
        let delta = norm - Double(d) * trace * trace
        let beta = min((fourth - norm) / n, delta)
        let shrinkage = delta > 0 ? max(0, min(1, beta / delta)) : 1
        var covariance = SymmetricMatrix(size: d, values: second.map { $0 * (1 - shrinkage) })
        // A floor keeps columns that repeat each other from making the precision infinite.
        let floor = max(trace, 1e-12) * 1e-6
        for k in 0 ..< d { covariance[k, k] += shrinkage * trace + floor + ridge }
        return try GaussianEnergy(mean: mean, covariance: covariance, shrinkage: shrinkage)
    }
}

extension GaussianEnergy {
    /// ⟨x xᵀ⟩ over the rows, row-major: summed in double precision over blocks of rows too short for the products to be split
    /// between threads, so that the bits do not depend on their number.
    package static func secondMoments(_ centred: Matrix) -> [Double] {
        var sums = [Double](repeating: 0, count: centred.columns * centred.columns)
        for first in stride(from: 0, to: centred.rows, by: 256) {
            let block = centred.slice(first ..< min(centred.rows, first + 256))
            let product = Matrix.product(block, block, transposeA: true).values
            for index in sums.indices { sums[index] += Double(product[index]) }
        }
        return sums.map { $0 / Double(centred.rows) }
    }
}

extension GaussianEnergy: MarginalEnergy {
    public var variables: [Variable] { Array(repeating: .real, count: mean.count) }

    /// E of every row in nats, at least 0 for a complete one; missing values are integrated out exactly: for the observed part
    /// o and the missing part m, ½ (xₒ − μₒ)ᵀ Σₒₒ⁻¹ (xₒ − μₒ) − ½ (|m| ln 2π − ln det Λₘₘ).
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: `rows · d²`, plus `m³` for each pattern of m missing columns.
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.check(against: variables)
        var groups = [[Int]: [Int]]()
        for row in 0 ..< batch.rows {
            let values = batch.row(row)
            groups[values.indices.filter { values[$0].isNaN }.map { $0 - values.startIndex }, default: []].append(row)
        }
        var result = [Float](repeating: 0, count: batch.rows)
        for (missing, rows) in groups {
            let energies = missing.isEmpty ? complete(rows.count == batch.rows ? batch : batch.selecting(rows: rows))
                : marginal(batch.selecting(rows: rows), missing: missing)
            for (row, energy) in zip(rows, energies) { result[row] = energy }
        }
        return result
    }

    private func complete(_ batch: Matrix) -> [Float] {
        var centred = batch
        centred.subtractFromRows(mean)
        let white = centred.rowwiseProduct(whitening.transposed())
        return white.rowDots(white).map { $0 / 2 }
    }

    /// ½ zᵀ Λ z − ½ gᵀ Λₘₘ⁻¹ g − constant, with z the centred row, 0 where missing, and g = (Λ z)ₘ: the quadratic form with its missing part at the lowest, which
    /// only asks for an inverse of the size of what is missing.
    private func marginal(_ batch: Matrix, missing: [Int]) -> [Float] {
        let size = mean.count, isMissing = (0 ..< size).map(Set(missing).contains), observed = (0 ..< size).filter { !isMissing[$0] }
        guard let (inner, logDeterminant) = precision.selecting(missing).inverseAndLogDeterminant() else { preconditionFailure("a block of a positive definite precision is positive definite") }
        let constant = 0.5 * (Double(missing.count) * log(2 * .pi) - logDeterminant)
        var slope = [Double](repeating: 0, count: size)
        return precision.values.withUnsafeBufferPointer { precision in
            slope.withUnsafeMutableBufferPointer { slope in
                (0 ..< batch.rows).map { row in
                    let values = batch.row(row), first = values.startIndex
                    slope.update(repeating: 0)
                    for i in observed {
                        let z = Double(values[first + i] - mean[i]), line = precision.baseAddress! + i * size
                        if z != 0 { for j in 0 ..< size { slope[j] += z * line[j] } }
                    }
                    var sum = observed.reduce(0.0) { $0 + Double(values[first + $1] - mean[$1]) * slope[$1] }
                    for (i, a) in missing.enumerated() { for (j, b) in missing.enumerated() { sum -= slope[a] * inner.values[i * missing.count + j] * slope[b] } }
                    return Float(max(0, sum) / 2 - constant)
                }
            }
        }
    }
}

extension GaussianEnergy: DifferentiableEnergy {
    /// E and its gradient Λ (x − μ), nats per unit of the column.
    ///
    /// - Throws: As `energies(of:)`, and `.unsuitableData` for a missing value.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try checkForGradient(batch)
        var centred = batch
        centred.subtractFromRows(mean)
        let white = Matrix.product(centred, whitening, transposeB: true)
        return (white.rowDots(white).map { $0 / 2 }, Matrix.product(centred, precisionMatrix))
    }

    /// Samplers ask for many small gradients, so that the common case is one fast pass.
    private func checkForGradient(_ batch: Matrix) throws {
        if batch.columns == mean.count && batch.isFinite { return }
        try batch.check(against: variables)
        throw GibbsError(.unsuitableData, "a gradient needs rows without missing values")
    }

    public func gradients(of batch: Matrix) throws -> Matrix {
        try checkForGradient(batch)
        var centred = batch
        centred.subtractFromRows(mean)
        return Matrix.product(centred, precisionMatrix)
    }
}

extension GaussianEnergy: NormalisedEnergy {
    /// μ + Σ √λᵢ zᵢ vᵢ over the eigenvectors of the covariance, z standard normal.
    public func samples(_ count: Int, key: Key) -> Matrix {
        // A row of the whitening is vᵢ/√λᵢ; divided by its squared length it is √λᵢ vᵢ.
        let lengths = whitening.rowDots(whitening)
        let directions = Matrix(rows: whitening.rows, columns: whitening.columns, values: whitening.values.indices.map {
            whitening.values[$0] / lengths[$0 / whitening.columns]
        })
        var result = Matrix.product(Matrix(rows: count, columns: mean.count, values: key.normals(count * mean.count)), directions)
        result.subtractFromRows(mean.map { -$0 })
        return result
    }
}

extension GaussianEnergy: Storable {
    public static let kind = "gaussian"

    public init(archive: Archive) throws {
        let mean = try archive.vector("mean")
        let covariance = try archive.matrix("covariance", rows: mean.count, columns: mean.count)
        let shrinkage = try archive.vector("shrinkage", count: 1)
        let remainder = try archive.matrix("covarianceRemainder", rows: mean.count, columns: mean.count)
        let values = zip(covariance.values, remainder.values).map { Double($0) + Double($1) }
        guard Self.isWellConditioned(SymmetricMatrix(size: mean.count, values: values)) else {
            throw GibbsError(.unsuitableModel, "the covariance of \(mean.count) columns is singular to working precision", advice: "the file is damaged")
        }
        do {
            try self.init(mean: mean, covariance: SymmetricMatrix(size: mean.count, values: values), shrinkage: Double(shrinkage[0]))
        } catch let error as GibbsError {
            throw GibbsError(.unsuitableModel, error.message, advice: "the file is damaged")
        }
    }

    /// Whether the smallest eigenvalue of the correlations is above 1e-13, so that rounding cannot make a marginal indefinite.
    ///
    /// A fit stays far above: its floor on the variances leaves at least 1e-6 / d.
    private static func isWellConditioned(_ covariance: SymmetricMatrix) -> Bool {
        let size = covariance.size, deviations = (0 ..< size).map { covariance[$0, $0].squareRoot() }
        guard deviations.allSatisfy({ $0 > 0 }) else { return false }
        var correlation = covariance
        for i in 0 ..< size { for j in 0 ..< size { correlation[i, j] /= deviations[i] * deviations[j] } }
        return correlation.values.allSatisfy { abs($0) <= 2 } && (correlation.eigen().values.first ?? 1) > 1e-13
    }

    public func archive() -> Archive {
        // In two parts, because rounding to single precision alone could make a nearly singular covariance indefinite.
        let shape = [mean.count, mean.count], rounded = covarianceMatrix.values.map(Float.init)
        let remainder = zip(covarianceMatrix.values, rounded).map { Float($0 - Double($1)) }
        return Archive(tensors: ["mean": .init(mean), "shrinkage": .init([Float(shrinkage)]),
                                 "covariance": .init(shape: shape, values: rounded),
                                 "covarianceRemainder": .init(shape: shape, values: remainder)])
    }
}
