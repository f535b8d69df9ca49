import GibbsCore
import GibbsDeep
import GibbsNumerics

/// How images are drawn from a model.
public struct ImageSampler: Sendable, Hashable {
    /// The kernels that can serve images.
    public enum Kernel: String, Sendable, Hashable, CaseIterable {
        /// Independent draws: Gaussians, and autoencoders by way of z.
        case exact
        /// Block Gibbs; machines only.
        case gibbs
        /// Block Gibbs with parallel tempering; machines only.
        case tempering
        /// Gibbs with gradients, a flip a pixel and step; machines only.
        case gradients
        /// Hamiltonian Monte Carlo, warmed up; Gaussians and memories.
        case hmc
        /// Metropolis-adjusted Langevin, warmed up; Gaussians and memories.
        case mala
        /// Unadjusted Langevin: at the step size that suits MALA for Gaussians and memories, at that of the training for networks.
        case langevin
        /// From noise to data by draws; diffusions only.
        case ancestral
        /// From noise to data along the noise seen, none added; diffusions only.
        case ddim
        /// From noise to data along the probability flow, each step twice the cost; diffusions only.
        case flow

        /// How a kernel moves, and so what it can serve.
        enum Way {
            case closedForm
            case along(Gradient)
            case switching(Switch)
            case descending(DiffusionSampler.Path)
        }

        /// Kernels that follow a gradient.
        enum Gradient { case hmc, mala, langevin }
        /// Kernels that switch pixels on and off.
        enum Switch { case gibbs, tempering, gradients }

        var way: Way {
            switch self {
            case .exact: .closedForm
            case .gibbs: .switching(.gibbs)
            case .tempering: .switching(.tempering)
            case .gradients: .switching(.gradients)
            case .hmc: .along(.hmc)
            case .mala: .along(.mala)
            case .langevin: .along(.langevin)
            case .ancestral: .descending(.ancestral)
            case .ddim: .descending(.ddim)
            case .flow: .descending(.flow)
            }
        }

        /// Whether draws are of one another independent, with no chain to look at: exact ones, and paths of diffusions.
        public var isIndependent: Bool {
            switch way {
            case .closedForm, .descending: true
            case .along, .switching: false
            }
        }
    }

    /// The kernel; `nil` takes the one that mixes best for the kind of energy.
    public var kernel: Kernel?
    /// Steps of each chain before its image is taken; `nil` for `chainSteps`, and `pathSteps` for diffusions. Exact draws take none.
    public var steps: Int?
    /// T.
    public var temperature: Float
    /// Positions of each chain that the diagnostics go by, at most; its image is the last.
    public var draws: Int
    /// Steps at each time of a diffusion; none unless told.
    public var corrections: Corrections
    /// How much a diffusion sharpens what is particular to a class; 0 for not at all.
    public var guidance: Double
    /// Steps of a chain, and of a diffusion's path, unless told.
    public static let chainSteps = 500, pathSteps = 50

    var chainLength: Int { steps ?? Self.chainSteps }

    /// Settings; checked when images are drawn.
    public init(kernel: Kernel? = nil, steps: Int? = nil, temperature: Float = 1, draws: Int = 100, corrections: Corrections = Corrections(steps: 0), guidance: Double = 0) {
        self.kernel = kernel
        self.steps = steps
        self.temperature = temperature
        self.draws = draws
        self.corrections = corrections
        self.guidance = guidance
    }

    /// Refuses what cannot be served, and what the model would pass over.
    func check(_ count: Int, for energy: ImageEnergy, by kernel: Kernel) throws {
        guard count > 0, steps ?? 1 > 0, draws > 0, temperature > 0, temperature.isFinite else {
            throw GibbsError(.usage, "\(count) images after \(steps ?? 0) steps at temperature \(temperature)", advice: "give positive numbers")
        }
        try corrections.check(for: energy)
        if !energy.isDiffusion, guidance != 0 {
            throw GibbsError(.usage, "guidance of a model of \(energy.kind) energies, which has no times", advice: "leave it out: it is for diffusions")
        }
        if steps != nil, kernel == .exact, energy.bestKernel == .exact { throw GibbsError(.usage, "\(steps ?? 0) steps of draws that are exact", advice: "leave the steps out: a draw of the kernel 'exact' takes none") }
    }
}
