import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// ln Z of machines that can be enumerated, and estimates of it.
@Suite struct PartitionTests {
    static let kinds: [[Variable]] = [Small.discrete, Small.mixed, [.real, .real], Array(repeating: .binary, count: 6), [.categorical(3), .categorical(4)]]

    /// By hidden states and by visible ones, against the plain sum over hidden states.
    @Test(arguments: kinds) func exact(variables: [Variable]) throws {
        for hidden in [1, 3, 14] {
            let machine = Small.machine(variables, hidden: hidden, spread: 0.8, key: Key(UInt64(hidden)))
            let found = try machine.exactLogPartition(), exact = RBMReference(machine).logPartition
            #expect(abs(found.logPartition - exact) < 1e-4 * max(1, abs(exact)), "\(found.logPartition) where \(exact) is exact")
            #expect(found.kind == .exact && found.standardError == 0)
        }
    }

    @Test func tooLarge() {
        let machine = RBM(visible: Array(repeating: .binary, count: 30), hidden: 26, key: Key(1))
        #expect { _ = try machine.exactLogPartition() } throws: { ($0 as? GibbsError)?.code == .limitExceeded && "\($0)".contains("annealed") }
    }

    @Test(arguments: kinds) func annealing(variables: [Variable]) throws {
        let machine = Small.machine(variables, hidden: 4, spread: 1.2, key: Key(2)), exact = RBMReference(machine).logPartition
        let bracket = try machine.logPartition(by: MachineAnnealing(chains: 400, steps: 600, sweeps: 300), key: Key(3))
        #expect(checkEstimate(bracket.lower.logPartition, standardError: bracket.lower.standardError, exact: exact, rounding: 1e-3) == [])
        #expect(checkEstimate(bracket.upper.logPartition, standardError: bracket.upper.standardError, exact: exact, rounding: 1e-3) == [])
        #expect(bracket.lower.standardError < 0.2 && bracket.upper.standardError < 0.2, "\(bracket)")
    }

    /// Base rates from data, many threads or one: the estimate is right, and the same to the last bit.
    @Test func baseRatesFromData() throws {
        let machine = Small.machine(Small.mixed, hidden: 4, spread: 1.2, key: Key(4)), reference = RBMReference(machine)
        let data = try reference.sample(count: 500, key: Key(5)), method = MachineAnnealing(chains: 300, steps: 500, sweeps: 100)
        let bracket = try machine.logPartition(by: method, data: data, key: Key(6))
        #expect(checkEstimate(bracket.lower.logPartition, standardError: bracket.lower.standardError, exact: reference.logPartition, rounding: 1e-3) == [])
        #expect(checkEstimate(bracket.upper.logPartition, standardError: bracket.upper.standardError, exact: reference.logPartition, rounding: 1e-3) == [])
        let serial = try Parallelism.$width.withValue(1) { try machine.logPartition(by: method, data: data, key: Key(6)) }
        #expect(serial.lower.logPartition == bracket.lower.logPartition && serial.upper.logPartition == bracket.upper.logPartition)
    }

    /// Hasty annealing with a single chain errs to its own side: below and above, on average over machines.
    @Test func hastyBoundsEnclose() throws {
        var low = [Double](), high = [Double]()
        for index in 0 ..< 400 {
            let machine = Small.machine(Array(repeating: .binary, count: 8), hidden: 6, spread: 2, key: Key(7).folding(index))
            let bracket = try machine.logPartition(by: MachineAnnealing(chains: 1, steps: 3, sweeps: 300), key: Key(8).folding(index))
            low.append(bracket.lower.logPartition - RBMReference(machine).logPartition)
            high.append(bracket.upper.logPartition - RBMReference(machine).logPartition)
        }
        func errors(_ values: [Double]) -> Double { Statistics.mean(values) / Statistics.standardDeviation(values) * Double(values.count).squareRoot() }
        #expect(errors(low) < -3 && errors(high) > 3, "\(errors(low)) and \(errors(high)) standard errors off")
    }

    @Test func refusals() {
        let machine = Small.machine(Small.discrete, hidden: 2, key: Key(9))
        #expect(throws: GibbsError.self) { _ = try machine.logPartition(by: MachineAnnealing(chains: 0), key: Key(1)) }
        #expect(throws: GibbsError.self) { _ = try machine.logPartition(by: MachineAnnealing(steps: 2), key: Key(1)) }
        #expect(throws: GibbsError.self) { _ = try machine.logPartition(data: Matrix(rows: 1, columns: 1), key: Key(1)) }
    }
}

/// Machines as targets of the kernels of `GibbsCore`.
@Suite struct MachineKernelTests {
    @Test func blockGibbs() throws {
        for variables in [Small.discrete, Array(repeating: .binary, count: 5)] {
            let machine = Small.machine(variables, hidden: 3, spread: 1, key: Key(1))
            #expect(try checkTransitions(BlockGibbs(on: machine), mixing: 300, key: Key(2)) == [])
            #expect(try checkTransitions(BlockGibbs(on: machine, sweeps: 3), key: Key(3)) == [])
        }
    }

    @Test func gibbsWithGradients() throws {
        let machine = Small.machine(Array(repeating: .binary, count: 5), hidden: 3, spread: 1, key: Key(4))
        #expect(try checkTransitions(GibbsWithGradients(on: machine), key: Key(5)) == [])
    }

    @Test func hamiltonianOnRealUnits() throws {
        let machine = Small.machine([.real, .real, .real], hidden: 4, spread: 0.8, key: Key(6)), reference = RBMReference(machine)
        let draws = { try reference.sample(count: $0, key: $1) }
        #expect(try checkTransitions(BlockGibbs(on: machine), draws: draws, key: Key(7)) == [])
        #expect(try checkTransitions(HamiltonianMonteCarlo(on: machine, stepSize: 0.3, leapfrogSteps: 5), draws: draws, key: Key(8)) == [])
    }

    @Test func categoriesHaveNoGradient() {
        let machine = Small.machine(Small.discrete, hidden: 2, key: Key(9))
        #expect(throws: GibbsError.self) { _ = try machine.energiesAndGradients(of: Small.rows(Small.discrete, count: 2, key: Key(1))) }
    }
}
