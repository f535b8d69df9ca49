import GibbsCore
import GibbsDeep
import GibbsNumerics

/// The energies that are compared on images which do not belong.
public enum NoveltyModel: String, Sendable, Hashable, CaseIterable {
    /// What a denoising autoencoder leaves unexplained, beside what smoothness does.
    case residual
    /// A network trained by contrastive divergence.
    case contrastive
    /// A classifier that is an energy as well; needs labels.
    case joint
    /// A network trained by denoising score matching.
    case score
    /// A plain classifier's −ln Σ exp f, after Liu et al. 2020; needs labels.
    case classifier
    /// A Gaussian of the pixels' log-odds.
    case gaussian
    /// Probabilistic principal components of brightness.
    case ppca
    /// A machine's free energy.
    case rbm
    /// −ELBO of an autoencoder.
    case vae
    /// How much better that autoencoder could explain an image, if its encoder were made for it; after Xiao et al. 2020.
    case regret

    /// Whether it learns from labels.
    public var needsLabels: Bool { self == .joint || self == .classifier }

    /// - Throws: `GibbsError` with code `.usage` where it learns from labels and there are none.
    public func check(labels: [String]?) throws {
        if needsLabels, labels == nil { throw GibbsError(.usage, "'\(rawValue)' without labels", advice: "give --labels FILE, or leave it out") }
    }

    /// The model that is fitted, which may be another's.
    public var fitted: NoveltyModel { self == .regret ? .vae : self }

    /// Images of a set that are judged at most, evenly chosen; `nil` for all. Regret is forty gradients an image.
    public var most: Int? { self == .regret ? 500 : nil }

    /// The options by which it is fitted: the same for all data.
    func options(_ base: ImageOptions) -> ImageOptions {
        var options = base
        switch self {
        case .gaussian: options.model = .gaussian
        case .ppca: options.model = .ppca
        case .rbm: options.model = .rbm
        case .vae, .regret: options.model = .vae
        case .residual: (options.model, options.deep.objective) = (.deep, .residual)
        case .contrastive, .joint: (options.model, options.deep.objective) = (.deep, .contrastive)
        case .classifier: (options.model, options.deep.objective) = (.deep, .classifier)
        case .score: (options.model, options.deep.objective) = (.deep, .score)
        }
        return options
    }

    /// The energies of images under what was fitted.
    func energies(of images: Matrix, by fit: ImageModel) throws -> [Float] {
        guard self == .regret, case .autoencoder(var autoencoder) = fit.classes[0].energy else { return try fit.surprises(of: images) }
        // A pair of draws a step, since the cost is in proportion to them.
        autoencoder.draws = 2
        return try LikelihoodRegret(autoencoder).energies(of: images)
    }
}

/// Images that do not belong, under a name.
public struct NoveltySet: Sendable {
    /// What they are.
    public let name: String
    /// Shape `[images, pixels]`, 0...1.
    public let images: Matrix

    /// A set of images.
    public init(_ name: String, _ images: Matrix) { (self.name, self.images) = (name, images) }

    /// What nobody would take for an image of anything, or for one of these: images of one grey each, black ones, noise, and the images themselves
    /// inverted. Consumes `key`.
    public static func made(from images: Matrix, key: Key) -> [NoveltySet] {
        let (rows, columns) = (images.rows, images.columns), greys = key.folding(0).uniforms(rows)
        return [
            NoveltySet("constant", Matrix(rows: rows, columns: columns, values: (0 ..< rows * columns).map { greys[$0 / columns] })),
            NoveltySet("blank", Matrix(rows: rows, columns: columns)),
            NoveltySet("noise", Matrix(rows: rows, columns: columns, values: key.folding(1).uniforms(rows * columns))),
            NoveltySet("inverted", Matrix(rows: rows, columns: columns, values: images.values.map { 1 - $0 })),
        ]
    }
}
