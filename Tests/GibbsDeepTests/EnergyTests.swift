import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Deep energies among the others: the suite of every energy, a Gaussian written in tensors, and sums with one in closed form.
    @Suite struct EnergyTests {
        static func conformers() throws -> [Conformer] {
            let image: [Layer] = [.convolution(4, kernel: 3, padding: 1), .silu, .averagePool(2), .flatten, .linear(1)]
            let small = try DeepEnergy([.linear(16), .tanh, .linear(1)], input: [3], key: Key(2))
            var cut = WrittenEnergy(input: [3]) { try small.energy(of: $0) }
            cut.rowsAtOnce = 2
            return [
                Conformer("rows", try DeepEnergy([.linear(16), .silu, .residual([.linear(16), .silu]), .linear(1)], input: [5], key: Key(1)),
                          rows: Matrix(rows: 6, columns: 5, values: Key(3).normals(30))),
                Conformer("images", try DeepEnergy(image, input: [1, 4, 4], key: Key(4)), rows: Matrix(rows: 4, columns: 16, values: Key(5).normals(64))),
                Conformer("two rows at once", cut, rows: Matrix(rows: 7, columns: 3, values: Key(6).normals(21))),
                Conformer("written", try Twins.written(), rows: Matrix(rows: 5, columns: 3, values: Key(7).normals(15))),
                Conformer("sum with a Gaussian", small + Twins.gaussian, rows: Matrix(rows: 5, columns: 3, values: Key(8).normals(15))),
            ]
        }

        @Test func conformance() throws {
            for conformer in try Self.conformers() {
                let failures = try conformer.failures(key: Key(9))
                #expect(failures == [], "\(conformer): \(failures)")
            }
        }

        /// A Gaussian written in tensors is the Gaussian, and a sum with one is a sum.
        @Test func twinsAndSums() throws {
            let rows = Matrix(rows: 50, columns: 3, values: Key(10).normals(150)), written = try Twins.written()
            func agree(_ found: (energies: [Float], gradients: Matrix), _ exact: (energies: [Float], gradients: Matrix)) {
                for (a, b) in zip(found.energies + found.gradients.values, exact.energies + exact.gradients.values) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
            }
            try agree(written.energiesAndGradients(of: rows), Twins.gaussian.energiesAndGradients(of: rows))
            let deep = try DeepEnergy([.linear(8), .silu, .linear(1)], input: [3], key: Key(11)), (e, g) = try deep.energiesAndGradients(of: rows)
            let (f, h) = try Twins.gaussian.energiesAndGradients(of: rows)
            let sum = Matrix(rows: 50, columns: 3, values: zip(g.values, h.values).map { 0.5 * $0 + $1 })
            try agree((0.5 * deep + Twins.gaussian).energiesAndGradients(of: rows), (zip(e, f).map { 0.5 * $0 + $1 }, sum))
        }

        @Test func kernelsKeepTheDistribution() throws {
            let written = try Twins.written(), draws = { Twins.gaussian.samples($0, key: $1) }
            #expect(try checkTransitions(HamiltonianMonteCarlo(on: written, stepSize: 0.4, leapfrogSteps: 4), draws: draws, chains: 10_000, steps: [4], key: Key(12)) == [])
            #expect(try checkTransitions(MetropolisLangevin(on: written, stepSize: 0.1), draws: draws, chains: 10_000, steps: [4], key: Key(13)) == [])
        }

        /// The run in tensors is the kernel's, step by step, at any temperature and however the rows are cut.
        @Test(arguments: [1, 0.25, 3] as [Float]) func langevinRunIsTheKernels(temperature: Float) throws {
            let start = Matrix(rows: 300, columns: 3, values: Key(14).normals(900))
            var written = try Twins.written()
            var state = try Langevin(on: Twins.gaussian.tempered(temperature), stepSize: 0.05).start(at: start)
            for step in 0 ..< 20 { state = try Langevin(on: Twins.gaussian.tempered(temperature), stepSize: 0.05).step(state, key: Key(15).folding(step)).state }
            for rows in [256, 300, 7] {
                written.rowsAtOnce = rows
                let run = try LangevinChains(on: written, stepSize: 0.05, temperature: temperature).run(20, from: start, key: Key(15))
                #expect(run.diverged == [] && zip(run.positions.values, state.positions.values).allSatisfy { abs($0 - $1) < 1e-3 })
            }
        }

        /// Variances T Σ up to the step's bias, which for this step is below a twentieth of the smallest.
        @Test func langevinMoments() throws {
            let chains = try LangevinChains(on: Twins.written(), stepSize: 0.02, temperature: 2)
            let ends = try chains.run(1500, from: Matrix(rows: 4000, columns: 3), key: Key(16)).positions
            for column in 0 ..< 3 {
                let values = ends.column(column).map { Double($0) - Double(Twins.gaussian.mean[column]) }, variance = 2 * Twins.gaussian.covarianceMatrix[column, column]
                #expect(abs(Statistics.mean(values)) < 5 * (variance / 4000).squareRoot())
                #expect(abs(Statistics.mean(values.map { $0 * $0 }) / variance - 1) < 5 * (2.0 / 4000).squareRoot() + 0.05)
            }
        }

        @Test func langevinSettings() throws {
            let written = try Twins.written(), jem = try LangevinChains(on: written, gradientStep: 1, noise: 0.01)
            #expect(abs(jem.temperature - 5e-5) < 1e-10 && abs(jem.stepSize - 5e-5) < 1e-10)
            for (step, temperature) in [(0, 1), (1, 0), (-1, 1), (Float.infinity, 1)] as [(Float, Float)] {
                #expect(checkRefusal([.usage], "a step") { _ = try LangevinChains(on: written, stepSize: step, temperature: temperature) } == [])
            }
            // x² x² pushes the far chain ever further; the near one stays.
            let steep = WrittenEnergy(input: [1]) { try $0.power(4).rowSums() }
            let run = try LangevinChains(on: steep, stepSize: 0.1).run(50, from: Matrix([[0.1], [100]]), key: Key(17))
            #expect(run.diverged == [1] && run.positions[1, 0] == 100 && run.positions.isFinite)
            #expect(try LangevinChains(on: steep, stepSize: 0.1).run(0, from: Matrix([[3]]), key: Key(1)).positions == Matrix([[3]]))
        }

        /// On one thread or two the energies differ by rounding at most; on the same number, by nothing.
        @Test func threads() throws {
            let energy = try DeepEnergy([.convolution(16, kernel: 3, padding: 1), .silu, .flatten, .linear(64), .silu, .linear(1)], input: [1, 16, 16], key: Key(18))
            let rows = Matrix(rows: 64, columns: 256, values: Key(19).normals(64 * 256)), before = Engine.threads
            defer { Engine.threads = before }
            let found = try [1, 2, 1].map { count in
                Engine.threads = count
                #expect(Engine.threads == count)
                return try energy.energiesAndGradients(of: rows)
            }
            #expect(found[0].energies == found[2].energies && found[0].gradients == found[2].gradients)
            for (a, b) in zip(found[0].energies + found[0].gradients.values, found[1].energies + found[1].gradients.values) { #expect(abs(a - b) < 1e-5 * max(1, abs(a))) }
        }

        @Test func whatIsNoEnergy() throws {
            let images = try Network([.linear(2)], input: [3], key: Key(20))
            #expect(checkRefusal([.shapeMismatch], "two numbers a row") { _ = try DeepEnergy(images) } == [])
            let bad = WrittenEnergy(input: [3]) { try $0.squared() }
            do {
                _ = try bad.energies(of: Matrix(rows: 2, columns: 3))
                Issue.record("was accepted")
            } catch {
                #expect("\(error)" == "the energy of 2 rows of the shape [3] has the shape [2, 3], not [2]; sum over all axes but the first, as rowSums() does")
            }
            let gap = try Tensor(repeating: 1, shape: [4])
            do {
                _ = try WrittenEnergy(input: [3]) { try ($0 - gap).rowSums() }.energies(of: Matrix(rows: 2, columns: 3))
                Issue.record("was accepted")
            } catch { #expect("\(error)".hasPrefix("- of [2, 3] and [4]: ")) }
        }
    }
}
