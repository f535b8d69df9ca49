import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// The energy of the images of one class: one of the kinds that can be fitted to images.
public enum ImageEnergy: Sendable {
    /// ½ (z − μ)ᵀ Λ (z − μ) over the log-odds z of the pixels; see the article on blending.
    case gaussian(GaussianEnergy)
    /// A Gaussian free along some directions only, of brightness.
    case principal(PrincipalEnergy)
    /// The free energy of a machine whose visible units are the pixels, on or off.
    case machine(RBM)
    /// A memory of images.
    case memory(MemoryEnergy)
    /// A network, sampled by Langevin chains.
    case deep(DeepImageEnergy)
    /// An autoencoder, whose energy is −ELBO.
    case autoencoder(VariationalAutoencoder)
    /// A denoising autoencoder, whose energy is what it leaves unexplained.
    case residual(ResidualEnergy)
    /// A diffusion, whose energy is a bound on −ln p by its landscapes at all times.
    case diffusion(DiffusionImageEnergy)

    /// The name under which it is fitted and filed.
    public var kind: String {
        switch self {
        case .gaussian: "gaussian"
        case .principal: "ppca"
        case .machine: "rbm"
        case .memory: "memory"
        case .deep: Self.deepKind
        case .autoencoder: "vae"
        case .residual: "residual"
        case .diffusion: Self.diffusionKind
        }
    }

    /// Whether it is no more than a bound on −ln p of something normalised, so that ln Z ≤ 0 is all that is known of Z.
    public var isBound: Bool {
        switch self {
        case .autoencoder, .diffusion: true
        case .gaussian, .principal, .machine, .memory, .deep, .residual: false
        }
    }

    /// Whether it is a landscape at every time.
    public var isDiffusion: Bool { if case .diffusion = self { true } else { false } }

    /// The kind whose network all classes share; `ImageModel` keeps it beside them.
    static let deepKind = "deep"
    /// The kind whose landscapes all classes share; kept likewise.
    static let diffusionKind = "diffusion"

    func archive() -> Archive {
        switch self {
        case .gaussian(let energy): energy.archive()
        case .principal(let energy): energy.archive()
        case .machine(let energy): energy.archive()
        case .memory(let energy): energy.archive()
        case .deep, .diffusion: Archive()
        case .autoencoder(let energy): energy.archive()
        case .residual(let energy): energy.archive()
        }
    }

    init(kind: String, archive: Archive) throws {
        switch kind {
        case "gaussian": self = .gaussian(try GaussianEnergy(archive: archive))
        case "ppca": self = .principal(try PrincipalEnergy(archive: archive))
        case "rbm": self = .machine(try RBM(archive: archive))
        case "memory": self = .memory(try MemoryEnergy(archive: archive))
        case "vae": self = .autoencoder(try VariationalAutoencoder(archive: archive))
        case "residual": self = .residual(try ResidualEnergy(archive: archive))
        default:
            throw GibbsError(.unsuitableModel, "holds images by a '\(kind)', which this program does not know", advice: "update Gibbs, or fit the model again")
        }
    }
}

extension ImageEnergy: DifferentiableEnergy {
    public var variables: [Variable] {
        switch self {
        case .gaussian(let energy): energy.variables
        case .principal(let energy): energy.variables
        case .machine(let energy): energy.variables
        case .memory(let energy): energy.variables
        case .deep(let energy): energy.variables
        case .autoencoder(let energy): energy.variables
        case .residual(let energy): energy.variables
        case .diffusion(let energy): energy.variables
        }
    }

    /// E of images in nats at T = 1; shape `[rows, pixels]`, brightness 0...1. Gaussians clip what lies outside.
    public func energies(of batch: Matrix) throws -> [Float] {
        switch self {
        case .gaussian(let energy): try energy.energies(of: PixelLogit.encoded(batch))
        case .principal(let energy): try energy.energies(of: batch)
        case .machine(let energy): try energy.energies(of: batch)
        case .memory(let energy): try energy.energies(of: batch)
        case .deep(let energy): try energy.energies(of: batch)
        case .autoencoder(let energy): try energy.energies(of: batch)
        case .residual(let energy): try energy.energies(of: batch)
        case .diffusion(let energy): try energy.energies(of: batch)
        }
    }

    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        switch self {
        case .gaussian(let energy):
            var (energies, gradients) = try energy.energiesAndGradients(of: PixelLogit.encoded(batch))
            for index in gradients.values.indices { gradients.values[index] *= PixelLogit.slope(batch.values[index]) }
            return (energies, gradients)
        case .principal(let energy): return try energy.energiesAndGradients(of: batch)
        case .machine(let energy): return try energy.energiesAndGradients(of: batch)
        case .memory(let energy): return try energy.energiesAndGradients(of: batch)
        case .deep(let energy): return try energy.energiesAndGradients(of: batch)
        case .autoencoder(let energy): return try energy.energiesAndGradients(of: batch)
        case .residual(let energy): return try energy.energiesAndGradients(of: batch)
        case .diffusion(let energy): return try energy.energiesAndGradients(of: batch)
        }
    }
}
