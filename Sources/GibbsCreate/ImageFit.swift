import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// How energies are fitted to images.
public struct ImageOptions: Sendable, Hashable {
    /// The kinds of energy.
    public enum Model: String, Sendable, Hashable, CaseIterable {
        /// A Gaussian with shrunk covariance: blends in closed form, its normaliser exact.
        case gaussian
        /// Probabilistic principal components of brightness, its normaliser exact.
        case ppca
        /// A machine with binary pixels, trained by persistent contrastive divergence, its normaliser estimated by annealing.
        case rbm
        /// A memory of the images themselves, for recall.
        case memory
        /// A network trained by contrastive divergence with Langevin chains; with labels, a classifier that is an energy too. Needs libtorch.
        case deep
        /// A variational autoencoder of each class, whose energy is −ELBO. Needs libtorch.
        case vae
        /// A diffusion that is an energy at every time; with labels, of each class. Needs libtorch.
        case diffusion
    }

    /// The kind of energy, one for all classes.
    public var model: Model
    /// Hidden units of each machine.
    public var hidden: Int
    /// Passes over the images of a class, for machines; raised for small classes so that each gets some 2,000 steps.
    public var epochs: Int
    /// The most images that a memory keeps, of all classes together; drawn at random, as many of each class as there is room for. A recall takes their number times
    /// the pixels a cue and update, and so does every step of a chain.
    public var memories: Int
    /// The number from which all randomness is derived.
    public var seed: UInt64
    /// How networks are fitted.
    public var deep: DeepImageOptions
    /// How diffusions are fitted.
    public var diffusion: DiffusionImageOptions

    /// Options; checked when fitting begins.
    public init(model: Model = .gaussian, hidden: Int = 100, epochs: Int = 30, memories: Int = 10_000, seed: UInt64 = 1, deep: DeepImageOptions = DeepImageOptions(),
                diffusion: DiffusionImageOptions = DiffusionImageOptions()) {
        self.model = model
        self.hidden = hidden
        self.epochs = epochs
        self.memories = memories
        self.seed = seed
        self.deep = deep
        self.diffusion = diffusion
    }
}

extension ImageOptions {
    /// Lets every kind of energy that learns in passes go over its images so often.
    public mutating func pass(_ times: Int) {
        (epochs, deep.passes, deep.variationalPasses, diffusion.passes) = (times, times, times, times)
    }
}

