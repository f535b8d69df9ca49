import GibbsNumerics

/// Layers with their weights: a function from rows of one shape to rows of another.
///
///     let network = try Network([.flatten, .linear(128), .silu, .linear(1)], input: [1, 28, 28], key: Key(1))
///     let outputs = try network(images)                     // [n, 1]
///
/// A value: training makes new ones. Shapes are checked when it is built, so that an error names the layer rather than a step of its
/// computation.
public struct Network: Sendable {
    /// The layers, first to last.
    public let layers: [Layer]
    /// The shape of a row that goes in.
    public let input: [Int]
    /// The shape of a row that comes out.
    public let output: [Int]
    /// Numbers of the context that each row comes with, for `.modulate`; 0 for none.
    public let context: Int
    /// The names of the weights, as PyTorch gives them in a `Sequential`: `0.weight`, `2.body.1.bias`.
    public let names: [String]
    /// The weights, in the order of their names.
    public let parameters: [Tensor]

    /// A network with fresh weights; consumes `key`.
    ///
    /// - Parameters:
    ///   - layers: First to last.
    ///   - input: The shape of a row.
    ///   - context: Numbers of the context that each row comes with.
    ///   - key: Feeds the weights. They are PyTorch's in distribution, not in bits.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for a layer that cannot take what it is given, naming it; `.limitExceeded` for
    ///   a network beyond 2³⁰ weights or 2²⁶ numbers a row; `.usage` in a program built without libtorch.
    public init(_ layers: [Layer], input: [Int], context: Int = 0, key: Key) throws {
        try Engine.require()
        let plan = try Self.plan(layers, input: input, context: context)
        try self.init(layers, input: input, context: context, plan: plan, parameters: plan.enumerated().map { index, parameter in
            try Tensor(parameter.values(key: key.folding(index)), shape: parameter.shape)
        })
    }

    /// A network with these weights by name, as from a file.
    ///
    /// - Throws: As `init(_:input:context:key:)`, and `.unsuitableModel` for a weight that is missing, of another shape, or more than there should be.
    public init(_ layers: [Layer], input: [Int], context: Int = 0, parameters: [String: Tensor]) throws {
        let plan = try Self.plan(layers, input: input, context: context), names = Set(plan.map(\.name))
        if let stranger = parameters.keys.filter({ !names.contains($0) }).min() {
            throw GibbsError(.unsuitableModel, "the weight '\(stranger)' belongs to no layer")
        }
        try self.init(layers, input: input, context: context, plan: plan, parameters: plan.map { parameter in
            guard let found = parameters[parameter.name] else { throw GibbsError(.unsuitableModel, "the weight '\(parameter.name)' is missing") }
            guard found.shape == parameter.shape else {
                throw GibbsError(.unsuitableModel, "the weight '\(parameter.name)' has the shape \(found.shape) where the layer needs \(parameter.shape)")
            }
            return found
        })
    }

    private init(_ layers: [Layer], input: [Int], context: Int, plan: [Parameter], parameters: [Tensor]) throws {
        self.layers = layers
        self.context = context
        self.input = input
        output = try Self.output(of: layers, input: input, prefix: "")
        names = plan.map(\.name)
        self.parameters = parameters
    }

    private init(_ network: Network, parameters: [Tensor]) {
        (layers, input, output, context, names) = (network.layers, network.input, network.output, network.context, network.names)
        self.parameters = parameters
    }

    /// The network on rows `[n] + input`; `[n] + output`.
    ///
    /// - Parameters:
    ///   - x: The rows.
    ///   - context: The context of each row, `[n, context]`; for networks that have one.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for rows or a context of another shape; otherwise what a layer throws, with its name.
    public func callAsFunction(_ x: Tensor, context: Tensor? = nil) throws -> Tensor {
        guard x.shape.count == input.count + 1, Array(x.shape.dropFirst()) == input else {
            throw GibbsError(.shapeMismatch, "the network takes rows of the shape \(input), and is given \(x.shape), whose first axis counts rows")
        }
        guard context?.shape ?? [] == (self.context > 0 ? [x.shape[0], self.context] : []) else {
            throw GibbsError(.shapeMismatch, "the network takes a context of \(self.context) numbers for each of \(x.shape[0]) rows, and is given \(context.map { "\($0.shape)" } ?? "none")")
        }
        var cursor = ParameterCursor(parameters, context: context)
        return try Self.applied(layers, to: x, &cursor, prefix: "")
    }

