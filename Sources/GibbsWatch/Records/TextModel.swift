import Foundation
import GibbsData
import GibbsNumerics

/// An encoder of texts as a watchdog sees it: what tells it from others, and a vector a text. Which encoder it is, is another room's business.
///
///     let texts = try TextModel(folder: "minilm")                 // of the room Gibbs; or one of your own:
///     let lengths = TextModel(identity: .init(digest: "lengths", width: 1)) { Matrix(rows: $0.count, columns: 1, values: $0.map { Float($0.count) }) }
///
/// A text that repeats is read once, as long as it is among the last 50,000 different ones.
public struct TextModel: Sendable {
    /// What a model file remembers of an encoder.
    public struct Identity: Sendable, Hashable, Codable {
        /// Tells encoders apart: those of one digest give the same vectors.
        public var digest: String
        /// Numbers a text; positive.
        public var width: Int
        /// Where it was found, for those who look for it again; `nil` for the usual place, or none.
        public var folder: String?

        /// An identity of these parts.
        public init(digest: String, width: Int, folder: String? = nil) { (self.digest, self.width, self.folder) = (digest, width, folder) }
    }

    /// Which encoder it is.
    public var identity: Identity
    private let read: @Sendable ([String]) throws -> Matrix
    private let known = KnownTexts()

    /// An encoder that is a function.
    ///
    /// - Parameters:
    ///   - identity: Which it is.
    ///   - vectors: From different texts to a matrix, shape `[texts, width]`; the same text must always give the same row. A row that is not finite
    ///     says that the text holds nothing to read.
    public init(identity: Identity, vectors: @escaping @Sendable ([String]) throws -> Matrix) { (self.identity, read) = (identity, vectors) }

    /// The vectors of texts, shape `[texts, width]`; rows of `nan` where a text holds nothing to read.
    ///
    /// - Throws: What the encoder throws; `GibbsError` with code `.unsuitableModel` when it gives another shape than it promised.
    /// - Complexity: That of the encoder, once a different text.
    public func vectors(of texts: [String]) throws -> Matrix {
        let distinct = DistinctTexts(texts), unique = distinct.unique
        var vectors = known.vectors(of: unique)
        let unread = unique.indices.filter { vectors[$0] == nil }
        if !unread.isEmpty {
            let found = try read(unread.map { unique[$0] })
            guard found.rows == unread.count, found.columns == identity.width else {
                throw GibbsError(.unsuitableModel, "the text encoder gave \(found.rows) vectors of \(found.columns) numbers for \(unread.count) texts of \(identity.width)",
                                 advice: "an encoder gives one row a text, as wide as it says")
            }
            for (row, index) in unread.enumerated() { vectors[index] = found.row(row).allSatisfy(\.isFinite) ? Array(found.row(row)) : Array(repeating: .nan, count: identity.width) }
            known.add(unread.map { (unique[$0], vectors[$0] ?? []) })
        }
        return Matrix(rows: unique.count, columns: identity.width, values: vectors.flatMap { $0 ?? [] }).selecting(rows: distinct.places)
    }
}

/// Vectors of texts that were read; forgets all of them before it grows beyond its limit.
private final class KnownTexts: @unchecked Sendable {
    private static let limit = 50_000
    private let lock = NSLock()
    private var vectors = [String: [Float]]()

    func vectors(of texts: [String]) -> [[Float]?] { lock.withLock { texts.map { vectors[$0] } } }

    func add(_ found: [(String, [Float])]) {
        lock.withLock {
            if vectors.count + found.count > Self.limit { vectors.removeAll() }
            for (text, vector) in found.prefix(Self.limit) { vectors[text] = vector }
        }
    }
}
