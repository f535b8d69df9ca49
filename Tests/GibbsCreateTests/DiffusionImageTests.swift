import Foundation
import GibbsCore
import GibbsCreate
import GibbsData
import GibbsDeep
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Diffusions of 8 × 8 images of two kinds of bars.
@Suite(.serialized, .enabled(if: Engine.version != nil, "built without the trait Deep; run scripts/setup --deep, then scripts/deep test")) struct DiffusionImageTests {
    static let shape = ImageShape(height: 8, width: 8)

    static func options(steps: Int = 400) -> ImageOptions {
        var options = ImageOptions(model: .diffusion, seed: 3)
        (options.diffusion.fine, options.diffusion.coarse, options.diffusion.coarsest, options.diffusion.steps) = (16, 16, 16, steps)
        options.diffusion.training.descent.optimiser = .adam(rate: 3e-3)
        options.diffusion.training.descent.batchSize = 64
        options.diffusion.training.descent.averaging = 0.98
        return options
    }

    @Test func classesOfBars() throws {
        let (images, labels) = DeepImageTests.bars(512, key: Key(1)), (fresh, names) = DeepImageTests.bars(60, key: Key(2))
        var reports = 0
        let model = try ImageModel.fitted(to: images, shape: Self.shape, labels: labels, options: Self.options(), watch: { report in
            reports += 1
            #expect(report.figures["loss"] != nil && report.number <= report.count)
        })
        #expect(reports > 10 && model.classes.map(\.name) == ["lying", "standing"] && model.classes.allSatisfy(\.hasNormaliser) && model.classes[0].energy.isDiffusion)
        func likeliest(_ rows: Matrix) throws -> [String] {
            let found = try model.classProbabilities(of: rows)
            return (0 ..< rows.rows).map { found[$0, 0] > 0.5 ? "lying" : "standing" }
        }
        #expect(try zip(likeliest(fresh), names).count { $0 == $1 } >= 57)
        // Of every path, with and without acceptance and guidance, draws are given to the class they should be.
        for sampler in [ImageSampler(kernel: .ddim, steps: 25), ImageSampler(kernel: .ancestral, steps: 40), ImageSampler(kernel: .flow, steps: 12), ImageSampler(steps: 20, corrections: Corrections(steps: 2)),
                        ImageSampler(kernel: .ancestral, steps: 20, corrections: Corrections(kind: .hmc)), ImageSampler(steps: 20, corrections: Corrections(steps: 3, kind: .langevin)), ImageSampler(steps: 20, guidance: 1)] {
            let draws = try model.draw(12, by: sampler, key: Key(5))
            #expect(draws.images.rows == 24 && draws.images.values.allSatisfy { (0 ... 1).contains($0) } && draws.runs.isEmpty && draws.paths.map(\.name) == ["lying", "standing"])
            #expect(try zip(likeliest(draws.images), draws.classes).count { $0 == $1 } >= 21, "\(sampler)")
            let found = draws.paths[0].draws, accepts = sampler.corrections.steps > 0 && sampler.corrections.kind != .langevin
            #expect(found.corrections.count == (sampler.corrections.steps == 0 ? 0 : sampler.steps) && (found.acceptance.map { $0 > 0.2 } ?? false) == accepts, "\(sampler)")
        }
        try flow(model, fresh)
        try way(model, likeliest)
        try completion(model, fresh.slice(0 ..< 8))
        // What bounds −ln p is not called exact, and files keep that.
        let bounds = try model.partition(.both, annealing: MachineAnnealing(chains: 2, steps: 2), key: Key(1)), judged = try model.likelihood(of: fresh, partitions: bounds)
        for part in bounds { #expect(part.exact == nil && part.bracket == nil && part.bound == .atMost(0)) }
        #expect(judged.atMost == Double.infinity && judged.best == judged.atLeast && judged.best.isFinite)
        #expect(checkRefusal([.usage], "exact") { _ = try model.partition(.exact, annealing: MachineAnnealing(chains: 2, steps: 2), key: Key(1)) } == [])
        // Files hold the network once.
        let again = try ImageModel(archive: model.archive())
        #expect(again.classes.allSatisfy { $0.logPartition.kind == .bound })
        #expect(try again.archive() == model.archive() && again.surprises(of: fresh) == model.surprises(of: fresh))
        #expect(model.archive().tensors.keys.filter { $0.hasSuffix("classes.weight") } == ["diffusion.network.classes.weight"])
        var broken = model.archive()
        broken.metadata["gibbs.schema"] = broken.metadata["gibbs.schema"]!.replacing("\"height\":8", with: "\"height\":9")
        #expect(checkRefusal([.unsuitableModel], "another height") { _ = try ImageModel(archive: broken) } == [])
        #expect(checkRefusal([.usage], "block Gibbs") { _ = try model.draw(1, by: ImageSampler(kernel: .gibbs), key: Key(1)) } == [])
        #expect(checkRefusal([.usage], "one step") { _ = try model.draw(1, by: ImageSampler(steps: 1), key: Key(1)) } == [])
        #expect(checkRefusal([.usage], "unknown class") { _ = try model.draw(1, of: ["slanting"], key: Key(1)) } == [])
    }

    private func way(_ model: ImageModel, _ likeliest: (Matrix) throws -> [String]) throws {
        var told = [Double]()
        let way = try model.blend(through: ["standing", "lying"], steps: 5, key: Key(6)) { told.append($0) }, bare = try model.blend(through: ["standing", "lying"], steps: 5, corrections: Corrections(steps: 0), key: Key(6))
        #expect(way.frames.allSatisfy { $0.acceptance! > 0.2 && $0.acceptance! <= 1 } && bare.frames.allSatisfy { $0.acceptance == nil } && bare.images != way.images)
        #expect(checkRefusal([.usage], "corrections") { _ = try model.blend(through: ["standing", "lying"], corrections: Corrections(steps: -1)) } == [])
        #expect(way.frames[0].likeliest == "standing" && way.frames[4].likeliest == "lying" && way.images.values.allSatisfy { (0 ... 1).contains($0) })
        // A frame takes long: every time of it is told.
        #expect(told.count > 5 * 20 && told == told.sorted() && told.last == 1, "\(told)")
        #expect(checkRefusal([.usage], "T = 0") { _ = try model.blend(through: ["standing", "lying"], temperature: 0) } == [])
    }

    /// The flow's bits a pixel are near what the bound says of the same images, and noise, of which evenly spread levels would cost 8, is dear.
    private func flow(_ model: ImageModel, _ images: Matrix) throws {
        let found = try model.flowLikelihood(of: images, steps: 40, key: Key(8)), again = try model.flowLikelihood(of: images, steps: 40, key: Key(8))
        let bound = try Double(Statistics.mean(model.surprises(of: images))) / 64 / log(2) + 8
        #expect(found == again && found.count == 60 && found.standardError < 0.2)
        #expect(abs(found.bitsPerPixel - bound) < 0.6, "\(found), by the bound \(bound)")
        let noise = Matrix(rows: 8, columns: 64, values: Key(9).uniforms(8 * 64))
        #expect(try model.flowLikelihood(of: noise, steps: 40, key: Key(8)).bitsPerPixel > found.bitsPerPixel + 1 && found.bitsPerPixel < 8)
        #expect(checkRefusal([.unsuitableData], "no image") { _ = try model.flowLikelihood(of: images.slice(0 ..< 0), key: Key(8)) } == [])
        let gaussian = try ImageModel.fitted(to: images, shape: Self.shape, options: ImageOptions(model: .gaussian))
        #expect(checkRefusal([.usage], "a Gaussian") { _ = try gaussian.flowLikelihood(of: images, key: Key(8)) } == [])
    }

    /// Half a bar tells which it is: known pixels stay, and the rest is less surprising than noise.
    private func completion(_ model: ImageModel, _ images: Matrix) throws {
        let cues = ImageErasure.bottom.applied(to: images, shape: Self.shape), found = try model.complete(cues, steps: 30, key: Key(7))
        for (index, value) in cues.values.enumerated() where !value.isNaN { #expect(found.images.values[index] == value) }
        #expect(found.energies.allSatisfy { $0.after < $0.before })
        #expect(checkRefusal([.usage], "no such class") { _ = try model.complete(cues, as: "slanting", key: Key(1)) } == [])
    }

    /// One class, sides that are odd, and a loop that closes.
    @Test func oddSides() throws {
        let images = Matrix(rows: 40, columns: 63, values: Key(1).uniforms(40 * 63)), model = try ImageModel.fitted(to: images, shape: ImageShape(height: 9, width: 7), options: Self.options(steps: 20))
        #expect(model.classes.map(\.name) == ["all"] && model.training.method.contains("schedule cosine"))
        #expect(try model.draw(2, by: ImageSampler(steps: 4), key: Key(2)).images.columns == 63)
        let loop = try model.classes[0].loop(at: 0.4, key: Key(3))
        #expect(loop.work.count == 91 && loop.work[0] == 0 && abs(loop.work[90]) < 1e-2 * loop.work.map(abs).max()!)
        let drawn = try ImageLoop.plot([loop]).svg
        #expect(drawn.contains("time 0.4") && drawn.contains(">360<") && !drawn.contains(">400<"))
        if case .diffusion(let energy) = model.classes[0].energy {
            #expect(try Plot.loop([("energy", energy.landscape())], at: 0.4, row: images.slice(0 ..< 1), points: 8, key: Key(3)).svg.contains("energy: "))
        }
        #expect(checkRefusal([.usage], "guidance") { _ = try model.draw(1, by: ImageSampler(guidance: 1), key: Key(1)) } == [])
        var options = Self.options()
        options.diffusion.schedule = .linear(from: .nan)
        #expect(checkRefusal([.usage], "nan") { _ = try ImageModel.fitted(to: images, shape: ImageShape(height: 9, width: 7), options: options) } == [])
    }
}