extension ImageModel {
    /// Fits an energy to each class of images.
    ///
    /// - Parameters:
    ///   - images: Shape `[images, shape.pixels]`, pixels 0...1; machines read them as probabilities.
    ///   - shape: Height and width.
    ///   - labels: A name an image; without them all images are one class.
    ///   - numbers: The images' numbers in their file, by which a memory names what it keeps; 0, 1, … unless told.
    ///   - options: What is fitted.
    ///   - digest: Of the file the images came from, for the record.
    ///   - progress: Told what is being done and which share of the work is behind; may throw to stop.
    ///   - watch: Shown a network on its way, every few batches; may throw to stop.
    /// - Throws: `GibbsError` with code `.unsuitableData` for no image, a class of fewer than two, or pixels outside 0...1,
    ///   `.shapeMismatch` when columns, labels or numbers do not fit, `.usage` for options that make no sense.
    /// - Complexity: A Gaussian takes `images · pixels² + pixels³` a class, a machine `epochs` passes and the annealing, a memory `memories² · pixels`.
    public static func fitted(to images: Matrix, shape: ImageShape, labels: [String]? = nil, numbers: [Int]? = nil, options: ImageOptions = ImageOptions(),
                              digest: String? = nil, progress: (String, Double) throws -> Void = { _, _ in },
                              watch: (DeepImageProgress) throws -> Void = { _ in }) throws -> ImageModel {
        try check(images, shape, labels, numbers, options)
        let names = labels ?? Array(repeating: "all", count: images.rows)
        var rows = [String: [Int]]()
        for (row, name) in names.enumerated() { rows[name, default: []].append(row) }
        let ordered = rows.keys.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        if let small = ordered.first(where: { rows[$0]!.count < 2 }) {
            throw GibbsError(.unsuitableData, "the class '\(small)' has a single image", advice: "give at least two of each class, or leave it out")
        }
        func mean(_ members: Matrix) -> [Float] { (0 ..< shape.pixels).map { Float(Statistics.mean(members.column($0))) } }
        if options.model == .deep || options.model == .diffusion {
            let index = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
            let data = DeepImageData(images: images, shape: shape, digest: digest, names: ordered, shares: ordered.map { Double(rows[$0]!.count) / Double(images.rows) },
                                     means: ordered.map { mean(images.selecting(rows: rows[$0]!)) }, classes: names.map { index[$0]! })
            if options.model == .diffusion { return try DiffusionImageFit(data: data, options: options).model(progress: progress, watch: watch) }
            return try DeepImageFit(data: data, deep: options.deep, seed: options.seed).model(progress: progress, watch: watch)
        }
        let kept = share(options.memories, among: ordered.map { rows[$0]!.count })
        let classes = try ordered.enumerated().map { index, name -> Class in
            let own = rows[name]!, members = images.selecting(rows: own), key = Key(options.seed).folding(index)
            let remembered = options.model == .memory ? key.choose(kept[index], of: own.count) : nil
            func tell(_ text: String, _ share: Double) throws {
                try progress("class \(name): \(text)", (Double(index) + share) / Double(ordered.count))
            }
            try tell("fitting \(members.rows) images", 0)
            let (energy, logPartition) = try fit(remembered.map { members.selecting(rows: $0) } ?? members, shape, options, key, tell)
            return Class(name: name, energy: energy, logPartition: logPartition, share: Double(members.rows) / Double(images.rows), mean: mean(members),
                         sources: remembered.map { $0.map { numbers?[own[$0]] ?? own[$0] } })
        }
        let method = switch options.model {
        case .gaussian: "Gaussian of the pixels' log-odds, covariance shrunk by Ledoit and Wolf"
        case .ppca: "probabilistic principal components, at most \(mostComponents)"
        case .rbm: "RBM, \(options.hidden) hidden units, PCD"
        case .memory: "memory, kept \(kept.reduce(0, +)) of \(images.rows) images (--memories)"
        case .vae: "variational autoencoder, \(options.deep.latent) numbers of z"
        case .deep, .diffusion: preconditionFailure("networks are fitted to all classes at once")
        }
        return ImageModel(classes: classes, shape: shape, training: .init(digest: digest, images: images.rows, seed: options.seed, method: method))
    }

