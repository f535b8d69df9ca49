import Foundation
import GibbsNumerics

/// The NOT of an energy, bounded: N(x) = ln(1 + exp(c − E(x))), nats; about c − E where E is below the ceiling c, and nearly 0 above.
///
/// −E itself would reward ever stranger points without end. N only says "not like those": it is −ln of the probability that a
/// test with the threshold c, σ(E(x) − c), calls x foreign. Alone it has no minimum and no Z over real columns, so add it to an
/// energy that says what is wanted: `wanted + Excluded(unwanted, ceiling: c)`.
public struct Excluded<Base: Energy>: Energy {
    /// E.
    public let base: Base
    /// c: points with an energy well above it are left alone.
    public let ceiling: Float

    /// NOT `base`.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a ceiling that is not finite: the plain −E has no minimum.
    public init(_ base: Base, ceiling: Float) throws {
        guard ceiling.isFinite else {
            throw GibbsError(.usage, "the opposite of an energy without a ceiling has no minimum",
                             advice: "give the energy above which a point counts as foreign, such as the 99 % quantile of the energies of its own data")
        }
        self.base = base
        self.ceiling = ceiling
    }

    public var variables: [Variable] { base.variables }

    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.refuseMissing("the opposite of an energy")
        return try base.energies(of: batch).map { Self.softplus(ceiling - $0) }
    }

    fileprivate static func softplus(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }
}

extension Excluded: DifferentiableEnergy where Base: DifferentiableEnergy {
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try bounded(base.energiesAndGradients(of: batch))
    }

    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) { try bounded(base.energiesAndSlopes(of: batch)) }

    private func bounded(_ found: ([Float], Matrix)) -> ([Float], Matrix) {
        var (energies, slopes) = found
        for row in energies.indices {
            let x = ceiling - energies[row], slope = -1 / (1 + exp(-x))
            energies[row] = Self.softplus(x)
            for index in row * slopes.columns ..< (row + 1) * slopes.columns { slopes.values[index] *= slope }
        }
        return (energies, slopes)
    }
}
