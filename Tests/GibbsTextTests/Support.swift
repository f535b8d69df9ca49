import Foundation
import GibbsData
import GibbsNumerics
import GibbsText

/// A folder of its own, gone with the test.
final class Folder: Sendable {
    let path = NSTemporaryDirectory() + "/gibbs-text-" + UUID().uuidString
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

/// The encoder that `scripts/setup --text` gets, or nil where it was not run.
let miniLM: String? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["GIBBS_CACHE"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gibbs"
    return FileManager.default.fileExists(atPath: cache + "/minilm/model.safetensors") ? cache + "/minilm" : nil
}()

/// An encoder so small that it can be written out: random weights, a vocabulary of pieces of three words.
enum SmallEncoder {
    static let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "a", "##b", "b", "c", ".", "!", "cafe", "不", "一", "ss", "##ss", "σ", "##σ", "##ς", "x"]
    static let width = 8, heads = 2, layers = 2, inner = 12, positions = 10

    static func tokenizer(_ pieces: [String] = pieces, model: String = "WordPiece", extra: String = "") -> String {
        let vocabulary = pieces.enumerated().map { "\(JSONValue.quote($1)):\($0)" }.joined(separator: ",")
        return """
            {"version":"1.0","truncation":null,"padding":null,
             "added_tokens":[{"id":2,"content":"[CLS]"},{"id":3,"content":"[SEP]"},{"id":4,"content":"[MASK]"}],
             "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
             "pre_tokenizer":{"type":"BertPreTokenizer"},\(extra)
             "model":{"type":"\(model)","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":20,"vocab":{\(vocabulary)}}}
            """
    }

    static func config(_ changes: [String: String] = [:]) -> String {
        var entries = ["model_type": "\"bert\"", "hidden_act": "\"gelu\"", "hidden_size": "8", "num_hidden_layers": "2", "num_attention_heads": "2", "intermediate_size": "12",
                       "max_position_embeddings": "10", "vocab_size": "\(pieces.count)", "layer_norm_eps": "1e-12"]
        entries.merge(changes) { $1 }
        return "{" + entries.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    /// Weights by their names in the file.
    static func weights() -> Archive {
        var archive = Archive(), key = Key(7)
        func add(_ name: String, _ shape: [Int], around centre: Float = 0, scale: Float = 0.7) {
            key = key.folding(1)
            archive.tensors[name] = .init(shape: shape, values: key.normals(shape.reduce(1, *)).map { centre + scale * $0 })
        }
        func norm(_ name: String) { add("\(name).weight", [width], around: 1, scale: 0.2); add("\(name).bias", [width], scale: 0.2) }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) { add("\(name).weight", [outputs, inputs]); add("\(name).bias", [outputs], scale: 0.3) }
        add("embeddings.word_embeddings.weight", [pieces.count, width])
        add("embeddings.position_embeddings.weight", [positions, width])
        add("embeddings.token_type_embeddings.weight", [2, width])
        norm("embeddings.LayerNorm")
        for layer in 0 ..< layers {
            let name = "encoder.layer.\(layer)"
            for part in ["query", "key", "value"] { dense("\(name).attention.self.\(part)", width, width) }
            dense("\(name).attention.output.dense", width, width)
            norm("\(name).attention.output.LayerNorm")
            dense("\(name).intermediate.dense", width, inner)
            dense("\(name).output.dense", inner, width)
            norm("\(name).output.LayerNorm")
        }
        return archive
    }

    /// Writes the three files, and how states become a vector where that is said.
    static func write(to folder: Folder, weights: Archive = weights(), config: String = config(), tokenizer: String = tokenizer(), pooling: String? = nil) throws {
        try folder.write("config.json", config)
        try folder.write("tokenizer.json", tokenizer)
        try ModelFile.write(weights, to: folder.path + "/model.safetensors", kind: "other")
        if let pooling { try folder.write("1_Pooling/config.json", pooling) }
    }

