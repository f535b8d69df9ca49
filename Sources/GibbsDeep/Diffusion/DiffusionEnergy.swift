import GibbsCore
import GibbsNumerics

/// A diffusion whose score is the slope of a scalar that a network gives: a landscape at every time.
///
///     E(x, t) = ½‖x̃‖² − k ⟨x̃, f(x̃, λ)⟩       (.inner)
///     E(x, t) = ½‖x̃ − k f(x̃, λ)‖²             (.distance)
///
/// in nats, with x̃ and k of `DiffusionScale`: at f = 0 the energy of the Gaussian that the data are from afar.
///
///     let scale = try DiffusionScale(.cosine, data: rows)
///     let start = try DiffusionEnergy(TimeNetwork(layers, input: [2], key: Key(1)), scale: scale)
///     let energy = try start.training(on: rows, by: DiffusionTraining(), key: Key(2)).finish().model
///     let draws = try DiffusionSampler().draw(1_000, from: energy, key: Key(3))
///     let acceptance = try MetropolisLangevin(on: energy.at(0.1), stepSize: 1e-3)
///
/// - Source: Salimans & Ho, *Should EBMs model the energy or the score?*, EBM workshop at ICLR 2021, section 3; Du et al., *Reduce, Reuse, Recycle: Compositional
///   Generation with Energy-Based Diffusion Models and MCMC*, ICML 2023.
public struct DiffusionEnergy: DiffusionNetwork, DiffusionLandscape {
    /// How a network of images becomes a number.
    public enum Form: String, Sendable, Hashable, Codable, CaseIterable {
        /// By its inner product with the row.
        case inner
        /// By its distance from the row.
        case distance
    }

    /// f.
    public let network: TimeNetwork
    /// The schedule, and what the data look like from afar.
    public let scale: DiffusionScale
    /// How f becomes a number.
    public let form: Form
    /// Rows that are computed at once.
    public var rowsAtOnce = 256

    /// The energy that a network gives.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for a network of other rows than the data's.
    public init(_ network: TimeNetwork, scale: DiffusionScale, form: Form = .inner) throws {
        try Self.check(network, scale)
        (self.network, self.scale, self.form) = (network, scale, form)
    }

    /// The same with another network.
    public func with(network: TimeNetwork) -> DiffusionEnergy { DiffusionEnergy(self, network) }

    private init(_ other: DiffusionEnergy, _ network: TimeNetwork) { (self.network, scale, form, rowsAtOnce) = (network, other.scale, other.form, other.rowsAtOnce) }

    /// E of rows of no known class, at one time; shape `[n]`, nats.
    ///
    /// - Throws: As `energy(of:times:labels:)`.
    /// - Complexity: One pass through the network.
    public func energy(of x: Tensor, at time: Double) throws -> Tensor { try energy(of: x, times: Array(repeating: time, count: x.shape.first ?? 0), labels: nil) }

    /// E of rows that each have their own time and class; shape `[n]`, nats.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for other rows, `.usage` for a class that there is not. Traps for a time outside 0...1.
    /// - Complexity: One pass through the network.
    public func energy(of x: Tensor, times: [Double], labels: [Int?]?) throws -> Tensor { try energy(of: x, labels: labels, rows: scale.rows(times, like: x)) }

    private func energy(of x: Tensor, labels: [Int?]?, rows: DiffusionScale.Rows) throws -> Tensor {
        let y = try (x - rows.mean) / rows.spread, f = try rows.gain * network(y, noise: rows.ratios, labels: labels)
        switch form {
        case .inner: return try (y * (0.5 * y - f)).rowSums()
        case .distance: return try 0.5 * (y - f).squared().rowSums()
        }
    }

    /// See `DiffusionNetwork.noise(in:times:labels:differentiable:)`.
    public func noise(in x: Tensor, times: [Double], labels: [Int?]?, differentiable: Bool) throws -> Tensor {
        let rows = try scale.rows(times, like: x), x = try differentiable ? x.traced() : x.variable()
        return try rows.noise * energy(of: x, labels: labels, rows: rows).gradients(of: [x], differentiable: differentiable)[0]
    }
}

extension DiffusionEnergy: Storable {
    public static let kind = "diffusion"

    private struct Header: Codable { var schedule: DiffusionSchedule, form: Form, deviation: Double }

    public init(archive: Archive) throws {
        let header = try JSON.decode(Header.self, from: archive.text("diffusion"), name: "diffusion"), network = try TimeNetwork(archive: archive.nested("network"))
        let mean = try archive.vector("mean")
        do { try self.init(network, scale: DiffusionScale(header.schedule, mean: mean, deviation: header.deviation), form: header.form) } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive {
        var archive = Archive(tensors: ["mean": .init(scale.mean)], metadata: ["diffusion": JSON.encode(Header(schedule: scale.schedule, form: form, deviation: scale.deviation))])
        archive.nest(network.archive(), under: "network")
        return archive
    }
}
