import Foundation
import GibbsCore
import GibbsData
import GibbsDeep
import GibbsNumerics

/// Energies of images, one a class: what can be sampled, blended, recalled and told apart.
///
///     p(x | y) = exp(−E_y(x)) / Z_y,   p(y | x) ∝ shareᵧ p(x | y)
///
/// A model fitted without labels has a single class, called `all`.
public struct ImageModel: Sendable {
    /// One class of images.
    public struct Class: Sendable {
        /// What the labels call it.
        public let name: String
        /// E_y, nats at T = 1.
        public let energy: ImageEnergy
        /// ln Z_y, nats; its error is kept in the training record of the file. Of a network or a residual up to a constant that all classes share.
        public let logPartition: PartitionEstimate
        /// Its share among the images of training.
        public let share: Double
        /// The mean of its images; length `shape.pixels`.
        public let mean: [Float]

        /// Whether ln Z is known, not just up to a constant.
        public var hasNormaliser: Bool {
            switch energy {
            case .deep, .residual: false
            case .gaussian, .principal, .machine, .memory, .autoencoder: true
            }
        }
    }

    /// The classes, in the order of their names.
    public let classes: [Class]
    /// The extent of an image.
    public let shape: ImageShape
    /// How the model came about.
    public let training: Training

    /// How a model came about; kept in its file.
    public struct Training: Sendable, Hashable, Codable {
        /// The images' file digest, where they came from a file.
        public var digest: String?
        /// Images learned from.
        public var images: Int
        /// The key's number.
        public var seed: UInt64
        /// What was fitted, in words.
        public var method: String
    }

    /// Whether images can be drawn from it: not from a residual, whose chains find noise easier to stay in than images.
    public var canDraw: Bool { if case .residual = classes[0].energy { false } else { true } }

    init(classes: [Class], shape: ImageShape, training: Training) {
        self.classes = classes
        self.shape = shape
        self.training = training
    }

    /// The class of this name.
    ///
    /// - Throws: `GibbsError` with code `.usage`, naming the classes there are.
    public func `class`(_ name: String) throws -> Class {
        guard let found = classes.first(where: { $0.name == name }) else {
            throw GibbsError(.usage, "the model has no class '\(name)'", advice: "its classes are \(classes.map(\.name).joined(separator: ", "))")
        }
        return found
    }

    /// −ln p(x) = −ln Σ shareᵧ p(x | y) of every image, nats; of a network or a residual up to a constant, the same for all images.
    ///
    /// - Parameter images: Shape `[rows, shape.pixels]`, pixels 0...1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func surprises(of images: Matrix) throws -> [Float] {
        let scores = try logJoint(of: images)
        return (0 ..< images.rows).map { row in Float(-logSumExp(scores.map { $0[row] })) }
    }

    /// p(y | x) of every image; shape `[rows, classes]`.
    ///
    /// - Parameter images: Shape `[rows, shape.pixels]`, pixels 0...1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func classProbabilities(of images: Matrix) throws -> Matrix {
        let scores = try logJoint(of: images)
        return Matrix(rows: images.rows, columns: classes.count, values: (0 ..< images.rows).flatMap { row -> [Float] in
            let terms = scores.map { $0[row] }, total = logSumExp(terms)
            return terms.map { Float(exp($0 - total)) }
        })
    }

    /// ln share p(x | y); shape `[classes][rows]`.
    func logJoint(of images: Matrix) throws -> [[Double]] {
        // All classes of a network in one pass: their energies are its outputs.
        if case .deep(let energy) = classes[0].energy, classes.count > 1 {
            let outputs = try energy.logits(of: images)
            return classes.indices.map { index in
                let constant = log(classes[index].share) - classes[index].logPartition.logPartition
                return outputs.column(index).map { constant + Double($0) }
            }
        }
        return try classes.map { part in
            let constant = log(part.share) - part.logPartition.logPartition
            return try part.energy.energies(of: images).map { constant - Double($0) }
        }
    }
}

extension ImageModel: Storable {
    public static let kind = "images"

