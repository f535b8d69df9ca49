import Foundation
import GibbsCore
import GibbsNumerics

/// How one column of a table becomes columns of a batch: one, of a text several.
public struct RecordField: Sendable, Hashable, Codable {
    /// How the values are encoded.
    public enum Encoding: Sendable, Hashable, Codable {
        /// z = (t(x) − centre) / scale with t the identity or the signed logarithm.
        case number(NumberScale)
        /// The index of the name in the vocabulary; any other name is the unseen one, index `names.count`.
        case category(Vocabulary)
        /// The vector of a text, in the few directions in which those of the fit differ.
        case text(TextScale)
        /// Left out of the model, for the reason given.
        case ignored(reason: String)
    }

    /// The column's name.
    public var name: String
    /// How its values are encoded.
    public var encoding: Encoding

    /// A field of this encoding.
    public init(name: String, encoding: Encoding) {
        self.name = name
        self.encoding = encoding
    }

    /// What the encoded columns hold; none when the field is ignored.
    public var variables: [Variable] {
        switch encoding {
        case .number: [.real]
        case .category(let vocabulary): [.categorical(vocabulary.names.count + 1)]
        case .text(let scale): Array(repeating: .real, count: scale.columns)
        case .ignored: []
        }
    }
}

/// Location and scale of a numeric field.
public struct NumberScale: Sendable, Hashable, Codable {
    /// What happens to a number before it is centred and scaled; invertible and increasing.
    public enum Transform: String, Sendable, Codable {
        /// The number itself.
        case linear
        /// sign(x) · ln(1 + |x|), for heavy-tailed counts and amounts.
        case signedLog

        /// t(x).
        public func apply(_ x: Double) -> Double {
            switch self {
            case .linear: x
            case .signedLog: x < 0 ? -log1p(-x) : log1p(x)
            }
        }

        /// The number whose transform is `t`.
        public func invert(_ t: Double) -> Double {
            switch self {
            case .linear: t
            case .signedLog: t < 0 ? -expm1(-t) : expm1(t)
            }
        }
    }

    /// t.
    public var transform: Transform
    /// The mean of t(x) on the records it was fitted to.
    public var centre: Double
    /// Positive: what counts as one unit of the encoded column.
    public var scale: Double
    /// The least and the largest number it was fitted to; `nil` in model files that do not tell.
    public var seen: ClosedRange<Double>?

    /// A scale with these parts.
    public init(transform: Transform, centre: Double, scale: Double, seen: ClosedRange<Double>? = nil) {
        self.transform = transform
        self.centre = centre
        self.scale = scale
        self.seen = seen
    }

    /// The largest z, so that its square and sums of squares stay finite in single precision.
    static let largest = 1e15

    /// z of a value; beyond ±1e15 it is ±1e15, so that one absurd number is strange instead of an error for its whole table.
    public func encode(_ x: Double) -> Float {
        let z = (transform.apply(x) - centre) / scale
        return z.isNaN ? .nan : Float(min(max(z, -Self.largest), Self.largest))
    }

    /// The number that encodes to `z`.
    public func decode(_ z: Float) -> Double { transform.invert(Double(z) * scale + centre) }

    /// The scale of these finite values: mean and standard deviation after the transform under which a normal density fits
    /// them better (by likelihood, the Jacobian counted). Cost: a few passes.
    ///
    /// A column that hardly varies gets a prior scale instead of its own tiny deviation, so that the smallest change is not
    /// the strangest thing ever seen: a hundredth of its range is added in quadrature, a tenth where it takes two values only,
    /// and a tenth of its size (at least 0.1) where it never varied.
    public init(fitting values: [Double]) {
        let logs = values.map(Transform.signedLog.apply)
        let (plain, logged) = (Statistics.standardDeviation(values), Statistics.standardDeviation(logs))
        let jacobian = values.reduce(0.0) { $0 + log1p(abs($1)) } / Double(max(1, values.count))
        // ln likelihood a row, up to a shared constant: −ln sd, less the stretch of the logarithm.
        let useLog = plain > 0 && logged > 0 && -log(logged) - jacobian > -log(plain)
        let transform: Transform = useLog ? .signedLog : .linear
        let deviation = useLog ? logged : plain
        let used = useLog ? logs : values
        let prior = Self.priorScale(used)
        self.init(transform: transform, centre: values.isEmpty ? 0 : Statistics.mean(used),
                  scale: (deviation * deviation + prior * prior).squareRoot(),
                  seen: values.min().flatMap { low in values.max().map { low ... $0 } })
    }

    /// The deviation that a column is taken to have before its own is seen: a hundredth of its range, a tenth when it takes
    /// two values only, and a tenth of its size (at least 0.1) when it never varied.
    static func priorScale(_ values: [Double]) -> Double {
        guard let low = values.min(), let high = values.max() else { return 1 }
        if low == high { return 0.1 * max(1, abs(low)) }
        let takesTwo = values.allSatisfy { $0 == low || $0 == high }
        return (takesTwo ? 0.1 : 0.01) * (high - low)
    }
}

// MARK: - Decoding: a file may claim anything

extension NumberScale {
    /// Refuses a scale that is not positive or not finite.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(transform: try values.decode(Transform.self, forKey: .transform), centre: try values.decode(Double.self, forKey: .centre),
                  scale: try values.decode(Double.self, forKey: .scale), seen: try values.decodeIfPresent(ClosedRange<Double>.self, forKey: .seen))
        guard scale > 0, scale.isFinite, centre.isFinite else {
            throw DecodingError.dataCorruptedError(forKey: .scale, in: values, debugDescription: "a scale of \(scale) around \(centre)")
        }
    }
}
