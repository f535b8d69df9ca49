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
    ///   - progress: Told the share done after every temperature; may throw to stop.
    /// - Throws: As `attention(to:temperatures:limit:)`, `.usage` for a temperature that is not positive, and what `progress` throws.
    /// - Complexity: A pass a temperature, and the laws of every head and token, `tokens²` numbers a head.
    public func sweep(_ text: String, temperatures: [Float] = TemperatureSweep.usual, limit: Int? = nil, progress: (Double) throws -> Void = { _ in }) throws -> TemperatureSweep {
        if let bad = temperatures.first(where: { !($0 > 0 && $0.isFinite) }) { throw GibbsError(.usage, "a temperature of \(bad)", advice: "give numbers above 0, such as 0.5,1,2") }
        let trained = try embeddings(of: [text], limit: limit).vectors
        let points = try temperatures.enumerated().map { index, temperature -> TemperatureSweep.Point in
            let all = Array(repeating: [Float](repeating: temperature, count: shape.heads), count: shape.layers)
            let found = try read(text, temperatures: all, limit: limit), layers = found.attention.layers
            let point = TemperatureSweep.Point(temperature: temperature, cosine: zip(trained.values, found.vector.values).reduce(0) { $0 + Double($1.0) * Double($1.1) },
                                               effectiveTokens: layers.map { Statistics.mean($0.effectiveKeys) }, heatCapacities: layers.map { Statistics.mean($0.heatCapacities) })
            try progress(Double(index + 1) / Double(temperatures.count))
            return point
        }
        return TemperatureSweep(points: points)
    }
}
