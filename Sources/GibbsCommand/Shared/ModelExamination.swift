import Foundation
import Gibbs
import GibbsVerify

/// What `gibbs verify M` has to go on.
struct ModelExamination {
    let path: String
    /// Records, sessions, events, frames or images to examine the model on, and what tells how to read them; `nil` to use the model's own draws.
    let data: String?
    let input: InputOptions
    let labels: LabelOptions
    let texts: TextModelOption
    let frames: FrameInput
    let key: Key

    /// What there is to say, the file itself first.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableModel` for a file that is no model, is damaged or holds a weight
    ///   that is no number; errors of the data.
    func findings() throws -> (kind: String, findings: [Finding]) {
        let archive = try ModelFile.read(path), model = try GibbsError.naming(path) {
            for name in archive.tensors.keys.sorted() { _ = try archive.vector(name) }
            return try AnyModel(archive: archive)
        }
        let numbers = archive.tensors.values.reduce(0) { $0 + $1.values.count }
        return (model.kind, [Finding("file", "\(numbers) numbers in \(archive.tensors.count) tensors, all finite")] + (try examine(model)))
    }

    private func examine(_ model: AnyModel) throws -> [Finding] {
        if model.kind != Watchdog.kind { try texts.refuse("a model that is no watchdog on records") }
        return switch model {
        case .records(let watchdog): try examineWatchdog(watchdog)
        case .images(let images): try examineImages(images)
        case .events(let watchdog): try examineSessions(watchdog)
        case .stream(let watchdog): try examineStream(watchdog)
        case .frames(let model): try examineFrames(model)
        case .ratings(let recommender): try examineRecommender(recommender)
        case .encoder(let encoder): try examineEncoder(encoder)
        }
    }
}

// MARK: - Recommenders

extension ModelExamination {
    private func examineRecommender(_ recommender: Recommender) throws -> [Finding] {
        guard data == nil else { throw GibbsError(.usage, "a recommender is examined on its own people", advice: "leave out --data; gibbs evaluate judges it on ratings") }
        Console.progress("examining \(path)")
        return try RecommenderExamination(of: recommender, key: key).findings()
    }
}

// MARK: - Watchdogs

extension ModelExamination {
    private func examineWatchdog(_ watchdog: Watchdog) throws -> [Finding] {
        let batch = try data.map { try records($0, for: texts.reading(watchdog, model: path)) }
        Console.progress("examining \(path)")
        return try WatchdogExamination(of: watchdog, records: batch, key: key).findings()
    }

    /// Encoded normal records of a file.
    private func records(_ path: String, for watchdog: Watchdog) throws -> Matrix {
        Console.progress("reading \(path)")
        let table = try input.reader(path, for: watchdog).readAll(), rows = try labels.normalRows(of: table, file: path)
        guard rows.count > 1 else {
            throw GibbsError(.unsuitableData, "\(rows.count) record\(rows.count == 1 ? "" : "s") to examine a model on", at: .init(file: path), advice: "give at least 2, better some hundred")
        }
        return try GibbsError.naming(path) { try watchdog.encode(rows.count == table.rowCount ? table : table.selecting(rows: rows)) }
    }
}

// MARK: - Images

extension ModelExamination {
    private func examineImages(_ model: ImageModel) throws -> [Finding] {
        guard labels.normal == nil else {
            throw GibbsError(.usage, "images are not normal or otherwise", advice: "leave out --normal; --label names the column of the labels, which is not looked at")
        }
        let images = try data.map { try pixels($0, for: model) }
        Console.progress("drawing images of \(path)")
        return try ImageExamination(of: model, images: images, key: key.folding(1)).findings()
    }

    private func pixels(_ path: String, for model: ImageModel) throws -> Matrix {
        Console.progress("reading \(path)")
        let read = try LabelledImages(path: path, labelColumn: labels.label, shape: model.shape, white: model.training.white, options: input.options()).images
        guard read.rows > 1, read.columns == model.shape.pixels else {
            throw GibbsError(.unsuitableData, "\(read.rows) images of \(read.columns) pixels to examine a model of \(model.shape.height) × \(model.shape.width) on",
                             at: .init(file: path), advice: "give at least 2 of the model's size, better some hundred")
        }
        return model.drawn(read, key: key.folding(0)).images
    }
}

// MARK: - Encoders

extension ModelExamination {
    private func examineEncoder(_ encoder: ContrastiveEncoder) throws -> [Finding] {
        let training = encoder.training
        let findings = [
            Finding("encoder", "reads back: \(encoder.width) numbers an embedding at τ = " + String(format: "%.3g", encoder.critic.temperature)),
            Finding("bound", String(format: "%.3f nats on what partners share, of %.3f at most", training.bound, training.ceiling), warnsIf: training.sharesNothing,
                    advice: "the encoder found nothing that belongs together; fit it for longer, or to data whose partners tell of each other"),
        ]
        guard case .images(let shape) = encoder.form else {
            guard data == nil else { throw GibbsError(.usage, "an encoder of pairs is examined without data", advice: "leave out --data; gibbs embed gives the vectors of either side") }
            return findings + [Finding("embeddings", "of pairs, not looked at", .unknown(need: "make them with gibbs embed, and look whether they differ"))]
        }
        guard labels.normal == nil else { throw GibbsError(.usage, "images are not normal or otherwise", advice: "leave out --normal; --label names the column of the labels, which is not looked at") }
        guard let data else { return findings + [Finding("embeddings", "not looked at", .unknown(need: "give images with --data"))] }
        return findings + [try spread(of: data, shape, by: encoder)]
    }

    /// How the embeddings of a file's images spread, or of as many as are enough.
    private func spread(of path: String, _ shape: ImageShape, by encoder: ContrastiveEncoder) throws -> Finding {
        Console.progress("reading \(path)")
        let images = try LabelledImages(path: path, labelColumn: labels.label, shape: shape, options: input.options()).fitting(shape, file: path).images
        let some = images.selecting(rows: key.choose(EncoderExamination.enoughRows, of: images.rows))
        Console.progress("embedding \(some.rows) images")
        return EncoderExamination.spread(of: try GibbsError.naming(path) { try encoder.embeddings(of: some) }, rows: "images")
    }
}
