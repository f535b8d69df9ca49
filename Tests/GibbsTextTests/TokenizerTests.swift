import Foundation
import GibbsNumerics
import GibbsTestSupport
import GibbsText
import Testing

/// Tokens of a small vocabulary, and files that are no tokenizers.
@Suite struct TokenizerTests {
    static func small() throws -> Tokenizer {
        let folder = try Folder()
        try folder.write("tokenizer.json", SmallEncoder.tokenizer())
        return try Tokenizer(contentsOf: folder.path + "/tokenizer.json")
    }

    @Test(arguments: [
        ("Unaffable.", ["un", "##aff", "##able", "."]), ("  UN un\t!\n", ["un", "un", "!"]), ("unx", ["[UNK]"]), ("x", ["x"]),
        ("CAFÉ cafe\u{301} café", ["cafe", "cafe", "cafe"]), ("a\u{301}\u{316}b", ["a", "##b"]), ("不一", ["不", "一"]), ("a不b", ["a", "不", "b"]),
        ("a.b", ["a", ".", "b"]), ("a\u{200B}b", ["a", "##b"]), ("a\u{0}b\u{7F}", ["a", "##b"]), ("a\u{85}b", ["a", "##b"]), ("a\u{A0}b\u{2003}c", ["a", "b", "c"]),
        ("ΣΣ", ["σ", "##σ"]), ("ς", ["[UNK]"]), ("a[MASK]b [mask]", ["a", "[MASK]", "b", "[UNK]", "[UNK]", "[UNK]"]), ("c[SEP]", ["c", "[SEP]"]),
        ("a" + String(repeating: "b", count: 19), ["a"] + Array(repeating: "##b", count: 19)), ("a" + String(repeating: "b", count: 20), ["[UNK]"]), ("", []), (" \u{301}", []),
    ]) func words(text: String, pieces: [String]) throws {
        let tokenizer = try Self.small(), tokens = tokenizer.tokens(of: text)
        #expect(tokens.ids.map(tokenizer.piece) == ["[CLS]"] + pieces + ["[SEP]"] && tokens.cut == 0)
    }

