import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

extension VerificationCheck {
    /// Every check, the exact ones first; some ten seconds on two processors in all. A new check joins by one line here.
    ///
    /// A limit in nats, units or slopes is a multiple of rounding in single precision; the others come from the spread of the draws
    /// themselves, and a correct program exceeds one of them about once in ten million runs.
    public static let all: [VerificationCheck] = exact + kernels + partitions + learning

    private static let exact = [
        VerificationCheck("probabilities of finite choices", against: "a sum of one", in: nats) { try ProbabilityChecks.finiteChoices(key: $0) },
        VerificationCheck("probabilities of machines", against: "a sum of one", in: nats) { try ProbabilityChecks.machines(key: $0) },
        VerificationCheck("densities of landscapes", against: "an integral of one", in: nats) { try ProbabilityChecks.landscapes(key: $0) },
        VerificationCheck("free energy, hidden means", against: "sums over hidden states", in: nats) { try FreeEnergyChecks.machines(key: $0) },
        VerificationCheck("energies of incomplete rows", against: "sums over what is missing", in: nats) { try MarginalChecks.all(key: $0) },
        VerificationCheck("gradients", against: "differences of the energy", in: "nats per unit") { try GradientChecks.all(key: $0) },
        VerificationCheck("descent by L-BFGS", against: "the mean of a Gaussian", in: "units") { try DescentChecks.gaussians(key: $0) },
        VerificationCheck("one thread", against: "several threads, bit by bit", in: "differing bits") { try ThreadChecks.all(key: $0) },
    ]

    private static let kernels = [
        VerificationCheck("conditional draws of machines", against: "exact conditionals", in: surprise) { try KernelChecks.conditionals(key: $0) },
        VerificationCheck("draws of real units", against: "moments of their normal distribution", in: errors) { try KernelChecks.realUnits(key: $0) },
        VerificationCheck("block Gibbs", against: stationary, in: surprise) {
            try KernelChecks.onMachines([SmallWorld.discrete, SmallWorld.binary], mixing: 300, key: $0) { BlockGibbs(on: $0) }
        },
        VerificationCheck("Gibbs with gradients", against: stationary, in: surprise) {
            try KernelChecks.onMachines([SmallWorld.binary, SmallWorld.discrete], mixing: 300, key: $0) { GibbsWithGradients(on: $0) }
        },
        VerificationCheck("Hamiltonian Monte Carlo", against: stationary, in: surprise) {
            try KernelChecks.onGaussian(mixing: 60, key: $0) { HamiltonianMonteCarlo(on: $0, stepSize: 0.4, leapfrogSteps: 6, scales: [1, 0.5, 1.5]) }
        },
        VerificationCheck("Metropolis-adjusted Langevin", against: stationary, in: surprise) {
            // A step so long that a third of the proposals are rejected.
            try KernelChecks.onGaussian(mixing: 400, key: $0) { MetropolisLangevin(on: $0, stepSize: 0.2) }
        },
        VerificationCheck("Langevin, unadjusted", against: "the distribution it has by its step", in: surprise) {
            try KernelChecks.unadjusted(key: $0) { Langevin(on: $0, stepSize: $1) }
        },
        VerificationCheck("parallel tempering", against: stationary, in: surprise) { try KernelChecks.tempering(key: $0) { ParallelTempering($0) } },
    ]

    private static let partitions = [
        VerificationCheck("ln Z by hidden, by visible states", against: "plain sums", in: nats) { try PartitionChecks.exact(key: $0) },
        VerificationCheck("AIS and reverse AIS of machines", against: "exact ln Z", in: errors) { try PartitionChecks.annealed(key: $0) },
        VerificationCheck("AIS and reverse AIS of Gaussians", against: "exact ln Z", in: errors) { try PartitionChecks.annealedGaussian(key: $0) },
        VerificationCheck("hasty AIS ≤ ln Z ≤ reverse AIS", against: "exact ln Z", in: errors) { try PartitionChecks.hastyBoundsEnclose(key: $0) },
    ]

    private static let learning = [
        VerificationCheck("gradient by persistent chains", against: likelihood, in: errors) {
            try LikelihoodChecks.unbiased(.persistent(count: 20_000, steps: 50), key: $0)
        },
        VerificationCheck("gradient by tempered chains", against: likelihood, in: errors) {
            try LikelihoodChecks.unbiased(.tempered(count: 8_000, steps: 50, temperatures: 4), key: $0)
        },
        VerificationCheck("gradient by CD-50", against: likelihood, in: errors) { try LikelihoodChecks.unbiased(.data(steps: 50), key: $0) },
        VerificationCheck("gradient by CD-1", against: "its exact expectation", in: errors) { try LikelihoodChecks.afterSweeps(1, key: $0) },
    ]

    private static let nats = "nats", surprise = "nats of surprise", errors = "standard errors"
    private static let stationary = "the exact distribution", likelihood = "the exact likelihood gradient"
}
