import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// ½ aₖ (xₖ − mₖ)², with its own draws.
private let bowl = SeparableEnergy([.real, .real, .real], strengths: [1, 4, 0.25], centres: [0, 1, -2])

private func bowlDraws(_ count: Int, _ key: Key) -> Matrix { normalDraws(bowl, count, key) }

/// Exact draws of a separable energy of real columns.
private func normalDraws(_ energy: SeparableEnergy, _ count: Int, _ key: Key) -> Matrix {
    let columns = energy.variables.count
    return Matrix(rows: count, columns: columns, values: key.normals(columns * count).enumerated().map { index, normal in
        energy.centres[index % columns] + normal / energy.strengths[index % columns].squareRoot()
    })
}

/// Kernels along a gradient leave their distribution where it is, at step sizes where an uncorrected one would not.
@Suite struct GradientKernelTests {
    @Test func hamiltonian() throws {
        for (steps, jitter) in [(1, Float(0)), (5, 0.2), (12, 0.5)] {
            let kernel = HamiltonianMonteCarlo(on: bowl, stepSize: 0.6, leapfrogSteps: steps, jitter: jitter)
            #expect(try checkTransitions(kernel, draws: bowlDraws, key: Key(1)) == [])
        }
        let scaled = HamiltonianMonteCarlo(on: bowl, stepSize: 0.7, leapfrogSteps: 4, scales: [1, 0.5, 2])
        #expect(try checkTransitions(scaled, draws: bowlDraws, mixing: 60, key: Key(2)) == [])
    }

    @Test func metropolisLangevin() throws {
        #expect(try checkTransitions(MetropolisLangevin(on: bowl, stepSize: 0.3), draws: bowlDraws, mixing: 300, key: Key(3)) == [])
        #expect(try checkTransitions(MetropolisLangevin(on: bowl, stepSize: 0.5, scales: [1, 0.5, 2]), draws: bowlDraws, key: Key(4)) == [])
    }

    /// A step of MALA is one of Langevin with the same ε: where the energy hardly changes nothing is rejected, and a column moves by √2ε.
    @Test func metropolisLangevinProposesAsLangevinDoes() throws {
        let plain = SeparableEnergy([.real], strengths: [1e-6], centres: [0]), chains = 20_000, step: Float = 0.3
        var kernel = MetropolisLangevin(on: plain, stepSize: step)
        for _ in 0 ..< 2 {
            let found = try kernel.sample(1, from: .positions(Matrix(rows: chains, columns: 1)), key: Key(14))
            #expect(found.acceptance! > 0.999 && abs(kernel.stepSize - step) < 1e-6)
            #expect(checkMean(found.positions.values.map { Double($0) * Double($0) }, exact: 2 * Double(step)) == [])
            kernel = MetropolisLangevin(on: plain)
            kernel.stepSize = step
        }
    }

    /// The bias of the unadjusted algorithm must show, and be the one that theory says.
    @Test func langevin() throws {
        #expect(try checkTransitions(Langevin(on: bowl, stepSize: 0.3), draws: bowlDraws, key: Key(6)) != [])
        // On ½ a x² it is a normal distribution of variance 1 / (a (1 − ε s² a / 2)), which is kept exactly.
        for scales in [[Float(1), 1, 1], [1, 0.5, 2]] {
            let kernel = Langevin(on: bowl, stepSize: 0.3, scales: scales)
            let own = SeparableEnergy(bowl.variables, strengths: zip(bowl.strengths, scales).map { $0 * (1 - 0.15 * $1 * $1 * $0) }, centres: bowl.centres)
            #expect(try checkTransitions(kernel, draws: { normalDraws(own, $0, $1) }, mixing: 150, key: Key(5)) == [])
        }
        let one = SeparableEnergy([.real], strengths: [2], centres: [0]), step: Float = 0.2
        let exact = 1 / (2 * (1 - Double(step)))
        let samples = try Langevin(on: one, stepSize: step).sample(1, from: .noise(chains: 40_000), burnIn: 100, key: Key(7))
        #expect(checkMean(samples.positions.values.map { Double($0) * Double($0) }, exact: exact) == [])
    }

    /// At temperature T the deviations are √T times as wide.
    @Test func temperature() throws {
        let one = SeparableEnergy([.real], strengths: [1], centres: [0])
        let kernel = HamiltonianMonteCarlo(on: one.tempered(9), stepSize: 1.5, leapfrogSteps: 4)
        let samples = try kernel.sample(1, from: .noise(chains: 20_000), burnIn: 50, key: Key(8))
        #expect(checkMean(samples.positions.values.map { Double($0) * Double($0) }, exact: 9) == [])
    }

    /// A warm-up from far away finds the scales and the acceptance asked for.
    @Test func warmUp() throws {
        let wide = SeparableEnergy([.real, .real], strengths: [1e-4, 1e2], centres: [50, 0])
        let start = Matrix(rows: 32, columns: 2, values: Key(9).normals(64).map { 20 * $0 })
        for kernel in [HamiltonianMonteCarlo(on: wide, leapfrogSteps: 8), HamiltonianMonteCarlo(on: wide, stepSize: 1e-4, leapfrogSteps: 8)] {
            let found = try kernel.warmedUp(from: start, steps: 600, key: Key(10))
            #expect(abs(found.acceptance - kernel.targetAcceptance) < 0.1)
            let ratio = found.kernel.scales![0] / found.kernel.scales![1]
            #expect((500 ... 2_000).contains(ratio), "the deviations are 100 and 0.1, and the scales \(found.kernel.scales!)")
            let samples = try found.kernel.sample(200, from: .positions(found.positions), key: Key(11))
            #expect(samples.columnDiagnostics().allSatisfy { $0.splitRHat < 1.05 && $0.effectiveSampleSize > 1_000 })
        }
    }

    @Test func divergenceIsAResult() throws {
        let kernel = HamiltonianMonteCarlo(on: bowl, stepSize: 1e6, leapfrogSteps: 40, jitter: 0)
        let start = Matrix(rows: 2, columns: 3, repeating: 1)
        let samples = try kernel.sample(3, from: .positions(start), key: Key(12))
        #expect(samples.divergenceCount == 6 && samples.acceptance == 0 && samples.last == start)
        #expect(samples.divergences[0].step == 1 && samples.divergences[0].stepSize == 1e6)
        #expect(samples.divergences[0].description.contains("step 1 with step size 1000000"))
        // One chain of many is named, wherever the work was cut.
        var far = Matrix(rows: 100, columns: 3, repeating: 1)
        far[70, 0] = 1e30
        #expect(try HamiltonianMonteCarlo(on: bowl, stepSize: 0.1, leapfrogSteps: 40).sample(1, from: .positions(far), key: Key(15)).divergences.map(\.chain) == [70])
        let plain = try Langevin(on: bowl, stepSize: 1e20).sample(4, from: .positions(start), key: Key(13))
        #expect(plain.divergenceCount > 0 && plain.positions.values.allSatisfy(\.isFinite))
    }
}
