import GibbsDeep
import GibbsNumerics

/// Steps of a chain at each time of a diffusion, after its path brought the images there. Paths alone end where the landscapes say only as far as these are those of
/// noised images, which blends are not: steps that the energy accepts make up for that.
///
///     let images = try model.draw(9, by: ImageSampler(corrections: Corrections(steps: 3, kind: .hmc)), key: Key(1))
///
/// - Source: Du et al., *Reduce, Reuse, Recycle*, ICML 2023, section 4; the corrector of Song et al., ICLR 2021, section 4.2.
public struct Corrections: Sendable, Hashable {
    /// What a step is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Metropolis-adjusted Langevin: one gradient a step, accepted by the energy.
        case mala
        /// Hamiltonian trajectories of `leapfrogs` steps, accepted by the energy; a gradient each.
        case hmc
        /// Langevin steps that nothing accepts, as where only a score is known.
        case langevin

        /// Leapfrog steps of a trajectory.
        public static let leapfrogs = 3
    }

    /// Steps at each time; 0 for none.
    public var steps: Int
    /// What they are.
    public var kind: Kind

    /// Steps at each time where there are to be some and nobody says how many: 2, as of blends unless told.
    public static let usualSteps = 2

    /// So many steps; checked when images are drawn or blended.
    public init(steps: Int = usualSteps, kind: Kind = .mala) { (self.steps, self.kind) = (steps, kind) }

    /// What a person asks for by a number, a kind, or both: a kind alone means `usualSteps` of it, a number alone steps of MALA.
    ///
    /// - Returns: `nil` where neither is told, and what draws or blends does as it does unless told.
    /// - Throws: `GibbsError` with code `.usage` for a kind, and none of its steps.
    public static func asked(steps: Int?, kind: Kind?) throws -> Corrections? {
        if let kind, steps == 0 { throw GibbsError(.usage, "corrections by \(kind.rawValue), and 0 of them", advice: "ask for one step at least, or name no kind") }
        if steps == nil, kind == nil { return nil }
        return Corrections(steps: steps ?? usualSteps, kind: kind ?? .mala)
    }

    /// As the sampler of a diffusion takes them.
    var ofDiffusion: DiffusionSampler.Correction {
        if steps == 0 { return .none }
        return switch kind {
        case .mala: .metropolis(steps: steps)
        case .hmc: .metropolis(steps: steps, leapfrogs: Kind.leapfrogs)
        case .langevin: .langevin(steps: steps)
        }
    }

    /// Refuses what cannot be, and corrections where there are no times to make them at.
    func check(for energy: ImageEnergy) throws {
        guard energy.isDiffusion || steps == 0 else { throw GibbsError(.usage, "corrections of a model of \(energy.kind) energies, which has no times", advice: "leave them out: they are for diffusions") }
        guard (0 ... 1_000_000).contains(steps) else { throw GibbsError(.usage, "\(steps) corrections at every time", advice: "take 0 to 1,000,000") }
    }
}
