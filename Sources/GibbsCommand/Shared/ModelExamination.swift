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
    let frames: FrameInput
    let key: Key

    /// How each kind of model file is examined. A new kind joins by one line here and a function beside `examineWatchdog`.
    private static let examiners: [String: @Sendable (ModelExamination, Archive) throws -> [Finding]] = [
        Watchdog.kind: { try $0.examineWatchdog($1) },
        ImageModel.kind: { try $0.examineImages($1) },
        EventWatchdog.kind: { try $0.examineSessions($1) },
        StreamWatchdog.kind: { try $0.examineStream($1) },
        FrameModel.kind: { try $0.examineFrames($1) },
    ]

    /// What there is to say, the file itself first.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableModel` for a file that is no model, is damaged or holds a weight
    ///   that is no number; errors of the data.
    func findings() throws -> (kind: String, findings: [Finding]) {
        let archive = try ModelFile.read(path), kind = try GibbsError.naming(path) { try archive.text(ModelFile.kindKey) }
        guard let examine = Self.examiners[kind] else {
            throw GibbsError(.unsuitableModel, "holds a model of the kind '\(kind)', which gibbs verify cannot examine", at: .init(file: path),
                             advice: "it knows \(Self.examiners.keys.sorted().joined(separator: ", "))")
        }
        for name in archive.tensors.keys.sorted() { _ = try GibbsError.naming(path) { try archive.vector(name) } }
        let numbers = archive.tensors.values.reduce(0) { $0 + $1.values.count }
        return (kind, [Finding("file", "\(numbers) numbers in \(archive.tensors.count) tensors, all finite")] + (try examine(self, archive)))
    }
}

// MARK: - Watchdogs

extension ModelExamination {
    private func examineWatchdog(_ archive: Archive) throws -> [Finding] {
        let watchdog = try GibbsError.naming(path) { try Watchdog(archive: archive) }, batch = try data.map { try records($0, for: watchdog) }
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
        return try GibbsError.naming(path) { try watchdog.encoder.encode(rows.count == table.rowCount ? table : table.selecting(rows: rows)) }
    }
}

// MARK: - Images

extension ModelExamination {
    private func examineImages(_ archive: Archive) throws -> [Finding] {
        guard labels.normal == nil else {
            throw GibbsError(.usage, "images are not normal or otherwise", advice: "leave out --normal; --label names the column of the labels, which is not looked at")
        }
        let model = try GibbsError.naming(path) { try ImageModel(archive: archive) }, images = try data.map { try pixels($0, for: model) }
        Console.progress("drawing images of \(path)")
        return try ImageExamination(of: model, images: images, key: key.folding(1)).findings()
    }

    private func pixels(_ path: String, for model: ImageModel) throws -> Matrix {
        Console.progress("reading \(path)")
        let read = try LabelledImages(path: path, labelColumn: labels.label, shape: model.shape, options: input.options()).images
        guard read.rows > 1, read.columns == model.shape.pixels else {
            throw GibbsError(.unsuitableData, "\(read.rows) images of \(read.columns) pixels to examine a model of \(model.shape.height) × \(model.shape.width) on",
                             at: .init(file: path), advice: "give at least 2 of the model's size, better some hundred")
        }
        return model.drawn(read, key: key.folding(0)).images
    }
}
