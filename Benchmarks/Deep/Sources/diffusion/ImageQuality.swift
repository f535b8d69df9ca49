import Foundation
import Gibbs
import GibbsDeep

/// An energy and a free score: the same network, the same steps, the same noise; their draws by the Fréchet distance from the test images.
struct ImageQuality {
    let data: String, folder: String, steps: Int, draws: Int, pathSteps: Int, device: Device, key: UInt64

    func run() throws {
        let name = URL(fileURLWithPath: data).lastPathComponent
        func read(_ part: String) throws -> LabelledImages { try LabelledImages(path: data + "/\(part)-images-idx3-ubyte.gz", labelsPath: data + "/\(part)-labels-idx1-ubyte.gz") }
        let train = try read("train"), test = try read("t10k"), shape = train.shape, labels = train.labels!.map { Int($0)! }, testLabels = test.labels!.map { Int($0)! }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let judge = try Judge(train.images, labels, side: [shape.height, shape.width], on: device), wanted = try judge.gaussian(of: test.images)
        let some = train.images.selecting(rows: Key(9).choose(draws, of: train.images.rows))
        report([("suite", "diffusion"), ("set", name), ("judgeAccuracy", try judge.accuracy(test.images, testLabels)), ("distanceOfTrainingImages", try wanted.frechetDistance(to: judge.gaussian(of: some)))])
        let x = Matrix(rows: train.images.rows, columns: shape.pixels, values: train.images.values.map { 2 * $0 - 1 }), options = DiffusionImageOptions()
        let layers = Layer.smallUNet(fine: options.fine, coarse: options.coarse, coarsest: options.coarsest), network = try TimeNetwork(layers, input: [1, shape.height, shape.width], classes: 10, key: Key(key).folding(1)).moved(to: device)
        let scale = try DiffusionScale(options.schedule, data: x)
        let energy = try examine("energy", DiffusionEnergy(network, scale: scale, form: options.form), name, x, labels, options, judge, wanted, shape)
        let score = try examine("score", UnconstrainedScore(network, scale: scale), name, x, labels, options, judge, wanted, shape)
        for time in [0.1, 0.3, 0.5, 0.7, 0.9] {
            for (kind, check) in try [("energy", LandscapeCheck(of: energy, at: time, rows: x.slice(0 ..< 16), key: Key(5))), ("score", LandscapeCheck(of: score, at: time, rows: x.slice(0 ..< 16), key: Key(5)))] {
                report([("suite", "diffusion"), ("set", name), ("field", kind), ("key", key), ("time", time), ("asymmetry", check.asymmetry), ("loopNats", check.loop), ("loopShare", check.loopShare)])
            }
        }
        try Plot.loop([("energy", energy), ("free score", score)], at: 0.3, row: x.slice(0 ..< 1), key: Key(6)).write(to: folder + "/loop.svg")
    }

    private func examine<Model: DiffusionNetwork>(_ kind: String, _ start: Model, _ set: String, _ x: Matrix, _ labels: [Int], _ options: DiffusionImageOptions, _ judge: Judge, _ wanted: GaussianEnergy,
                                                  _ shape: ImageShape) throws -> Model {
        let clock = ContinuousClock(), begin = clock.now
        var method = options.training
        method.descent.epochRows = 50 * method.descent.batchSize
        method.descent.epochs = max(1, steps / 50)
        let last = try start.training(on: x, labels: labels, by: method, key: Key(key).folding(2)).finish { epoch in
            if epoch.number % 5 == 0 { FileHandle.standardError.write(Data("\(set) \(kind): \(50 * epoch.number) steps, loss \(epoch.figures["loss"] ?? .nan), \(clock.now - begin)\n".utf8)) }
            return true
        }
        let model = last.model, trained = clock.now - begin
        try Archive.keep(model.network.archive(), folder + "/\(kind).network")
        let sampler = DiffusionSampler(path: .ddim, steps: pathSteps)
        let parts = try (0 ..< 10).map { try sampler.draw(draws / 10, from: model.given($0), key: Key(key).folding(3).folding($0)) }
        let images = Matrix(rows: draws / 10 * 10, columns: shape.pixels, values: parts.flatMap { $0.rows.values.map { min(max(0.5 * ($0 + 1), 0), 1) } }), own = (0 ..< images.rows).map { $0 / (draws / 10) }
        report([("suite", "diffusion"), ("set", set), ("field", kind), ("key", key), ("weights", model.network.parameterCount), ("steps", steps), ("loss", last.figures["loss"] ?? .nan), ("path", sampler.path.rawValue), ("pathSteps", sampler.steps),
                ("draws", draws), ("frechet", try wanted.frechetDistance(to: judge.gaussian(of: images))), ("inTheirClass", try judge.accuracy(images, own)),
                ("device", device.rawValue), ("trainingMinutes", trained / .seconds(60)), ("drawingMinutes", parts.reduce(0) { $0 + $1.seconds } / 60)])
        try Picture.grid(of: images.selecting(rows: (0 ..< 100).map { $0 / 10 * (draws / 10) + $0 % 10 }), height: shape.height, width: shape.width, columns: 10, scale: 2).write(to: folder + "/\(kind).png")
        return model
    }
}

extension Archive {
    /// Kept for another look: a file of weights.
    static func keep(_ archive: Archive, _ path: String) throws { try ModelFile.write(archive, to: path, kind: "time-network") }
}
