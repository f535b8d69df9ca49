import Foundation
import GibbsNumerics

/// A function of a row, of how noisy it is, and of the class it belongs to: f(x, λ, y), of the shape of x.
///
///     let network = try TimeNetwork([.linear(64), .modulate, .silu, .linear(2)], input: [2], key: Key(1))
///     let outputs = try network(rows, noise: logRatios)
///
/// λ = ln (σ/α) becomes sines and cosines, these by two linear layers a context, to which a learned vector of the class is added; `.modulate` is where
/// the layers see it. Rows do not see each other. PyTorch reads the weights as those of three modules: `embedding`, a `Sequential`; `classes`, an
/// `Embedding`, whose last row is for rows of no known class; and `body`.
///
/// - Source: Vaswani et al., *Attention Is All You Need*, NeurIPS 2017, section 3.5, for sines; Kingma, Salimans, Poole & Ho, *Variational Diffusion Models*,
///   NeurIPS 2021, for the logarithm of the ratio as the time that a network is told.
public struct TimeNetwork: Sendable {
    /// What makes the output, by layers that see the context.
    public let body: Network
    /// From sines and cosines to the context.
    let embedding: Network
    /// A row a class, and one more for none; `[classes + 1, context]`.
    let table: Tensor?

    /// Frequencies of the sines: in periods of 2π from one sixtieth to about one, of λ = −5...5.
    private static let frequencies = (0 ..< 16).map { 0.1 * pow(50, Double($0) / 15) }

    /// A network with fresh weights; consumes `key`.
    ///
    /// - Parameters:
    ///   - layers: From rows to rows of the same shape.
    ///   - input: The shape of a row.
    ///   - classes: How many classes there are; 0 where there are none.
    ///   - context: Numbers of the context.
    ///   - key: Feeds the weights.
    /// - Throws: As `Network.init(_:input:context:key:)`, and `.shapeMismatch` for layers whose output has another shape than a row.
    public init(_ layers: [Layer], input: [Int], classes: Int = 0, context: Int = 64, key: Key) throws {
        guard (0 ... NetworkLimits.context).contains(classes) else { throw GibbsError(.limitExceeded, "\(classes) classes", advice: "give at most \(NetworkLimits.context)") }
        let embedding = try Network([.linear(context), .silu, .linear(context)], input: [2 * Self.frequencies.count], key: key.folding(0))
        let table = classes > 0 ? try 0.5 * Tensor(normal: key.folding(1), shape: [classes + 1, context]) : nil
        try self.init(embedding: embedding, table: table, body: Network(layers, input: input, context: context, key: key.folding(2)))
    }

    private init(embedding: Network, table: Tensor?, body: Network) throws {
        guard body.output == body.input else {
            throw GibbsError(.shapeMismatch, "a network of noise makes rows of the shape \(body.output) of rows of the shape \(body.input)", advice: "let the last layer give the shape of a row")
        }
        (self.embedding, self.table, self.body) = (embedding, table, body)
    }

    /// The shape of a row.
    public var input: [Int] { body.input }
    /// The number of classes; 0 where there are none.
    public var classes: Int { table.map { $0.shape[0] - 1 } ?? 0 }
    /// The number of weights.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }
    /// Where the weights are.
    public var device: Device { embedding.parameters[0].device }

    /// f of rows `[n] + input`; the same shape.
    ///
    /// - Parameters:
    ///   - x: The rows.
    ///   - noise: λ = ln (σ/α) of each row.
    ///   - labels: The class of each row, counted from 0, `nil` for one that is not known; `nil` for all of these.
    /// - Throws: `GibbsError` with code `.usage` for a class that there is not; otherwise as a network.
    /// - Complexity: One pass through the body, and one through the small network that makes its context.
    public func callAsFunction(_ x: Tensor, noise: [Double], labels: [Int?]? = nil) throws -> Tensor {
        let phases = noise.flatMap { level in Self.frequencies.map { level * $0 } }
        let waves = noise.indices.flatMap { row -> [Float] in
            let own = phases[row * Self.frequencies.count ..< (row + 1) * Self.frequencies.count]
            return own.map { Float(sin($0)) } + own.map { Float(cos($0)) }
        }
        var context = try embedding(moved(Tensor(waves, shape: [noise.count, 2 * Self.frequencies.count])).converted(to: x.element))
        if let table {
            let rows = try (labels ?? Array(repeating: nil, count: noise.count)).map { try row(of: $0) }
            context = try context + table.embedding(moved(Tensor(indices: rows, shape: [rows.count])))
        } else if labels?.contains(where: { $0 != nil }) ?? false { _ = try row(of: 0) }
        return try body(x, context: context.silu())
    }

    private func row(of label: Int?) throws -> Int {
        guard let label else { return classes }
        guard (0 ..< classes).contains(label) else {
            throw GibbsError(.usage, "the class \(label) where there are \(classes)", advice: classes == 0 ? "train with labels" : "count classes from 0")
        }
        return label
    }