    /// The switches of a `BertNormalizer` other than the usual ones.
    @Test(arguments: [
        (["lowercase": "false"], [("CAFE cafe café A a", ["[UNK]", "cafe", "[UNK]", "[UNK]", "a"])]),
        (["lowercase": "false", "strip_accents": "true"], [("café Café a\u{301}", ["cafe", "[UNK]", "a"])]),
        (["strip_accents": "false"], [("CAFE café a\u{301}", ["cafe", "[UNK]", "[UNK]"])]),
        (["clean_text": "false"], [("a\u{200B}b a\tb ab", ["[UNK]", "a", "b", "a", "##b"])]),
        (["handle_chinese_chars": "false"], [("不一 不 a不b", ["[UNK]", "不", "[UNK]"])]),
    ]) func switches(changes: [String: String], texts: [(String, [String])]) throws {
        let usual = ["lowercase": "true", "strip_accents": "null", "clean_text": "true", "handle_chinese_chars": "true"], folder = try Folder()
        let file = changes.reduce(SmallEncoder.tokenizer()) { $0.replacing("\"\($1.key)\":\(usual[$1.key]!)", with: "\"\($1.key)\":\($1.value)") }
        try folder.write("tokenizer.json", file)
        let tokenizer = try Tokenizer(contentsOf: folder.path + "/tokenizer.json")
        for (text, pieces) in texts { #expect(tokenizer.tokens(of: text).ids.map(tokenizer.piece) == ["[CLS]"] + pieces + ["[SEP]"], "\(changes)") }
    }

    /// A letter with its accent and the same two signs one after the other are two pieces, though equal to Swift.
    @Test func canonicallyEqualPieces() throws {
        let folder = try Folder(), pieces = SmallEncoder.pieces + ["\u{E9}", "e\u{301}", "##\u{E9}", "##e\u{301}"]
        try folder.write("tokenizer.json", SmallEncoder.tokenizer(pieces).replacing("\"strip_accents\":null", with: "\"strip_accents\":false"))
        let tokenizer = try Tokenizer(contentsOf: folder.path + "/tokenizer.json")
        #expect(tokenizer.vocabularySize == 27 && tokenizer.tokens(of: "\u{E9} e\u{301} \u{E9}e\u{301} e\u{301}\u{E9}").ids == [2, 23, 24, 23, 26, 24, 25, 3])
        #expect(Array(tokenizer.piece(24).utf8) == [0x65, 0xCC, 0x81])
    }

    @Test func tooLong() throws {
        let tokenizer = try Self.small(), tokens = tokenizer.tokens(of: "a b c . ! x", limit: 6)
        #expect(tokens.ids.map(tokenizer.piece) == ["[CLS]", "a", "b", "c", ".", "[SEP]"] && tokens.cut == 2)
        #expect(tokenizer.tokens(of: "a b c . ! x", limit: 8).cut == 0)
    }

    @Test func refusals() throws {
        let folder = try Folder(), path = folder.path + "/tokenizer.json"
        func refused(_ code: GibbsError.Code, _ text: String, naming words: String) throws {
            try folder.write("tokenizer.json", text)
            do {
                _ = try Tokenizer(contentsOf: path)
                Issue.record("took \(words)")
            } catch let error as GibbsError {
                #expect(error.code == code && error.message.contains(words) && error.place.file == path, "\(error)")
            }
        }
        let good = SmallEncoder.tokenizer()
        try refused(.malformedData, "{", naming: "it is no JSON")
        try refused(.malformedData, "", naming: "it is no JSON")
        try refused(.malformedData, "{}", naming: "'model' is missing")
        try refused(.malformedData, good.replacing("\"vocab\":{", with: "\"vocab\":{\"q\":\"r\","), naming: "'model.vocab.q' is of another type")
        try refused(.malformedData, good.replacing("\"vocab\":", with: "\"words\":"), naming: "'model.vocab' is missing")
        try refused(.unsuitableModel, SmallEncoder.tokenizer(model: "BPE"), naming: "BPE")
        // As RoBERTa, GPT-2 and T5 have them.
        try refused(.unsuitableModel, #"{"version":"1.0","added_tokens":[{"id":0,"content":"<s>"}],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"#
            + #""model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":"","vocab":{"<s>":0,"a":1},"merges":["a b"]}}"#, naming: "the tokenizer BPE behind no normaliser and ByteLevel")
        try refused(.unsuitableModel, #"{"version":"1.0","added_tokens":[],"normalizer":{"type":"Precompiled","precompiled_charsmap":"AA"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[]},"#
            + #""model":{"type":"Unigram","unk_id":2,"vocab":[["<pad>",0.0],["a",-1.5]]}}"#, naming: "the tokenizer Unigram behind Precompiled and Sequence")
        try refused(.unsuitableModel, good.replacing("{\"type\":\"BertPreTokenizer\"}", with: "null"), naming: "WordPiece behind BertNormalizer and no splitter")
        try refused(.unsuitableModel, good.replacing("\"vocab\":{", with: "\"vocab\":{\"x\":23,"), naming: "'x' comes twice")
        try refused(.unsuitableModel, good.replacing("\"x\":22", with: "\"x\":25"), naming: "'x' has the id 25")
        try refused(.unsuitableModel, good.replacing("\"x\":22", with: "\"x\":21"), naming: "has the id 21")
        try refused(.unsuitableModel, good.replacing("[UNK]\":1", with: "[unk]\":1"), naming: "lacks '[UNK]'")
        try refused(.unsuitableModel, good.replacing("{\"id\":4,", with: "{\"id\":40,"), naming: "the id 40")
        #expect(checkRefusal([.cannotRead], "no file") { _ = try Tokenizer(contentsOf: folder.path + "/none.json") } == [])
    }
}
