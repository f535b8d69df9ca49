import Foundation
import GibbsCore
import GibbsNumerics

extension GaussianEnergy {
    /// The Gaussian of a weighted sum of energies, Σ aᵢ Eᵢ: the product of experts, again quadratic.
    ///
    ///     Λ = Σ aᵢ Λᵢ,   μ = Λ⁻¹ Σ aᵢ Λᵢ μᵢ
    ///
    /// The energy of the result is that of the sum less its minimum. With weights α and 1 − α it is the blend whose minimum moves
    /// from one mean to the other along the ridge between the two landscapes.
    ///
    /// - Parameters:
    ///   - parts: Gaussians of the same columns.
    ///   - weights: aᵢ, one a part; a negative one says NOT.
    /// - Throws: `GibbsError` with code `.usage` for no part or another number of weights, `.shapeMismatch` for parts of different
    ///   columns, `.unsuitableData` when the sum has no minimum: an indefinite quadratic.
    /// - Complexity: Some ten d³ operations.
    /// - Source: Hinton, *Training Products of Experts*, Neural Computation 2002, section 2.
    public static func product(_ parts: [GaussianEnergy], weights: [Double]) throws -> GaussianEnergy {
        guard let first = parts.first, weights.count == parts.count else {
            throw GibbsError(.usage, "a sum of \(parts.count) energies with \(weights.count) weights", advice: "give one weight an energy")
        }
        let d = first.mean.count
        guard parts.allSatisfy({ $0.mean.count == d }) else {
            throw GibbsError(.shapeMismatch, "a sum of Gaussians of \(parts.map(\.mean.count)) columns", advice: "all must be energies of the same columns")
        }
        var precision = SymmetricMatrix(size: d, values: [Double](repeating: 0, count: d * d)), pull = [Double](repeating: 0, count: d)
        for (part, weight) in zip(parts, weights) {
            for index in precision.values.indices { precision.values[index] += weight * part.precision.values[index] }
            for i in 0 ..< d {
                for j in 0 ..< d { pull[i] += weight * part.precision.values[i * d + j] * Double(part.mean[j]) }
            }
        }
        guard let (covariance, _) = precision.inverseAndLogDeterminant() else {
            throw GibbsError(.unsuitableData, "the weighted sum of the quadratics, with the weights \(weights), has no minimum: it falls without end in some direction",
                             advice: "make the negative weights smaller, or bound the opposite with Excluded")
        }
        let mean = (0 ..< d).map { i in Float((0 ..< d).reduce(0.0) { $0 + covariance[i, $1] * pull[$1] }) }
        return try GaussianEnergy(mean: mean, covariance: covariance)
    }
}
