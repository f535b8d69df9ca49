import Foundation
import Gibbs

/// A model that is served, and what was made of it once for all requests. A value of its own for each reading of its file.
package final class ModelEntry: Sendable {
    /// What it is asked for by.
    package let name: String
    /// Its file.
    package let path: String
    package let model: AnyModel
    /// When it was read.
    let loaded = Date()
    /// The digest of the file's bytes.
    let digest: String
    /// What a recommender's items are like, and are called.
    package let company: ItemCompany?, titles: [String: String]
    /// How the scores of its requests lie beside those of its calibration.
    package let drift: ScoreDrift?

    /// Reads a model's file, and a table of titles beside it where there is one: `NAME.titles.csv` or `.tsv`.
    ///
    /// - Throws: `GibbsError` as `AnyModel.read`.
    package init(name: String, path: String) throws {
        (self.name, self.path) = (name, path)
        model = try AnyModel.read(path).readingTexts()
        digest = Digest.hex(of: FileManager.default.contents(atPath: path) ?? Data())
        drift = model.scoreCalibration.map { ScoreDrift(reference: $0.energies) }
        guard case .ratings(let recommender) = model else {
            (company, titles) = (nil, [:])
            return
        }
        company = ItemCompany(recommender.history)
        titles = try Self.titles(beside: (path as NSString).deletingPathExtension)
    }

    private static func titles(beside stem: String) throws -> [String: String] {
        guard let path = ["csv", "tsv"].map({ stem + ".titles." + $0 }).first(where: FileManager.default.fileExists) else { return [:] }
        let table = try TableReader(path: path).readAll()
        guard table.columns.count > 1 else { return [:] }
        var result = [String: String]()
        for row in 0 ..< table.rowCount {
            if let item = table.columns[0].text(row), let title = table.columns[1].text(row) { result[item] = title }
        }
        return result
    }

    /// The description, as `gibbs inspect --json` has it, and how it is served.
    package var json: JSONValue {
        guard case .object(let members) = model.json(file: name) else { return .null }
        let own = members.filter { !["file", "model"].contains($0.0) || $0.0 == "model" && $0.1.text != JSONValue.string(name).text }
        return .object([("name", .string(name)), ("words", .string(model.words)), ("fileDigest", .string(digest)), ("loaded", .string(TimeStamp.text(loaded.timeIntervalSince1970.rounded(.down)))), ("verbs", .array(model.verbs.map { .string($0) }))] + own)
    }
}

extension AnyModel {
    /// New texts that one request may bring to a model that reads texts: each takes milliseconds.
    private static let textLimit = 1_000

    /// The model, able to read columns of text where it has any.
    fileprivate func readingTexts() throws -> AnyModel {
        guard case .records(let watchdog) = self else { return self }
        do {
            return .records(try watchdog.readingTexts { progress in
                try LongWork.check()
                guard progress.total <= Self.textLimit else {
                    throw GibbsError(.limitExceeded, "\(progress.total) texts that are new to the model", advice: "send at most \(Self.textLimit) at once")
                }
            })
        } catch let error as GibbsError {
            // Without the folders of this machine, which its own message names.
            throw GibbsError(error.code, "reads texts by the encoder \(watchdog.encoder.textModel?.digest ?? ""), which this machine does not have", advice: "run scripts/setup --text, or put that of the fit where it was")
        }
    }

    /// What the model can be asked for, as the last part of a path.
    var verbs: [String] {
        switch self {
        case .records, .events, .frames: ["score"]
        case .images(let model): ["score"] + (model.canDraw ? ["sample"] : []) + (model.canBlend ? ["blend"] : []) + (model.isMemory ? ["recall"] : [])
        case .ratings: ["score", "recommend", "similar"]
        case .stream: ["events"]
        case .encoder: []
        }
    }

    /// What the energies of scored rows are compared with; of a stream that is its own monitor's.
    var scoreCalibration: Calibration? {
        switch self {
        case .records(let model): model.calibration
        case .events(let model): model.calibration?.energy
        case .frames(let model): model.calibration
        case .images(let model): model.calibration
        case .ratings, .encoder, .stream: nil
        }
    }

    /// What it is, in words.
    package var words: String {
        switch self {
        case .records: "a watchdog on records"
        case .images: "a model of images"
        case .events: "a watchdog on sessions of events"
        case .frames: "a model of frames"
        case .ratings: "a recommender"
        case .encoder: "an encoder"
        case .stream: "a watchdog on a stream of events"
        }
    }
}

extension ImageModel {
    /// Whether its classes are memories, which recall.
    var isMemory: Bool { if case .memory = classes[0].energy { true } else { false } }
}

extension ModelEntry {
    /// The error for a model that cannot do what is asked.
    package func cannot(_ verb: String) -> GibbsError {
        let advice = switch model.verbs {
        case ["events"]: "send its events to POST /streams/\(name)/events"
        case []: "gibbs embed uses encoders; the service only shows them"
        case let verbs: "ask it for \(verbs.joined(separator: ", "))"
        }
        return GibbsError(.unsuitableModel, "the model '\(name)' is \(model.words), which has no \(verb)\(model.verbs.isEmpty ? " here" : "")", advice: advice)
    }

    package func images(_ verb: String) throws -> ImageModel {
        guard case .images(let model) = model else { throw cannot(verb) }
        return model
    }

    func recommender(_ verb: String) throws -> (model: Recommender, company: ItemCompany) {
        guard case .ratings(let model) = model, let company else { throw cannot(verb) }
        return (model, company)
    }
}
