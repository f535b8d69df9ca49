import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The deep energy of one class of images, brightness 0...1, with the chains that trained it and that draw from it.
///
/// Of a network with one output it is that output; of a classifier −s f_y(x), so that all classes share one normaliser, which nobody knows, and p(y | x) is
/// exp(−E) among classes. Its chains run at a temperature far below 1, where what they draw is proportional to exp(−E/T) wherever slopes are within their limit.
public struct DeepImageEnergy: TensorEnergy {
    /// f, shared by all classes of a model.
    public let network: Network
    /// y, counted from 0.
    public let output: Int
    /// s; 1 for a network with one output.
    public let scale: Double
    /// Step, temperature, limit and range of the chains.
    public let chains: ReplayChains

    /// The energy of an output. Traps unless the network has it, and the scale is positive.
    public init(_ network: Network, output: Int, scale: Double = 1, chains: ReplayChains) {
        precondition(network.output.count == 1 && output < network.output[0], "output \(output) of \(network.output)")
        precondition(scale > 0, "outputs scaled by \(scale)")
        self.network = network
        self.output = output
        self.scale = scale
        self.chains = chains
    }

    /// The shape of a row.
    public var input: [Int] { network.input }
    /// Where the network's weights are.
    public var device: Device { network.parameters.first?.device ?? .processor }

    /// E, shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try energy(of: x, weights: [output: 1]) }

    /// Σ weight · E of some of the network's classes; shape `[n]`.
    func energy(of x: Tensor, weights: [Int: Double]) throws -> Tensor {
        let values = try network(x)
        if values.shape[1] == 1 { return try values.reshaped([values.shape[0]]) }
        let parts = try weights.sorted { $0.key < $1.key }.map { try -scale * $0.value * values.selecting($0.key, along: 1) }
        return try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }
    }

    /// −ln Σ exp(−E) of all classes, E itself of one; shape `[n]`.
    func energyOfAny(_ x: Tensor) throws -> Tensor {
        let values = try network(x)
        return values.shape[1] == 1 ? try values.reshaped([values.shape[0]]) : try -(scale * values).logSumExp(over: [1])
    }

    /// −E of all classes; shape `[rows, classes]`.
    func logits(of images: Matrix) throws -> Matrix {
        let parts = try stride(from: 0, to: images.rows, by: rowsAtOnce).map { first in
            let x = try Tensor(images.slice(first ..< min(images.rows, first + rowsAtOnce)), row: input)
            return try (scale * network(device == .processor ? x : x.moved(to: device))).floats()
        }
        return Matrix(rows: images.rows, columns: network.output[0], values: parts.flatMap { $0 })
    }

    /// Langevin at the temperature of the training, times `factor`, within the brightness that there is: a higher temperature is more noise, at the same step
    /// along the gradient.
    func kernel<Target: TensorEnergy>(on target: Target, temperature factor: Float) throws -> LangevinChains<Target> { try chains.langevin(on: target, temperature: factor) }

    /// Images of noise, where chains begin; consumes `key`.
    func noise(_ count: Int, key: Key) -> Matrix { chains.noise(count, columns: features, key: key) }
}

extension ImageModel {
    /// The same model with its network on a device, where it then computes.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a model that is no network, or a device that is not there.
    public func moved(to device: Device) throws -> ImageModel {
        let energies: [ImageEnergy]
        switch classes[0].energy {
        case .deep(let any):
            let network = try any.network.moved(to: device)
            energies = classes.indices.map { .deep(DeepImageEnergy(network, output: $0, scale: any.scale, chains: any.chains)) }
        case .residual(let energy): energies = [.residual(try energy.with(energy.network.moved(to: device)))]
        case .diffusion(let any):
            let diffusion = try any.diffusion.moved(to: device)
            energies = classes.indices.map { .diffusion(DiffusionImageEnergy(diffusion, label: classes.count > 1 ? $0 : nil)) }
        default: throw GibbsError(.usage, "the model holds \(classes[0].energy.kind) energies, which compute on the processor", advice: "leave the device out")
        }
        let moved = zip(classes, energies).map { Class(name: $0.name, energy: $1, logPartition: $0.logPartition, share: $0.share, mean: $0.mean) }
        return ImageModel(classes: moved, shape: shape, training: training, calibration: calibration)
    }
}
