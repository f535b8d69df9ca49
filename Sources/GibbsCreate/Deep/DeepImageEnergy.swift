import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The deep energy of one class of images, brightness 0...1, with the chains that trained it and that draw from it.
///
/// Of a network with one output it is that output; of a classifier −f_y(x), so that all classes share one normaliser, which nobody knows. Its chains
/// run at a temperature far below 1, where what they draw is proportional to exp(−E/T).
public struct DeepImageEnergy: TensorEnergy {
    /// f, shared by all classes of a model.
    public let network: Network
    /// y, counted from 0.
    public let output: Int
    /// Step, temperature and range of the chains.
    public let chains: ReplayChains

    /// The energy of an output. Traps unless the network has it.
    public init(_ network: Network, output: Int, chains: ReplayChains) {
        precondition(network.output.count == 1 && output < network.output[0], "output \(output) of \(network.output)")
        self.network = network
        self.output = output
        self.chains = chains
    }

    /// The shape of a row.
    public var input: [Int] { network.input }

    /// E, shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try Self.energy(network(x), [output: 1]) }

    /// All that the network gives; shape `[rows, outputs]`.
    func outputs(of images: Matrix) throws -> Matrix {
        let parts = try stride(from: 0, to: images.rows, by: rowsAtOnce).map { first in
            try network(Tensor(images.slice(first ..< min(images.rows, first + rowsAtOnce)), row: input)).floats()
        }
        return Matrix(rows: images.rows, columns: network.output[0], values: parts.flatMap { $0 })
    }

    /// Σ weight · E of some outputs of one network, of which `values`, shape `[n, outputs]`, are what it gave.
    static func energy(_ values: Tensor, _ weights: [Int: Double]) throws -> Tensor {
        if values.shape[1] == 1 { return try values.reshaped([values.shape[0]]) }
        let parts = try weights.sorted { $0.key < $1.key }.map { try -$0.value * values.selecting($0.key, along: 1) }
        return try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }
    }

    /// Langevin at the temperature of the training, times `factor`, within the brightness that there is.
    func kernel<Target: TensorEnergy>(on target: Target, temperature factor: Float) throws -> LangevinChains<Target> {
        // The step along the gradient, ε/T, is what the training was tuned to: a higher temperature is more noise.
        var kernel = try LangevinChains(on: target, stepSize: chains.stepSize * factor, temperature: chains.temperature * factor)
        kernel.range = chains.range
        return kernel
    }

    /// Images of noise, where chains begin; consumes `key`.
    func noise(_ count: Int, key: Key) -> Matrix { Matrix(rows: count, columns: features, values: key.uniforms(count * features)) }
}
