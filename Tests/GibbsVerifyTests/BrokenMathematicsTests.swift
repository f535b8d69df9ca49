import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import GibbsVerify
import Testing

/// Each check of exact sums, gradients and estimates fails when what it looks at is a little wrong.
@Suite struct BrokenMathematicsTests {
    private let key = Key(1)

    /// The gradient of `base` times a factor.
    struct WrongSlope: DifferentiableEnergy {
        let base = SeparableEnergy([.real, .real, .binary], strengths: [1, 3, 2], centres: [0, 1, 0])
        let factor: Float
        var variables: [Variable] { base.variables }
        func energies(of batch: Matrix) throws -> [Float] { try base.energies(of: batch) }
        func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
            var (energies, gradients) = try base.energiesAndGradients(of: batch)
            gradients.scale(by: factor)
            return (energies, gradients)
        }
    }

    @Test func gradientOnePercentOff() throws {
        #expect(try GradientChecks.check(WrongSlope(factor: 1), key: key) == [])
        for factor: Float in [1.01, 0.99, -1] { #expect(try GradientChecks.check(WrongSlope(factor: factor), key: key) != [], "\(factor)") }
    }

    @Test func freeEnergies() throws {
        #expect(try FreeEnergyChecks.machines(key: key) { machine, rows in try machine.freeEnergy(rows).map { $0 * 1.0001 } } != [])
        #expect(try FreeEnergyChecks.machines(key: key) { machine, rows in try machine.freeEnergy(rows).map { _ in .nan } } != [])
    }

    @Test func probabilities() throws {
        #expect(try ProbabilityChecks.machines(key: key) { try $0.exactLogPartition().logPartition + 1e-3 } != [])
        let energy = CheckedGaussian.energy
        #expect(try ProbabilityChecks.integral(energy, energy.logPartition) == [])
        #expect(try ProbabilityChecks.integral(energy, energy.logPartition + 1e-3) != [])
        #expect(try ProbabilityChecks.integral(energy.tempered(1.01), energy.logPartition) != [])
    }

    /// A missing value that is ignored instead of integrated out.
    struct Forgetful: MarginalEnergy {
        let base = CheckedGaussian.energy
        var variables: [Variable] { base.variables }
        func energies(of batch: Matrix) throws -> [Float] {
            var filled = batch
            for index in filled.values.indices where filled.values[index].isNaN { filled.values[index] = base.mean[index % base.mean.count] }
            return try base.energies(of: filled)
        }
    }

    @Test func marginals() throws {
        #expect(try MarginalChecks.check(CheckedGaussian.energy, key: key) == [])
        #expect(try MarginalChecks.check(Forgetful(), key: key) != [])
    }

    @Test func descent() throws {
        #expect(try DescentChecks.gaussians(key: key, by: Descent(.lbfgs(), maximumSteps: 2, tolerance: 1e-6)) != [])
    }

    @Test func threads() throws {
        #expect(try ThreadChecks.same("fixed", key: key) { $0.uniforms(9) } == [])
        #expect(try ThreadChecks.same("by width", key: key) { $0.folding(Parallelism.current).uniforms(9) } != [])
    }

    @Test func partitions() throws {
        #expect(try PartitionChecks.exact(key: key) { $0.logPartition(summing: $1) + 1e-2 } != [])
        #expect(try PartitionChecks.annealed(key: key) { try $0.logPartition(by: $1, key: $2).shifted(0.3) } != [])
        #expect(try PartitionChecks.hastyBoundsEnclose(key: key) {
            let noise = try ChainStart.noise(chains: 50).positions(for: $0.variables, key: $2), bracket = try $0.logPartition(by: $1, data: noise, key: $2)
            return PartitionBracket(lower: bracket.upper, upper: bracket.lower)
        } != [])
    }

    /// Too few Gibbs steps, a machine that learns the other way, an entry that is a little too large, and plain nonsense.
    @Test func likelihood() throws {
        func fails(_ chains: ContrastiveDivergence.Chains, _ training: LikelihoodChecks.Training) throws -> Bool {
            try LikelihoodChecks.unbiased(chains, key: key, training: training) != []
        }
        #expect(try fails(.data(steps: 50)) { machine, data, method, key in
            var hasty = method
            hasty.chains = .data(steps: 1)
            return try LikelihoodChecks.train(machine, data, hasty, key)
        })
        #expect(try fails(.persistent(count: 20_000, steps: 50)) { machine, data, method, key in
            var wrong = method
            wrong.weightDecay = 0.2
            return try LikelihoodChecks.train(machine, data, wrong, key)
        })
        #expect(try fails(.tempered(count: 8_000, steps: 50, temperatures: 4)) { machine, data, method, key in
            var wrong = method
            wrong.optimiser = .momentum(rate: 1.2, momentum: 0)
            return try LikelihoodChecks.train(machine, data, wrong, key)
        })
        #expect(try fails(.data(steps: 50)) { machine, _, _, _ in machine })
    }

    /// Two sweeps instead of one.
    @Test func contrastiveDivergence() throws {
        #expect(try LikelihoodChecks.afterSweeps(1, key: key) { machine, data, method, key in
            var wrong = method
            wrong.chains = .data(steps: 2)
            return try LikelihoodChecks.train(machine, data, wrong, key)
        } != [])
    }
}

/// A Gaussian of two columns.
enum CheckedGaussian {
    static let energy = try! GaussianEnergy(mean: [1, -0.5], covariance: SymmetricMatrix(size: 2, values: [1, 0.4, 0.4, 0.7]))
}

extension PartitionBracket {
    /// Both estimates too high by so many nats.
    fileprivate func shifted(_ nats: Double) -> PartitionBracket {
        func shifted(_ estimate: PartitionEstimate) -> PartitionEstimate {
            PartitionEstimate(logPartition: estimate.logPartition + nats, standardError: estimate.standardError, kind: estimate.kind)
        }
        return PartitionBracket(lower: shifted(lower), upper: shifted(upper))
    }
}
