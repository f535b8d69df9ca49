import GibbsNumerics

// Energies combine as energies: a weighted sum of an RBM, a Gaussian and a deep network is again an energy, and again
// differentiable when all its parts are.

/// a · E, nats. With a > 1 the distribution sharpens, with 0 < a < 1 it flattens; the same as a temperature of 1/a.
///
/// No `MarginalEnergy`, because a times a marginal is not the marginal of a · E: a missing value throws `.unsuitableData`
/// whatever `base` does with it.
/// - Complexity: That of `base`.
public struct Weighted<Base: Energy>: Energy {
    /// E.
    public let base: Base
    /// a, dimensionless.
    public let weight: Float
    /// a · `base`. Any weight is taken; a negative one turns the landscape upside down, and Z may then be infinite.
    public init(_ base: Base, weight: Float) { self.base = base; self.weight = weight }

    public var variables: [Variable] { base.variables }
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.refuseMissing()
        return try base.energies(of: batch).map { weight * $0 }
    }
}

extension Weighted: DifferentiableEnergy where Base: DifferentiableEnergy {
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try scaled(base.energiesAndGradients(of: batch))
    }

    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) { try scaled(base.energiesAndSlopes(of: batch)) }

    private func scaled(_ found: ([Float], Matrix)) -> ([Float], Matrix) {
        var (energies, slopes) = found
        for index in energies.indices { energies[index] *= weight }
        slopes.scale(by: weight)
        return (energies, slopes)
    }

    public func gradients(of batch: Matrix) throws -> Matrix {
        var gradients = try base.gradients(of: batch)
        gradients.scale(by: weight)
        return gradients
    }
}

/// E₁ + E₂ on the same variables, nats: both must find x plausible (a product of experts, AND).
///
/// No `MarginalEnergy`, because the marginal of a product is not the product of the marginals: a missing value throws
/// `.unsuitableData` whatever the parts do with it.
/// - Complexity: That of both parts together.
/// - Source: Hinton, *Training Products of Experts by Minimizing Contrastive Divergence*, Neural Computation 2002.
public struct Sum<First: Energy, Second: Energy>: Energy {
    /// E₁.
    public let first: First
    /// E₂.
    public let second: Second

    /// - Throws: `GibbsError` with code `.shapeMismatch` when the two are energies of different variables.
    public init(_ first: First, _ second: Second) throws {
        guard first.variables == second.variables else {
            throw GibbsError(.shapeMismatch, "an energy of \(first.features) variables cannot be added to one of \(second.features) others",
                             advice: "both must be energies of the same columns")
        }
        self.first = first
        self.second = second
    }

    public var variables: [Variable] { first.variables }
    public func energies(of batch: Matrix) throws -> [Float] {
        try batch.refuseMissing()
        let (a, b) = (try first.energies(of: batch), try second.energies(of: batch))
        return zip(a, b).map { $0 + $1 }
    }
}

extension Sum: DifferentiableEnergy where First: DifferentiableEnergy, Second: DifferentiableEnergy {
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        try added(first.energiesAndGradients(of: batch), second.energiesAndGradients(of: batch))
    }

    /// See `DifferentiableEnergy.energiesAndSlopes(of:)`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) {
        try added(first.energiesAndSlopes(of: batch), second.energiesAndSlopes(of: batch))
    }

    private func added(_ one: ([Float], Matrix), _ other: ([Float], Matrix)) -> ([Float], Matrix) {
        var (energies, slopes) = one
        for index in energies.indices { energies[index] += other.0[index] }
        slopes.add(other.1, times: 1)
        return (energies, slopes)
    }

    public func gradients(of batch: Matrix) throws -> Matrix {
        var gradients = try first.gradients(of: batch)
        gradients.add(try second.gradients(of: batch), times: 1)
        return gradients
    }
}

extension Matrix {
    /// Throws at a missing value: the weighted sum of marginal energies is not the marginal of their weighted sum.
    func refuseMissing(_ what: String = "a weighted or summed energy") throws {
        guard !values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "\(what) needs rows without missing values")
        }
    }
}

extension Energy {
    /// This energy at temperature T: E / T. Traps unless T > 0.
    ///
    /// Of an energy with hidden units it tempers the free energy F(v), not the joint E(v, h).
    public func tempered(_ temperature: Float) -> Weighted<Self> {
        precondition(temperature > 0, "temperature \(temperature) is not positive")
        return Weighted(self, weight: 1 / temperature)
    }
}

/// a · E.
public func * <E: Energy>(weight: Float, energy: E) -> Weighted<E> { Weighted(energy, weight: weight) }

/// E₁ + E₂, the AND of two energies of the same variables. Traps when their variables differ; `Sum.init` throws instead.
public func + <A: Energy, B: Energy>(first: A, second: B) -> Sum<A, B> {
    precondition(first.variables == second.variables, "sum of energies of different variables")
    return try! Sum(first, second)
}
