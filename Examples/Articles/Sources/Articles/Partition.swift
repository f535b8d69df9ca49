import Foundation
import Gibbs

/// What the article on partition functions quotes.
func printPartition() throws {
    print("# Partition functions")
    func line(_ name: String, _ estimate: PartitionEstimate) {
        print(name, show([estimate.logPartition]), "±", show([estimate.standardError]), estimate.kind, estimate.chains == 0 ? "" : "worth \(Int(estimate.effectiveChains)) of \(estimate.chains) chains")
    }
    let machine = RBM(visible: Array(repeating: .binary, count: 100), hidden: 20, spread: 0.3, key: Key(1))
    line("exact", try machine.exactLogPartition())
    let bracket = try machine.logPartition(by: MachineAnnealing(chains: 100, steps: 2_000), key: Key(2))
    line("below", bracket.lower)
    line("above", bracket.upper)
    let hasty = try machine.logPartition(by: MachineAnnealing(chains: 100, steps: 20, sweeps: 100), key: Key(2))
    line("below in 20 steps", hasty.lower)
    line("above in 20 steps", hasty.upper)
    do { _ = try RBM(visible: Array(repeating: .binary, count: 100), hidden: 40, key: Key(1)).exactLogPartition() } catch { print(error) }

    // Any energy along a gradient: the banana, ln Z = ln 2πs.
    let banana = Banana(), truth = log(2 * Double.pi)
    let base = try GaussianEnergy(mean: [0, 1], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 3]))
    let annealing = try AnnealedImportance(from: base, to: banana, steps: 300)
    func kernel(_ energy: AnnealedImportance<GaussianEnergy, Banana>.Intermediate) -> HamiltonianMonteCarlo<AnnealedImportance<GaussianEnergy, Banana>.Intermediate> {
        HamiltonianMonteCarlo(on: energy, stepSize: 0.25)
    }
    print("banana, exact", show([truth]))
    line("below", try annealing.lowerBound(chains: 400, key: Key(3), kernel: kernel))
    let draws = try HamiltonianMonteCarlo(on: banana, stepSize: 0.25).sample(1, from: .noise(chains: 400), burnIn: 1_000, key: Key(4)).last
    line("above", try annealing.upperBound(from: draws, key: Key(5), kernel: kernel))

    let others = try (10 ..< 34).map { try annealing.lowerBound(chains: 400, key: Key($0), kernel: kernel).logPartition }
    print("below, 24 other keys: mean", show([Statistics.mean(others)]), "from", show([others.min()!]), "to", show([others.max()!]))

    // Two modes with ln Z = 0; draws that know one of them are no draws of the target.
    let left = try GaussianEnergy(mean: [-6], covariance: SymmetricMatrix(size: 1, values: [1]))
    let right = try GaussianEnergy(mean: [6], covariance: SymmetricMatrix(size: 1, values: [1]))
    let modes = GaussianMixtureEnergy(components: [left, right], logWeights: [log(0.25), log(0.75)])
    let wide = try AnnealedImportance(from: GaussianEnergy(mean: [0], covariance: SymmetricMatrix(size: 1, values: [40])), to: modes, steps: 400)
    line("two modes, below", try wide.lowerBound(chains: 400, key: Key(8)) { HamiltonianMonteCarlo(on: $0, stepSize: 0.5) })
    for (name, draws) in [("above, from both", left.samples(100, key: Key(9)).appending(right.samples(300, key: Key(10)))), ("above, from the left", left.samples(400, key: Key(9)))] {
        line(name, try wide.upperBound(from: draws, key: Key(11)) { HamiltonianMonteCarlo(on: $0, stepSize: 0.5) })
    }

    // A likelihood needs ln Z; a bracket of it gives a bracket of the likelihood.
    let rows = try machine.sampled(from: ChainStart.noise(chains: 500).positions(for: machine.variables, key: Key(6)), sweeps: 500, key: Key(7))
    let energies = try machine.energies(of: rows).map(Double.init)
    let likelihood = LikelihoodBracket(best: energies.map { -$0 - bracket.lower.logPartition }, atLeast: energies.map { -$0 - bracket.upper.logPartition },
                                       atMost: energies.map { -$0 - bracket.lower.logPartition })
    print("log-likelihood", show([likelihood.best]), "±", show([likelihood.standardError]), "between", show([min(likelihood.atLeast, likelihood.atMost), max(likelihood.atLeast, likelihood.atMost)]))
}
