import Foundation
import GibbsNumerics

extension Tokenizer {
    /// The tokenizer that a `tokenizer.json` describes; its truncation and padding are left out, as the limit is an argument here.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`; `.malformedData` for what is no such file; `.unsuitableModel` for another kind of
    ///   tokenizer, or a vocabulary that is empty, has gaps or lacks `[CLS]`, `[SEP]` or the unknown piece.
    /// - Complexity: Some 0.1 s for 30,000 pieces.
    public init(contentsOf path: String) throws {
        self = try GibbsError.naming(path) {
            guard let data = FileManager.default.contents(atPath: path) else { throw GibbsError(.cannotRead, "cannot be read", advice: "name a folder with tokenizer.json, config.json and model.safetensors") }
            guard data.count <= Self.sizeLimit else { throw GibbsError(.limitExceeded, "has \(data.count) bytes, more than \(Self.sizeLimit)", advice: "it is no tokenizer of words") }
            return try Tokenizer(json: data)
        }
    }

    private static let sizeLimit = 64 << 20

    init(json data: Data) throws {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: data) } catch {
            throw GibbsError(.malformedData, "is no tokenizer.json: \(Self.reason(error))", advice: "give the file of Hugging Face's tokenizers that belongs to the model")
        }
        guard file.model.type ?? "WordPiece" == "WordPiece", file.normalizer.type == "BertNormalizer", file.pre_tokenizer.type == "BertPreTokenizer" else {
            throw GibbsError(.unsuitableModel, "describes the tokenizer \(file.model.type ?? "WordPiece") behind \(file.normalizer.type) and \(file.pre_tokenizer.type)",
                             advice: "give a model with BERT's: WordPiece, BertNormalizer and BertPreTokenizer")
        }
        let pieces = try Self.pieces(file.model.vocab)
        func id(_ piece: String) throws -> Int32 {
            guard let id = file.model.vocab[piece] else { throw GibbsError(.unsuitableModel, "the vocabulary lacks '\(piece)'", advice: "the file is damaged or of another kind") }
            return Int32(id)
        }
        for added in file.added_tokens ?? [] where !(pieces.indices.contains(added.id) && pieces[added.id] == added.content) {
            throw GibbsError(.unsuitableModel, "the added token '\(added.content)' has the id \(added.id), which the vocabulary has not", advice: "the file is damaged or of another kind")
        }
        vocabulary = WordPieces(pieces, unknown: try id(file.model.unk_token), prefix: file.model.continuing_subword_prefix, longestWord: file.model.max_input_chars_per_word)
        let options = file.normalizer
        normaliser = TextNormaliser(cleans: options.clean_text, separatesIdeographs: options.handle_chinese_chars, stripsAccents: options.strip_accents ?? options.lowercase, lowercases: options.lowercase)
        special = (file.added_tokens ?? []).filter { !$0.content.isEmpty }.map { (Array($0.content.utf8), Int32($0.id)) }.sorted { $0.text.count > $1.text.count }
        (begin, end) = try (id("[CLS]"), id("[SEP]"))
    }

    /// The pieces in the order of their ids, which must be 0, 1, 2 and so on.
    private static func pieces(_ vocabulary: [String: Int]) throws -> [String] {
        var pieces = [String?](repeating: nil, count: vocabulary.count)
        for (piece, id) in vocabulary {
            guard pieces.indices.contains(id), pieces[id] == nil else {
                throw GibbsError(.unsuitableModel, "the piece '\(piece)' has the id \(id) among \(vocabulary.count), or shares it", advice: "the file is damaged; ids count from 0 without gaps")
            }
            pieces[id] = piece
        }
        return pieces.map { $0! }
    }

    private static func reason(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "'\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context): return "'\(path(context))' is of another type"
        default: return "it is no JSON"
        }
    }

    /// The file, by its own names.
    private struct File: Decodable {
        struct Model: Decodable {
            var type: String?, unk_token: String, continuing_subword_prefix: String, max_input_chars_per_word: Int, vocab: [String: Int]
        }
        struct Normalizer: Decodable { var type: String, clean_text: Bool, handle_chinese_chars: Bool, strip_accents: Bool?, lowercase: Bool }
        struct PreTokenizer: Decodable { var type: String }
        struct Added: Decodable { var id: Int, content: String }
        var model: Model, normalizer: Normalizer, pre_tokenizer: PreTokenizer, added_tokens: [Added]?
    }
}
