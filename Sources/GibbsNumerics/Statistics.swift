import Foundation

@inline(__always) package func logarithm(_ x: Double) -> Double { log(x) }

/// ln Σ exp(xᵢ) without overflow; −∞ for an empty list.
// Other modules would else call the generic form, which converts every number through a witness.
@_specialize(where Values == [Double])
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

    /// Φ⁻¹(p), the standard normal quantile, to 1e-9; infinite at 0 and 1.
    ///
    /// - Source: Acklam's rational approximation, with one step of Newton's method on erfc.
    public static func normalQuantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p <= 0 ? -.infinity : .infinity }
        if p > 0.5 { return -normalQuantile(1 - p) }
        func horner(_ coefficients: [Double], _ x: Double) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
        let x: Double
        if p < 0.02425 {
            let q = (-2 * log(p)).squareRoot()
            x = horner([-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783], q)
                / horner([7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1], q)
        } else {
            let q = p - 0.5, r = q * q
            x = q * horner([-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239], r)
                / horner([-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1], r)
        }
        let error = erfc(-x / 2.0.squareRoot()) / 2 - p
        return x - error * (2 * .pi).squareRoot() * exp(x * x / 2)
    }
}
