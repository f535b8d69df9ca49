import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The coldest of tempered chains has the machine's distribution, also when the machine has moved on from the one that the path began with.
@Suite struct TemperedChainsTests {
    @Test(arguments: [2, 3, 5], [Float(0), 0.8, -1.5]) func coldest(temperatures: Int, drift: Float) throws {
        let first = Small.machine(Small.discrete, hidden: 3, spread: 0.7, key: Key(1)), chains = 20_000
        // Not the same on all units: of a category only differences count.
        let biases = first.visibleBias.enumerated().map { $1 + ($0 % 3 == 0 ? -drift : drift) }
        let machine = RBM(visible: first.variables, weights: first.weights, visibleBias: biases, hiddenBias: first.hiddenBias)
        let hidden = Matrix(rows: chains, columns: 3, values: Key(2).uniforms(3 * chains).map { $0 < 0.5 ? 0 : 1 })
        var ladder = TemperedChains(machine: first, hidden: hidden, temperatures: temperatures)
        for step in 0 ..< 41 { ladder.step(machine, key: Key(3).folding(step)) }
        let space = try StateSpace(machine.variables), exact = try space.probabilities(of: machine)
        // After an odd step the coldest two have just changed places, after an even one they have not.
        #expect(ChiSquare.check(try space.counts(of: ladder.coldest), against: exact, name: "after an exchange") == [])
        ladder.step(machine, key: Key(3).folding(41))
        #expect(ChiSquare.check(try space.counts(of: ladder.coldest), against: exact, name: "after a sweep") == [])
    }
}