    /// The number of weights.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// The same layers with other weights. Traps unless there is one of the same shape for each.
    public func with(parameters: [Tensor]) -> Network {
        precondition(parameters.map(\.shape) == self.parameters.map(\.shape), "weights of other shapes")
        return Network(self, parameters: parameters)
    }

    /// The same network in another precision.
    ///
    /// - Throws: `GibbsError` where memory runs out.
    public func converted(to element: Tensor.Element) throws -> Network { with(parameters: try parameters.map { try $0.converted(to: element) }) }

    /// The same network on a device.
    ///
    /// - Throws: `GibbsError` with code `.usage` where there is no such device.
    public func moved(to device: Device) throws -> Network { with(parameters: try parameters.map { try $0.moved(to: device) }) }
}

// MARK: - Layers one after the other

extension Network {
    /// All weights of a network that is within its limits.
    static func plan(_ layers: [Layer], input: [Int], context: Int = 0) throws -> [Parameter] {
        guard count(layers, depth: 0) <= NetworkLimits.layers else {
            throw GibbsError(.limitExceeded, "a network of more than \(NetworkLimits.layers) layers, or \(NetworkLimits.depth) bodies deep")
        }
        guard (0 ... NetworkLimits.context).contains(context) else {
            throw GibbsError(.limitExceeded, "a context of \(context) numbers", advice: "give at most \(NetworkLimits.context)")
        }
        guard (1 ... NetworkLimits.axes).contains(input.count), try Layer.elements(input) <= NetworkLimits.rowElements else {
            throw GibbsError(.limitExceeded, "rows of the shape \(input)",
                             advice: "give a shape of 1 to \(NetworkLimits.axes) axes and at most \(NetworkLimits.rowElements) numbers")
        }
        _ = try output(of: layers, input: input, prefix: "")
        let plan = try parameters(of: layers, input: input, context: context, prefix: "")
        guard try plan.reduce(0, { try $0 + Layer.elements($1.shape) }) <= NetworkLimits.parameters else {
            throw GibbsError(.limitExceeded, "a network of more than \(NetworkLimits.parameters) weights")
        }
        return plan
    }

    private static func count(_ layers: [Layer], depth: Int) -> Int {
        if depth > NetworkLimits.depth { return NetworkLimits.layers + 1 }
        return layers.reduce(0) { sum, layer in
            switch layer {
            case .residual(let body), .beside(let body): sum + 1 + count(body, depth: depth + 1)
            default: sum + 1
            }
        }
    }

    static func output(of layers: [Layer], input: [Int], prefix: String) throws -> [Int] {
        try layers.enumerated().reduce(input) { shape, layer in
            try named(prefix + "\(layer.offset)") { try layer.element.output(of: shape) }
        }
    }

    static func parameters(of layers: [Layer], input: [Int], context: Int, prefix: String) throws -> [Parameter] {
        var shape = input, result = [Parameter]()
        for (index, layer) in layers.enumerated() {
            result += try layer.parameters(input: shape, context: context, prefix: "\(prefix)\(index).")
            shape = try layer.output(of: shape)
        }
        return result
    }

    static func applied(_ layers: [Layer], to x: Tensor, _ cursor: inout ParameterCursor, prefix: String) throws -> Tensor {
        var x = x
        for (index, layer) in layers.enumerated() {
            x = try named("\(prefix)\(index)") { try layer.applied(to: x, &cursor) }
        }
        return x
    }

    /// What `body` returns; its errors say which layer they come from.
    private static func named<Result>(_ layer: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch var error as GibbsError {
            error.message = error.message.hasPrefix("layer ") ? "layer \(layer), " + error.message : "layer \(layer): " + error.message
            throw error
        }
    }
}
