import Foundation
import GibbsCore
import GibbsCreate
import GibbsDeep
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Deep models of 8 × 8 images of two kinds: a bar that stands, and one that lies.
@Suite(.serialized, .enabled(if: Engine.version != nil, "built without the trait Deep; run scripts/setup --deep, then scripts/deep test")) struct DeepImageTests {
    static let shape = ImageShape(height: 8, width: 8)

    /// A bar somewhere near the middle, two pixels thick, and little noise.
    static func bars(_ count: Int, key: Key) -> (images: Matrix, labels: [String]) {
        let places = key.folding(0).uniforms(count), noise = key.folding(1).uniforms(count * 64)
        let images = Matrix(rows: count, columns: 64, values: (0 ..< count * 64).map { index in
            let row = index / 64, y = index % 64 / 8, x = index % 8, at = 2 + Int(places[row] * 3), along = row % 2 == 0 ? x : y
            return (along == at || along == at + 1 ? 0.9 : 0) + 0.1 * noise[index]
        })
        return (images, (0 ..< count).map { $0 % 2 == 0 ? "standing" : "lying" })
    }

    /// The recipe as it is, in fewer steps and with fewer chains.
    static func options(_ objective: DeepImageOptions.Objective = .contrastive) -> ImageOptions {
        var options = ImageOptions(model: .deep, seed: 3)
        options.deep.objective = objective
        (options.deep.steps, options.deep.jointSteps, options.deep.batchesAtOnce) = (320, 240, 8)
        options.deep.contrastive.chains.capacity = 1_000
        return options
    }

    @Test func energyOfImages() throws {
        let (images, _) = Self.bars(512, key: Key(1)), (fresh, _) = Self.bars(100, key: Key(2))
        var reports = 0
        let options = Self.options(), model = try ImageModel.fitted(to: images, shape: Self.shape, options: options, watch: { report in
            reports += 1
            #expect(report.number == reports && report.count >= report.number && report.figures["energyGap"] != nil && report.model.classes.count == 1)
        })
        #expect(reports == 40 && model.classes.map(\.name) == ["all"] && !model.classes[0].hasNormaliser)
        let noise = Matrix(rows: 100, columns: 64, values: Key(4).uniforms(6_400)), own = try model.surprises(of: fresh), foreign = try model.surprises(of: noise)
        #expect(Ranking.auroc(scores: own + foreign, positive: (0 ..< 200).map { $0 >= 100 }) > 0.99)
        // Chains from noise end where the images are: far nearer to one than noise is.
        let draws = try model.draw(20, by: ImageSampler(steps: 400, draws: 4), key: Key(5))
        #expect(draws.kernel == .langevin && draws.images.values.allSatisfy { (0 ... 1).contains($0) } && draws.runs[0].samples.draws == 4)
        func distance(_ rows: Matrix) -> Double { Statistics.mean((0 ..< rows.rows).map { row in
            (0 ..< images.rows).map { other in zip(rows.row(row), images.row(other)).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }.min()!
        }) }
        let (near, far) = (distance(draws.images), distance(noise))
        #expect(near < 0.6 * far, "draws are \(near) from the nearest image, noise \(far)")
        #expect(try model.draw(20, by: ImageSampler(steps: 400, draws: 4), key: Key(5)).images == draws.images)
        #expect(checkRefusal([.usage], "block Gibbs") { _ = try model.draw(1, by: ImageSampler(kernel: .gibbs), key: Key(1)) } == [])
        #expect(checkRefusal([.usage], "ln Z") { _ = try model.partition(.both, annealing: MachineAnnealing(chains: 2, steps: 2), key: Key(1)) } == [])
        // Files hold the network once, and the chains.
        let again = try ImageModel(archive: model.archive())
        #expect(try again.archive() == model.archive() && again.surprises(of: fresh) == own)
        var broken = model.archive()
        broken.metadata["gibbs.schema"] = broken.metadata["gibbs.schema"]!.replacing("\"height\":8", with: "\"height\":9")
        #expect(checkRefusal([.unsuitableModel], "another height") { _ = try ImageModel(archive: broken) } == [])
    }

    @Test func classesThatAreEnergies() throws {
        let (images, labels) = Self.bars(512, key: Key(1)), (fresh, names) = Self.bars(100, key: Key(2))
        let model = try ImageModel.fitted(to: images, shape: Self.shape, labels: labels, options: Self.options())
        #expect(model.classes.map(\.name) == ["lying", "standing"])
        func likeliest(_ rows: Matrix) throws -> [String] {
            let found = try model.classProbabilities(of: rows)
            return (0 ..< rows.rows).map { found[$0, 0] > 0.5 ? "lying" : "standing" }
        }
        #expect(try zip(likeliest(fresh), names).count { $0 == $1 } >= 98)
        // Draws of a class, and the way from one to the other, are given to the class they should be.
        let draws = try model.draw(20, by: ImageSampler(steps: 400, draws: 1), key: Key(5))
        #expect(try zip(likeliest(draws.images), draws.classes).count { $0 == $1 } >= 34)
        let way = try model.blend(through: ["standing", "lying"], steps: 5, key: Key(6))
        #expect(way.frames[0].likeliest == "standing" && way.frames[4].likeliest == "lying" && way.images.values.allSatisfy { (0 ... 1).contains($0) })
        // Half a bar tells which it is: known pixels stay, the rest becomes less surprising.
        let cues = ImageErasure.bottom.applied(to: fresh.slice(0 ..< 10), shape: Self.shape), found = try model.complete(cues, steps: 300, key: Key(7))
        for (index, value) in cues.values.enumerated() where !value.isNaN { #expect(found.images.values[index] == value) }
        #expect(found.diverged == [] && found.energies.count { $0.after < $0.before } >= 9)
        #expect(checkRefusal([.usage], "no such class") { _ = try model.complete(cues, as: "slanting", key: Key(1)) } == [])
        // Where nothing is known, the class asked for is what comes.
        for name in ["standing", "lying"] {
            let made = try model.complete(Matrix(rows: 10, columns: 64, values: Array(repeating: .nan, count: 640)), as: name, steps: 400, key: Key(8))
            #expect(try likeliest(made.images).count { $0 == name } >= 8, "as \(name)")
        }
        // The scale of the outputs is that of the alarm too, and two classes of one name are refused.
        var twins = model.archive()
        twins.metadata["gibbs.schema"] = twins.metadata["gibbs.schema"]!.replacing("\"lying\"", with: "\"standing\"")
        #expect(checkRefusal([.unsuitableModel], "two classes of one name") { _ = try ImageModel(archive: twins) } == [])
        let judged = try model.judged(on: fresh, labels: names), probabilities = try model.classProbabilities(of: fresh)
        let surprise = -Statistics.mean((0 ..< 100).map { log(Double(probabilities[$0, names[$0] == "lying" ? 0 : 1])) })
        #expect(judged.images == 100 && judged.classes.map(\.images) == [50, 50] && judged.accuracy >= 0.98 && abs(judged.crossEntropy - surprise) < 1e-3)
        #expect(checkRefusal([.usage], "no such class") { _ = try model.judged(on: fresh, labels: Array(repeating: "slanting", count: 100)) } == [])
        #expect(checkRefusal([.shapeMismatch], "too few labels") { _ = try model.judged(on: fresh, labels: []) } == [])
        // The outputs' scale and the chains' limit are in the file.
        guard case .deep(let kept) = try ImageModel(archive: model.archive()).classes[1].energy else { Issue.record("no network"); return }
        #expect(kept.scale == 50 && kept.chains.slopeLimit == 1.5 && abs(kept.chains.temperature - 6.25e-5) < 1e-9 && kept.output == 1)
        for device in Device.allCases where !device.isAvailable { #expect(checkRefusal([.usage], "no such device") { _ = try model.moved(to: device) } == []) }
        #expect(try model.moved(to: .processor).surprises(of: fresh) == model.surprises(of: fresh))
        let plain = try ImageModel.fitted(to: images, shape: Self.shape, labels: labels, options: Self.options(.classifier))
        #expect(plain.training.method.contains("plain classifier") && plain.archive().tensors.keys.filter { $0.hasPrefix("network.") }.count == 10)
    }

    @Test func autoencoderAndScores() throws {
        let (images, _) = Self.bars(512, key: Key(1)), (fresh, _) = Self.bars(60, key: Key(2)), noise = Matrix(rows: 60, columns: 64, values: Key(4).uniforms(3_840))
        var vae = Self.options()
        vae.model = .vae
        (vae.deep.latent, vae.deep.variationalPasses) = (4, 60)
        var score = Self.options(.score)
        score.deep.passes = 60
        for options in [vae, score] {
            let model = try ImageModel.fitted(to: images, shape: Self.shape, options: options), scores = try model.surprises(of: fresh) + model.surprises(of: noise)
            #expect(Ranking.auroc(scores: scores, positive: (0 ..< 120).map { $0 >= 60 }) > 0.95, "\(model.training.method) \(Statistics.mean(scores.prefix(60))) \(Statistics.mean(scores.suffix(60)))")
            #expect(try ImageModel(archive: model.archive()).archive() == model.archive())
            let draws = try model.draw(5, key: Key(5))
            #expect(draws.images.rows == 5 && draws.images.values.allSatisfy { (0 ... 1).contains($0) })
        }
    }

    /// An autoencoder's residual as a model: one class, energies that its file keeps, and neither draws nor ln Z.
    @Test func residual() throws {
        let (images, labels) = Self.bars(512, key: Key(1)), (fresh, _) = Self.bars(100, key: Key(2))
        var options = Self.options(.residual)
        options.deep.residualSteps = 400
        let model = try ImageModel.fitted(to: images, shape: Self.shape, options: options), again = try ImageModel(archive: model.archive())
        #expect(model.classes.map(\.name) == ["all"] && model.training.method.contains("denoising") && !model.canDraw && !model.classes[0].hasNormaliser)
        #expect(try again.archive() == model.archive() && again.surprises(of: fresh) == model.surprises(of: fresh))
        // Bars that slant are foreign, though they are as bright and as smooth.
        let slanting = Matrix(rows: 100, columns: 64, values: (0 ..< 6_400).map { index in
            let (row, y, x) = (index / 64, index % 64 / 8, index % 8), at = 6 + row % 3
            return (x + y == at || x + y == at + 1 ? 0.9 : 0) + 0.1 * Key(5).folding(row).uniforms(64)[index % 64]
        })
        let scores = try model.surprises(of: fresh) + model.surprises(of: slanting)
        #expect(Ranking.auroc(scores: scores, positive: (0 ..< 200).map { $0 >= 100 }) > 0.99)
        #expect(checkRefusal([.usage], "draws") { _ = try model.draw(2, key: Key(1)) } == [])
        #expect(checkRefusal([.usage], "ln Z") { _ = try model.partition(.both, annealing: MachineAnnealing(chains: 2, steps: 2), key: Key(1)) } == [])
        #expect(checkRefusal([.usage], "classes") { _ = try ImageModel.fitted(to: images, shape: Self.shape, labels: labels, options: options) } == [])
        #expect(checkRefusal([.usage], "completion") { _ = try model.complete(fresh, key: Key(1)) } == [])
    }

    /// Noise is told from bars, bars from bars are not; the promise of the calibration holds.
    @Test func noveltyTrial() throws {
        let (images, labels) = Self.bars(600, key: Key(1)), (fresh, _) = Self.bars(200, key: Key(2)), (more, _) = Self.bars(200, key: Key(3))
        var options = Self.options()
        (options.hidden, options.epochs, options.deep.residualSteps, options.deep.latent, options.deep.variationalPasses) = (8, 1, 400, 4, 20)
        let trial = try NoveltyTrial(images: images, labels: labels, test: fresh, shape: Self.shape, options: options), sets = NoveltySet.made(from: fresh, key: Key(4)) + [NoveltySet("bars", more)]
        #expect(sets.map(\.name) == ["constant", "blank", "noise", "inverted", "bars"])
        for model in [NoveltyModel.gaussian, .ppca, .joint, .residual, .regret] {
            let found = try trial.figures(of: model, on: sets)
            let noise = found[2], same = found[4]
            #expect(noise.auroc > 0.99 && noise.averagePrecision > 0.98 && noise.falsePositiveRate < 0.05 && noise.caught > 0.9, "\(noise)")
            if model == .residual || model == .regret { #expect(found[1].auroc > 0.99, "blank images: \(found[1])") }
            #expect(abs(same.auroc - 0.5) < 0.12 && same.falsePositiveRate > 0.85 && abs(same.caught - same.falseAlarms) < 0.12 && same.falseAlarms < 0.2, "\(same)")
        }
        let plain = try NoveltyTrial(images: images, test: fresh, shape: Self.shape)
        #expect(checkRefusal([.usage], "no labels") { _ = try plain.figures(of: .joint, on: sets) } == [])
        #expect(checkRefusal([.unsuitableData], "ten images") { _ = try NoveltyTrial(images: fresh.slice(0 ..< 10), test: fresh, shape: Self.shape) } == [])
    }
}

/// Without libtorch a deep file says how to get it.
@Suite struct AbsentDeepTests {
    @Test(.enabled(if: Engine.version == nil, "built with the trait Deep")) func says() {
        let schema = #"{"shape":{"height":8,"width":8},"classes":[{"name":"all","kind":"deep","logPartition":0,"standardError":0,"isExact":true,"share":1}]}"#
        let archive = Archive(metadata: ["gibbs.schema": schema, "gibbs.training": #"{"images":2,"seed":1,"method":"network"}"#])
        var said = ""
        do { _ = try ImageModel(archive: archive) } catch { said = "\(error)" }
        #expect(said == "this program was built without deep energies; run scripts/setup --deep, then scripts/deep build")
        do { _ = try ImageModel.fitted(to: Matrix(rows: 4, columns: 64), shape: ImageShape(height: 8, width: 8), options: ImageOptions(model: .deep)) } catch { said = "now \(error)" }
        #expect(said == "now this program was built without deep energies; run scripts/setup --deep, then scripts/deep build")
    }
}
