import Foundation
import GibbsNumerics

/// The ratings that a person can give: `lowest`, `lowest + step`, …, `count` of them. One to five stars are (1, 1, 5); half stars up to
/// four are (0.5, 0.5, 8).
public struct RatingScale: Sendable, Hashable, Codable {
    /// The lowest rating.
    public let lowest: Double
    /// From one rating to the next.
    public let step: Double
    /// How many there are, at least 2.
    public let count: Int

    /// The most levels of a scale; a finer one is for a model of numbers, not of stars.
    public static let levelLimit = 101
    /// The largest rating, in size, that a scale can have.
    public static let valueLimit = 1e9

    /// The scale of these numbers.
    ///
    /// - Throws: `GibbsError` with code `.usage` unless the step is positive and there are 2 to `levelLimit` levels.
    public init(lowest: Double, step: Double, count: Int) throws {
        guard abs(lowest) <= Self.valueLimit, step <= Self.valueLimit, step > 0, 2 ... Self.levelLimit ~= count else {
            throw GibbsError(.usage, "a scale of \(count) ratings from \(lowest) by steps of \(step)", advice: "give 2 to \(Self.levelLimit) ratings, such as 1:5 or 0.5:4:0.5")
        }
        (self.lowest, self.step, self.count) = (lowest, step, count)
    }

    /// Throws as `init(lowest:step:count:)`.
    public init(from decoder: any Decoder) throws {
        let stored = try Stored(from: decoder)
        try self.init(lowest: stored.lowest, step: stored.step, count: stored.count)
    }

    private struct Stored: Codable { var lowest: Double, step: Double, count: Int }

    /// The coarsest scale that has all these ratings; gaps in it are no error.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when there are fewer than two different ratings, or they do not lie on at most
    ///   `levelLimit` equal steps.
    public init(of ratings: some Sequence<Float>) throws {
        let levels = Set(ratings).map(Double.init).sorted()
        guard levels.count > 1 else {
            throw GibbsError(.unsuitableData, levels.isEmpty ? "no ratings" : "every rating is \(levels[0])", advice: "a model of ratings needs at least two different ones; rows without ratings are events")
        }
        let tolerance = (levels.last! - levels[0]) * 1e-5
        var step = 0.0
        for (below, above) in zip(levels, levels.dropFirst()) { step = Self.commonDivisor(step, above - below, tolerance: tolerance) }
        let count = ((levels.last! - levels[0]) / step).rounded() + 1
        guard step > tolerance, count <= Double(Self.levelLimit) else {
            throw GibbsError(.unsuitableData, "the ratings, from \(levels[0]) to \(levels.last!), lie on no scale of at most \(Self.levelLimit) equal steps",
                             advice: "round them, or state the scale")
        }
        try self.init(lowest: levels[0], step: step, count: Int(count))
    }

    /// The highest rating.
    public var highest: Double { value(of: count - 1) }
    /// All ratings, ascending.
    public var values: [Double] { (0 ..< count).map(value) }

    /// The rating of a level from 0.
    public func value(of level: Int) -> Double { lowest + Double(level) * step }

    /// The level of a rating, or nil for one that is off the scale by more than a thousandth of a step.
    public func level(of rating: Float) -> Int? {
        let place = (Double(rating) - lowest) / step, level = place.rounded()
        return abs(place - level) < 1e-3 && level >= 0 && level < Double(count) ? Int(level) : nil
    }

    /// p(r) = exp(−E(r)) / Z of the energies of every rating of one pair, and ln Z.
    static func law(of energies: some Sequence<Float>) -> (p: [Double], logPartition: Double) {
        let logits = energies.map { -Double($0) }, total = logSumExp(logits)
        return (logits.map { exp($0 - total) }, total)
    }

    /// The error for a rating that a model of this scale cannot take.
    func isOff(_ rating: Float) -> GibbsError {
        GibbsError(.unsuitableData, "the rating \(rating) is off the model's scale from \(lowest) to \(highest) by steps of \(step)", advice: "leave it out, or fit with the scale that has it")
    }

    /// A rating moved to the nearest end where it lies outside.
    public func clamped(_ rating: Double) -> Double { min(max(rating, lowest), highest) }

    /// Euclid's algorithm on lengths.
    private static func commonDivisor(_ a: Double, _ b: Double, tolerance: Double) -> Double {
        var (a, b) = (max(a, b), min(a, b))
        while b > tolerance { (a, b) = (b, a - (a / b).rounded(.down) * b > b - tolerance ? 0 : a.truncatingRemainder(dividingBy: b)) }
        return a
    }
}
