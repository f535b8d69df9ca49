import Foundation
import GibbsCore
import GibbsNumerics

/// A diffusion of one class: ε(x, t | y), or with guidance g the one that sharpens what is particular to the class,
///
///     (1 + g) ε(x, t | y) − g ε(x, t)
///
/// Of an energy it is an energy, with the same weights.
///
/// - Source: Ho & Salimans, *Classifier-Free Diffusion Guidance*, 2022, equation 6.
public struct DiffusionClass<Base: DiffusionNetwork>: DiffusionField {
    /// All classes together.
    public let base: Base
    /// y, counted from 0.
    public let label: Int
    /// g; 0 for none.
    public let guidance: Double

    /// How data become noise.
    public var schedule: DiffusionSchedule { base.schedule }
    /// The shape of a row.
    public var input: [Int] { base.input }
    /// p at t = 1.
    public var prior: DiffusionPrior { base.prior }
    /// Where rows are wanted.
    public var device: Device { base.device }
    /// Rows that are computed at once.
    public var rowsAtOnce: Int { base.rowsAtOnce }

    /// See `DiffusionField.noise(in:at:differentiable:)`.
    public func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor {
        try guided(x) { rows, labels in
            try base.noise(in: rows, times: Array(repeating: time, count: rows.shape[0]), labels: labels, differentiable: differentiable)
        }
    }

    /// What `body` gives with the classes, and with guidance without them, in one pass.
    private func guided(_ x: Tensor, _ body: (Tensor, [Int?]) throws -> Tensor) throws -> Tensor {
        let n = x.shape.first ?? 0, own = Array(repeating: Optional(label), count: n)
        if guidance == 0 { return try body(x, own) }
        let both = try body(.concatenating([x, x], along: 0), own + Array(repeating: nil, count: n))
        return try (1 + guidance) * both.slice(0 ..< n) - guidance * both.slice(n ..< 2 * n)
    }
}

extension DiffusionClass: DiffusionLandscape where Base == DiffusionEnergy {
    /// E of rows `[n] + input`, at one time; shape `[n]`, nats.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for other rows. Traps for a time outside 0...1.
    /// - Complexity: One pass through the network, two with guidance.
    public func energy(of x: Tensor, at time: Double) throws -> Tensor {
        try guided(x) { rows, labels in try base.energy(of: rows, times: Array(repeating: time, count: rows.shape[0]), labels: labels) }
    }
}

extension DiffusionNetwork {
    /// This diffusion of one class.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a class that there is not, or guidance that is negative or not finite.
    /// - Complexity: None; each use costs one pass, two with guidance.
    public func given(_ label: Int, guidance: Double = 0) throws -> DiffusionClass<Self> {
        guard (0 ..< classes).contains(label) else {
            throw GibbsError(.usage, "the class \(label) where there are \(classes)", advice: classes == 0 ? "train with labels" : "count classes from 0")
        }
        guard guidance >= 0, guidance.isFinite else { throw GibbsError(.usage, "a guidance of \(guidance)", advice: "give 0 for none, or more") }
        return DiffusionClass(base: self, label: label, guidance: guidance)
    }
}

/// Σ wᵢ Eᵢ(x, t) at every time: AND for weights of 1, a blend for weights that add up to 1, NOT for a negative one.
///
/// At times above 0 that is no diffusion of Σ wᵢ Eᵢ at t = 0, so paths alone do not end where exp(−Σ wᵢ Eᵢ) is; the corrections of `DiffusionSampler` make them,
/// as each time's landscape is known. Paths follow the mean of the noises, Σ wᵢ εᵢ / Σ wᵢ, from the sum's Gaussian: of equal Gaussians that is exact, at any temperature. A sum is refused unless its weights let it close at t = 1; a negative weight may still open a hole in between, which
/// chains report as diverging.
///
/// - Source: Du et al., ICML 2023, sections 3 and 4.
public struct DiffusionSum: DiffusionLandscape {
    /// wᵢ and Eᵢ.
    public let parts: [(weight: Double, landscape: any DiffusionLandscape)]
    /// How data become noise.
    public let schedule: DiffusionSchedule
    /// The shape of a row.
    public let input: [Int]
    /// The product of the parts' Gaussians at t = 1, to the powers of their weights.
    public let prior: DiffusionPrior

    /// A sum.
    ///
    /// - Throws: `GibbsError` with code `.usage` for no part, another schedule, or weights that leave exp(−E) without an integral at t = 1 or the sum without power, Σ wᵢ Wᵢ ≤ 0; `.shapeMismatch` for
    ///   parts of other rows.
    public init(_ parts: [(weight: Double, landscape: any DiffusionLandscape)]) throws {
        let first = try Self.common(parts.map(\.landscape))
        // Of a part's Gaussian at t = 1.
        let precisions = parts.map { $0.weight / Double($0.landscape.prior.deviation * $0.landscape.prior.deviation) }, precision = precisions.reduce(0, +)
        guard precision > 0, precision.isFinite, parts.reduce(0, { $0 + $1.weight * $1.landscape.power }) > 0 else {
            throw GibbsError(.usage, "landscapes with the weights \(parts.map(\.weight)), which leave nothing to hold the sum together", advice: "let the weights add up to more than 0")
        }
        var mean = [Float](repeating: 0, count: first.features)
        for (part, own) in zip(parts, precisions) {
            for (column, value) in part.landscape.prior.mean.enumerated() { mean[column] += Float(own / precision) * value }
        }
        (self.parts, schedule, input) = (parts, first.schedule, first.input)
        prior = DiffusionPrior(mean: mean, deviation: Float(1 / precision.squareRoot()))
    }

