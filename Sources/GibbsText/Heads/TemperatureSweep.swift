import Foundation
import GibbsLandscapes
import GibbsNumerics

/// How a text's vector moves when all heads run hotter or colder than they were trained.
public struct TemperatureSweep: Sendable {
    /// One temperature of all heads.
    public struct Point: Sendable, Hashable {
        /// T.
        public let temperature: Float
        /// The cosine of the angle to the vector at T = 1.
        public let cosine: Double
        /// Mean over tokens, for each layer: exp(S), the tokens looked at.
        public let effectiveTokens: [Double]
        /// Mean over heads and tokens, for each layer: C.
        public let heatCapacities: [Double]
    }

    /// In the order of the temperatures asked for.
    public let points: [Point]

    /// Temperatures from a quarter to four, nine of them.
    public static let usual: [Float] = (-4 ... 4).map { pow(2, Float($0) / 2) }
}

extension TextEncoder {
    /// A sweep of the temperature of all heads together, later layers seeing what earlier ones made of the text.
    ///
    /// - Parameters:
    ///   - text: A text; one that is too long is cut.
    ///   - temperatures: T > 0.
    ///   - limit: Tokens, with the two that frame the text; the model's `positions` unless told.
    /// - Throws: As `attention(to:temperatures:limit:)`, and `.usage` for a temperature that is not positive.
    /// - Complexity: Two passes a temperature.
    public func sweep(_ text: String, temperatures: [Float] = TemperatureSweep.usual, limit: Int? = nil) throws -> TemperatureSweep {
        if let bad = temperatures.first(where: { !($0 > 0 && $0.isFinite) }) { throw GibbsError(.usage, "a temperature of \(bad)", advice: "give numbers above 0, such as 0.5,1,2") }
        let trained = try embeddings(of: [text], limit: limit).vectors
        let points = try temperatures.map { temperature in
            let all = Array(repeating: [Float](repeating: temperature, count: shape.heads), count: shape.layers)
            let vector = try embeddings(of: [text], temperatures: all, limit: limit).vectors, layers = try attention(to: text, temperatures: all, limit: limit).layers
            return TemperatureSweep.Point(temperature: temperature, cosine: zip(trained.values, vector.values).reduce(0) { $0 + Double($1.0) * Double($1.1) },
                                          effectiveTokens: layers.map { Statistics.mean($0.effectiveKeys) }, heatCapacities: layers.map { Statistics.mean($0.heatCapacities) })
        }
        return TemperatureSweep(points: points)
    }
}
