import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Free energies of rows with missing values: exact by enumeration where promised, else an upper bound that is tight for
/// small weights.
@Suite struct RBMMarginalTests {
    @Test func discreteColumnsAreExact() throws {
        let machine = Small.machine(Small.mixed, hidden: 5, spread: 2, key: Key(1)), row = Array(Small.rows(Small.mixed, count: 1, key: Key(2)).row(0))
        for missing in [[0], [2], [4], [5], [0, 2], [4, 5], [0, 2, 4, 5]] {
            #expect(try checkMarginal(machine, row: row, missing: missing) == [])
        }
    }

    /// Eight binary columns are 256 joint states and summed; nine are bounded.
    @Test func theEnumerationLimit() throws {
        #expect(RBM.enumerationLimit == 256)
        let variables = [Variable](repeating: .binary, count: 9), machine = Small.machine(variables, hidden: 6, spread: 1.5, key: Key(3))
        let row = [Float](repeating: 1, count: 9)
        #expect(try checkMarginal(machine, row: row, missing: Array(0 ..< 8)) == [])
        #expect(try checkMarginal(machine, row: row, missing: Array(0 ..< 9)) != [])
        #expect(try checkMarginal(machine, row: row, missing: Array(0 ..< 9), promise: .upperBound(slack: 20)) == [])
    }

    /// The bound's error is of second order in the weights of the missing units: with weights of 0.02 it is under 1e-3 nats.
    @Test(arguments: 0 ..< 4) func boundsAreUpperBounds(seed: Int) throws {
        let wide: ([Variable], [[Int]]) = ([.real, .binary, .categorical(300), .binary], [[0], [0, 1], [2], [1, 2, 3]])
        let narrow: ([Variable], [[Int]]) = ([.real, .binary, .categorical(3)], [[0, 2], [0, 1, 2]])
        for (variables, missings) in [wide, narrow] {
            let key = Key(UInt64(seed)), row = Array(Small.rows(variables, count: 1, key: key.folding(1)).row(0))
            for (spread, slack) in [(1.5, 50), (0.3, 2), (0.02, 1e-3)] as [(Float, Double)] {
                let machine = Small.machine(variables, hidden: 4, spread: spread, key: key)
                for missing in missings {
                    #expect(try checkMarginal(machine, row: row, missing: missing, promise: .upperBound(slack: slack)) == [], "spread \(spread)")
                }
            }
        }
    }

    /// A missing unit that no weight touches leaves the exact free energy, so the bound is exact.
    @Test func unconnectedUnitsAreExact() throws {
        var machine = Small.machine(Small.mixed, hidden: 4, key: Key(4)).archive()
        // The first two rows of the weights are the two real units.
        for index in 0 ..< 8 { machine.tensors["weights"]!.values[index] = 0 }
        let row = Array(Small.rows(Small.mixed, count: 1, key: Key(5)).row(0))
        for column in [1, 3] { #expect(try checkMarginal(RBM(archive: machine), row: row, missing: [column]) == []) }
    }

    /// E(x) − E(x without j) is the conditional surprise: it sums to one over the values of j.
    @Test func conditionalSurprises() throws {
        let machine = Small.machine(Small.mixed, hidden: 5, key: Key(6)), row = Array(Small.rows(Small.mixed, count: 1, key: Key(7)).row(0))
        let rows = Matrix([Float.nan, 0, 1, 2].map { [$0] + row.dropFirst() }), energies = try machine.freeEnergy(rows).map(Double.init)
        #expect(abs(logSumExp(energies.dropFirst().map { energies[0] - $0 })) < 1e-5)
    }
}
