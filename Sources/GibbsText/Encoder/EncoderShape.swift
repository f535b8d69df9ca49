import Foundation
import GibbsNumerics

/// The sizes of a BERT-style encoder, from the `config.json` beside its weights.
public struct EncoderShape: Sendable, Hashable {
    /// Numbers a token.
    public let width: Int
    /// Layers one after another.
    public let layers: Int
    /// Heads of attention a layer; they share the width.
    public let heads: Int
    /// Units between the two maps of a layer's second half.
    public let inner: Int
    /// The most tokens a text may have.
    public let positions: Int
    /// Ids.
    public let vocabulary: Int
    /// ε of the norms.
    public let epsilon: Float

    /// - Throws: `GibbsError` with code `.cannotRead`; `.malformedData` for what is no such file; `.unsuitableModel` for another architecture or
    ///   sizes that make no sense.
    init(contentsOf path: String) throws {
        self = try GibbsError.naming(path) {
            guard let data = FileManager.default.contents(atPath: path) else { throw EncoderFolder.unreadable }
            guard let file = try? JSONDecoder().decode(File.self, from: data) else {
                throw GibbsError(.malformedData, "is no config.json of an encoder", advice: "give the file that belongs to the model; it names hidden_size, num_hidden_layers and the like")
            }
            return try EncoderShape(file)
        }
    }

    private init(_ file: File) throws {
        guard file.model_type == "bert", file.hidden_act == "gelu", file.position_embedding_type ?? "absolute" == "absolute" else {
            throw GibbsError(.unsuitableModel, "is a model of the type \(file.model_type) with \(file.hidden_act) and \(file.position_embedding_type ?? "absolute") positions",
                             advice: "give a BERT encoder with gelu and absolute positions, such as MiniLM")
        }
        let sizes = [file.hidden_size, file.num_hidden_layers, file.num_attention_heads, file.intermediate_size, file.max_position_embeddings, file.vocab_size]
        guard sizes.allSatisfy({ (1 ... 1 << 20).contains($0) }), file.hidden_size % file.num_attention_heads == 0, file.max_position_embeddings >= 2,
              file.layer_norm_eps >= 0, file.layer_norm_eps < 1 else {
            throw GibbsError(.unsuitableModel, "has impossible sizes: \(sizes.map(String.init).joined(separator: ", ")) and an epsilon of \(file.layer_norm_eps)", advice: "the file is damaged")
        }
        (width, layers, heads, inner) = (file.hidden_size, file.num_hidden_layers, file.num_attention_heads, file.intermediate_size)
        (positions, vocabulary, epsilon) = (file.max_position_embeddings, file.vocab_size, Float(file.layer_norm_eps))
    }

    /// Refuses temperatures that are not one a head.
    ///
    /// - Throws: `GibbsError` with code `.usage` for another shape than `[layers][heads]`, or what is not positive and finite.
    func check(temperatures: [[Float]]) throws {
        guard temperatures.count == layers, temperatures.allSatisfy({ $0.count == heads }) else {
            throw GibbsError(.usage, "temperatures of \(temperatures.count) layers with \(Set(temperatures.map(\.count)).sorted().map(String.init).joined(separator: " or ")) heads",
                             advice: "give \(layers) layers of \(heads) each")
        }
        if let bad = temperatures.joined().first(where: { !($0 > 0 && $0.isFinite) }) { throw GibbsError(.usage, "a temperature of \(bad)", advice: "give numbers above 0; 1 is as trained") }
    }

    /// The file, by its own names.
    private struct File: Decodable {
        var model_type: String, hidden_act: String, position_embedding_type: String?, layer_norm_eps: Double
        var hidden_size: Int, num_hidden_layers: Int, num_attention_heads: Int, intermediate_size: Int, max_position_embeddings: Int, vocab_size: Int
    }
}
