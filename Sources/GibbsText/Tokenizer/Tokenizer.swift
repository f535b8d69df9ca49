import GibbsNumerics

/// Text to tokens as BERT's models read it: normalised, split into words, and each word into WordPieces, between `[CLS]` and `[SEP]`.
///
///     let tokens = try Tokenizer(contentsOf: "tokenizer.json").tokens(of: "It's unaffable.")
///     // [CLS] it ' s una ##ffa ##ble . [SEP]
///
/// The same ids as Hugging Face's `tokenizers` gives, for files that describe BERT's pipeline.
public struct Tokenizer: Sendable {
    let normaliser: TextNormaliser
    let vocabulary: WordPieces
    /// Pieces that a text may hold as they stand, such as `[MASK]`: their UTF-8 and id, the longest first.
    let special: [(text: [UInt8], id: Int32)]
    let begin: Int32, end: Int32

    /// The number of ids.
    public var vocabularySize: Int { vocabulary.pieces.count }

    /// A text in ids.
    public struct Tokens: Sendable, Hashable {
        /// Ids in the vocabulary, `[CLS]` and `[SEP]` included.
        public let ids: [Int32]
        /// Tokens that the limit cut off; 0 where nothing is lost.
        public let cut: Int
    }

    /// The tokens of a text, at most `limit` with the two that frame it; what is beyond is cut, and `cut` says how much. Traps on a limit below 2.
    ///
    /// An empty text is no error here: it has the two tokens that frame it.
    /// - Complexity: About a microsecond a word.
    public func tokens(of text: String, limit: Int = 512) -> Tokens {
        precondition(limit >= 2, "at most \(limit) tokens, of which two frame the text")
        var ids = [begin]
        for part in parts(text) {
            switch part {
            case .special(let id): ids.append(id)
            case .text(let text): for word in normaliser.words(text) { vocabulary.append(word, to: &ids) }
            }
        }
        let cut = max(0, ids.count + 1 - limit)
        if cut > 0 { ids.removeLast(cut) }
        return Tokens(ids: ids + [end], cut: cut)
    }

    /// The piece of an id. Traps outside the vocabulary.
    public func piece(_ id: Int32) -> String { vocabulary.pieces[Int(id)] }

    private enum Part { case text(Substring), special(Int32) }

    /// The text between special pieces, and these.
    private func parts(_ text: String) -> [Part] {
        let bytes = text.utf8
        guard !special.isEmpty, bytes.contains(where: { byte in special.contains { $0.text[0] == byte } }) else { return [.text(text[...])] }
        var parts = [Part](), from = text.startIndex, at = text.startIndex
        while at < text.endIndex {
            guard let found = special.first(where: { bytes[at...].starts(with: $0.text) }) else {
                at = bytes.index(after: at)
                continue
            }
            if from < at { parts.append(.text(text[from ..< at])) }
            parts.append(.special(found.id))
            at = bytes.index(at, offsetBy: found.text.count)
            from = at
        }
        return from < text.endIndex ? parts + [.text(text[from...])] : parts
    }
}
