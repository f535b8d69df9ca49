import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// The energies that a model file may name. A new kind of energy joins the watchdog by one line here.
enum ExpertKinds {
    static let readers: [String: @Sendable (Archive) throws -> any RecordEnergy] = [
        MemoryEnergy.kind: { try MemoryEnergy(archive: $0) },
        GaussianEnergy.kind: { try GaussianEnergy(archive: $0) },
        GaussianMixtureEnergy.kind: { try GaussianMixtureEnergy(archive: $0) },
        RBM.kind: { try RBM(archive: $0) },
        IndependentEnergy.kind: { try IndependentEnergy(archive: $0) },
    ]
}
