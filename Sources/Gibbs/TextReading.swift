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
    ///   - folder: With `config.json`, `tokenizer.json` and `model.safetensors`, such as `scripts/setup --text` gets. Model files remember it.
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
