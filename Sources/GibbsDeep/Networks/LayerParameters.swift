import GibbsNumerics

/// The weights that a layer needs, before there are any.
struct Parameter {
    /// PyTorch's name, such as `2.weight`.
    var name: String
    var shape: [Int]
    /// Half the width of the interval around zero that it starts in, or the constant that it starts as.
    var start: Start

    enum Start {
        case uniform(Double)
        case constant(Double)
    }

    /// Numbers to start from; consumes `key`.
    func values(key: Key) -> [Float] {
        let count = shape.reduce(1, *)
        switch start {
        case .constant(let value): return [Float](repeating: Float(value), count: count)
        case .uniform(let bound): return key.uniforms(count).map { Float(bound) * (2 * $0 - 1) }
        }
    }
}

extension Layer {
    /// The weights of this layer in the order in which `applied` reads them, for a row of the shape `input` that it takes, and a context of so many numbers.
    ///
    /// Linear maps and convolutions start uniform within 1 / √(inputs of an output), as in PyTorch.
    func parameters(input: [Int], context: Int, prefix: String) throws -> [Parameter] {
        func weights(_ shape: [Int], inputs: Int, biases: Int) -> [Parameter] {
            let bound = 1 / Double(inputs).squareRoot()
            return [Parameter(name: prefix + "weight", shape: shape, start: .uniform(bound))]
                + (biases > 0 ? [Parameter(name: prefix + "bias", shape: [biases], start: .uniform(bound))] : [])
        }
        func scales(_ shape: [Int]) -> [Parameter] {
            [Parameter(name: prefix + "weight", shape: shape, start: .constant(1)), Parameter(name: prefix + "bias", shape: shape, start: .constant(0))]
        }
        switch self {
        case .linear(let outputs, let bias): return weights([outputs, input[0]], inputs: input[0], biases: bias ? outputs : 0)
        case .convolution(let channels, let kernel, _, _):
            return weights([channels, input[0], kernel, kernel], inputs: input[0] * kernel * kernel, biases: channels)
        case .transposedConvolution(let channels, let kernel, _, _):
            return weights([input[0], channels, kernel, kernel], inputs: channels * kernel * kernel, biases: channels)
        case .groupNorm: return scales([input[0]])
        case .layerNorm: return scales(input)
        case .averagePool, .activation, .flatten, .reshape: return []
        case .residual(let body):
            let output = try Network.output(of: body, input: input, prefix: ""), shortcut = try shortcut(from: input, to: output)
            let skip = try shortcut.projection?.parameters(input: input, context: context, prefix: prefix + "skip.") ?? []
            // The shortcut's map has no bias: the body has one.
            return try Network.parameters(of: body, input: input, context: context, prefix: prefix + "body.") + skip.prefix(1)
        case .beside(let body): return try Network.parameters(of: body, input: input, context: context, prefix: prefix + "body.")
        case .modulate:
            guard context > 0 else { throw GibbsError(.shapeMismatch, "\(self) in a network without a context", advice: "say how many numbers it has") }
            return [Parameter(name: prefix + "weight", shape: [2 * input[0], context], start: .constant(0)), Parameter(name: prefix + "bias", shape: [2 * input[0]], start: .constant(0))]
        }
    }
}
