import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import GibbsVerify
import Testing

/// Kernels with one thing wrong fail the checks of kernels.
@Suite struct BrokenKernelTests {
    private let key = Key(2)

    /// What is wrong with a Metropolis flip of one binary column.
    enum Fault: CaseIterable { case none, acceptsAlways, wrongSign, halfTheEnergy, staleEnergy, never }

    /// Proposes to flip a column drawn uniformly.
    struct Flip: TransitionKernel {
        let target: RBM
        let fault: Fault
        struct State: ChainState { var positions: Matrix, energies: [Float] }

        func start(at positions: Matrix) throws -> State { State(positions: positions, energies: try target.energies(of: positions)) }

        func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
            let rows = state.positions.rows, columns = state.positions.columns
            let choice = key.folding(0).uniforms(rows), test = key.folding(1).uniforms(rows)
            var proposal = state.positions, next = state
            for row in 0 ..< rows {
                let column = min(columns - 1, Int(choice[row] * Float(columns)))
                proposal[row, column] = 1 - proposal[row, column]
            }
            let energies = try target.energies(of: proposal)
            for row in 0 ..< rows {
                let gain = state.energies[row] - energies[row], chance = switch fault {
                case .none, .staleEnergy: exp(gain)
                case .acceptsAlways: Float(1)
                case .wrongSign: exp(-gain)
                case .halfTheEnergy: exp(gain / 2)
                case .never: Float(0)
                }
                guard test[row] < chance else { continue }
                for column in 0 ..< columns { next.positions[row, column] = proposal[row, column] }
                if fault != .staleEnergy { next.energies[row] = energies[row] }
            }
            return (next, StepReport())
        }
    }

    @Test(arguments: Fault.allCases) func flips(fault: Fault) throws {
        let binary = Array(repeating: Variable.binary, count: 5)
        let failures = try KernelChecks.onMachines([binary], mixing: 300, key: key) { Flip(target: $0, fault: fault) }
        #expect(failures.isEmpty == (fault == .none), "\(fault): \(failures)")
    }

    /// MALA without its test is Langevin, whose distribution is off.
    @Test func metropolisLeftOut() throws {
        #expect(try KernelChecks.onGaussian(mixing: nil, key: key) { Langevin(on: $0, stepSize: 0.3) } != [])
        #expect(try KernelChecks.onGaussian(mixing: 60, key: key) { HamiltonianMonteCarlo(on: $0, stepSize: 1e-4, leapfrogSteps: 1) } != [])
    }

    /// x ← x − a ε ∇E + √(b ε) ξ with a = 1 and b = 2.
    struct Drift<Target: DifferentiableEnergy>: TransitionKernel {
        let target: Target
        let step: Float, drift: Float, noise: Float
        struct State: ChainState { let positions: Matrix }
        func start(at positions: Matrix) throws -> State { State(positions: positions) }
        func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
            var next = state.positions
            next.add(try target.gradients(of: next), times: -drift * step)
            next.add(Matrix(rows: next.rows, columns: next.columns, values: key.normals(next.values.count)), times: (noise * step).squareRoot())
            return (State(positions: next), StepReport())
        }
    }

    @Test func langevin() throws {
        func failures(drift: Float, noise: Float) throws -> [CheckFailure] {
            try KernelChecks.unadjusted(key: key) { Drift(target: $0, step: $1, drift: drift, noise: noise) }
        }
        #expect(try failures(drift: 1, noise: 2) == [])
        for (drift, noise) in [(1, 1), (0.5, 2), (-1, 2), (1, 2.2), (1.1, 2)] as [(Float, Float)] { #expect(try failures(drift: drift, noise: noise) != []) }
    }

    /// Real units that are drawn ten percent too wide, and a little off.
    @Test func realUnits() throws {
        #expect(try KernelChecks.realUnits(key: key) == [])
        func fails(_ change: @escaping (Float) -> Float) throws -> Bool {
            try KernelChecks.realUnits(key: key) { machine, hidden, key in
                let drawn = try machine.sampleVisible(given: hidden, key: key), real = Set(machine.layout.realColumns)
                let values = drawn.values.enumerated().map { real.contains($0.offset % drawn.columns) ? change($0.element) : $0.element }
                return Matrix(rows: drawn.rows, columns: drawn.columns, values: values)
            } != []
        }
        #expect(try fails { 1.1 * $0 })
        #expect(try fails { $0 + 0.1 })
    }

    /// Parallel tempering in which neighbours always change places, or whose temperatures are not those that were started.
    @Test func tempering() throws {
        typealias Rung = GibbsWithGradients<Weighted<RBM>>
        struct Shuffled: TransitionKernel {
            let base: ParallelTempering<Rung>
            var target: Weighted<RBM> { base.target }
            func start(at positions: Matrix) throws -> ParallelTempering<Rung>.State { try base.start(at: positions) }
            func step(_ state: ParallelTempering<Rung>.State, key: Key) throws -> (state: ParallelTempering<Rung>.State, report: StepReport) {
                let (next, report) = try base.step(state, key: key)
                return (try base.start(atEach: next.each.reversed()), report)
            }
        }
        #expect(try KernelChecks.tempering(key: key) { ParallelTempering($0) } == [])
        #expect(try KernelChecks.tempering(key: key) { Shuffled(base: ParallelTempering($0)) } != [])
        #expect(try KernelChecks.tempering(key: key) { ParallelTempering([$0[1], $0[1], $0[2]]) } != [])
    }
}