    private static func check(_ images: Matrix, _ shape: ImageShape, _ labels: [String]?, _ numbers: [Int]?, _ options: ImageOptions) throws {
        guard images.columns == shape.pixels else {
            throw GibbsError(.shapeMismatch, "rows of \(images.columns) values for images of \(shape.height) × \(shape.width) pixels", advice: "give the images' own height and width")
        }
        guard images.rows >= 2 else { throw GibbsError(.unsuitableData, "\(images.rows) images are too few to learn from", advice: "give at least two") }
        if let labels, labels.count != images.rows {
            throw GibbsError(.shapeMismatch, "\(labels.count) labels for \(images.rows) images", advice: "give one label an image, in the same order")
        }
        if let numbers, numbers.count != images.rows {
            throw GibbsError(.shapeMismatch, "\(numbers.count) numbers for \(images.rows) images", advice: "give one number an image, in the same order")
        }
        if let bad = images.values.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
            throw GibbsError(.unsuitableData, "pixel \(bad % images.columns) of image \(bad / images.columns) is \(images.values[bad])", advice: "scale pixels to 0...1")
        }
        guard options.hidden > 0, options.hidden <= 65_536, options.epochs > 0, options.memories > 1 else {
            throw GibbsError(.usage, "\(options.hidden) hidden units, \(options.epochs) epochs and \(options.memories) memories", advice: "give positive numbers, and at least two memories")
        }
    }

    /// Room for memories among classes of these sizes: the small ones keep all they have, and what they leave goes to the others. At least
    /// two each, which have a distance.
    private static func share(_ room: Int, among counts: [Int]) -> [Int] {
        var result = counts, room = room
        for (place, index) in counts.indices.sorted(by: { (counts[$0], $0) < (counts[$1], $1) }).enumerated() {
            result[index] = min(counts[index], max(2, room / (counts.count - place)))
            room -= result[index]
        }
        return result
    }

    private static func fit(_ images: Matrix, _ shape: ImageShape, _ options: ImageOptions, _ key: Key,
                            _ tell: (String, Double) throws -> Void) throws -> (ImageEnergy, PartitionEstimate) {
        switch options.model {
        case .gaussian:
            let energy = try GaussianEnergy.fitted(to: PixelLogit.encoded(images))
            return (.gaussian(energy), .exact(energy.logPartition))
        case .ppca:
            let energy = try PrincipalEnergy.fitted(to: images, components: max(1, min(mostComponents, images.columns / 4, images.rows - 1)))
            return (.principal(energy), .exact(energy.logPartition))
        case .memory:
            let energy = try memory(images)
            return (.memory(energy), .exact(energy.logPartition))
        case .deep, .diffusion: preconditionFailure("networks are fitted to all classes at once")
        case .vae:
            try options.deep.check()
            // −ELBO is a bound on −ln p already.
            return (.autoencoder(try VariationalAutoencoder.fitted(to: images, shape, options.deep, key: key, progress: tell)), .atMost(0))
        case .rbm:
            let machine = try machine(images, options, key.folding(0), tell)
            try tell("estimating its normaliser", 0.8)
            let bracket = try machine.logPartition(by: MachineAnnealing(chains: 100, steps: 2_000, sweeps: 100), data: images, key: key.folding(1)) {
                try tell("estimating its normaliser", 0.8 + 0.2 * $0)
            }
            return (.machine(machine), bracket.lower)
        }
    }

    /// Principal components of a class: no more than a quarter of the pixels in any case.
    static let mostComponents = 100

    /// β = 1/2σ² with σ² the mean squared distance a pixel to the nearest other image: bumps that just touch.
    private static func memory(_ images: Matrix) throws -> MemoryEnergy {
        let nearest = Neighbours.squaredDistances(of: images, to: images, count: 1, excluding: Array(0 ..< images.rows))
        let variance = max(1e-6, Statistics.mean(nearest.filter(\.isFinite)) / Double(images.columns))
        return try MemoryEnergy(patterns: images, variables: Array(repeating: .real, count: images.columns),
                                precisions: Array(repeating: Float(1 / (2 * variance)), count: images.rows))
    }

    private static func machine(_ images: Matrix, _ options: ImageOptions, _ key: Key, _ tell: (String, Double) throws -> Void) throws -> RBM {
        let batch = 100, epochs = max(options.epochs, 2_000 * batch / max(batch, images.rows))
        let method = ContrastiveDivergence(chains: .persistent(count: 100, steps: 1), centring: .dataMeans, optimiser: .momentum(rate: 0.05, momentum: 0), weightDecay: 1e-4,
                                           batchSize: batch, epochs: epochs, finalRateShare: 0.05, drawsProbabilities: true, averagingShare: 0.005)
        let start = try RBM(visible: Array(repeating: .binary, count: images.columns), hidden: options.hidden, key: key.folding(0)).withBiases(from: images)
        let last = try start.training(on: images, by: method, key: key.folding(1)).finish {
            try tell("epoch \($0.number) of \(epochs)", 0.8 * Double($0.number) / Double(epochs))
            return true
        }
        if case .diverged(let reason) = last.ending { throw GibbsError(.unsuitableData, "training ran away: \(reason)", advice: "look for damaged images, or use another model") }
        return last.model
    }
}
