import Foundation
import GibbsData
import GibbsLandscapes
import GibbsNumerics

/// A Transformer encoder of text, such as MiniLM, run as it is: tokens in, one vector a text out.
///
///     let encoder = try TextEncoder(folder: "minilm")
///     let vectors = try encoder.embeddings(of: ["a cat", "a kitten", "a tax return"]).vectors
///
/// Every layer is attention and a map with GELU, each added to its input and normalised; a text's vector is the mean of its tokens' last states,
/// scaled to length one, as sentence-transformers does, or the first of these states where the folder's `1_Pooling/config.json` says so (`Pooling`). In
/// every head, attention is the Gibbs distribution of `Attention`, whose temperature can be moved here; the model was trained at T = 1.
///
/// - Source: Devlin et al., *BERT*, 2019; Wang et al., *MiniLM*, NeurIPS 2020; Reimers & Gurevych, *Sentence-BERT*, EMNLP 2019.
public struct TextEncoder: Sendable {
    /// The sizes.
    public let shape: EncoderShape
    /// Text to tokens.
    public let tokenizer: Tokenizer
    /// How the last states become a vector.
    public let pooling: Pooling
    let weights: EncoderWeights

    /// Texts as vectors.
    public struct Embeddings: Sendable {
        /// Shape `[texts, width]`, of length one.
        public let vectors: Matrix
        /// The texts that were too long, and how many tokens of each were cut.
        public let cut: [(text: Int, tokens: Int)]
    }

    /// The encoder of a folder with `config.json`, `tokenizer.json` and `model.safetensors`, as Hugging Face keeps them; where there is a
    /// `1_Pooling/config.json`, it must name the mean or the first token, and the mean is taken where there is none.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData`, `.limitExceeded` or `.unsuitableModel`, naming the file and what is wrong with it.
    /// - Complexity: Reads all weights; a second for 22 million.
    public init(folder: String) throws {
        let files = EncoderFolder(folder), shape = try EncoderShape(contentsOf: files.config)
        self.shape = shape
        tokenizer = try Tokenizer(contentsOf: files.tokenizer)
        pooling = try Pooling(of: files)
        let found = try ModelFile.tensors(files.weights)
        weights = try GibbsError.naming(files.weights) { try EncoderWeights(found.archive, skipped: found.skipped, shape) }
        guard tokenizer.vocabularySize <= shape.vocabulary else {
            throw GibbsError(.unsuitableModel, "the tokenizer has \(tokenizer.vocabularySize) pieces and the model knows \(shape.vocabulary)", at: .init(file: files.tokenizer), advice: "take both from the same model")
        }
    }

    /// The tokens of texts, each cut to what the model can take.
    ///
    /// - Parameters:
    ///   - texts: Texts.
    ///   - limit: Tokens a text, with the two that frame it; the model's `positions` unless told. Some reference libraries cut earlier by a setting.
    /// - Throws: `GibbsError` with code `.unsuitableData` for a text without a token, naming its place from 1 where there are several; `.usage` for a limit below 3 or
    ///   beyond the model's.
    package func tokens(of texts: [String], limit: Int?) throws -> [Tokenizer.Tokens] {
        let limit = limit ?? shape.positions
        guard (3 ... shape.positions).contains(limit) else { throw GibbsError(.usage, "at most \(limit) tokens a text", advice: "this model takes 3 to \(shape.positions)") }
        let tokens = texts.map { tokenizer.tokens(of: $0, limit: limit) }
        if let empty = tokens.firstIndex(where: { $0.ids.count <= 2 }) {
            throw GibbsError(.unsuitableData, "\(texts.count == 1 ? "the text" : "text \(empty + 1) of \(texts.count)") is empty: it holds no word", advice: "give at least one letter, or leave it out")
        }
        return tokens
    }

    /// The vectors of texts.
    ///
    /// - Parameters:
    ///   - texts: Texts; one that is too long is cut, and `cut` says so.
    ///   - temperatures: T of every head, shape `[layers][heads]`; 1 unless told.
    ///   - limit: Tokens a text, with the two that frame it; the model's `positions` unless told.
    /// - Throws: `GibbsError` with code `.unsuitableData` for an empty text, `.usage` for a limit that makes no sense, or temperatures of another
    ///   shape or not positive.
    /// - Complexity: Some 12 width² multiplications a token and layer. Texts of any length are packed without padding; memory for 4096 tokens at a time.
    public func embeddings(of texts: [String], temperatures: [[Float]]? = nil, limit: Int? = nil) throws -> Embeddings {
        if let temperatures { try shape.check(temperatures: temperatures) }
        let tokens = try tokens(of: texts, limit: limit)
        var vectors = Matrix(rows: texts.count, columns: shape.width), first = 0
        while first < texts.count {
            var last = first, total = 0
            while last < texts.count, last == first || total + tokens[last].ids.count <= Self.tokensAtOnce {
                total += tokens[last].ids.count
                last += 1
            }
            var pass = try EncoderPass(self, tokens[first ..< last].map(\.ids), temperatures: temperatures)
            pass.run()
            let part = pass.vectors()
            vectors.values.replaceSubrange(first * shape.width ..< last * shape.width, with: part.values)
            first = last
        }
        return Embeddings(vectors: vectors, cut: tokens.enumerated().compactMap { $1.cut > 0 ? ($0, $1.cut) : nil })
    }

    private static let tokensAtOnce = 4096
}
