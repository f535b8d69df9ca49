import CTorch
import GibbsCore
import GibbsNumerics

/// Weights and what is computed with them: a network, or a model of several.
public protocol Trainable: Sendable {
    /// The weights.
    var parameters: [Tensor] { get }

    /// The same with other weights. Traps unless there is one of the same shape for each.
    func with(parameters: [Tensor]) -> Self
}

extension Network: Trainable {}

/// Weights on their way down a loss: one step at a time, each a gradient and one fused change of all weights in place.
///
///     let training = try NetworkTraining(network, by: .adam(rate: 1e-3), averaging: 0.999)
///     for batch in batches {
///         let report = try training.step { network in try network(batch).squared().mean() }
///     }
///     let model = try training.averaged()
///
/// The network given stays as it is, and so does every one that `current()` and `averaged()` hand out. A class, and not sendable, because its
/// tensors change: they have one owner.
public final class NetworkTraining<Model: Trainable> {
    /// Where training started.
    let start: Model
    private let optimiser: Optimiser
    private let decay: Double
    private let clip: Double
    private let keep: Double
    private let variables: [Tensor]
    private let averages: [Tensor]
    private let first: [Tensor]
    private let second: [Tensor]
    /// Steps taken.
    public private(set) var steps = 0

    /// A training that starts at this network.
    ///
    /// - Parameters:
    ///   - start: Where it starts.
    ///   - optimiser: The rule, here downhill.
    ///   - decay: Weight decay; decoupled with Adam.
    ///   - clip: The length to which longer gradients are scaled down; infinite for none.
    ///   - averaging: Share of the running average kept in each step, but in step n at most n / (9 + n), so that the start is soon forgotten;
    ///     `nil` for no average.
    /// - Throws: `GibbsError` where memory runs out.
    public init(_ start: Model, by optimiser: Optimiser, decay: Double = 0, clip: Double = .infinity, averaging: Double? = nil) throws {
        func copies() throws -> [Tensor] { try start.parameters.map { try $0.copy() } }
        func zeros() throws -> [Tensor] { try start.parameters.map { try (0 * $0).copy() } }
        self.start = start
        self.optimiser = optimiser
        self.decay = decay
        self.clip = clip
        keep = averaging ?? 0
        variables = try copies().map { try $0.variable() }
        averages = averaging == nil ? [] : try copies()
        first = try zeros()
        if case .adam = optimiser { second = try zeros() } else { second = [] }
    }

    /// One step down the loss that `loss` makes of the model.
    ///
    /// - Parameters:
    ///   - scale: Multiplies the rate.
    ///   - loss: One number from the model whose weights are variables; a mean over rows, or what the method says.
    /// - Throws: What `loss` throws; `.shapeMismatch` unless it is one number. A loss that is not finite is no error: the report says so,
    ///   and the weights stay.
    /// - Complexity: The loss, its gradient, and one pass over the weights.
    public func step(scale: Double = 1, _ loss: (Model) throws -> Tensor) throws -> NetworkStep {
        let value = try loss(start.with(parameters: variables))
        let gradients = try value.gradients(of: variables)
        let report = NetworkStep(loss: try value.number(), gradientLength: try clipped(gradients))
        guard report.isTaken else { return report }
        steps += 1
        try move(along: gradients, scale)
        return report
    }

    /// The model as it is now, in the memory that the next step changes: for use until then.
    func frozen() throws -> Model { start.with(parameters: try variables.map { try $0.constant() }) }

    /// The model as it is now, in memory of its own.
    public func current() throws -> Model { start.with(parameters: try variables.map { try $0.copy() }) }

    /// The running average of the weights, in memory of its own; the current ones where none is kept.
    public func averaged() throws -> Model { averages.isEmpty ? try current() : start.with(parameters: try averages.map { try $0.copy() }) }
}

/// What a step of training saw.
public struct NetworkStep: Sendable, Hashable {
    /// The loss before the step.
    public let loss: Double
    /// The length of its gradient in all weights together, before clipping.
    public let gradientLength: Double
    /// Whether the weights changed: not where loss or gradient were not finite.
    public var isTaken: Bool { loss.isFinite && gradientLength.isFinite }
}

extension NetworkTraining {
    private func clipped(_ gradients: [Tensor]) throws -> Double {
        var length = 0.0
        let limit = clip.isFinite ? clip : 0
        let status = withExtendedLifetime(gradients) { ct_clip(Self.handles(gradients), Int32(gradients.count), limit, &length) }
        try Engine.check(status) { "clipping a gradient" }
        return length
    }

    private func move(along gradients: [Tensor], _ scale: Double) throws {
        let count = Int32(variables.count), w = Self.handles(variables), g = Self.handles(gradients), m = Self.handles(first)
        let status = withExtendedLifetime(gradients) {
            switch optimiser {
            case .adam(let rate, let beta1, let beta2):
                ct_adam(w, g, m, Self.handles(second), count, Int64(steps), Double(rate) * scale, Double(beta1), Double(beta2), 1e-8, decay)
            case .momentum(let rate, let momentum):
                ct_momentum(w, g, m, count, Double(rate) * scale, Double(momentum), decay)
            }
        }
        try Engine.check(status) { "a step of \(count) weights" }
        if !averages.isEmpty { try Engine.check(ct_average(Self.handles(averages), w, count, min(keep, Double(steps) / Double(9 + steps)))) { "averaging weights" } }
    }

    private static func handles(_ tensors: [Tensor]) -> [OpaquePointer?] { tensors.map { $0.storage.handle } }
}
