import GibbsCore
import GibbsCreate
import GibbsMachines
import GibbsNumerics
import Testing

@Suite struct SamplingTests {
    @Test(arguments: [(ImageOptions.Model.gaussian, [ImageSampler.Kernel.exact, .hmc, .mala]), (.rbm, [.gibbs, .tempering, .gradients]), (.memory, [.hmc])])
    func drawsBelongToTheirClass(kind: ImageOptions.Model, kernels: [ImageSampler.Kernel]) throws {
        let model = try Bars.model(kind)
        for kernel in kernels {
            let draws = try model.draw(20, by: ImageSampler(kernel: kernel, steps: kernel == .exact ? nil : kernel == .gradients ? 3_000 : 400), key: Key(7))
            #expect(draws.images.rows == 40 && draws.classes.prefix(20).allSatisfy { $0 == "across" } && draws.kernel == kernel)
            let probabilities = try model.classProbabilities(of: draws.images)
            let right = (0 ..< 40).filter { probabilities[$0, $0 < 20 ? 0 : 1] > 0.5 }.count
            #expect(right >= 36, "\(kind) by \(kernel): \(right) of 40 draws in their class")
            #expect(draws.runs.count == (kernel == .exact ? 0 : 2) && draws.shown.values.allSatisfy { $0 > -2 && $0 < 3 })
        }
    }

    @Test func likelihoodLiesInItsBracket() throws {
        let model = try Bars.model(.rbm), images = model.drawn(Bars.images(100, key: Key(8)).images, key: Key(9)).images
        let partitions = try model.partition(.both, annealing: MachineAnnealing(chains: 60, steps: 400, sweeps: 50), data: images, key: Key(10))
        for part in partitions {
            let exact = part.exact!.logPartition
            #expect(abs(part.bracket!.lower.logPartition - exact) < 0.5 && abs(part.bracket!.upper.logPartition - exact) < 0.5)
        }
        let found = try model.likelihood(of: images, partitions: partitions)
        #expect(found.count == 100 && found.best < 0 && found.standardError > 0 && abs(found.atMost - found.atLeast) < 1)
        #expect(throws: GibbsError.self) { _ = try model.likelihood(of: Matrix(rows: 0, columns: 36), partitions: partitions) }
    }
}
