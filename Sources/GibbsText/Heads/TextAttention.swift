import GibbsLandscapes
import GibbsNumerics

/// What every head of an encoder looks at in one text.
public struct TextAttention: Sendable {
    /// The pieces that were read, `[CLS]` and `[SEP]` included.
    public let tokens: [String]
    /// Tokens that the limit cut off.
    public let cut: Int
    /// The attention of each layer, from the first: all its heads, every token to every token, at the temperatures it ran at.
    public let layers: [Attention]
}

extension TextEncoder {
    /// The attention of all layers and heads to a text.
    ///
    /// - Parameters:
    ///   - text: A text; one that is too long is cut, and `cut` says so.
    ///   - temperatures: T of every head, shape `[layers][heads]`; 1 unless told. Later layers see what earlier ones made of the text at theirs.
    ///   - limit: Tokens, with the two that frame the text; the model's `positions` unless told.
    /// - Throws: As `embeddings(of:temperatures:limit:)`; `.unsuitableModel` where the weights give scores that are not finite.
    /// - Complexity: One pass, and `tokens²` numbers a head.
    public func attention(to text: String, temperatures: [[Float]]? = nil, limit: Int? = nil) throws -> TextAttention {
        try read(text, temperatures: temperatures, limit: limit).attention
    }

    /// The attention to a text, and the text's vector, shape `[1, width]`, by one pass; otherwise as `attention(to:temperatures:limit:)`.
    func read(_ text: String, temperatures: [[Float]]?, limit: Int?) throws -> (attention: TextAttention, vector: Matrix) {
        let tokens = try tokens(of: [text], limit: limit)[0]
        var pass = try EncoderPass(self, [tokens.ids], temperatures: temperatures)
        let layers = try (0 ..< shape.layers).map { index in
            pass.step(index)
            do {
                let attention = try Attention(queries: pass.queries, keys: pass.keys, heads: shape.heads)
                return try temperatures.map { try attention.at(temperatures: $0[index]) } ?? attention
            } catch let error as GibbsError {
                throw GibbsError(.unsuitableModel, "layer \(index): \(error.message)", advice: "the weights are damaged")
            }
        }
        return (TextAttention(tokens: tokens.ids.map(tokenizer.piece), cut: tokens.cut, layers: layers), pass.vectors())
    }
}

extension EncoderPass {
    /// The queries of the layer last computed, all heads side by side; shape `[tokens, width]`.
    var queries: Matrix { columns(from: 0) }
    /// Its keys.
    var keys: Matrix { columns(from: states.columns) }

    private func columns(from first: Int) -> Matrix {
        Matrix(rows: projected.rows, columns: states.columns, values: (0 ..< projected.rows).flatMap { projected.row($0).dropFirst(first).prefix(states.columns) })
    }
}
