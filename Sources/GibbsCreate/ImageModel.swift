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
        /// E_y, nats at T = 1; of a network nats at the temperature of its chains.
        public let energy: ImageEnergy
        /// ln Z_y, nats; its error is kept in the training record of the file. Of a network or a residual up to a constant that all classes share; of an autoencoder
        /// or a diffusion what it is at most, which takes the energy for −ln p itself.
        public let logPartition: PartitionEstimate
        /// Its share among the images of training.
        public let share: Double
        /// The mean of its images; length `shape.pixels`.
        public let mean: [Float]
        /// Of a memory the number of every image it keeps, from 0, in the file that it was fitted to; `nil` of other energies, and where an older file does not tell.
        public internal(set) var sources: [Int]? = nil

        /// Whether ln Z is known or bounded, not just up to a constant.
        public var hasNormaliser: Bool {
            switch energy {
            case .deep, .residual: false
            case .gaussian, .principal, .machine, .memory, .autoencoder, .diffusion: true
            }
        }
    }

    /// The classes, in the order of their names.
    public let classes: [Class]
    /// The extent of an image.
    public let shape: ImageShape
    /// How the model came about.
    public package(set) var training: Training
    /// What energies mean; `nil` until calibrated.
    public internal(set) var calibration: Calibration?

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
        /// The value of a white pixel in tables of its images, where a person told it; `nil` where each file tells.
        public var white: Float?
        /// What went wrong, in words, where the fit ended early; `nil` for one that did not.
        public var warning: String?
    }

    /// Whether there is a way from one of its classes to another: see `blend`.
    public var canBlend: Bool {
        guard classes.count > 1 else { return false }
        return switch classes[0].energy {
        case .gaussian, .machine, .deep, .diffusion: true
        case .principal, .memory, .autoencoder, .residual: false
        }
    }

    /// Whether images can be drawn from it: not from a residual, whose chains find noise easier to stay in than images.
    public var canDraw: Bool { if case .residual = classes[0].energy { false } else { true } }

    init(classes: [Class], shape: ImageShape, training: Training, calibration: Calibration? = nil) {
        self.classes = classes
        self.shape = shape
        self.training = training
        self.calibration = calibration
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

    /// What orders images from ordinary to strange: −ln p(x) = −ln Σ shareᵧ p(x | y) of every image, nats, where ln Z is known. Of a network it is the energy alone, from which −ln p
    /// differs by a constant, and by a factor 1/T where its chains ran at another temperature than 1. A residual is no −ln p of anything, only an order.
    ///
    /// - Parameter images: Shape `[rows, shape.pixels]`, pixels 0...1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func surprises(of images: Matrix) throws -> [Float] {
        let scores = try logJoint(of: images)
        return (0 ..< images.rows).map { row in Float(-logSumExp(scores.map { $0[row] })) }
    }

    /// A copy that says which images do not belong: calibrated on images that do, and that it was not fitted to.
    ///
    /// - Parameters:
    ///   - images: Shape `[rows, shape.pixels]`, pixels 0...1.
    ///   - falseAlarmRate: Share of such images that may raise an alert, above 0 and below 1.
    /// - Throws: As `surprises(of:)` and `Calibration`.
    public func calibrated(on images: Matrix, falseAlarmRate: Double) throws -> ImageModel {
        var copy = self
        copy.calibration = try Calibration(energies: surprises(of: images), falseAlarmRate: falseAlarmRate)
        return copy
    }

    /// A copy that alerts at another rate.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` where it is not calibrated, and as `Calibration`.
    public func alerting(at falseAlarmRate: Double) throws -> ImageModel {
        guard let calibration else { throw GibbsError(.unsuitableModel, "the model is not calibrated", advice: "run gibbs calibrate with images that belong") }
        var copy = self
        copy.calibration = try calibration.with(falseAlarmRate: falseAlarmRate)
        return copy
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
        guard Set(header.classes.map(\.name)).count == header.classes.count else {
            throw GibbsError(.unsuitableModel, "holds two classes of one name", advice: "the file is damaged")
        }
        let shared = try Self.shared(of: header, archive)
        let classes = try header.classes.enumerated().map { index, part -> Class in
            let energy = try shared?(index) ?? ImageEnergy(kind: part.kind, archive: archive.nested("class\(index)"))
            guard energy.features == shape.pixels, part.share > 0, part.logPartition.isFinite else {
                throw GibbsError(.unsuitableModel, "the class '\(part.name)' does not fit images of \(shape.height) × \(shape.width) pixels", advice: "the file is damaged")
            }
            // Files do not tell bounds apart: the kind of energy does.
            let estimate: PartitionEstimate = energy.isBound ? .atMost(part.logPartition) : part.isExact ? .exact(part.logPartition)
                : PartitionEstimate(logPartition: part.logPartition, standardError: part.standardError, kind: .lower)
            return Class(name: part.name, energy: energy, logPartition: estimate, share: part.share,
                         mean: try archive.vector("class\(index).mean.pixels", count: shape.pixels), sources: try Self.sources(index, of: energy, archive))
        }
        let calibration: Calibration?
        do { calibration = try archive.calibration() } catch let error as GibbsError { throw error.aboutModel }
        self.init(classes: classes, shape: shape, training: training, calibration: calibration)
    }

    /// The numbers of the images that a memory keeps; `nil` where the file does not tell.
    private static func sources(_ index: Int, of energy: ImageEnergy, _ archive: Archive) throws -> [Int]? {
        let name = sourcesName(index)
        guard case .memory(let memory) = energy, archive.tensors[name] != nil else { return nil }
        return try archive.vector(name, count: memory.patterns.rows).map {
            guard let number = Int(exactly: $0), number >= 0 else { throw GibbsError(.unsuitableModel, "the tensor '\(name)' holds \($0), which numbers no image", advice: "the file is damaged") }
            return number
        }
    }

    private static func sourcesName(_ index: Int) -> String { "class\(index).memory.images" }

    /// The energy of each class by what all classes share; `nil` where each has one of its own.
    private static func shared(of header: Header, _ archive: Archive) throws -> ((Int) -> ImageEnergy)? {
        if let network = try network(of: header, archive) { return { .deep(DeepImageEnergy(network.network, output: $0, scale: network.scale, chains: network.chains)) } }
        guard header.classes.contains(where: { $0.kind == ImageEnergy.diffusionKind }) else { return nil }
        let diffusion = try DiffusionEnergy(archive: archive.nested("diffusion")), count = header.classes.count
        guard header.classes.allSatisfy({ $0.kind == ImageEnergy.diffusionKind }), diffusion.classes == (count > 1 ? count : 0), diffusion.input == [1, header.shape.height, header.shape.width] else {
            throw GibbsError(.unsuitableModel, "holds a diffusion of \(diffusion.input) with \(diffusion.classes) classes for \(count)", advice: "the file is damaged")
        }
        return { .diffusion(DiffusionImageEnergy(diffusion, label: count > 1 ? $0 : nil)) }
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
        guard scale > 0, scale.isFinite, chains.steps <= 1_000_000 else { throw GibbsError(.unsuitableModel, "holds outputs scaled by \(scale), and chains of \(chains.steps) steps", advice: "the file is damaged") }
        return (network, scale, chains)
    }

    public func archive() -> Archive {
        var header = Header(shape: shape, classes: classes.map {
            .init(name: $0.name, kind: $0.energy.kind, logPartition: $0.logPartition.logPartition, standardError: $0.logPartition.standardError,
                  isExact: $0.logPartition.kind == .exact || $0.logPartition.kind == .bound, share: $0.share)
        })
        if case .deep(let energy) = classes[0].energy {
            let chains = energy.chains
            header.chains = .init(steps: chains.steps, stepSize: chains.stepSize, temperature: chains.temperature, slopeLimit: chains.slopeLimit, scale: energy.scale)
        }
        var archive = Archive(metadata: ["gibbs.schema": JSON.encode(header), "gibbs.training": JSON.encode(training)])
        if case .deep(let energy) = classes[0].energy { archive.nest(energy.network.archive(), under: "network") }
        if case .diffusion(let energy) = classes[0].energy { archive.nest(energy.diffusion.archive(), under: "diffusion") }
        for (index, part) in classes.enumerated() {
            archive.nest(part.energy.archive(), under: "class\(index)")
            archive.tensors["class\(index).mean.pixels"] = .init(part.mean)
            // Single precision holds numbers up to 16 million as they are.
            if let sources = part.sources { archive.tensors[Self.sourcesName(index)] = .init(sources.map { Float($0) }) }
        }
        archive.store(calibration)
        return archive
    }
}