    /// Where rows are wanted.
    public var device: Device { parts[0].landscape.device }
    /// The least of the parts'.
    public var rowsAtOnce: Int { parts.map { $0.landscape.rowsAtOnce }.min()! }
    /// Σ wᵢ, times what the parts have themselves.
    public var power: Double { parts.reduce(0) { $0 + $1.weight * $1.landscape.power } }

    /// E of rows `[n] + input`, at one time; shape `[n]`, nats.
    ///
    /// - Throws: What the parts throw.
    /// - Complexity: The energies of all parts.
    public func energy(of x: Tensor, at time: Double) throws -> Tensor {
        let terms = try parts.map { try $0.weight * $0.landscape.energy(of: x, at: time) }
        return try terms.dropFirst().reduce(terms[0]) { try $0 + $1 }
    }

    /// The first of landscapes that agree about rows and schedules.
    static func common(_ parts: [any DiffusionLandscape]) throws -> any DiffusionLandscape {
        guard let first = parts.first else { throw GibbsError(.usage, "a combination of no landscape", advice: "give at least one") }
        for other in parts.dropFirst() {
            guard other.input == first.input else { throw GibbsError(.shapeMismatch, "landscapes of rows \(first.input) and \(other.input)", advice: "combine landscapes of the same rows") }
            guard other.schedule == first.schedule else { throw GibbsError(.usage, "landscapes of the schedules \(first.schedule) and \(other.schedule)", advice: "train both with one schedule") }
        }
        return first
    }
}

/// −ln Σ wᵢ exp(−Eᵢ(x, t)) at every time: OR. Of normalised landscapes that is the diffusion of the mixture; trained ones know their constant up to a
/// number a time, by which the shares are off.
public struct DiffusionMixture: DiffusionLandscape {
    /// Eᵢ.
    public let parts: [any DiffusionLandscape]
    /// wᵢ, which add up to 1.
    public let shares: [Double]
    /// How data become noise.
    public let schedule: DiffusionSchedule
    /// The shape of a row.
    public let input: [Int]
    /// One Gaussian with the mean and the variance of the parts' at t = 1.
    public let prior: DiffusionPrior

    /// A mixture.
    ///
    /// - Parameters:
    ///   - parts: Eᵢ.
    ///   - shares: Positive numbers, scaled to sum to one; equal unless told.
    /// - Throws: As `DiffusionSum.init(_:)`, `.usage` also for shares that are not positive.
    public init(_ parts: [any DiffusionLandscape], shares: [Double]? = nil) throws {
        let first = try DiffusionSum.common(parts), given = shares ?? parts.map { _ in 1 }, total = given.reduce(0, +)
        guard given.count == parts.count, given.allSatisfy({ $0 > 0 && $0.isFinite }) else { throw GibbsError(.usage, "a mixture of \(parts.count) landscapes with the shares \(given)", advice: "give a positive one for each") }
        let own = given.map { $0 / total }, features = first.features
        let mean = (0 ..< features).map { column in zip(own, parts).reduce(Float(0)) { $0 + Float($1.0) * $1.1.prior.mean[column] } }
        let variance = zip(own, parts).reduce(0.0) { sum, part in
            let prior = part.1.prior, apart = zip(prior.mean, mean).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(features)
            return sum + part.0 * Double(prior.deviation * prior.deviation + apart)
        }
        (self.parts, self.shares, schedule, input) = (parts, own, first.schedule, first.input)
        prior = DiffusionPrior(mean: mean, deviation: Float(variance.squareRoot()))
    }

    /// Where rows are wanted.
    public var device: Device { parts[0].device }
    /// The least of the parts'.
    public var rowsAtOnce: Int { parts.map { $0.rowsAtOnce }.min()! }
    /// The mean of the parts'.
    public var power: Double { zip(parts, shares).reduce(0) { $0 + $1.1 * $1.0.power } }

    /// E of rows `[n] + input`, at one time; shape `[n]`, nats.
    ///
    /// - Throws: What the parts throw.
    /// - Complexity: The energies of all parts.
    public func energy(of x: Tensor, at time: Double) throws -> Tensor {
        let terms = try zip(parts, shares).map { try ($0.energy(of: x, at: time).reshaped([-1, 1]) * -1) + log($1) }
        return try -Tensor.concatenating(terms, along: 1).logSumExp(over: [1])
    }
}
