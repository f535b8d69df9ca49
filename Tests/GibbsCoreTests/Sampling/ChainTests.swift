import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Expects a `GibbsError` of this code whose text holds these words.
func expect(_ code: GibbsError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as GibbsError {
        #expect(error.code == code, sourceLocation: sourceLocation)
        for word in words { #expect(error.description.contains(word), "\(error) without '\(word)'", sourceLocation: sourceLocation) }
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

private let bowl = SeparableEnergy([.real, .real], strengths: [1, 1], centres: [0, 0])

@Suite struct ChainTests {
    @Test func aChainIsLazyAndRepeatable() throws {
        let kernel = HamiltonianMonteCarlo(on: bowl, stepSize: 0.4)
        let chain = try kernel.chain(from: .noise(chains: 3), key: Key(1))
        let once = chain.prefix(5).map(\.positions), again = chain.prefix(5).map(\.positions)
        #expect(once == again && once.count == 5 && Set(once.map(\.values)).count == 5)
        let samples = try kernel.sample(5, from: .noise(chains: 3), key: Key(1))
        #expect(samples.positions.values == once.flatMap(\.values) && samples.draws == 5 && samples.chains == 3)
        #expect(samples.last == once[4] && samples.series(column: 1)[2] == once.map { $0[2, 1] })
        #expect(samples.energies == (try bowl.energies(of: samples.positions)))
        #expect(samples.acceptance! > 0.5 && samples.seconds > 0)
        let thinned = try kernel.sample(2, from: .noise(chains: 3), burnIn: 1, thinning: 2, key: Key(1))
        #expect(thinned.positions.values == once[2].values + once[4].values)
    }

    /// A kernel that counts its steps: it accepts all of the first five, and a quarter of the others.
    struct Counting: TransitionKernel {
        let target = bowl
        struct State: ChainState { let positions: Matrix, steps: Int }
        func start(at positions: Matrix) -> State { State(positions: positions, steps: 0) }
        func step(_ state: State, key: Key) -> (state: State, report: StepReport) {
            (State(positions: state.positions, steps: state.steps + 1), StepReport(acceptance: state.steps < 5 ? 1 : 0.25))
        }
    }

    @Test func acceptanceIsThatOfTheKeptSteps() throws {
        let start = ChainStart.positions(Matrix(rows: 1, columns: 2))
        #expect(try Counting().sample(8, from: start, burnIn: 5, key: Key(1)).acceptance == 0.25)
        #expect(try Counting().sample(5, from: start, key: Key(1)).acceptance == 1)
    }

    @Test func progressCanEndARun() throws {
        let samples = try MetropolisLangevin(on: bowl).sample(100, from: .noise(chains: 2), key: Key(1)) { $0 < 7 }
        #expect(samples.draws == 7)
    }

    @Test func starts() throws {
        let variables: [Variable] = [.real, .binary, .categorical(3)], count = 3_000
        let noise = try ChainStart.noise(chains: count, spread: 2).positions(for: variables, key: Key(1))
        try noise.check(against: variables)
        #expect(checkMean(noise.column(0).map { Double($0 * $0) }, exact: 4) == [])
        #expect(checkMean(noise.column(1).map(Double.init), exact: 0.5) == [] && checkMean(noise.column(2).map(Double.init), exact: 1) == [])
        let data = Matrix(rows: 4, columns: 1, values: [1, 2, 3, 4])
        let rows = try ChainStart.data(data, chains: 6).positions(for: [.real], key: Key(2))
        #expect(Set(rows.values.prefix(4)) == [1, 2, 3, 4] && rows.rows == 6)
        var buffer = ReplayBuffer(capacity: 3)
        #expect(try ChainStart.replay(buffer, chains: 2).positions(for: [.real], key: Key(3)).rows == 2)
        buffer.add(data)
        #expect(buffer.count == 3)
        let kept = try ChainStart.replay(buffer, chains: 200, renewing: 0).positions(for: [.real], key: Key(4))
        #expect(Set(kept.values) == [2, 3, 4])
        let renewed = try ChainStart.replay(buffer, chains: 2_000, renewing: 0.3).positions(for: [.real], key: Key(5))
        #expect(checkMean(renewed.values.map { [2, 3, 4].contains($0) ? 0.0 : 1 }, exact: 0.3) == [])
    }

    @Test func badInputIsNamed() throws {
        let kernel = HamiltonianMonteCarlo(on: bowl)
        expect(.usage, "chains") { _ = try kernel.sample(1, from: .noise(chains: 0), key: Key(1)) }
        expect(.usage, "no chains") { _ = try kernel.start(at: Matrix(rows: 0, columns: 2)) }
        expect(.usage, "0 draws") { _ = try kernel.sample(0, from: .noise(chains: 1), key: Key(1)) }
        expect(.shapeMismatch, "3 columns") { _ = try kernel.start(at: Matrix(rows: 1, columns: 3)) }
        expect(.unsuitableData, "missing") { _ = try kernel.start(at: Matrix(rows: 1, columns: 2, repeating: .nan)) }
        expect(.usage, "step size of 0.0") { _ = try HamiltonianMonteCarlo(on: bowl, stepSize: 0).start(at: Matrix(rows: 1, columns: 2)) }
        expect(.usage, "0 leapfrog") { _ = try HamiltonianMonteCarlo(on: bowl, leapfrogSteps: 0).start(at: Matrix(rows: 1, columns: 2)) }
        expect(.usage, "scales") { _ = try MetropolisLangevin(on: bowl, scales: [1]).start(at: Matrix(rows: 1, columns: 2)) }
        expect(.usage, "column 0 is binary", "Gibbs with gradients") { _ = try HamiltonianMonteCarlo(on: Ring()).start(at: Matrix(rows: 1, columns: 5)) }
        expect(.usage, "column 0 is binary") { _ = try Langevin(on: Ring(), stepSize: 0.1).start(at: Matrix(rows: 1, columns: 5)) }
        expect(.usage, "column 0 is real", "Hamiltonian") { _ = try GibbsWithGradients(on: bowl).start(at: Matrix(rows: 1, columns: 2)) }
        let single = SeparableEnergy([.binary], strengths: [1], centres: [0])
        expect(.usage, "0 flips") { _ = try GibbsWithGradients(on: single, flips: 0).start(at: Matrix(rows: 1, columns: 1)) }
        expect(.unsuitableData, "between") { _ = try GibbsWithGradients(on: Ring()).start(at: Matrix(rows: 1, columns: 5, repeating: 0.5)) }
    }
}
