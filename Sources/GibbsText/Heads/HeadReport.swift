import Foundation
import GibbsLandscapes
import GibbsNumerics

/// What one head does with a text: means over its tokens.
public struct HeadReport: Sendable, Hashable {
    /// Counted from 0, as the weights are named.
    public let layer: Int, head: Int
    /// ⟨E⟩ of what a token looks at, nats.
    public let meanEnergy: Double
    /// S, nats.
    public let entropy: Double
    /// exp(S): how many tokens a token looks at.
    public let effectiveTokens: Double
    /// C = d⟨E⟩/dT at the head's temperature: how strongly it answers to temperature.
    public let heatCapacity: Double
    /// The token that is looked at most, and its mean share of the attention.
    public let favourite: Int, share: Double
    /// ‖d(vector of the text)/d ln T‖ for this head's T alone, in radians, as the vector has length one.
    public let response: Double
}

extension TextEncoder {
    /// A report on every head, layer after layer, at T = 1.
    ///
    /// - Parameters:
    ///   - text: A text; one that is too long is cut.
    ///   - limit: Tokens, with the two that frame the text; the model's `positions` unless told.
    ///   - progress: Told the share done after every head; may throw to stop.
    /// - Throws: As `attention(to:temperatures:limit:)`, and what `progress` throws.
    /// - Complexity: As much as `layers · heads` passes, since responses are differences of two, each from its layer on.
    public func heads(reading text: String, limit: Int? = nil, progress: (Double) throws -> Void = { _ in }) throws -> [HeadReport] {
        let attention = try attention(to: text, limit: limit), responses = try headResponses(to: text, limit: limit, progress)
        return attention.layers.enumerated().flatMap { index, layer in
            let energies = layer.meanEnergies, entropies = layer.entropies, effective = entropies.map { exp($0) }, capacities = layer.heatCapacities, weights = layer.weights
            return (0 ..< layer.heads).map { head in
                let rows = head * layer.queries ..< (head + 1) * layer.queries
                let shares = (0 ..< layer.keys).map { key in rows.reduce(0.0) { $0 + Double(weights[$1, key]) } / Double(layer.queries) }
                let favourite = shares.indices.max { shares[$0] < shares[$1] }!
                return HeadReport(layer: index, head: head, meanEnergy: Statistics.mean(energies[rows]), entropy: Statistics.mean(entropies[rows]),
                                  effectiveTokens: Statistics.mean(effective[rows]), heatCapacity: Statistics.mean(capacities[rows]),
                                  favourite: favourite, share: shares[favourite], response: responses[index][head])
            }
        }
    }

    /// ‖Δvector‖ / Δ ln T for every head, by differences between T·1.05 and T/1.05; shape `[layers][heads]`.
    private func headResponses(to text: String, limit: Int?, _ progress: (Double) throws -> Void) throws -> [[Double]] {
        let ids = try tokens(of: [text], limit: limit)[0].ids, factor: Float = 1.05, steps = shape.heads * shape.layers * (shape.layers + 1) / 2
        var pass = try EncoderPass(self, [ids], temperatures: nil), done = 0
        return try (0 ..< shape.layers).map { layer -> [Double] in
            let responses = try (0 ..< shape.heads).map { head -> Double in
                let ends = [factor, 1 / factor].map { temperature -> Matrix in
                    var changed = pass
                    var temperatures = [Float](repeating: 1, count: shape.heads)
                    temperatures[head] = temperature
                    changed.step(layer, temperatures)
                    for later in layer + 1 ..< shape.layers { changed.step(later) }
                    return changed.vectors()
                }
                done += shape.layers - layer
                try progress(Double(done) / Double(steps))
                return Self.distance(ends[0], ends[1]) / (2 * log(Double(factor)))
            }
            pass.step(layer)
            return responses
        }
    }

    static func distance(_ a: Matrix, _ b: Matrix) -> Double {
        zip(a.values, b.values).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
    }
}
