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

    /// A cell without a word is named by its file and line, be it empty or of marks that nobody sees.
    @Test(arguments: ["", " ", "\u{200B}", "\u{301}", "\u{AD}\u{FEFF}"]) func textsWithoutAWord(text: String) throws {
        let place = try Self.place()
        try place.file("log.csv", "id,text\n1,a\n2,b a\n3,a\n")
        #expect(try place.expectWorks(["embed", "small", "log.csv", "--column", "text", "--out", "v.npy"]).output == "wrote v.npy: 3 rows of 4 numbers\n")
        try place.file("gap.csv", "id,text\n1,a\n2,b a\n3,a\n4,\"\(text)\"\n5,b\n6,\"\(text)\"\n")
        let gap = try place.gibbs(["embed", "small", "gap.csv", "--column", "text", "--out", "w.npy"])
        #expect(gap.status == 65 && gap.errors.contains("gap.csv:5: field 'text': there is no text") && !place.exists("w.npy"), "\(gap)")
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