    private struct Header: Codable {
        var shape: ImageShape
        var classes: [Part]
        /// The chains of a model whose classes share a network.
        var chains: Chains?
        struct Chains: Codable { var steps: Int, stepSize: Float, temperature: Float, slopeLimit: Float?, scale: Double? }
        struct Part: Codable { var name: String, kind: String, logPartition: Double, standardError: Double, isExact: Bool, share: Double }
    }

    public init(archive: Archive) throws {
        let header = try JSON.decode(Header.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        let training = try JSON.decode(Training.self, from: archive.text("gibbs.training"), name: "gibbs.training")
        let shape = header.shape
        guard (1 ... 4_096).contains(shape.height), (1 ... 4_096).contains(shape.width), !header.classes.isEmpty, header.classes.count <= 10_000 else {
            throw GibbsError(.unsuitableModel, "holds \(header.classes.count) classes of images of \(shape.height) × \(shape.width) pixels", advice: "the file is damaged")
        }
        let network = try Self.network(of: header, archive)
        let classes = try header.classes.enumerated().map { index, part -> Class in
            let energy = try network.map { .deep(DeepImageEnergy($0.network, output: index, scale: $0.scale, chains: $0.chains)) } ?? ImageEnergy(kind: part.kind, archive: archive.nested("class\(index)"))
            guard energy.features == shape.pixels, part.share > 0, part.logPartition.isFinite else {
                throw GibbsError(.unsuitableModel, "the class '\(part.name)' does not fit images of \(shape.height) × \(shape.width) pixels", advice: "the file is damaged")
            }
            let estimate: PartitionEstimate = part.isExact ? .exact(part.logPartition)
                : PartitionEstimate(logPartition: part.logPartition, standardError: part.standardError, kind: .lower)
            return Class(name: part.name, energy: energy, logPartition: estimate, share: part.share,
                         mean: try archive.vector("class\(index).mean.pixels", count: shape.pixels))
        }
        self.init(classes: classes, shape: shape, training: training)
    }

    /// The network that all classes share, its scale and its chains; `nil` where each has an energy of its own.
    private static func network(of header: Header, _ archive: Archive) throws -> (network: Network, scale: Double, chains: ReplayChains)? {
        guard header.classes.contains(where: { $0.kind == ImageEnergy.deepKind }) else { return nil }
        let network = try Network(archive: archive.nested("network"))
        guard let record = header.chains, header.classes.allSatisfy({ $0.kind == ImageEnergy.deepKind }), network.output == [header.classes.count],
              network.input == [1, header.shape.height, header.shape.width] else {
            throw GibbsError(.unsuitableModel, "holds a network from \(network.input) to \(network.output) for \(header.classes.count) classes", advice: "the file is damaged")
        }
        let chains = ReplayChains(steps: record.steps, stepSize: record.stepSize, temperature: record.temperature, slopeLimit: record.slopeLimit), scale = record.scale ?? 1
        do { try chains.check() } catch let error as GibbsError { throw error.aboutModel }
        guard scale > 0, scale.isFinite else { throw GibbsError(.unsuitableModel, "holds outputs scaled by \(scale)", advice: "the file is damaged") }
        return (network, scale, chains)
    }

    public func archive() -> Archive {
        var header = Header(shape: shape, classes: classes.map {
            .init(name: $0.name, kind: $0.energy.kind, logPartition: $0.logPartition.logPartition, standardError: $0.logPartition.standardError,
                  isExact: $0.logPartition.kind == .exact, share: $0.share)
        })
        if case .deep(let energy) = classes[0].energy {
            let chains = energy.chains
            header.chains = .init(steps: chains.steps, stepSize: chains.stepSize, temperature: chains.temperature, slopeLimit: chains.slopeLimit, scale: energy.scale)
        }
        var archive = Archive(metadata: ["gibbs.schema": JSON.encode(header), "gibbs.training": JSON.encode(training)])
        if case .deep(let energy) = classes[0].energy { archive.nest(energy.network.archive(), under: "network") }
        for (index, part) in classes.enumerated() {
            archive.nest(part.energy.archive(), under: "class\(index)")
            archive.tensors["class\(index).mean.pixels"] = .init(part.mean)
        }
        return archive
    }
}
