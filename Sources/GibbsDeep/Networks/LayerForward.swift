import GibbsNumerics

/// Hands out the weights of a network, one after the other, and the context to those who ask.
struct ParameterCursor {
    /// `[n, context]`, for networks that have one.
    let context: Tensor?
    private let parameters: [Tensor]
    private var next = 0

    init(_ parameters: [Tensor], context: Tensor?) { (self.parameters, self.context) = (parameters, context) }

    mutating func take() -> Tensor {
        defer { next += 1 }
        return parameters[next]
    }
}

extension Layer {
    /// The layer on rows `[n] + shape`; takes its weights from the cursor.
    func applied(to x: Tensor, _ cursor: inout ParameterCursor) throws -> Tensor {
        switch self {
        case .linear(_, let bias): return try x.linear(weight: cursor.take(), bias: bias ? cursor.take() : nil)
        case .convolution(_, _, let stride, let padding):
            return try x.convolution(weight: cursor.take(), bias: cursor.take(), stride: stride, padding: padding)
        case .transposedConvolution(_, _, let stride, let padding):
            return try x.transposedConvolution(weight: cursor.take(), bias: cursor.take(), stride: stride, padding: padding)
        case .averagePool(let size): return try x.averagePool(size)
        case .groupNorm(let groups): return try x.groupNorm(groups: groups, weight: cursor.take(), bias: cursor.take())
        case .layerNorm: return try x.layerNorm(weight: cursor.take(), bias: cursor.take())
        case .activation(let function): return try function.applied(to: x)
        case .flatten: return try x.flattened()
        case .reshape(let shape): return try x.reshaped([x.shape[0]] + shape)
        case .residual(let body):
            let output = try Network.applied(body, to: x, &cursor, prefix: "body.")
            let shortcut = try shortcut(from: Array(x.shape.dropFirst()), to: Array(output.shape.dropFirst()))
            var skip = shortcut.pool > 1 ? try x.averagePool(shortcut.pool) : x
            switch shortcut.projection {
            case .linear: skip = try skip.linear(weight: cursor.take())
            case .some: skip = try skip.convolution(weight: cursor.take())
            case .none: break
            }
            return try output + skip
        case .beside(let body):
            var output = try Network.applied(body, to: x, &cursor, prefix: "body.")
            if x.shape.count == 4 {
                for axis in 2 ... 3 where output.shape[axis] > x.shape[axis] { output = try output.slice(0 ..< x.shape[axis], along: axis) }
            }
            return try .concatenating([x, output], along: 1)
        case .modulate:
            let weight = cursor.take(), bias = cursor.take()
            guard let context = cursor.context else { throw GibbsError(.shapeMismatch, "\(self) without a context", advice: "call the network with one") }
            let both = try context.linear(weight: weight, bias: bias), channels = x.shape[1]
            let shape = [context.shape[0], channels] + Array(repeating: 1, count: x.shape.count - 2)
            return try x * (1 + both.slice(0 ..< channels, along: 1).reshaped(shape)) + both.slice(channels ..< 2 * channels, along: 1).reshaped(shape)
        }
    }
}

extension Layer.Activation {
    func applied(to x: Tensor) throws -> Tensor {
        switch self {
        case .relu: try x.relu()
        case .leakyRelu: try x.leakyRelu()
        case .silu: try x.silu()
        case .gelu: try x.gelu()
        case .elu: try x.elu()
        case .softplus: try x.softplus()
        case .tanh: try x.tanh()
        case .sigmoid: try x.sigmoid()
        }
    }
}
