import Foundation
import GibbsData
import GibbsNumerics
import GibbsTestSupport
import GibbsText
import Testing

/// A small encoder against its formulas written out, at any temperature, in any company; and files that are no encoders.
@Suite struct EncoderTests {
    static let texts = ["unaffable", "a b c.", "café 不 b!", "[MASK] x ab ab ab"]

    static func small() throws -> TextEncoder {
        let folder = try Folder()
        try SmallEncoder.write(to: folder)
        return try TextEncoder(folder: folder.path)
    }

    @Test(arguments: [[[Float(1), 1], [1, 1]], [[0.4, 1], [3, 0.8]]]) func formulas(temperatures: [[Float]]) throws {
        let encoder = try Self.small(), literal = LiteralEncoder(weights: SmallEncoder.weights(), heads: 2, layers: 2), wanted = temperatures.map { $0.map(Double.init) }
        let found = try encoder.embeddings(of: Self.texts, temperatures: temperatures).vectors
        for (row, text) in Self.texts.enumerated() {
            let ids = encoder.tokenizer.tokens(of: text).ids, (vector, weights) = literal.run(ids, temperatures: wanted)
            #expect(zip(found.row(row), vector).allSatisfy { abs(Double($0) - $1) < 2e-6 }, "\(text)")
            let attention = try encoder.attention(to: text, temperatures: temperatures)
            #expect(attention.tokens == ids.map(encoder.tokenizer.piece))
            for (layer, heads) in weights.enumerated() {
                #expect(zip(attention.layers[layer].weights.values, heads.joined().joined()).allSatisfy { abs(Double($0) - $1) < 2e-6 })
            }
        }
    }