    /// A file of weights as others write them: BF16, but for some tensors of another type of two bytes a value.
    static func brainFile(_ weights: Archive, types: [String: String] = [:]) -> [UInt8] {
        var entries = ["\"__metadata__\":{\"format\":\"pt\"}"], content = [UInt8]()
        for (name, tensor) in weights.tensors.sorted(by: { $0.key < $1.key }) {
            let start = content.count
            for value in tensor.values { withUnsafeBytes(of: UInt16(value.bitPattern >> 16).littleEndian) { content.append(contentsOf: $0) } }
            entries.append("\"\(name)\":{\"dtype\":\"\(types[name] ?? "BF16")\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(content.count)]}")
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + content
    }
}

/// The encoder's formulas, written out in double precision without any of its code.
struct LiteralEncoder {
    let weights: Archive, heads: Int, layers: Int

    private func matrix(_ name: String) -> (rows: Int, columns: Int, values: [Double]) {
        let tensor = weights.tensors[name]!
        return (tensor.shape[0], tensor.shape.count > 1 ? tensor.shape[1] : 1, tensor.values.map(Double.init))
    }

    private func dense(_ x: [Double], _ name: String) -> [Double] {
        let w = matrix("\(name).weight"), b = matrix("\(name).bias").values
        return (0 ..< w.rows).map { o in (0 ..< w.columns).reduce(b[o]) { $0 + w.values[o * w.columns + $1] * x[$1] } }
    }

    private func norm(_ x: [Double], _ name: String) -> [Double] {
        let gain = matrix("\(name).weight").values, shift = matrix("\(name).bias").values, mean = x.reduce(0, +) / Double(x.count)
        let scale = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count) + 1e-12).squareRoot()
        return x.indices.map { (x[$0] - mean) / scale * gain[$0] + shift[$0] }
    }

    /// The text's vector, of the mean of the last states or of the first, and the weights of all heads: `[layer][head][query][key]`.
    func run(_ ids: [Int32], temperatures: [[Double]], firstToken: Bool = false) -> (vector: [Double], weights: [[[[Double]]]]) {
        let words = matrix("embeddings.word_embeddings.weight"), places = matrix("embeddings.position_embeddings.weight"), segments = matrix("embeddings.token_type_embeddings.weight")
        let width = words.columns, size = width / heads
        var states = ids.enumerated().map { place, id in
            norm((0 ..< width).map { words.values[Int(id) * width + $0] + places.values[place * width + $0] + segments.values[$0] }, "embeddings.LayerNorm")
        }
        var all = [[[[Double]]]]()
        for layer in 0 ..< layers {
            let name = "encoder.layer.\(layer)"
            let q = states.map { dense($0, "\(name).attention.self.query") }, k = states.map { dense($0, "\(name).attention.self.key") }, v = states.map { dense($0, "\(name).attention.self.value") }
            var mixed = [[Double]](repeating: [], count: ids.count), weights = [[[Double]]]()
            for head in 0 ..< heads {
                let columns = head * size ..< (head + 1) * size
                weights.append(q.indices.map { i in
                    let scores = k.indices.map { j in columns.reduce(0) { $0 + q[i][$1] * k[j][$1] } / Double(size).squareRoot() / temperatures[layer][head] }
                    let total = logSumExp(scores)
                    return scores.map { exp($0 - total) }
                })
                for i in q.indices { mixed[i] += columns.map { c in v.indices.reduce(0) { $0 + weights[head][i][$1] * v[$1][c] } } }
            }
            all.append(weights)
            states = states.indices.map { i in norm(zip(states[i], dense(mixed[i], "\(name).attention.output.dense")).map(+), "\(name).attention.output.LayerNorm") }
            states = states.map { x in
                let wide = dense(x, "\(name).intermediate.dense").map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
                return norm(zip(x, dense(wide, "\(name).output.dense")).map(+), "\(name).output.LayerNorm")
            }
        }
        if firstToken { states = [states[0]] }
        let sums = (0 ..< width).map { c in states.reduce(0) { $0 + $1[c] } }, length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return (sums.map { $0 / length }, all)
    }
}
