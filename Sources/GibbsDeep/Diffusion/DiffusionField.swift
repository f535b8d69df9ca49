import GibbsCore
import GibbsNumerics

/// A field over time that leads from noise to data: ε(x, t) = −σ(t) ∇ ln p_t(x), the noise that there most probably is in x.
///
/// Whoever conforms is sampled by `DiffusionSampler` and has a likelihood by `logLikelihoods`. Whether a potential stands behind it, `LandscapeCheck` tells.
public protocol DiffusionField: Sendable {
    /// How data become noise.
    var schedule: DiffusionSchedule { get }
    /// The shape of a row.
    var input: [Int] { get }
    /// Where paths begin: p at t = 1.
    var prior: DiffusionPrior { get }
    /// Where `noise` wants its rows.
    var device: Device { get }
    /// Rows that are computed at once.
    var rowsAtOnce: Int { get }
    /// W, where the field is not that of a diffusion but W times as steep: Σ wᵢ of a sum, 1/T at a temperature. Paths follow ε/W, as a diffusion's ε leads them.
    var power: Double { get }

    /// ε of rows `[n] + input`, all at one time; the same shape. Rows must not see each other.
    ///
    /// - Parameters:
    ///   - x: The rows; where the result is to be differentiated in them, variables or what was computed from some.
    ///   - time: t, 0...1.
    ///   - differentiable: Whether the result can be differentiated in x.
    /// - Throws: `GibbsError`, as the operations on tensors do.
    func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor
}

extension DiffusionField {
    /// The processor.
    public var device: Device { .processor }
    /// See `DiffusionField.rowsAtOnce`.
    public var rowsAtOnce: Int { 256 }
    /// 1: a diffusion.
    public var power: Double { 1 }
    /// Numbers of a row.
    public var features: Int { input.reduce(1, *) }

    /// Rows as tensors, where the field wants them.
    func tensor(_ rows: Matrix) throws -> Tensor { try Tensor(rows, row: input, on: device) }

    /// Refuses rows that do not fit or are not complete.
    func checkComplete(_ rows: Matrix) throws {
        guard rows.columns == features else {
            throw GibbsError(.shapeMismatch, "rows of \(rows.columns) numbers for a diffusion of \(input)", advice: "give rows of \(features) numbers")
        }
        guard rows.isFinite else { throw GibbsError(.unsuitableData, "a diffusion needs rows without missing values") }
    }

    /// Refuses what no path can be walked by.
    func checkField() throws {
        try schedule.check()
        guard power > 0, power.isFinite else { throw GibbsError(.usage, "paths in a field of the power \(power)", advice: "in sums, let the weights add up to more than 0") }
        guard prior.mean.count == features, prior.deviation > 0, prior.deviation.isFinite else {
            throw GibbsError(.usage, "paths of \(features) numbers that begin at \(prior.mean.count), of the deviation \(prior.deviation)", advice: "in sums, let the weights add up to more than 0")
        }
        try device.require()
    }
}

/// The Gaussian that paths begin in: one deviation for all columns.
public struct DiffusionPrior: Sendable, Hashable {
    /// A number a column.
    public var mean: [Float]
    /// Of every column.
    public var deviation: Float

    /// A Gaussian.
    public init(mean: [Float], deviation: Float) { (self.mean, self.deviation) = (mean, deviation) }

    /// Rows of it; consumes `key`.
    func rows(_ count: Int, key: Key) -> Matrix {
        Matrix(rows: count, columns: mean.count, values: key.normals(count * mean.count).enumerated().map { mean[$0 % mean.count] + deviation * $1 })
    }
}

/// A diffusion that is a landscape at every time: E(x, t) = −ln p_t(x) + c(t), and ε = σ ∇E.
///
/// Then E(·, t) is an energy like any other: `at(_:)` gives it to every sampler, plot and combination of Gibbs. What a time's c is, the energy leaves open: compare
/// energies at one time.
///
/// - Source: Salimans & Ho, *Should EBMs model the energy or the score?*, EBM workshop at ICLR 2021.
public protocol DiffusionLandscape: DiffusionField {
    /// E of rows `[n] + input`, all at one time; shape `[n]`, nats.
    ///
    /// - Throws: `GibbsError`, as the operations on tensors do.
    func energy(of x: Tensor, at time: Double) throws -> Tensor
}

extension Tensor {
    /// The same numbers, on the way of whatever gradients there are and with slopes of their own, constants too.
    func traced() throws -> Tensor { try self + (0 * self).variable() }
}

extension DiffusionLandscape {
    /// σ ∇E, by the gradient of the energy.
    public func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor {
        let x = try differentiable ? x.traced() : x.variable()
        return try schedule.level(at: time).noise * energy(of: x, at: time).gradients(of: [x], differentiable: differentiable)[0]
    }

    /// E(·, t), at one time. Traps for a time outside 0...1.
    public func at(_ time: Double) -> DiffusionMoment<Self> { DiffusionMoment(self, time: time) }
}

/// A landscape at one time: an energy of rows as they are then, α times the data and noise.
public struct DiffusionMoment<Landscape: DiffusionLandscape>: TensorEnergy {
    /// The landscape at all times.
    public let landscape: Landscape
    /// t.
    public let time: Double

    /// A landscape at one time. Traps for a time outside 0...1.
    public init(_ landscape: Landscape, time: Double) {
        precondition((0 ... 1).contains(time), "the time \(time) is not from 0 to 1")
        (self.landscape, self.time) = (landscape, time)
    }

    /// The shape of a row.
    public var input: [Int] { landscape.input }
    /// Where rows are wanted.
    public var device: Device { landscape.device }
    /// Rows that are computed at once.
    public var rowsAtOnce: Int { landscape.rowsAtOnce }

    /// E, shape `[n]`, nats; see `TensorEnergy.energy(of:)`.
    ///
    /// - Throws: What the landscape throws.
    /// - Complexity: The landscape's energy.
    public func energy(of x: Tensor) throws -> Tensor { try landscape.energy(of: x, at: time) }
}