    private func moved(_ tensor: Tensor) throws -> Tensor { device == .processor ? tensor : try tensor.moved(to: device) }
}

extension TimeNetwork: Trainable {
    /// The weights of the embedding, the classes' vectors, the weights of the body.
    public var parameters: [Tensor] { embedding.parameters + (table.map { [$0] } ?? []) + body.parameters }

    /// The same network with other weights. Traps unless there is one of the same shape for each.
    public func with(parameters: [Tensor]) -> TimeNetwork {
        precondition(parameters.map(\.shape) == self.parameters.map(\.shape), "weights of other shapes")
        let first = embedding.parameters.count, second = first + (table == nil ? 0 : 1)
        return TimeNetwork(self, embedding.with(parameters: Array(parameters[..<first])), table == nil ? nil : parameters[first], body.with(parameters: Array(parameters[second...])))
    }

    private init(_ other: TimeNetwork, _ embedding: Network, _ table: Tensor?, _ body: Network) { (self.embedding, self.table, self.body) = (embedding, table, body) }

    /// The same network in another precision.
    ///
    /// - Throws: `GibbsError` where memory runs out.
    public func converted(to element: Tensor.Element) throws -> TimeNetwork { with(parameters: try parameters.map { try $0.converted(to: element) }) }

    /// The same network on a device.
    ///
    /// - Throws: `GibbsError` with code `.usage` where there is no such device.
    public func moved(to device: Device) throws -> TimeNetwork { with(parameters: try parameters.map { try $0.moved(to: device) }) }
}

extension TimeNetwork {
    private static let tableName = "classes.weight"

    /// Reads a network.
    ///
    /// - Throws: As `Network.init(archive:)`, and `.unsuitableModel` for parts that do not fit each other.
    public init(archive: Archive) throws {
        let parts = try (Network(archive: archive.nested("embedding")), Network(archive: archive.nested("body")))
        let table = try archive.tensors[Self.tableName].map { tensor in
            let rows = try archive.matrix(Self.tableName, columns: parts.1.context)
            guard rows.rows > 1 else { throw GibbsError(.unsuitableModel, "the tensor '\(Self.tableName)' has the shape \(tensor.shape)", advice: "the file is damaged") }
            return try Tensor(rows)
        }
        guard parts.0.output == [parts.1.context], parts.0.input == [2 * Self.frequencies.count], parts.0.context == 0 else {
            throw GibbsError(.unsuitableModel, "an embedding from \(parts.0.input) to \(parts.0.output) for a context of \(parts.1.context) numbers", advice: "the file is damaged")
        }
        do { try self.init(embedding: parts.0, table: table, body: parts.1) } catch let error as GibbsError { throw error.aboutModel }
    }

    /// Layers and weights, from which `init(archive:)` makes an equal network on the processor.
    public func archive() -> Archive {
        var archive = Archive()
        archive.nest(embedding.archive(), under: "embedding")
        archive.nest(body.archive(), under: "body")
        if let table {
            guard let values = try? table.floats() else { preconditionFailure("the classes' vectors cannot be read from their device") }
            archive.tensors[Self.tableName] = .init(shape: table.shape, values: values)
        }
        return archive
    }
}

extension Layer {
    /// The layers of a small U-Net for a `TimeNetwork` of grey images `[1, height, width]` of any size: halves of the side, quarters, eighths, and back
    /// up beside what was there. At an eighth of 28 pixels one block sees the whole image, which is where its parts come to agree. Smooth, and without norms: rows
    /// do not see each other, and E has every derivative.
    ///
    /// - Parameters:
    ///   - fine: Channels at half the side, with two residual blocks.
    ///   - coarse: Channels at a quarter of it, with two more.
    ///   - coarsest: Channels at an eighth, with one.
    public static func smallUNet(fine: Int = 32, coarse: Int = 64, coarsest: Int = 128) -> [Layer] {
        func block(_ channels: Int) -> Layer { .residual([.silu, .convolution(channels, kernel: 3, padding: 1), .modulate, .silu, .convolution(channels, kernel: 3, padding: 1)]) }
        // Strides of kernels 3 leave ⌈n/2⌉ pixels, and transposed ones give at least n back, which `beside` cuts.
        func halved(_ channels: Int, _ inner: [Layer]) -> [Layer] { [.convolution(channels, kernel: 3, stride: 2, padding: 1), block(channels)] + inner }
        func joined(_ channels: Int, with lower: [Layer]) -> [Layer] { halved(channels, [.beside(lower), .convolution(channels, kernel: 1), block(channels)]) }
        func doubled(_ channels: Int) -> Layer { .transposedConvolution(channels, kernel: 4, stride: 2, padding: 1) }
        let eighths = halved(coarsest, [doubled(coarse)]), quarters = joined(coarse, with: eighths) + [doubled(fine)], halves = joined(fine, with: quarters) + [.silu, doubled(16), .silu]
        return [.beside(halves), .convolution(1, kernel: 3, padding: 1)]
    }
}
