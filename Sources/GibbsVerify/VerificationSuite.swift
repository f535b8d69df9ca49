import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

extension VerificationCheck {
    /// Every check, cheapest themes first; about fifteen seconds of one processor in all. A new check joins by one line here.
    public static let all: [VerificationCheck] = exact + kernels + partitions + learning

    private static let exact = [
        VerificationCheck("probabilities of finite choices sum to one", measure: "nats") { try ProbabilityChecks.finiteChoices(key: $0) },
        VerificationCheck("probabilities of small machines sum to one", measure: "nats") { try ProbabilityChecks.machines(key: $0) },
        VerificationCheck("free energies, against sums over hidden states", measure: "nats") { try FreeEnergyChecks.machines(key: $0) },
        VerificationCheck("gradients, against differences", measure: "nats per unit") { try GradientChecks.all(key: $0) },
        VerificationCheck("missing values summed out, against sums", measure: "nats") { try MarginalChecks.all(key: $0) },
        VerificationCheck("descent by L-BFGS, against a Gaussian's mean", measure: "units") { try DescentChecks.gaussians(key: $0) },
        VerificationCheck("same bits on one thread and on many", measure: "differing") { try ThreadChecks.all(key: $0) },
    ]

    private static let kernels = [
        VerificationCheck("conditional draws of machines", measure: surprise) { try KernelChecks.conditionals(key: $0) },
        VerificationCheck("block Gibbs keeps the distribution", measure: surprise) {
            try KernelChecks.onMachines([SmallWorld.discrete, SmallWorld.binary], mixing: 300, key: $0) { BlockGibbs(on: $0) }
        },
        VerificationCheck("Gibbs with gradients keeps it", measure: surprise) {
            try KernelChecks.onMachines([SmallWorld.binary], mixing: 300, key: $0) { GibbsWithGradients(on: $0) }
        },
        VerificationCheck("Hamiltonian Monte Carlo keeps it", measure: surprise) {
            try KernelChecks.onGaussian(mixing: 60, key: $0) { HamiltonianMonteCarlo(on: $0, stepSize: 0.4, leapfrogSteps: 6) }
        },
        VerificationCheck("Metropolis-adjusted Langevin keeps it", measure: surprise) {
            try KernelChecks.onGaussian(mixing: 400, key: $0) { MetropolisLangevin(on: $0, stepSize: 0.08) }
        },
        VerificationCheck("Langevin in small steps keeps it", measure: surprise) {
            try KernelChecks.onGaussian(mixing: nil, key: $0) { Langevin(on: $0, stepSize: 1e-4) }
        },
        VerificationCheck("parallel tempering keeps it", measure: surprise) {
            try KernelChecks.tempering(key: $0) { kernels in ParallelTempering(kernels) }
        },
    ]

    private static let partitions = [
        VerificationCheck("ln Z by hidden and by visible states, against plain sums", measure: "nats") { try PartitionChecks.exact(key: $0) },
        VerificationCheck("ln Z of machines by annealing, both ways", measure: errors) { try PartitionChecks.annealed(key: $0) },
        VerificationCheck("ln Z of Gaussians by annealing, both ways", measure: errors) { try PartitionChecks.annealedGaussian(key: $0) },
        VerificationCheck("hasty annealing errs to its own side", measure: errors) { try PartitionChecks.hastyBoundsEnclose(key: $0) },
    ]

    private static let learning = [
        VerificationCheck("gradient of persistent chains, against the exact one", measure: errors) {
            try LikelihoodChecks.unbiased(.persistent(count: 20_000, steps: 50), key: $0)
        },
        VerificationCheck("gradient of tempered chains, against the exact one", measure: errors) {
            try LikelihoodChecks.unbiased(.tempered(count: 8_000, steps: 50, temperatures: 4), key: $0)
        },
        VerificationCheck("gradient of CD-50, against the exact one", measure: errors) { try LikelihoodChecks.unbiased(.data(steps: 50), key: $0) },
        VerificationCheck("bias of CD-1 over that of CD-10", measure: "share left") { try LikelihoodChecks.biasFalls(key: $0) },
    ]

    private static let surprise = "nats of surprise", errors = "standard errors"
}
