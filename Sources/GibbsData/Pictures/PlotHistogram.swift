import Foundation
import GibbsNumerics

/// Bins that all histograms of a plot share, on the axis itself or on its logarithm.
struct HistogramBins {
    let start: Double, width: Double
    let count: Int
    private let isLogarithmic: Bool

    /// - Parameters:
    ///   - samples: At least one, each with at least one value.
    ///   - axis: Its range bounds the bins, where it has one.
    ///   - wanted: How many bins; nil for the rule of Freedman and Diaconis, 2 · IQR / ∛n wide, or one bin around each whole
    ///     number for counts.
    init(sharedBy samples: [[Double]], axis: Plot.Axis, wanted: Int?) throws {
        guard wanted.map({ 1 ... 1000 ~= $0 }) ?? true else {
            throw GibbsError(.usage, "histograms of \(wanted!) bins", advice: "give between 1 and 1000, or leave it out")
        }
        isLogarithmic = axis.scale == .logarithmic
        let all = samples.flatMap { $0 }
        try axis.check(all.min()! ... all.max()!)
        if let range = axis.range { try axis.check(range) }
        let transform: (Double) -> Double = axis.scale == .logarithmic ? { log10($0) } : { $0 }
        let low = transform(axis.range?.lowerBound ?? all.min()!), high = transform(axis.range?.upperBound ?? all.max()!)
        if wanted == nil, !isLogarithmic, high - low >= 1, high - low <= 60, all.allSatisfy({ $0 == $0.rounded() }) {
            (start, width, count) = (low.rounded() - 0.5, 1, Int((high - low).rounded()) + 1)
            return
        }
        guard high - low > max(abs(low), abs(high)) * 1e-9, high - low > 1e-290 else {
            (start, width, count) = (low - max(abs(low) * 0.05, 0.5), max(abs(low) * 0.1, 1), 1)
            return
        }
        // The narrowest bins that any of the samples asks for would tear up the smaller ones; their median is a fair middle.
        let widths = samples.map { Self.width(for: $0.map(transform).filter { $0 >= low && $0 <= high }) }.filter { $0 > 0 }.sorted()
        let suggested = widths.isEmpty ? (high - low) / 20 : widths[widths.count / 2]
        count = wanted ?? min(max(Int(((high - low) / suggested).rounded(.up)), 8), 100)
        (start, width) = (low, (high - low) / Double(count))
    }

    private static func width(for values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let sorted = values.sorted()
        let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
        return 2 * spread / cbrt(Double(sorted.count))
    }

    /// The share of values per unit of the axis, or per factor of ten; values outside the bins count as the rest of the whole.
    func densities(_ values: [Double]) -> [Double] {
        var counts = [Int](repeating: 0, count: count)
        for value in values {
            let place = ((isLogarithmic ? log10(value) : value) - start) / width
            guard place >= -1e-9, place <= Double(count) + 1e-9 else { continue }
            counts[min(max(Int(place), 0), count - 1)] += 1
        }
        return counts.map { Double($0) / (Double(values.count) * width) }
    }

    /// Where bin `index` begins on the axis; `count` is where the last one ends.
    func edge(_ index: Int) -> Double {
        let place = start + width * Double(index)
        return isLogarithmic ? pow(10, place) : place
    }
}
