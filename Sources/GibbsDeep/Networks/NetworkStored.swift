import GibbsNumerics

/// A network's form in a model file: one JSON text for the layers, one tensor a weight under PyTorch's name.
struct Architecture: Codable {
    var input: [Int]
    /// Numbers of the context; `nil` for none.
    var context: Int?
    var layers: [LayerRecord]
}

/// A layer in JSON: its name, and the numbers that it has.
struct LayerRecord: Codable {
    var layer: String
    var outputs: Int?
    var bias: Bool?
    var channels: Int?
    var kernel: Int?
    var stride: Int?
    var padding: Int?
    var size: Int?
    var groups: Int?
    var shape: [Int]?
    var body: [LayerRecord]?

    init(_ name: String) { layer = name }
}

extension LayerRecord {
    init(_ layer: Layer) {
        switch layer {
        case .linear(let outputs, let bias):
            self.init("linear")
            (self.outputs, self.bias) = (outputs, bias)
        case .convolution(let channels, let kernel, let stride, let padding):
            self.init("convolution")
            (self.channels, self.kernel, self.stride, self.padding) = (channels, kernel, stride, padding)
        case .transposedConvolution(let channels, let kernel, let stride, let padding):
            self.init("transposedConvolution")
            (self.channels, self.kernel, self.stride, self.padding) = (channels, kernel, stride, padding)
        case .averagePool(let size):
            self.init("averagePool")
            self.size = size
        case .groupNorm(let groups):
            self.init("groupNorm")
            self.groups = groups
        case .layerNorm: self.init("layerNorm")
        case .activation(let function): self.init(function.rawValue)
        case .flatten: self.init("flatten")
        case .reshape(let shape):
            self.init("reshape")
            self.shape = shape
        case .residual(let body):
            self.init("residual")
            self.body = body.map { LayerRecord($0) }
        case .beside(let body):
            self.init("beside")
            self.body = body.map { LayerRecord($0) }
        case .modulate: self.init("modulate")
        }
    }

    /// The layer.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for a name that is not known or a number that is missing.
    func decoded(depth: Int = 0) throws -> Layer {
        func need<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else { throw GibbsError(.unsuitableModel, "the layer '\(layer)' has no \(name)", advice: "the file is damaged") }
            return value
        }
        switch layer {
        case "linear": return try .linear(need(outputs, "outputs"), bias: need(bias, "bias"))
        case "convolution":
            return try .convolution(need(channels, "channels"), kernel: need(kernel, "kernel"), stride: need(stride, "stride"), padding: need(padding, "padding"))
        case "transposedConvolution":
            return try .transposedConvolution(need(channels, "channels"), kernel: need(kernel, "kernel"), stride: need(stride, "stride"),
                                              padding: need(padding, "padding"))
        case "averagePool": return try .averagePool(need(size, "size"))
        case "groupNorm": return try .groupNorm(groups: need(groups, "groups"))
        case "layerNorm": return .layerNorm
        case "flatten": return .flatten
        case "reshape": return try .reshape(need(shape, "shape"))
        case "residual" where depth <= NetworkLimits.depth: return try .residual(need(body, "body").map { try $0.decoded(depth: depth + 1) })
        case "beside" where depth <= NetworkLimits.depth: return try .beside(need(body, "body").map { try $0.decoded(depth: depth + 1) })
        case "modulate": return .modulate
        default:
            guard let function = Layer.Activation(rawValue: layer) else {
                throw GibbsError(.unsuitableModel, "the layer '\(layer)' is not known, or too deep", advice: "the file is damaged, or of a newer version")
            }
            return .activation(function)
        }
    }
}

extension Network {
    /// The metadata entry that holds the layers.
    static let architectureKey = "architecture"

    /// Reads a network: the layers from the entry `architecture`, the weights by their names.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for layers that are not known, cannot follow each other or are too large, for weights
    ///   that are missing, too many, of another shape or not finite; `.usage` in a program built without libtorch.
    public init(archive: Archive) throws {
        try Engine.require()
        let record = try JSON.decode(Architecture.self, from: archive.text(Self.architectureKey), name: Self.architectureKey)
        let layers = try record.layers.map { try $0.decoded() }
        do {
            // Before any tensor is made, so that a description alone cannot ask for memory.
            let plan = try Self.plan(layers, input: record.input, context: record.context ?? 0)
            for parameter in plan { _ = try archive.vector(parameter.name, count: parameter.shape.reduce(1, *)) }
            try self.init(layers, input: record.input, context: record.context ?? 0, parameters: archive.tensors.mapValues { try Tensor($0.values, shape: $0.shape) })
        } catch let error as GibbsError { throw error.aboutModel }
    }

    /// Layers and weights, from which `init(archive:)` makes an equal network on the processor, in single precision.
    public func archive() -> Archive {
        var archive = Archive(metadata: [Self.architectureKey: JSON.encode(Architecture(input: input, context: context > 0 ? context : nil, layers: layers.map { LayerRecord($0) }))])
        for (name, parameter) in zip(names, parameters) {
            guard let values = try? parameter.floats() else { preconditionFailure("the weight '\(name)' cannot be read from its device") }
            archive.tensors[name] = Archive.Tensor(shape: parameter.shape, values: values)
        }
        return archive
    }
}
