import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Draws from both conditionals: frequencies against the exact ones, and block Gibbs against the exact joint.
@Suite struct RBMSamplingTests {
    static let machines: [Conformer] = [
        conformer("binary, categorical and three hidden", Small.discrete, hidden: 3),
        conformer("binary only", [.binary, .binary, .binary, .binary, .binary], hidden: 4),
        conformer("categorical only", [.categorical(4), .categorical(2), .categorical(3)], hidden: 3),
        conformer("one of each", [.categorical(1), .binary], hidden: 1),
    ]

    static func conformer(_ name: String, _ variables: [Variable], hidden: Int) -> Conformer {
        Conformer(name, Small.machine(variables, hidden: hidden, key: Key(UInt64(hidden))), rows: Small.rows(variables, count: 12, key: Key(1)))
    }

    @Test(arguments: machines) func conforms(conformer: Conformer) throws {
        let failures = try conformer.failures(key: Key(2))
        #expect(failures == [])
    }

    @Test func realMachinesConform() throws {
        let machine = Small.machine(Small.mixed, hidden: 3, spread: 0.02, key: Key(3)), rows = Small.rows(Small.mixed, count: 8, key: Key(4))
        // Weights of 0.02 make the bound of missing real units tight to 1e-3 nats.
        #expect(try Conformer("mixed", machine, rows: rows, promise: .upperBound(slack: 1e-3)).failures(key: Key(5)) == [])
        // Without categories there is a gradient.
        let smooth: [Variable] = [.real, .binary, .real], gradual = Small.machine(smooth, hidden: 3, spread: 0.02, key: Key(8))
        #expect(try Conformer("real and binary", gradual, rows: Small.rows(smooth, count: 8, key: Key(9)), promise: .upperBound(slack: 1e-3)).failures(key: Key(5)) == [])
    }

    /// From its least likely state a machine with moderate weights forgets its start in 200 steps.
    @Test func chainsMix() throws {
        let machine = Small.machine(Small.discrete, hidden: 3, spread: 0.7, key: Key(6))
        #expect(try checkBlockGibbs(machine, mixing: 200, key: Key(7)) == [])
    }

    /// Real units given h: independent normals with mean b + Wh and variance σ², whatever other kinds stand between them.
    @Test(arguments: [[Variable.real, .real, .real], Small.mixed, [.real]]) func realUnits(variables: [Variable]) throws {
        let machine = Small.machine(variables, hidden: 3, key: Key(8)), draws = 20_000
        let hidden = Matrix(Array(repeating: [1, 0, 1], count: draws)), drawn = try machine.sampleVisible(given: hidden, key: Key(9))
        let columns = variables.indices.filter { variables[$0] == .real }
        var scores = [[Double]]()
        for (index, column) in columns.enumerated() {
            let unit = index, mean = Double(machine.visibleBias[unit] + machine.weights[unit, 0] + machine.weights[unit, 2])
            let deviation = exp(Double(machine.logVariance[index]) / 2)
            let z = drawn.column(column).map { (Double($0) - mean) / deviation }
            for (power, moment) in [(1, 0.0), (2, 1), (3, 0), (4, 3)] { #expect(checkMean(z.map { pow($0, Double(power)) }, exact: moment) == []) }
            for other in scores { #expect(checkMean(zip(z, other).map(*), exact: 0) == []) }
            scores.append(z)
        }
    }

    /// Block Gibbs on real units: the mean and the variance of the exact marginal, by quadrature, do not move.
    @Test func realChainsStay() throws {
        let machine = Small.machine([.real], hidden: 2, spread: 1.5, key: Key(10)), reference = RBMReference(machine)
        let grid = (0 ..< 4000).map { -20 + 0.01 * Double($0) }, scores = grid.map { -reference.freeEnergy([Float($0)]) }, total = logSumExp(scores)
        let p = scores.map { exp($0 - total) }
        // Start exactly: h from its marginal, computed from the joint, then v given h.
        let hidden = reference.hiddenStates, marginal = hidden.map { h in logSumExp(grid.map { -reference.energy([Float($0)], h) }) }
        let space = try StateSpace([.binary, .binary])
        let ordered = (0 ..< 4).map { index in exp(marginal[hidden.firstIndex { $0 == space.states.row(index).map(Double.init) }!] - logSumExp(marginal)) }
        var h = space.sample(ordered, count: 20_000, key: Key(11))
        for step in 0 ..< 5 {
            let v = try machine.sampleVisible(given: h, key: Key(12).folding(step))
            for power in 1 ... 3 {
                let exact = zip(grid, p).reduce(0) { $0 + pow($1.0, Double(power)) * $1.1 }
                #expect(checkMean(v.values.map { pow(Double($0), Double(power)) }, exact: exact, name: "moment \(power), step \(step)") == [])
            }
            h = try machine.sampleHidden(given: v, key: Key(13).folding(step))
        }
        #expect(ChiSquare.check(try space.counts(of: h), against: ordered, name: "hidden states") == [])
    }

    /// A batch is sampled in parallel parts; every row's draw depends on its place, not on the batch's length.
    @Test func rowsDoNotNoticeTheBatch() throws {
        for variables in [Small.discrete, Small.mixed, [.real, .real]] {
            let machine = Small.machine(variables, hidden: 20, key: Key(14)), rows = Small.rows(variables, count: 1000, key: Key(15))
            let hidden = try machine.sampleHidden(given: rows, key: Key(16))
            #expect(try machine.sampleHidden(given: rows, key: Key(16)) == hidden)
            #expect(try machine.sampleHidden(given: rows, key: Key(17)) != hidden)
            let visible = try machine.sampleVisible(given: hidden, key: Key(18))
            #expect(try machine.sampleVisible(given: hidden, key: Key(18)) == visible)
            if variables == Small.discrete {
                #expect(try machine.sampleHidden(given: rows.slice(0 ..< 100), key: Key(16)) == hidden.slice(0 ..< 100))
                #expect(try machine.sampleVisible(given: hidden.slice(0 ..< 100), key: Key(18)) == visible.slice(0 ..< 100))
            }
        }
    }
}
