import Foundation

@inline(__always) package func logarithm(_ x: Double) -> Double { log(x) }

/// ln Σ exp(xᵢ) without overflow; −∞ for an empty list.
public func logSumExp<Values: Collection>(_ values: Values) -> Double where Values.Element: BinaryFloatingPoint {
    guard let top = values.max() else { return -.infinity }
    let peak = Double(top)
    guard peak.isFinite else { return peak }
    return peak + log(values.reduce(0.0) { $0 + exp(Double($1) - peak) })
}

/// Plain summaries of a list of numbers.
public enum Statistics {
    /// The arithmetic mean; `nan` for an empty list.
    public static func mean<Values: Collection>(_ values: Values) -> Double where Values.Element: BinaryFloatingPoint {
        values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    }

    /// The population standard deviation √(Σ (x − mean)² / n).
    public static func standardDeviation<Values: Collection>(_ values: Values) -> Double where Values.Element: BinaryFloatingPoint {
        let centre = mean(values)
        return (values.reduce(0.0) { $0 + (Double($1) - centre) * (Double($1) - centre) } / Double(values.count)).squareRoot()
    }

    /// The q-quantile by linear interpolation between order statistics (Hyndman & Fan's type 7). Input need not be sorted.
    /// Traps on an empty list or q outside 0...1.
    public static func quantile<Number: BinaryFloatingPoint>(_ q: Double, of values: [Number]) -> Number {
        quantile(q, ofSorted: values.sorted())
    }

    /// As `quantile(_:of:)` for values already in increasing order.
    public static func quantile<Number: BinaryFloatingPoint>(_ q: Double, ofSorted sorted: [Number]) -> Number {
        precondition(!sorted.isEmpty && (0 ... 1).contains(q), "quantile \(q) of \(sorted.count) values")
        let position = q * Double(sorted.count - 1), below = Int(position)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        let fraction = Number(position - Double(below))
        // Without the test an infinite neighbour of weight zero would make the result nan.
        return fraction == 0 ? sorted[below] : sorted[below] + fraction * (sorted[below + 1] - sorted[below])
    }

    /// The middle value (type-7 quantile at one half).
    public static func median<Number: BinaryFloatingPoint>(_ values: [Number]) -> Number { quantile(0.5, of: values) }
}
