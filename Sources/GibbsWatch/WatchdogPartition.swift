import Foundation
import GibbsCore
import GibbsData
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// ln Z of a watchdog's one expert, over records as the model sees them: numbers standardised, categories as they are.
public struct RecordPartition: Sendable {
    /// The expert: "rbm", "memory", …
    public let expert: String
    /// Exact, where it can be had and was asked for.
    public let exact: PartitionEstimate?
    /// By annealing both ways, where asked for.
    public let bracket: PartitionBracket?
    /// Where an exact value comes from, in words; `nil` for sums over states and annealing.
    public let reason: String?

    /// The value to use: exact, else from below.
    public var best: PartitionEstimate { exact ?? bracket!.lower }
}

extension Watchdog {
    /// ln Z of exp(−E) over all records, of a watchdog with a single expert; consumes `key`.
    ///
    /// A machine's is summed over its states where it has few, and else bounded by annealing. A Gaussian over numbers alone, a memory and
    /// independent columns have it in closed form.
    ///
    /// - Parameters:
    ///   - method: For machines; the closed forms are exact whatever it says.
    ///   - annealing: How many chains, and how slowly.
    ///   - base: Records whose column means are the base rates, and from which reverse chains start, such as those of the training.
    ///   - key: Feeds the annealing.
    ///   - progress: Told the share done, 0...1; may throw to stop.
    /// - Throws: `GibbsError` with code `.unsuitableModel` for several experts, whose product has no ln Z that can be had, for a Gaussian
    ///   over indicators of categories, and for a memory whose patterns' widths differ, unless quadratic over numbers alone; `.limitExceeded` when `exact` was asked for and
    ///   is out of reach; `.shapeMismatch` when `base` lacks a field; what `progress` throws.
    public func partition(_ method: PartitionMethod = .both, annealing: MachineAnnealing = MachineAnnealing(), base: Table? = nil, key: Key,
                          progress: (Double) throws -> Void = { _ in }) throws -> RecordPartition {
        let expert = try onlyExpert()
        switch expert.energy {
        case let machine as RBM:
            var exact: PartitionEstimate?
            if method != .ais {
                do { exact = try machine.exactLogPartition() } catch let error as GibbsError { if method == .exact { throw error } }
            }
            let rows = try base.map { presence.knownValues(of: try encode($0)) }.map { HotDeck.filled($0, fields: encoder.columns, key: key.folding(0)) }
            let bracket = method == .exact ? nil : try machine.logPartition(by: annealing, data: rows, key: key.folding(1), progress: progress)
            return RecordPartition(expert: expert.name, exact: exact, bracket: bracket, reason: nil)
        case let gaussian as GaussianEnergy: return closed(expert, gaussian.logPartition, "a Gaussian is normalised")
        case let mixture as GaussianMixtureEnergy: return closed(expert, logSumExp(mixture.logWeights), "a mixture of normalised Gaussians is normalised")
        case let memory as MemoryEnergy: return closed(expert, memory.logPartition, "every pattern's kernel has the same closed integral")
        default: return closed(expert, 0, "independent columns are normalised, numbers as bins of equal mass")
        }
    }

    private func closed(_ expert: Expert, _ value: Double, _ reason: String) -> RecordPartition {
        RecordPartition(expert: expert.name, exact: .exact(value), bracket: nil, reason: reason)
    }

    /// The mean of ln p over records: ln p of which fields are there and known, and ln p of their values, −E(x) − ln Z.
    ///
    /// Densities of numbers are per standard deviation of the field as it was scaled in the fit, so that likelihoods of two watchdogs
    /// compare only where both scale alike. Missing values are summed out, as in scores.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` as `energies(of:)`, `.unsuitableData` for no record; as `partition`.
    public func likelihood(of table: Table, partition: RecordPartition) throws -> LikelihoodBracket {
        guard table.rowCount > 0 else { throw GibbsError(.unsuitableData, "there is no record to judge", advice: "give at least one") }
        let expert = try onlyExpert(), batch = try encode(table), fields = presence.energies(of: batch)
        let known = expert.view.apply(presence.knownValues(of: batch), variables: energy.variables)
        let energies = try expert.energy.energies(of: known)
        func logLikelihoods(_ logPartition: Double) -> [Double] {
            zip(energies, fields).map { -Double($0) - logPartition - Double($1) }
        }
        return LikelihoodBracket(best: logLikelihoods(partition.best.logPartition), atLeast: logLikelihoods((partition.bracket?.upper ?? partition.best).logPartition),
                                 atMost: logLikelihoods((partition.bracket?.lower ?? partition.best).logPartition))
    }

    private func onlyExpert() throws -> Expert {
        guard energy.experts.count == 1, let expert = energy.experts.first else {
            throw GibbsError(.unsuitableModel, "pools \(energy.experts.count) experts (\(energy.experts.map(\.name).joined(separator: ", "))), and ln Z of their product is not to be had",
                             advice: "fit with --model rbm, whose ln Z is bounded by annealing, or with memory, whose is closed")
        }
        if expert.energy is GaussianEnergy, energy.variables.contains(where: { $0 != .real }) {
            throw GibbsError(.unsuitableModel, "is a Gaussian over indicators of categories, which spreads its mass over values between them: a likelihood of records it has none",
                             advice: "fit with --model rbm or memory, or leave the categories out with --ignore")
        }
        if let memory = expert.energy as? MemoryEnergy, Set(memory.precisions).count > 1, memory.kernel != .quadratic || memory.variables.contains(where: { $0 != .real }) {
            throw GibbsError(.unsuitableModel, "is a memory whose patterns have widths of their own, so that ln Z has no closed form", advice: "fit with --model memory or rbm")
        }
        return expert
    }
}
