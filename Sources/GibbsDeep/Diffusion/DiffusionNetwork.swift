import GibbsCore
import GibbsNumerics

/// A diffusion that a network gives: what `DiffusionTraining` trains.
public protocol DiffusionNetwork: DiffusionField, Trainable {
    /// f(x̃, λ, y).
    var network: TimeNetwork { get }
    /// The schedule, and what the data look like from afar.
    var scale: DiffusionScale { get }

    /// The same with another network of the same shape.
    func with(network: TimeNetwork) -> Self

    /// ε of rows that each have their own time and class.
    ///
    /// - Parameters:
    ///   - x: Rows `[n] + input`; where the result is to be differentiated in them, variables.
    ///   - times: t of each row.
    ///   - labels: The class of each row, `nil` for unknown; `nil` for all of these.
    ///   - differentiable: Whether the result can be differentiated, in x and in the weights.
    func noise(in x: Tensor, times: [Double], labels: [Int?]?, differentiable: Bool) throws -> Tensor
}

extension DiffusionNetwork {
    /// How data become noise.
    public var schedule: DiffusionSchedule { scale.schedule }
    /// The shape of a row.
    public var input: [Int] { network.input }
    /// p at t = 1.
    public var prior: DiffusionPrior { scale.prior }
    /// Where the weights are.
    public var device: Device { network.device }
    /// The number of classes; 0 where there are none.
    public var classes: Int { network.classes }
    /// The weights of the network.
    public var parameters: [Tensor] { network.parameters }

    /// The same with other weights. Traps unless there is one of the same shape for each.
    public func with(parameters: [Tensor]) -> Self { with(network: network.with(parameters: parameters)) }

    /// The same diffusion with its network on a device, where it then computes.
    ///
    /// - Throws: `GibbsError` with code `.usage` where there is no such device.
    public func moved(to device: Device) throws -> Self { with(network: try network.moved(to: device)) }

    /// Refuses a scale for rows of another width.
    static func check(_ network: TimeNetwork, _ scale: DiffusionScale) throws {
        guard network.input.reduce(1, *) == scale.mean.count else {
            throw GibbsError(.shapeMismatch, "a network of rows \(network.input) for data of \(scale.mean.count) columns", advice: "give a network of the data's rows")
        }
    }
}

/// A score as networks usually give it, with no potential behind it: ε = (σ/√v) x̃ − (α s/√v) f(x̃, λ).
///
/// The baseline of `DiffusionEnergy`: the same network, some two fifths of the cost of a step of training, and neither energies nor acceptance.
///
/// - Source: Ho et al. 2020; the scalings of Karras et al. 2022.
public struct UnconstrainedScore: DiffusionNetwork {
    /// f.
    public let network: TimeNetwork
    /// The schedule, and what the data look like from afar.
    public let scale: DiffusionScale
    /// Rows that are computed at once.
    public var rowsAtOnce = 256

    /// The score that a network gives.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for a network of other rows than the data's.
    public init(_ network: TimeNetwork, scale: DiffusionScale) throws {
        try Self.check(network, scale)
        (self.network, self.scale) = (network, scale)
    }

    /// The same with another network.
    public func with(network: TimeNetwork) -> UnconstrainedScore { UnconstrainedScore(self, network) }

    private init(_ other: UnconstrainedScore, _ network: TimeNetwork) { (self.network, scale, rowsAtOnce) = (network, other.scale, other.rowsAtOnce) }

    /// ε of rows of no known class.
    public func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor {
        try noise(in: x, times: Array(repeating: time, count: x.shape.first ?? 0), labels: nil, differentiable: differentiable)
    }

    /// See `DiffusionNetwork.noise(in:times:labels:differentiable:)`.
    public func noise(in x: Tensor, times: [Double], labels: [Int?]?, differentiable: Bool) throws -> Tensor {
        let rows = try scale.rows(times, like: x), y = try (x - rows.mean) / rows.spread
        return try rows.noise / rows.spread * y - rows.share * network(y, noise: rows.ratios, labels: labels)
    }
}
