import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// One tiny step of training is a step along the exact gradient of the log-likelihood.
@Suite struct RBMTrainingGradientTests {
    static let start = Small.machine(Small.discrete, hidden: 3, spread: 0.6, key: Key(1))
    static let rate: Float = 1e-3

    /// The parameters' change in one step on all rows, divided by the rate.
    static func step(_ machine: RBM, _ data: Matrix, _ chains: ContrastiveDivergence.Chains, _ centring: ContrastiveDivergence.Centring) throws -> [Double] {
        let method = ContrastiveDivergence(chains: chains, centring: centring, optimiser: .momentum(rate: rate, momentum: 0), weightDecay: 0,
                                           batchSize: data.rows, epochs: 1)
        let after = try machine.training(on: data, by: method, key: Key(3)).finish().model
        return zip(RBMReference(after).parameters, RBMReference(machine).parameters).map { ($0 - $1) / Double(rate) }
    }

    static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    /// Persistent chains and long chains from the data, both at equilibrium: each entry within six standard errors.
    @Test(arguments: [ContrastiveDivergence.Chains.persistent(count: 20_000, steps: 40), .data(steps: 40)])
    func equilibriumChains(chains: ContrastiveDivergence.Chains) throws {
        let known = Known(rows: 20_000, key: Key(2))
        let exact = RBMReference(Self.start).gradient(known.space.states, weights: known.shares)
        let found = try Self.step(Self.start, known.data, chains, .none)
        // A product of two units in 0...1 has a standard deviation of at most a half; the step is rounded to 6e-8 / rate.
        let error = 6 * 0.5 / 20_000.0.squareRoot() + 5e-4
        for (a, b) in zip(found, exact) { #expect(abs(a - b) < error) }
        #expect(Self.cosine(found, exact) > 0.99)
    }

    /// Tempered chains, on a machine whose temperatures differ: each entry within six standard errors of chains that are independent.
    @Test(arguments: [2, 5]) func temperedChains(temperatures: Int) throws {
        let known = Known(rows: 20_000, key: Key(15)), machine = Small.machine(Small.discrete, hidden: 3, spread: 1.5, key: Key(16))
        let exact = RBMReference(machine).gradient(known.space.states, weights: known.shares)
        let found = try Self.step(machine, known.data, .tempered(count: 20_000, steps: 41, temperatures: temperatures), .none)
        let error = 6 * 0.5 / 20_000.0.squareRoot() + 5e-4
        for (index, (a, b)) in zip(found, exact).enumerated() { #expect(abs(a - b) < error, "parameter \(index)") }
        #expect(Self.cosine(found, exact) > 0.99)
    }

    /// A machine with two modes, all units off and all on, sixteen nats apart: chains that begin in one find the other by way of all
    /// temperatures, and by block Gibbs do not.
    @Test func temperedChainsLeaveAMode() throws {
        let size = 12, pairs = 3, pull: Float = 1.5, ends = (0 ..< 2 * pairs).map { $0 % 2 == 0 ? pull : -pull }
        let machine = RBM(visible: Array(repeating: .binary, count: size), weights: Matrix(Array(repeating: ends, count: size)),
                          visibleBias: Array(repeating: 0, count: size), hiddenBias: ends.map { -$0 * Float(size) / 2 })
        func shareOn(_ chains: ContrastiveDivergence.Chains) throws -> Float {
            let off = Matrix(rows: 500, columns: size)
            let method = ContrastiveDivergence(chains: chains, centring: .none, optimiser: .momentum(rate: 1, momentum: 0), weightDecay: 0, batchSize: 500, epochs: 1)
            let after = try machine.training(on: off, by: method, key: Key(20)).finish().model
            return -after.visibleBias.reduce(0, +) / Float(size)
        }
        #expect(try shareOn(.persistent(count: 1_000, steps: 300)) < 0.1)
        let tempered = try shareOn(.tempered(count: 1_000, steps: 300, temperatures: 5))
        #expect((0.35 ... 0.65).contains(tempered), "\(tempered) of the units are on, where a half is exact")
    }

    /// Real units with their variances: each entry within six standard errors, which come from the spread of −∂F/∂θ over rows
    /// drawn from the model.
    @Test func realUnits() throws {
        let variables: [Variable] = [.real, .binary, .real], start = Small.machine(variables, hidden: 3, spread: 0.6, key: Key(8))
        let data = try RBMReference(Small.machine(variables, hidden: 2, spread: 1, key: Key(9))).sample(count: 1000, key: Key(10))
        let reference = RBMReference(start), exact = reference.gradient { $0.logLikelihood(of: data) }
        let model = try reference.sample(count: 300, key: Key(11))
        let slopes = (0 ..< 300).map { row in reference.gradient { -$0.freeEnergy(Array(model.row(row))) } }
        let found = try Self.step(start, data, .persistent(count: 20_000, steps: 40), .none)
        #expect(exact.count == 3 * 3 + 3 + 3 + 2)
        for (i, (a, b)) in zip(found, exact).enumerated() {
            let spread = Statistics.standardDeviation(slopes.map { $0[i] })
            #expect(abs(a - b) < 6 * spread / 20_000.0.squareRoot() + 2e-3 * max(1, abs(b)), "parameter \(i)")
        }
    }

    /// A hundred small batches at a rate that hardly moves the machine, one Gibbs step each: chains that go on from batch to batch
    /// reach equilibrium and average to the exact gradient, while chains from the data keep CD-1's bias.
    @Test func chainsGoOnFromBatchToBatch() throws {
        let known = Known(rows: 2000, key: Key(12)), machine = Small.machine(Small.discrete, hidden: 3, spread: 1.5, key: Key(13))
        let exact = RBMReference(machine).gradient(known.space.states, weights: known.shares)
        func error(_ chains: ContrastiveDivergence.Chains) throws -> Double {
            let method = ContrastiveDivergence(chains: chains, centring: .none, optimiser: .momentum(rate: 1e-4, momentum: 0), weightDecay: 0,
                                               batchSize: 20, epochs: 1)
            let after = try machine.training(on: known.data, by: method, key: Key(14)).finish().model
            let found = zip(RBMReference(after).parameters, RBMReference(machine).parameters).map { ($0 - $1) / 1e-4 / 100 }
            return zip(found, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        let (persistent, fromData) = try (error(.persistent(count: 2000, steps: 1)), error(.data(steps: 1)))
        #expect(persistent < fromData / 4)
    }

    /// CD-1 is biased, but uphill; so are the centred gradients, which are the plain one times a positive matrix.
    @Test(arguments: [ContrastiveDivergence.Centring.none, .dataMeans, .enhanced]) func uphill(centring: ContrastiveDivergence.Centring) throws {
        let known = Known(rows: 5000, key: Key(4)), exact = RBMReference(Self.start).gradient(known.space.states, weights: known.shares)
        #expect(Self.cosine(try Self.step(Self.start, known.data, .data(steps: 1), centring), exact) > 0.5)
        #expect(Self.cosine(try Self.step(Self.start, known.data, .persistent(count: 5000, steps: 20), centring), exact) > 0.5)
    }

    /// A centred gradient is the same whichever value of a unit is called 1 (Melchior et al., section 3); the plain one is not.
    @Test func centredGradientsDoNotSeeFlippedUnits() throws {
        let variables = [Variable](repeating: .binary, count: 5), machine = Small.machine(variables, hidden: 3, spread: 0.6, key: Key(5))
        let space = try! StateSpace(variables), teacher = Small.machine(variables, hidden: 2, spread: 1.5, key: Key(6))
        let data = space.sample(try space.probabilities(of: teacher), count: 20_000, key: Key(7))
        func flipped(_ machine: RBM) -> RBM {
            var copy = RBMReference(machine)
            for j in copy.hiddenBias.indices { copy.hiddenBias[j] += copy.weights[0][j] }
            copy.weights[0] = copy.weights[0].map { -$0 }
            copy.visibleBias[0] *= -1
            return copy.machine
        }
        var other = data
        for row in 0 ..< data.rows { other[row, 0] = 1 - other[row, 0] }
        func difference(_ centring: ContrastiveDivergence.Centring) throws -> Double {
            let chains = ContrastiveDivergence.Chains.persistent(count: 20_000, steps: 40)
            let plain = try Self.step(machine, data, chains, centring), mirror = try Self.step(flipped(machine), other, chains, centring)
            // The mirrored step, mirrored back: a step is linear, and so is the mirror.
            let hidden = 3, width = 5
            var back = mirror
            for j in 0 ..< hidden {
                back[width * hidden + width + j] += mirror[j]
                back[j] *= -1
            }
            back[width * hidden] *= -1
            return zip(plain, back).map { abs($0 - $1) }.max()!
        }
        let error = 2 * 6 * 0.5 / 20_000.0.squareRoot() + 2e-3
        #expect(try difference(.dataMeans) < error)
        #expect(try difference(.none) > 2 * error)
    }
}
