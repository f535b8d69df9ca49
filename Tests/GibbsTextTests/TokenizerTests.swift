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
        try refused(.unsuitableModel, SmallEncoder.tokenizer(model: "BPE"), naming: "BPE")
        try refused(.unsuitableModel, good.replacing("\"x\":22", with: "\"x\":25"), naming: "'x' has the id 25")
        try refused(.unsuitableModel, good.replacing("\"x\":22", with: "\"x\":21"), naming: "has the id 21")
        try refused(.unsuitableModel, good.replacing("[UNK]\":1", with: "[unk]\":1"), naming: "lacks '[UNK]'")
        try refused(.unsuitableModel, good.replacing("{\"id\":4,", with: "{\"id\":40,"), naming: "the id 40")
        #expect(checkRefusal([.cannotRead], "no file") { _ = try Tokenizer(contentsOf: folder.path + "/none.json") } == [])
    }
}
