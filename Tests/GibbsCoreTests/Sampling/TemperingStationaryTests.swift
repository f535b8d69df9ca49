import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Parallel tempering keeps the joint distribution of all temperatures: each starts at exact draws of its own and keeps them.
@Suite struct TemperingStationaryTests {
    static let temperatures: [Float] = [1, 2, 5, 12]

    /// Of every temperature, after each number of steps.
    private func failures<Kernel: TransitionKernel>(_ kernel: ParallelTempering<Kernel>, draws: (Int, Int, Key) throws -> Matrix,
                                                    check: (Matrix, Int, String) throws -> [CheckFailure]) throws -> [CheckFailure] {
        try [1, 2, 5, 16].flatMap { steps -> [CheckFailure] in
            let key = Key(40).folding(steps)
            var state = try kernel.start(atEach: kernel.kernels.indices.map { try draws($0, 20_000, key.folding(0).folding($0)) })
            for index in 0 ..< steps { state = try kernel.step(state, key: key.folding(1).folding(index)).state }
            return try state.each.enumerated().flatMap { try check($0.element, $0.offset, "temperature \($0.offset) after \(steps) steps") }
        }
    }

    @Test(arguments: [1, 3]) func binaryColumns(stepsPerSwap: Int) throws {
        let space = try StateSpace(Ring().variables)
        let kernel = ParallelTempering(temperatures: Self.temperatures, stepsPerSwap: stepsPerSwap) { GibbsWithGradients(on: Ring().tempered($0)) }
        let exact = try kernel.kernels.map { try space.probabilities(of: $0.target) }
        #expect(try failures(kernel, draws: { space.sample(exact[$0], count: $1, key: $2) }) { positions, rung, name in
            ChiSquare.check(try space.counts(of: positions), against: exact[rung], name: name)
        } == [])
    }

    /// Columns of different deviation, and a gradient that must follow the position into its new place.
    @Test func realColumns() throws {
        let bowl = SeparableEnergy([.real, .real], strengths: [1, 9], centres: [1, -1])
        let kernel = ParallelTempering(temperatures: Self.temperatures) { HamiltonianMonteCarlo(on: bowl.tempered($0), stepSize: 0.3 * $0.squareRoot(), leapfrogSteps: 3) }
        func draws(_ rung: Int, _ count: Int, _ key: Key) -> Matrix {
            let normals = key.normals(2 * count), root = Self.temperatures[rung].squareRoot()
            return Matrix(rows: count, columns: 2, values: normals.indices.map { bowl.centres[$0 % 2] + root * normals[$0] / bowl.strengths[$0 % 2].squareRoot() })
        }
        #expect(try failures(kernel, draws: draws) { positions, rung, name in
            (0 ..< 2).flatMap { column -> [CheckFailure] in
                let distance = kolmogorovSmirnov(positions.column(column), draws(rung, 20_000, Key(41)).column(column))
                // Two samples of 20,000: beyond 0.046 once in a thousand million times.
                return distance < 0.046 ? [] : [CheckFailure(name, "column \(column) is off by \(distance)")]
            }
        } == [])
    }

    /// A kernel that stays where it is.
    struct Still: TransitionKernel {
        let target: Weighted<SeparableEnergy>
        struct State: ChainState { let positions: Matrix }
        func start(at positions: Matrix) throws -> State { State(positions: positions) }
        func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) { (state, StepReport()) }
    }

    /// What one temperature gains another loses: between kernels that stand still no state of a chain is lost or doubled, and every pair
    /// of neighbours has its turn.
    @Test func exchangesKeepEveryState() throws {
        let bowl = SeparableEnergy([.real], strengths: [1], centres: [0]), chains = 200
        let kernel = ParallelTempering(temperatures: Self.temperatures) { Still(target: bowl.tempered($0)) }
        let starts = Self.temperatures.indices.map { Matrix(rows: chains, columns: 1, values: Key(42).folding($0).normals(chains)) }
        var state = try kernel.start(atEach: starts), exchanged = Set<Int>()
        for index in 0 ..< 6 {
            let (next, report) = try kernel.step(state, key: Key(43).folding(index))
            state = next
            exchanged.formUnion(report.swaps.indices.filter { report.swaps[$0] > 0 })
            for chain in 0 ..< chains { #expect(state.each.map { $0[chain, 0] }.sorted() == starts.map { $0[chain, 0] }.sorted(), "chain \(chain)") }
        }
        #expect(exchanged == [0, 1, 2])
    }
}
