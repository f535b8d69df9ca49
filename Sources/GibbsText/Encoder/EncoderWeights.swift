import GibbsData
import GibbsNumerics

/// y = x W + b: W of shape `[in, out]`.
struct Dense: Sendable {
    let weight: Matrix, bias: [Float]
}

/// What a norm multiplies by and adds.
struct Norm: Sendable {
    let gain: [Float], shift: [Float]
}

/// The weights of one layer.
struct EncoderLayer: Sendable {
    /// Queries, keys and values of all heads side by side: `[width, 3 width]`.
    let project: Dense
    let attended: Dense, attendedNorm: Norm
    let widen: Dense, narrow: Dense, outputNorm: Norm
}

/// All weights of an encoder.
struct EncoderWeights: Sendable {
    /// `[vocabulary, width]`, `[positions, width]`, and the first segment's row added to every token.
    let words: Matrix, positions: Matrix, segment: [Float]
    let norm: Norm
    let layers: [EncoderLayer]

    /// - Throws: `GibbsError` with code `.unsuitableModel`, naming the tensor that is missing, of another shape or not finite.
    init(_ archive: Archive, _ shape: EncoderShape) throws {
        // Some writers put the encoder under a name of its own.
        let archive = archive.tensors["embeddings.word_embeddings.weight"] == nil && archive.tensors["bert.embeddings.word_embeddings.weight"] != nil ? archive.nested("bert") : archive
        func norm(_ name: String) throws -> Norm { try Norm(gain: archive.vector("\(name).weight", count: shape.width), shift: archive.vector("\(name).bias", count: shape.width)) }
        func matrix(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Matrix { try archive.matrix("\(name).weight", rows: outputs, columns: inputs).transposed() }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Dense { try Dense(weight: matrix(name, inputs, outputs), bias: archive.vector("\(name).bias", count: outputs)) }
        words = try archive.matrix("embeddings.word_embeddings.weight", rows: shape.vocabulary, columns: shape.width)
        positions = try archive.matrix("embeddings.position_embeddings.weight", rows: shape.positions, columns: shape.width)
        segment = try Array(archive.matrix("embeddings.token_type_embeddings.weight", columns: shape.width).row(0))
        self.norm = try norm("embeddings.LayerNorm")
        layers = try (0 ..< shape.layers).map { index in
            let name = "encoder.layer.\(index)", parts = try ["query", "key", "value"].map { try dense("\(name).attention.self.\($0)", shape.width, shape.width) }
            var joint = [Float]()
            for row in 0 ..< shape.width { for part in parts { joint.append(contentsOf: part.weight.row(row)) } }
            return try EncoderLayer(
                project: Dense(weight: Matrix(rows: shape.width, columns: 3 * shape.width, values: joint), bias: parts.flatMap(\.bias)),
                attended: dense("\(name).attention.output.dense", shape.width, shape.width), attendedNorm: norm("\(name).attention.output.LayerNorm"),
                widen: dense("\(name).intermediate.dense", shape.width, shape.inner), narrow: dense("\(name).output.dense", shape.inner, shape.width),
                outputNorm: norm("\(name).output.LayerNorm"))
        }
    }
}
