import Foundation
import GibbsNumerics
import GibbsText
import GibbsWatch

extension TextModel {
    /// How far an encoder is with texts that it was given at once, for a progress display.
    public struct Progress: Sendable, Hashable {
        /// Texts read so far.
        public var done: Int
        /// Texts in all.
        public var total: Int
        /// Texts among those done since the last report that were longer than the encoder reads, and cut.
        public var cut: Int
    }

    /// The encoder of a folder, for the text columns of a watchdog: a text's vector is `TextEncoder.embeddings`, and one without a word is missing.
    ///
    ///     var options = WatchdogOptions()
    ///     (options.embedding, options.textModel) = (["message"], try TextModel(folder: "minilm"))
    ///     let watchdog = try Watchdog.fitted(to: table, options: options)
    ///
    /// - Parameters:
    ///   - folder: With `config.json`, `tokenizer.json` and `model.safetensors`, such as `scripts/setup --text` gets, and `1_Pooling/config.json` where vectors are no means. Model files remember it.
    ///   - report: Sees the reading, 256 texts at a time; what it throws ends it.
    /// - Throws: As `TextEncoder.init(folder:)`.
    public init(folder: String, report: @escaping @Sendable (Progress) throws -> Void = { _ in }) throws {
        let encoder = try TextEncoder(folder: folder), path = URL(fileURLWithPath: folder).standardizedFileURL.path
        self.init(identity: Identity(digest: try TextEncoder.digest(ofFolder: folder), width: encoder.shape.width, folder: path)) { texts in
            var values = [Float]()
            for first in stride(from: 0, to: texts.count, by: 256) {
                let part = Array(texts[first ..< min(texts.count, first + 256)]), read = part.indices.filter { encoder.reads(part[$0]) }
                let found = try encoder.embeddings(of: read.map { part[$0] })
                var vectors = Matrix(rows: part.count, columns: encoder.shape.width, repeating: .nan)
                for (row, index) in read.enumerated() { for k in 0 ..< vectors.columns { vectors[index, k] = found.vectors[row, k] } }
                values += vectors.values
                try report(Progress(done: first + part.count, total: texts.count, cut: found.cut.count))
            }
            return Matrix(rows: texts.count, columns: encoder.shape.width, values: values)
        }
    }
}

// MARK: - Where an encoder is

extension TextModel {
    /// Where `scripts/setup --text` puts an encoder: `minilm` in GIBBS_CACHE, which is ~/.cache/gibbs unless set.
    package static var usualFolder: String {
        let environment = ProcessInfo.processInfo.environment
        return (environment["GIBBS_CACHE"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gibbs") + "/minilm"
    }

    /// The first of these folders in which an encoder lies.
    package static func folder(among places: String?...) -> String? {
        places.compactMap(\.self).first { EncoderFolder($0).isThere }
    }
}

extension Watchdog {
    /// A copy that reads its texts by the encoder of its fit, where there are any: in the folder that it remembers, else in the usual one.
    ///
    /// - Parameters:
    ///   - folder: The encoder's, where it is named.
    ///   - report: As of `TextModel`.
    /// - Throws: `GibbsError` with code `.cannotRead` where there is none, `.unsuitableModel` where it is another than that of the fit; as `TextModel.init(folder:)`.
    package func readingTexts(folder: String? = nil, report: @escaping @Sendable (TextModel.Progress) throws -> Void = { _ in }) throws -> Watchdog {
        guard let wanted = encoder.textModel else { return self }
        guard let folder = folder ?? TextModel.folder(among: wanted.folder, TextModel.usualFolder) else {
            let places = wanted.folder.map { "neither in \($0) nor in \(TextModel.usualFolder)" } ?? "not in \(TextModel.usualFolder)"
            throw GibbsError(.cannotRead, "the model reads texts by the encoder \(wanted.digest), which is \(places)", advice: "run scripts/setup --text, or name its folder with --text-model")
        }
        return try reading(by: TextModel(folder: folder, report: report))
    }
}
