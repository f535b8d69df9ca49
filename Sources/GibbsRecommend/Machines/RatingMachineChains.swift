import Foundation
import GibbsNumerics

extension RatingMachine {
    /// The ratings after `steps` steps of block Gibbs sampling from these, the rated items staying rated: h given v, then every rating given h.
    /// Leaves p(v | rated) as it is.
    ///
    /// - Parameters:
    ///   - ratings: Shape people × `itemCount`, values on the scale.
    ///   - steps: At least 1; with 0 the ratings come back.
    ///   - key: A person's chain depends on the key and the person's row alone.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: steps × entries × K × hidden.
    public func sampled(_ ratings: SparseRows, steps: Int, key: Key, features: Matrix? = nil) throws -> SparseRows {
        var values = ratings.values
        for row in 0 ..< ratings.rows {
            var person = try person(ratings, row, features)
            let blank = blank(row, features).input
            for step in 0 ..< steps { walk(&person, from: blank, key: key.folding(row).folding(step)) }
            for (place, level) in zip(ratings.range(row), person.levels) { values[place] = Float(scale.value(of: level)) }
        }
        return SparseRows(columns: ratings.columns, starts: ratings.starts, indices: ratings.indices, values: values)
    }

    /// One step of block Gibbs sampling for one person, whose input follows.
    func walk(_ person: inout Person, from blank: [Float], key: Key) {
        let levels = scale.count, (first, second) = key.split(), states = sampleHidden(person.input, rated: person.items.count, key: first)
        let uniforms = second.uniforms(person.items.count)
        person.input = blank
        var scores = [Float](repeating: 0, count: levels)
        for (place, item) in person.items.enumerated() {
            for k in 0 ..< levels {
                scores[k] = dot(weights, item * levels + k, states) + biases[item, k] + person.shift[k]
            }
            let level = choose(scores, uniforms[place])
            person.levels[place] = level
            add(told.row(item * levels + level), to: &person.input)
        }
    }

    /// h given a when n items are rated.
    func sampleHidden(_ input: [Float], rated n: Int, key: Key) -> [Float] {
        let (first, second) = key.split(), uniforms = first.uniforms(binary), normals = second.normals(gaussian), spread = spread(n)
        return input.enumerated().map { j, a in
            j < binary ? (uniforms[j] < 1 / (1 + exp(-a)) ? 1 : 0) : a * spread + spread.squareRoot() * normals[j - binary]
        }
    }

    private func choose(_ scores: [Float], _ uniform: Float) -> Int {
        let top = scores.max() ?? 0, shares = scores.map { exp($0 - top) }
        var left = uniform * shares.reduce(0, +)
        for (k, share) in shares.enumerated() {
            left -= share
            if left < 0 { return k }
        }
        return shares.count - 1
    }

    private func dot(_ matrix: Matrix, _ row: Int, _ x: [Float]) -> Float {
        matrix.values.withUnsafeBufferPointer { values in
            let start = row * matrix.columns
            var sum: Float = 0
            for j in x.indices { sum += values[start + j] * x[j] }
            return sum
        }
    }
}
