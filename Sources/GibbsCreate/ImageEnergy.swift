import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// The energy of the images of one class: one of the kinds that can be fitted to images.
public enum ImageEnergy: Sendable {
    /// ½ (x − μ)ᵀ Λ (x − μ) over the pixels.
    case gaussian(GaussianEnergy)
    /// The free energy of a machine whose visible units are the pixels, on or off.
    case machine(RBM)
    /// A memory of images.
    case memory(MemoryEnergy)

    /// The name under which it is fitted and filed.
    public var kind: String {
        switch self {
        case .gaussian: "gaussian"
        case .machine: "rbm"
        case .memory: "memory"
        }
    }

    private var base: any DifferentiableEnergy {
        switch self {
        case .gaussian(let energy): energy
        case .machine(let energy): energy
        case .memory(let energy): energy
        }
    }

    /// nats at T = 1 are this times the energy: β for a memory, else 1.
    var scale: Float { if case .memory(let memory) = self { memory.inverseTemperature } else { 1 } }

    private var storable: any Storable {
        switch self {
        case .gaussian(let energy): energy
        case .machine(let energy): energy
        case .memory(let energy): energy
        }
    }

    func archive() -> Archive { storable.archive() }

    init(kind: String, archive: Archive) throws {
        switch kind {
        case "gaussian": self = .gaussian(try GaussianEnergy(archive: archive))
        case "rbm": self = .machine(try RBM(archive: archive))
        case "memory": self = .memory(try MemoryEnergy(archive: archive))
        default:
            throw GibbsError(.unsuitableModel, "holds images by a '\(kind)', which this program does not know", advice: "update Gibbs, or fit the model again")
        }
    }
}

extension ImageEnergy: DifferentiableEnergy {
    public var variables: [Variable] { base.variables }

    /// E in nats at T = 1.
    public func energies(of batch: Matrix) throws -> [Float] {
        let scale = scale
        return scale == 1 ? try base.energies(of: batch) : try base.energies(of: batch).map { scale * $0 }
    }

    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        var (energies, gradients) = try base.energiesAndGradients(of: batch)
        guard scale != 1 else { return (energies, gradients) }
        for index in energies.indices { energies[index] *= scale }
        gradients.scale(by: scale)
        return (energies, gradients)
    }

    public func gradients(of batch: Matrix) throws -> Matrix {
        var gradients = try base.gradients(of: batch)
        if scale != 1 { gradients.scale(by: scale) }
        return gradients
    }
}
