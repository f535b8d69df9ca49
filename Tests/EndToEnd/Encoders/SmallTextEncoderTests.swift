import CommandDriver
import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// The verbs of text encoders, with one so small that it is written here.
@Suite struct SmallTextEncoderTests {
    /// A place with an encoder in the folder `small`: six pieces, one layer of two heads, random weights.
    private static func place() throws -> Workplace {
        let place = try Workplace(), pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"]
        try FileManager.default.createDirectory(atPath: place.place("small"), withIntermediateDirectories: true)
        try place.file("small/config.json", """
            {"model_type":"bert","hidden_act":"gelu","hidden_size":4,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":4,"max_position_embeddings":8,"vocab_size":6,"layer_norm_eps":1e-12}
            """)
        try place.file("small/tokenizer.json", """
            {"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},
             "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":20,"vocab":{\(pieces.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ","))}}}
            """)
        var archive = Archive(), key = Key(3)
        func add(_ name: String, _ shape: [Int]) {
            key = key.folding(1)
            archive.tensors[name] = .init(shape: shape, values: key.normals(shape.reduce(1, *)))
        }
        for (name, rows) in [("word", 6), ("position", 8), ("token_type", 2)] { add("embeddings.\(name)_embeddings.weight", [rows, 4]) }
        let layer = "encoder.layer.0"
        for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "intermediate.dense", "output.dense"] { add("\(layer).\(name).weight", [4, 4]) }
        for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "intermediate.dense", "output.dense", "attention.output.LayerNorm", "output.LayerNorm"] {
            add("\(layer).\(name).bias", [4])
        }
        for name in ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias", "\(layer).attention.output.LayerNorm.weight", "\(layer).output.LayerNorm.weight"] { add(name, [4]) }
        try ModelFile.write(archive, to: place.place("small/model.safetensors"), kind: "other")
        return place
    }

    /// A cell without a word, be it empty or of marks that nobody sees, is a row of NaN among the others and told of; a column of such cells is refused.
    @Test(arguments: ["", " ", "\u{200B}", "\u{301}", "\u{AD}\u{FEFF}"]) func textsWithoutAWord(text: String) throws {
        let place = try Self.place()
        try place.file("log.csv", "id,text\n1,a\n2,b a\n3,a\n")
        #expect(try place.expectWorks(["embed", "small", "log.csv", "--column", "text", "--out", "v.npy"]).output == "wrote v.npy: 3 rows of 4 numbers\n")
        try place.file("gap.csv", "id,text\n1,a\n2,b a\n3,a\n4,\"\(text)\"\n5,b\n6,\"\(text)\"\n")
        let gap = try place.gibbs(["embed", "small", "gap.csv", "--column", "text", "--out", "w.npy"])
        #expect(gap.status == 0 && gap.errors == "gibbs: 2 cells hold no word to read, the first on line 5; their rows are all NaN\n", "\(gap)")
        let whole = try place.array("v.npy"), found = try place.array("w.npy")
        #expect(found.rows == 6 && (0 ..< 3).allSatisfy { found.row($0).elementsEqual(whole.row($0)) } && found.row(4).allSatisfy(\.isFinite))
        for row in [3, 5] { #expect(found.row(row).allSatisfy { $0.isNaN }) }
        try place.file("blank.csv", "id,text\n1,\"\(text)\"\n2,\n")
        let blank = try place.gibbs(["embed", "small", "blank.csv", "--column", "text", "--out", "x.npy"])
        #expect(blank.status == 65 && blank.errors.contains("blank.csv") && blank.errors.contains("there is no text") && !place.exists("x.npy"), "\(blank)")
    }

    /// One empty text among several is named before anything is computed.
    @Test func emptyAmongOthers() throws {
        let outcome = try Self.place().gibbs(["attention", "small", "a", "", "b"])
        #expect(outcome.status == 65 && outcome.errors.contains("text 2 of 3 is empty") && outcome.output == "", "\(outcome)")
    }

    /// What is cut is told first, and then how far the work is, in per cent.
    @Test func progress() throws {
        let place = try Self.place(), terminal = try #require(Terminal())
        let run = try place.start(["attention", "small", "a b a b a b a b a"], errors: terminal.writer)
        terminal.writer.closeFile()
        let seen = terminal.wait(for: nil), outcome = try run.finish()
        #expect(outcome.status == 0, "\(outcome)")
        let cut = try #require(seen.range(of: "cut 3 tokens off a text that is too long; 8 are left"), "\(seen)"), heads = try #require(seen.range(of: "100.0 % of the heads"), "\(seen)")
        #expect(cut.upperBound < heads.lowerBound && seen.contains("100.0 % of the temperatures") && !seen.contains("‰"), "\(seen)")
    }

    /// The weights of every head with labels.
    @Test func labelledWeights() throws {
        let place = try Self.place(), arguments = ["attention", "small", "a b"]
        #expect(try place.expectWorks(arguments + ["--weights", "heads.svg", "--plot", "heads.png"]).output.hasSuffix("wrote heads.png\nwrote heads.svg\n"))
        let drawn = try place.text("heads.svg")
        for words in ["layer 0, head 1", ">[CLS]<", ">a<", ">b<"] { #expect(drawn.contains(words), "\(words)") }
        for (options, words) in [(["--weights", "w.png"], "end the name with .svg"), (["--plot", "w.svg", "--weights", "w.svg"], "--weights would replace 'w.svg'"), (["a", "--weights", "w.svg"], "one picture of 2 texts")] {
            let refused = try place.gibbs(arguments + options)
            #expect(refused.status == 64 && refused.errors.contains(words) && !place.exists("w.svg"), "\(refused)")
        }
        let help = try place.gibbs("attention", "--help").output
        for words in ["heat cap.", "looks most at", "cosine to T = 1", "--weights"] { #expect(help.contains(words), "\(words)") }
        let cold = try place.gibbs(arguments + ["--temperatures", "1,0"])
        #expect(cold.status == 64 && cold.errors.contains("a temperature of '0'") && cold.output == "", "\(cold)")
    }

    /// A column of nothing but numbers is read as text all the same, which is told.
    @Test func numbersAsTexts() throws {
        let place = try Self.place()
        try place.file("log.csv", "size,text\n" + (0 ..< 60).map { "\($0 % 7),\($0 % 3 == 0 ? "a" : "b a")\n" }.joined())
        func remarks(_ column: String) throws -> String { try place.gibbs(["fit", "table", "log.csv", "--embed", column, "--text-model", "small", "--out", "m.gibbs"]).errors }
        #expect(try remarks("size").contains("column 'size' looks like numbers, such as '0', and is read as text; to have it as numbers, leave out --embed size"))
        #expect(try !remarks("text").contains("looks like numbers"))
    }

    /// The smallest temperatures leave every head one token to look at, and no figure undefined.
    @Test func frozen() throws {
        let place = try Self.place(), found = try place.expectWorks(["attention", "small", "a b", "--json", "--temperatures", "1e-38,1e-44"]).objects[0]
        let points = try #require(found["temperatures"] as? [[String: Any]])
        #expect(points.count == 2)
        for point in points {
            let cosine = try #require(point["cosine"] as? Double), tokens = try #require(point["effectiveTokens"] as? [Double])
            #expect(abs(cosine) < 1.0001 && tokens.count == 1 && abs(tokens[0] - 1) < 1e-3, "\(point)")
        }
    }

    /// How states become a vector is read from the folder.
    @Test func pooling() throws {
        let place = try Self.place()
        try FileManager.default.createDirectory(atPath: place.place("small/1_Pooling"), withIntermediateDirectories: true)
        try place.file("log.csv", "id,text\n1,a\n2,b a\n")
        var vectors = [[UInt8]]()
        for mode in ["mean_tokens", "cls_token"] {
            try place.file("small/1_Pooling/config.json", "{\"pooling_mode_\(mode)\":true}")
            _ = try place.expectWorks(["embed", "small", "log.csv", "--column", "text", "--out", "\(mode).npy"])
            vectors.append(try place.bytes("\(mode).npy"))
        }
        #expect(vectors[0] != vectors[1])
        try place.file("small/1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}")
        let other = try place.gibbs(["embed", "small", "log.csv", "--column", "text", "--out", "w.npy"])
        #expect(other.status == 65 && other.errors.contains("small/1_Pooling/config.json: vectors come by pooling_mode_max_tokens") && !place.exists("w.npy"), "\(other)")
    }
}