    /// A text's vector is its own, whatever stands beside it.
    @Test func anyCompany() throws {
        let encoder = try Self.small(), together = try encoder.embeddings(of: Self.texts + Self.texts.reversed()).vectors
        for (row, text) in Self.texts.enumerated() {
            let alone = try encoder.embeddings(of: [text]).vectors
            #expect(zip(alone.values, together.row(row)).allSatisfy { abs($0 - $1) < 1e-6 } && zip(alone.values, together.row(7 - row)).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    /// The state of the first token, where the folder says so, at any temperature; the mean, where it says that or nothing; other modes are named.
    @Test func pooling() throws {
        func encoder(_ pooling: String?) throws -> TextEncoder {
            let folder = try Folder()
            try SmallEncoder.write(to: folder, pooling: pooling)
            return try TextEncoder(folder: folder.path)
        }
        func modes(_ wanted: String...) -> String {
            "{\"word_embedding_dimension\":8,\"include_prompt\":true," + ["cls_token", "mean_tokens", "max_tokens", "lasttoken"].map { "\"pooling_mode_\($0)\":\(wanted.contains($0))" }.joined(separator: ",") + "}"
        }
        let first = try encoder(modes("cls_token")), literal = LiteralEncoder(weights: SmallEncoder.weights(), heads: 2, layers: 2), usual = try Self.small()
        #expect(first.pooling == .firstToken && usual.pooling == .mean)
        for temperature in [Float(1), 0.5] {
            let found = try first.embeddings(of: Self.texts, temperatures: [[Float]](repeating: [temperature, 1], count: 2)).vectors
            for (row, text) in Self.texts.enumerated() {
                let wanted = literal.run(first.tokenizer.tokens(of: text).ids, temperatures: [[Double]](repeating: [Double(temperature), 1], count: 2), firstToken: true).vector
                #expect(zip(found.row(row), wanted).allSatisfy { abs(Double($0) - $1) < 2e-6 }, "\(text)")
            }
        }
        #expect(try encoder(modes("mean_tokens")).embeddings(of: Self.texts).vectors == usual.embeddings(of: Self.texts).vectors)
        for (words, text) in [("pooling_mode_max_tokens", modes("max_tokens")), ("pooling_mode_cls_token and pooling_mode_mean_tokens", modes("mean_tokens", "cls_token")), ("no mode", modes()), ("no mode", "{}")] {
            let error = #expect(throws: GibbsError.self) { _ = try encoder(text) }
            #expect(error?.code == .unsuitableModel && error?.message.contains(words) == true && error?.place.file?.hasSuffix("/1_Pooling/config.json") == true, "\(String(describing: error))")
        }
        for text in ["", "[]", "{\"pooling_mode_cls_token\":tru}"] { #expect(checkRefusal([.malformedData], "no pooling in \(text)") { _ = try encoder(text) } == []) }
    }

    /// Weights of 16 bits are those of 32 that they round; other types are named where the encoder needs them, and no matter where it does not.
    @Test func shortWeights() throws {
        var weights = SmallEncoder.weights()
        for name in weights.tensors.keys { weights.tensors[name]!.values = weights.tensors[name]!.values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) } }
        let folder = try Folder(), query = "encoder.layer.1.attention.self.query.weight"
        try SmallEncoder.write(to: folder, weights: weights)
        let wanted = try TextEncoder(folder: folder.path).embeddings(of: Self.texts).vectors
        weights.tensors["embeddings.position_ids"] = .init(shape: [1, 10], values: (0 ..< 10).map { Float($0) })
        try folder.write("model.safetensors", SmallEncoder.brainFile(weights, types: ["embeddings.position_ids": "I16"]))
        #expect(try TextEncoder(folder: folder.path).embeddings(of: Self.texts).vectors == wanted)
        try folder.write("model.safetensors", SmallEncoder.brainFile(weights, types: [query: "I16"]))
        let error = #expect(throws: GibbsError.self) { _ = try TextEncoder(folder: folder.path) }
        #expect(error?.code == .unsuitableModel && error?.message == "the tensor '\(query)' is I16" && error?.advice?.contains("F32") == true, "\(String(describing: error))")
    }

    /// Some writers put `bert.` before the names of the tensors.
    @Test func prefix() throws {
        let weights = SmallEncoder.weights(), folder = try Folder()
        var named = Archive()
        named.nest(weights, under: "bert")
        named.tensors["cls.bias"] = .init([1])
        try SmallEncoder.write(to: folder, weights: named)
        #expect(try TextEncoder(folder: folder.path).embeddings(of: Self.texts).vectors == Self.small().embeddings(of: Self.texts).vectors)
        named.tensors["bert.embeddings.LayerNorm.bias"] = nil
        try SmallEncoder.write(to: folder, weights: named)
        let error = #expect(throws: GibbsError.self) { _ = try TextEncoder(folder: folder.path) }
        #expect(error?.message.contains("'bert.embeddings.LayerNorm.bias' is missing") == true, "\(String(describing: error))")
    }

    /// Temperatures are one a head, and positive; the smallest of them freeze the encoder and leave it finite.
    @Test func temperatures() throws {
        let encoder = try Self.small(), text = "a b c unaffable"
        let wrong: [[[Float]]] = [[], [[1, 1]], [[1, 1], [1]], [[1, 1], [1, 1, 1]], [[1, 1], [1, 0]], [[1, -1], [1, 1]], [[1, 1], [.nan, 1]], [[.infinity, 1], [1, 1]]]
        for temperatures in wrong {
            #expect(checkRefusal([.usage], "embeddings at \(temperatures)") { _ = try encoder.embeddings(of: [text], temperatures: temperatures) } == [])
            #expect(checkRefusal([.usage], "attention at \(temperatures)") { _ = try encoder.attention(to: text, temperatures: temperatures) } == [])
        }
        #expect(checkRefusal([.usage], "no texts at one layer") { _ = try encoder.embeddings(of: [], temperatures: [[1, 1]]) } == [])
        for temperature in [Float(1e-38), .leastNonzeroMagnitude] {
            let point = try encoder.sweep(text, temperatures: [temperature]).points[0]
            #expect(point.cosine.isFinite && point.effectiveTokens.allSatisfy { abs($0 - 1) < 1e-3 }, "\(point)")
        }
    }

    /// The response of a head is the derivative of the vector by ln T; a sweep at T = 1 stands still.
    @Test func responses() throws {
        let encoder = try Self.small(), text = "a b c unaffable", literal = LiteralEncoder(weights: SmallEncoder.weights(), heads: 2, layers: 2)
        let reports = try encoder.heads(reading: text), ids = encoder.tokenizer.tokens(of: text).ids
        #expect(reports.map(\.layer) == [0, 0, 1, 1] && reports.map(\.head) == [0, 1, 0, 1])
        for report in reports {
            let ends = [-1e-3, 1e-3].map { step in
                var temperatures = [[1.0, 1], [1, 1]]
                temperatures[report.layer][report.head] = exp(step)
                return literal.run(ids, temperatures: temperatures).vector
            }
            let slope = zip(ends[0], ends[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() / 2e-3
            #expect(abs(report.response - slope) < 0.01 * slope + 1e-4, "\(report): \(slope)")
            #expect(report.effectiveTokens >= exp(report.entropy) - 1e-6 && report.effectiveTokens <= Double(ids.count) && report.share >= 1 / Double(ids.count))
        }
        let sweep = try encoder.sweep(text, temperatures: [0.01, 1, 100]).points
        #expect(abs(sweep[1].cosine - 1) < 1e-6 && sweep[0].cosine < 0.999)
        #expect(sweep[0].effectiveTokens[0] < 1.1 && abs(sweep[2].effectiveTokens[0] - Double(ids.count)) < 0.1)
        #expect(checkRefusal([.usage], "no temperature") { _ = try encoder.sweep(text, temperatures: [0]) } == [])
    }

    /// Pictures: weights with a margin, the same with labels, and curves whose cosine ends at 1.
    @Test func pictures() throws {
        let encoder = try Self.small(), text = "a b c unaffable", attention = try encoder.attention(to: text), picture = try attention.picture()
        #expect(picture.channels == 3 && (1 ... 12).allSatisfy { picture[picture.height - $0, picture.width - $0] == Colour(255, 255, 255) })
        #expect(picture[picture.height - 13, picture.width - 13] != Colour(255, 255, 255))
        let labelled = try attention.panels("a head").svg
        for words in ["layer 0, head 1", "layer 1, head 0", ">[CLS]<", ">##aff<", "share of a token"] { #expect(labelled.contains(words), "\(words)") }
        let plots = try encoder.sweep(text).plots("a head")
        #expect(try plots.svg.contains("heat capacity") && plots.plots.last?.y.limits == -1 ... 1)
    }

    /// Long work tells how far it is, and whoever is told can stop it.
    @Test func progress() throws {
        struct Stop: Error {}
        let encoder = try Self.small(), text = "a b c unaffable"
        var heads = [Double](), sweep = [Double]()
        _ = try encoder.heads(reading: text) { heads.append($0) }
        _ = try encoder.sweep(text, temperatures: [0.5, 1]) { sweep.append($0) }
        #expect(heads.count == 4 && heads == heads.sorted() && heads.last == 1 && sweep == [0.5, 1], "\(heads), \(sweep)")
        #expect(throws: Stop.self) { _ = try encoder.heads(reading: text) { _ in throw Stop() } }
        #expect(throws: Stop.self) { _ = try encoder.sweep(text) { _ in throw Stop() } }
    }

    @Test func tooLongAndEmpty() throws {
        let encoder = try Self.small(), long = try encoder.embeddings(of: ["a", "a b c a b c a b c a b"])
        #expect(long.cut.map(\.text) == [1] && long.cut.map(\.tokens) == [3])
        #expect(try long.vectors.row(1) == encoder.embeddings(of: ["a", "a b c a b c a b"]).vectors.row(1))
        for texts in [["a", ""], ["a", " \n\u{301}"]] {
            let error = #expect(throws: GibbsError.self) { _ = try encoder.embeddings(of: texts) }
            #expect(error?.code == .unsuitableData && error?.message.contains("text 2 of 2 is empty") == true)
        }
        let alone = #expect(throws: GibbsError.self) { _ = try encoder.attention(to: " ") }
        #expect(alone?.message.contains("the text is empty") == true)
        #expect(checkRefusal([.usage], "a limit beyond the positions") { _ = try encoder.embeddings(of: ["a"], limit: 11) } == [])
        #expect(try encoder.embeddings(of: []).vectors.rows == 0)
    }

    /// A folder's digest is that of its three files, and of the pooling where it is not the mean: it changes with each, and with nothing else.
    @Test func digests() throws {
        let folder = try Folder()
        try SmallEncoder.write(to: folder)
        let digest = try TextEncoder.digest(ofFolder: folder.path)
        try folder.write("README.md", "more")
        #expect(try TextEncoder.digest(ofFolder: folder.path + "/") == digest && digest.count == 16)
        try folder.write("config.json", SmallEncoder.config() + " ")
        #expect(try TextEncoder.digest(ofFolder: folder.path) != digest)
        try folder.write("config.json", SmallEncoder.config())
        var weights = SmallEncoder.weights()
        weights.tensors["embeddings.LayerNorm.bias"]!.values[3] += 1
        try ModelFile.write(weights, to: folder.path + "/model.safetensors", kind: "other")
        #expect(try TextEncoder.digest(ofFolder: folder.path) != digest)
        try SmallEncoder.write(to: folder, pooling: "{\"pooling_mode_cls_token\":true}")
        #expect(try TextEncoder.digest(ofFolder: folder.path) != digest)
        try SmallEncoder.write(to: folder, pooling: "{\"pooling_mode_mean_tokens\":true}")
        #expect(try TextEncoder.digest(ofFolder: folder.path) == digest)
        try FileManager.default.removeItem(atPath: folder.path + "/1_Pooling")
        #expect(try TextEncoder.digest(ofFolder: folder.path) == digest)
        #expect(checkRefusal([.cannotRead], "no folder") { _ = try TextEncoder.digest(ofFolder: folder.path + "/none") } == [])
        #expect(try Self.texts.allSatisfy(Self.small().reads) && !["", " \n\u{301}"].contains(where: Self.small().reads))
    }

    @Test func refusals() throws {
        func refused(_ code: GibbsError.Code, _ words: String, _ file: String, weights: (inout Archive) -> Void = { _ in }, config: [String: String] = [:], tokenizer: String = SmallEncoder.tokenizer()) throws {
            let folder = try Folder()
            var archive = SmallEncoder.weights()
            weights(&archive)
            try SmallEncoder.write(to: folder, weights: archive, config: SmallEncoder.config(config), tokenizer: tokenizer)
            do {
                _ = try TextEncoder(folder: folder.path)
                Issue.record("took \(words)")
            } catch let error as GibbsError {
                #expect(error.code == code && error.message.contains(words) && error.place.file == folder.path + "/" + file, "\(error)")
            }
        }
        let query = "encoder.layer.1.attention.self.query.weight"
        try refused(.unsuitableModel, "'\(query)' is missing", "model.safetensors", weights: { $0.tensors[query] = nil })
        try refused(.unsuitableModel, "'\(query)' has the shape [4, 16]", "model.safetensors", weights: { $0.tensors[query]!.shape = [4, 16] })
        try refused(.unsuitableModel, "not finite", "model.safetensors", weights: { $0.tensors[query]!.values[3] = .nan })
        let segments = "embeddings.token_type_embeddings.weight"
        try refused(.unsuitableModel, "'\(segments)' has no row", "model.safetensors", weights: { $0.tensors[segments] = .init(shape: [0, 8], values: []) })
        for name in ["word", "position"] {
            try refused(.unsuitableModel, "has the shape [0, 8]", "model.safetensors", weights: { $0.tensors["embeddings.\(name)_embeddings.weight"] = .init(shape: [0, 8], values: []) })
        }
        try refused(.unsuitableModel, "type gpt2", "config.json", config: ["model_type": "\"gpt2\""])
        try refused(.unsuitableModel, "impossible sizes", "config.json", config: ["num_attention_heads": "3"])
        try refused(.unsuitableModel, "impossible sizes", "config.json", config: ["num_hidden_layers": "-1"])
        try refused(.malformedData, "no config.json", "config.json", config: ["hidden_size": "\"eight\""])
        try refused(.unsuitableModel, "has 24 pieces and the model knows 23", "tokenizer.json", tokenizer: SmallEncoder.tokenizer(SmallEncoder.pieces + ["more"]))
        let folder = try Folder()
        try SmallEncoder.write(to: folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))
        for length in [0, 7, 100, whole.count - 4] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: folder.path + "/model.safetensors"))
            #expect(checkRefusal([.unsuitableModel], "\(length) bytes") { _ = try TextEncoder(folder: folder.path) } == [])
        }
        #expect(checkRefusal([.cannotRead], "no folder") { _ = try TextEncoder(folder: folder.path + "/none") } == [])
    }
}
