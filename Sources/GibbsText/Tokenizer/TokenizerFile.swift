import Foundation
import GibbsData
import GibbsNumerics

extension Tokenizer {
    /// The tokenizer that a `tokenizer.json` describes; its truncation and padding are left out, as the limit is an argument here.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`; `.malformedData` or `.limitExceeded` for what is no such file; `.unsuitableModel` for another
    ///   kind of tokenizer, which it names, or a vocabulary that is empty, has gaps or lacks `[CLS]`, `[SEP]` or the unknown piece.
    /// - Complexity: Some 0.1 s for 30,000 pieces.
    public init(contentsOf path: String) throws {
        self = try GibbsError.naming(path) {
            guard let data = FileManager.default.contents(atPath: path) else { throw EncoderFolder.unreadable }
            guard data.count <= Self.sizeLimit else { throw GibbsError(.limitExceeded, "has \(data.count) bytes, more than \(Self.sizeLimit)", advice: "it is no tokenizer of words") }
            return try Tokenizer(json: data)
        }
    }

    private static let sizeLimit = 64 << 20

    init(json data: Data) throws {
        // What other kinds lack or have otherwise is not looked for before the kind is known.
        try Self.check(Self.decoded(Kind.self, data))
        let file = try Self.decoded(File.self, data), pieces = try Self.pieces(data)
        func id(_ piece: String) throws -> Int32 {
            guard let id = pieces.firstIndex(where: { $0.isSpelt(piece) }) else { throw GibbsError(.unsuitableModel, "the vocabulary lacks '\(piece)'", advice: "the file is damaged or of another kind") }
            return Int32(id)
        }
        for added in file.added_tokens ?? [] where !(pieces.indices.contains(added.id) && pieces[added.id].isSpelt(added.content)) {
            throw GibbsError(.unsuitableModel, "the added token '\(added.content)' has the id \(added.id), which the vocabulary has not", advice: "the file is damaged or of another kind")
        }
        vocabulary = WordPieces(pieces, unknown: try id(file.model.unk_token), prefix: file.model.continuing_subword_prefix, longestWord: file.model.max_input_chars_per_word)
        let options = file.normalizer
        normaliser = TextNormaliser(cleans: options.clean_text, separatesIdeographs: options.handle_chinese_chars, stripsAccents: options.strip_accents ?? options.lowercase, lowercases: options.lowercase)
        special = (file.added_tokens ?? []).filter { !$0.content.isEmpty }.map { (Array($0.content.utf8), Int32($0.id)) }.sorted { $0.text.count > $1.text.count }
        (begin, end) = try (id("[CLS]"), id("[SEP]"))
    }

    private static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw GibbsError(.malformedData, "is no tokenizer.json: \(reason(error))", advice: "give the file of Hugging Face's tokenizers that belongs to the model")
        }
    }

    /// Refuses tokenizers of other kinds, by their names.
    private static func check(_ kind: Kind) throws {
        let model = kind.model.type ?? "WordPiece"
        guard model == "WordPiece", kind.normalizer?.type == "BertNormalizer", kind.pre_tokenizer?.type == "BertPreTokenizer" else {
            let normaliser = kind.normalizer.map { $0.type ?? "an unnamed normaliser" } ?? "no normaliser", splitter = kind.pre_tokenizer.map { $0.type ?? "an unnamed splitter" } ?? "no splitter"
            throw GibbsError(.unsuitableModel, "describes the tokenizer \(model) behind \(normaliser) and \(splitter)", advice: "give a model with BERT's: WordPiece, BertNormalizer and BertPreTokenizer")
        }
    }

    /// The pieces in the order of their ids, which must be 0, 1, 2 and so on; two that are the same letters in other bytes are two.
    private static func pieces(_ data: Data) throws -> [String] {
        guard let vocabulary = try JSONNumbers.members(at: ["model", "vocab"], in: data) else {
            throw GibbsError(.malformedData, "is no tokenizer.json: 'model.vocab' is missing or of another type", advice: "give the file of Hugging Face's tokenizers that belongs to the model")
        }
        var pieces = [String?](repeating: nil, count: vocabulary.count), seen = Set<[UInt8]>()
        for (piece, id) in vocabulary {
            guard let id else {
                throw GibbsError(.malformedData, "is no tokenizer.json: 'model.vocab.\(piece)' is of another type", advice: "give the file of Hugging Face's tokenizers that belongs to the model")
            }
            guard seen.insert(Array(piece.utf8)).inserted else { throw GibbsError(.unsuitableModel, "the piece '\(piece)' comes twice", advice: "the file is damaged") }
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

    /// The file's parts by their kinds.
    private struct Kind: Decodable {
        struct Part: Decodable { var type: String? }
        var model: Part, normalizer: Part?, pre_tokenizer: Part?
    }

    /// The file, by its own names, but for the vocabulary.
    private struct File: Decodable {
        struct Model: Decodable { var unk_token: String, continuing_subword_prefix: String, max_input_chars_per_word: Int }
        struct Normalizer: Decodable { var clean_text: Bool, handle_chinese_chars: Bool, strip_accents: Bool?, lowercase: Bool }
        struct Added: Decodable { var id: Int, content: String }
        var model: Model, normalizer: Normalizer, added_tokens: [Added]?
    }
}

extension String {
    /// Whether it is the same bytes; `==` holds some different spellings for equal.
    fileprivate func isSpelt(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
