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

    /// - Parameters:
    ///   - archive: The file's tensors.
    ///   - skipped: The types of its tensors that are no floats, by name; the encoder needs none of them.
    /// - Throws: `GibbsError` with code `.unsuitableModel`, naming the tensor that is missing, of another type or shape, without a row or not finite.
    init(_ archive: Archive, skipped: [String: String], _ shape: EncoderShape) throws {
        func has(_ name: String) -> Bool { archive.tensors[name] != nil || skipped[name] != nil }
        // Some writers put the encoder under a name of its own.
        let first = "embeddings.word_embeddings.weight", prefix = !has(first) && has("bert." + first) ? "bert." : ""
        func full(_ name: String) throws -> String {
            guard let type = skipped[prefix + name] else { return prefix + name }
            throw GibbsError(.unsuitableModel, "the tensor '\(prefix + name)' is \(type)", advice: "convert it to F32; F16 and BF16 are read as well")
        }
        func table(_ name: String, rows: Int? = nil) throws -> Matrix { try archive.matrix(full("embeddings.\(name).weight"), rows: rows, columns: shape.width) }
        func vector(_ name: String, _ count: Int) throws -> [Float] { try archive.vector(full(name), count: count) }
        func norm(_ name: String) throws -> Norm { try Norm(gain: vector("\(name).weight", shape.width), shift: vector("\(name).bias", shape.width)) }
        func dense(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Dense {
            try Dense(weight: archive.matrix(full("\(name).weight"), rows: outputs, columns: inputs).transposed(), bias: vector("\(name).bias", outputs))
        }
        words = try table("word_embeddings", rows: shape.vocabulary)
        positions = try table("position_embeddings", rows: shape.positions)
        let segments = try table("token_type_embeddings")
        guard segments.rows > 0 else {
            throw GibbsError(.unsuitableModel, "the tensor '\(prefix)embeddings.token_type_embeddings.weight' has no row", advice: "the file is damaged; every text is of the first segment, which needs one")
        }
        segment = Array(segments.row(0))
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
