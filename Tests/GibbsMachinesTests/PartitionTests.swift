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

    /// However hasty, a forward weight is Z/Z₀ on average, and a reverse one Z₀/Z when its chain starts at a draw of the machine.
    @Test func hastyWeightsAreUnbiased() throws {
        var forward = [Double](), reverse = [Double]()
        for index in 0 ..< 500 {
            let machine = Small.machine(Array(repeating: .binary, count: 5), hidden: 4, spread: 2, key: Key(10).folding(index)), exact = try machine.exactLogPartition().logPartition
            let bracket = try machine.logPartition(by: MachineAnnealing(chains: 1, steps: 3, sweeps: 300), key: Key(11).folding(index))
            forward.append(exp(bracket.lower.logPartition - exact))
            reverse.append(exp(exact - bracket.upper.logPartition))
        }
        #expect(checkMean(forward, exact: 1) == [] && checkMean(reverse, exact: 1) == [])
    }

    /// Each draw is made at the β it is weighed for: with many chains even three steps give ln Z from above, from the forward ends alone.
    @Test func hastyReverseOfManyChains() throws {
        for index in 0 ..< 3 {
            let machine = Small.machine(Array(repeating: .binary, count: 8), hidden: 6, spread: 3, key: Key(12).folding(index)), exact = RBMReference(machine).logPartition
            let upper = try machine.logPartition(by: MachineAnnealing(chains: 20_000, steps: 3, sweeps: 0), key: Key(13).folding(index)).upper
            #expect(checkEstimate(upper.logPartition, standardError: upper.standardError, exact: exact, rounding: 1e-3) == [])
        }
    }

    /// Reverse chains that start at data which the machine never saw forget it in the sweeps.
    @Test func sweepsForgetTheData() throws {
        let machine = Small.machine(Array(repeating: .binary, count: 8), hidden: 6, spread: 1, key: Key(16)), exact = RBMReference(machine).logPartition
        let data = Matrix(rows: 2, columns: 8, values: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
        let upper = try machine.logPartition(by: MachineAnnealing(chains: 4_000, steps: 3, sweeps: 300), data: data, key: Key(17)).upper
        #expect(checkEstimate(upper.logPartition, standardError: upper.standardError, exact: exact, rounding: 1e-3) == [])
    }

    /// Data in a mode that annealing misses opens the bracket: of two modes of equal mass the base, whose rates are the data's, leads to one.
    @Test func dataShowsAMissedMode() throws {
        let columns = 40, machine = RBM(visible: Array(repeating: .binary, count: columns), weights: Matrix(rows: columns, columns: 1, repeating: 4),
                                        visibleBias: Array(repeating: -2, count: columns), hiddenBias: [Float(-2 * columns)])
        let data = Matrix(rows: 100, columns: columns, values: (0 ..< 100 * columns).map { $0 / columns < 70 ? 1 : 0 })
        let bracket = try machine.logPartition(by: MachineAnnealing(chains: 100, steps: 6_000, sweeps: 50), data: data, key: Key(14))
        #expect(bracket.lower.logPartition < (try machine.exactLogPartition().logPartition) - 0.5)
        #expect(bracket.upper.logPartition - bracket.lower.logPartition > 0.08, "\(bracket)")
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
        for variables in [Array(repeating: .binary, count: 5), Small.discrete, [.categorical(3), .categorical(1), .categorical(4)]] {
            let machine = Small.machine(variables, hidden: 3, spread: 1, key: Key(4))
            #expect(try checkTransitions(GibbsWithGradients(on: machine), mixing: 300, key: Key(5)) == [])
            #expect(try checkTransitions(GibbsWithGradients(on: machine.tempered(2), flips: 3), key: Key(6)) == [])
        }
        // Near the ground state of strong biases a blind change is accepted once in fifty times; one along the slopes mostly.
        let strong = RBM(visible: Array(repeating: .categorical(3), count: 30), weights: Matrix(rows: 90, columns: 1),
                         visibleBias: (0 ..< 90).map { $0 % 3 == 0 ? 4 : 0 }, hiddenBias: [0])
        #expect(try GibbsWithGradients(on: strong).sample(200, from: .positions(Matrix(rows: 50, columns: 30)), key: Key(7)).acceptance! > 0.35)
        let still = Small.machine([.categorical(1)], hidden: 1, key: Key(9))
        #expect(throws: GibbsError.self) { _ = try GibbsWithGradients(on: still).start(at: Matrix(rows: 1, columns: 1)) }
    }

    /// A categorical column is a group of bits of which one is on: the slopes are the gradient of a machine that has those bits.
    @Test func slopesOfCategories() throws {
        let mixed: [Variable] = [.binary, .categorical(3), .real, .categorical(2), .binary], machine = Small.machine(mixed, hidden: 4, spread: 1, key: Key(15))
        let rows = Small.rows(mixed, count: 12, key: Key(16)), (energies, slopes) = try machine.energiesAndSlopes(of: rows)
        // Real units first, then bits in the order of the weights: those of the binary columns, then one a category.
        let bits = RBM(visible: [.real] + Array(repeating: .binary, count: 7), weights: machine.weights, visibleBias: machine.visibleBias, hiddenBias: machine.hiddenBias, logVariance: machine.logVariance)
        let open = Matrix((0 ..< 12).map { row in
            [rows[row, 2], rows[row, 0], rows[row, 4]] + (0 ..< 3).map { rows[row, 1] == Float($0) ? 1 : 0 } + (0 ..< 2).map { rows[row, 3] == Float($0) ? 1 : 0 }
        })
        let (plain, gradients) = try bits.energiesAndGradients(of: open), order = [1, 3, 4, 5, 0, 6, 7, 2]
        #expect(slopes.columns == 8 && zip(energies, plain).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
        for row in 0 ..< 12 { for (place, unit) in order.enumerated() { #expect(abs(slopes[row, place] - gradients[row, unit]) < 1e-5 * max(1, abs(gradients[row, unit]))) } }
        // Combinations of energies hand the slopes on.
        let half = try machine.tempered(2).energiesAndSlopes(of: rows).slopes, double = try (machine + machine).energiesAndSlopes(of: rows).slopes
        let same = try Mixture([machine, machine], logPartitions: [0, 0]).energiesAndSlopes(of: rows).slopes
        for (index, slope) in slopes.values.enumerated() {
            #expect(abs(2 * half.values[index] - slope) + abs(double.values[index] / 2 - slope) + abs(same.values[index] - slope) < 1e-4 * max(1, abs(slope)))
        }
    }

    /// E(v, h)/T has the hidden states of E summed out at T.
    @Test func temperingTheJointEnergy() throws {
        let machine = Small.machine([.binary, .real, .categorical(3)], hidden: 3, spread: 1, key: Key(17)), rows = Small.rows([.binary, .real, .categorical(3)], count: 6, key: Key(18))
        let found = try machine.tempered(joint: 2.5).energies(of: rows), layout = machine.layout
        for row in 0 ..< rows.rows {
            let on = layout.binaryRows.lowerBound, group = layout.groupOffsets[0] + Int32(rows[row, 2]), variance = exp(Double(machine.logVariance[0]))
            let d = Double(rows[row, 1]) - Double(machine.visibleBias[0])
            let terms = (0 ..< 8).map { code -> Double in
                var energy = d * d / (2 * variance) - Double(machine.visibleBias[on] * rows[row, 0]) - Double(machine.visibleBias[Int(group)])
                for j in 0 ..< 3 where code >> j & 1 == 1 {
                    energy -= Double(machine.hiddenBias[j]) + Double(rows[row, 1]) / variance * Double(machine.weights[0, j])
                    energy -= Double(machine.weights[on, j] * rows[row, 0]) + Double(machine.weights[Int(group), j])
                }
                return -energy / 2.5
            }
            #expect(abs(Double(found[row]) + logSumExp(terms)) < 1e-4 * max(1, abs(logSumExp(terms))))
        }
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
