import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// Energies of some records under one model, to be told apart from others'.
public struct EnergySample: Sendable, Hashable {
    /// What the legend calls them.
    public var name: String
    /// Nats; in any order.
    public var energies: [Float]

    /// Energies under a name.
    public init(_ name: String, _ energies: [Float]) { (self.name, self.energies) = (name, energies) }
}

extension Plot {
    /// How energies are spread: a histogram a sample, and the threshold above which a record raises an alert.
    ///
    /// The axis shows where the samples' bulk and the threshold lie; a long tail is cut off, and the legend says which share of a sample
    /// lies beyond. On a logarithmic scale of densities tails can be read.
    ///
    /// - Parameters:
    ///   - samples: At least one, each of at least two energies.
    ///   - threshold: Nats, and what the legend says of it.
    ///   - title: Stands above.
    ///   - isLogarithmic: Whether densities are laid out by ratios.
    ///   - bins: Bins of the histograms; what the data suggest unless told.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer energies or `nan`. Infinite energies are no error and lie beyond.
    public static func energies(_ samples: [EnergySample], threshold: (energy: Float, name: String)? = nil, title: String = "",
                                isLogarithmic: Bool = false, bins: Int? = nil) throws -> Plot {
        guard !samples.isEmpty else { throw GibbsError(.unsuitableData, "no energies to plot", advice: "give at least one sample") }
        for sample in samples where sample.energies.count < 2 || sample.energies.contains(where: \.isNaN) {
            throw GibbsError(.unsuitableData, sample.energies.count < 2 ? "\(sample.energies.count) energies have no spread" : "an energy is no number (nan)",
                             at: .init(field: sample.name), advice: sample.energies.count < 2 ? "give at least two records" : "leave such records out")
        }
        let range = range(of: samples.map(\.energies), reaching: threshold?.energy)
        var layers = samples.map { sample -> Layer in
            let beyond = sample.energies.count { !range.contains(Double($0)) }, seen = sample.energies.filter { $0.isFinite }
            let share = 100 * Double(beyond) / Double(sample.energies.count)
            let remark = beyond == 0 ? "" : share < 0.1 ? " (\(beyond) beyond)" : String(format: share < 10 ? " (%.2g %% beyond)" : " (%.0f %% beyond)", share)
            return .histogram(seen.isEmpty ? [Float(range.upperBound)] : seen, name: sample.name + remark)
        }
        if let threshold, threshold.energy.isFinite { layers.append(.vertical(threshold.energy, name: threshold.name)) }
        return Plot(title, x: Axis("energy (nats)", range: range), y: Axis("density (1/nat)", scale: isLogarithmic ? .logarithmic : .linear), layers: layers,
                    legend: .right, bins: bins, width: 760, height: 360)
    }

    /// From the lowest 0.1 % to the highest 0.5 % of every sample, but no further from the first one's median than three times the threshold,
    /// or twelve spreads without one.
    private static func range(of samples: [[Float]], reaching threshold: Float?) -> ClosedRange<Double> {
        let sorted = samples.map { $0.filter(\.isFinite).sorted() }.filter { !$0.isEmpty }
        guard let first = sorted.first else { return 0 ... 1 }
        func quantile(_ q: Double, _ values: [Float]) -> Double { Double(Statistics.quantile(q, ofSorted: values)) }
        let middle = quantile(0.5, first), spread = max(quantile(0.99, first) - middle, middle - quantile(0.01, first), 1e-3)
        let mark = threshold.flatMap { $0.isFinite ? Double($0) : nil }
        var low = max(sorted.map { quantile(0.001, $0) }.min()!, middle - 12 * spread), high = min(sorted.map { quantile(0.995, $0) }.max()!, middle + (mark.map { 3 * max($0 - middle, spread) } ?? 12 * spread))
        if let mark { (low, high) = (min(low, mark - 0.1 * spread), max(high, mark + 0.25 * spread)) }
        return low - 0.03 * (high - low) ... high + 0.03 * (high - low) + 1e-6 * max(1, abs(high))
    }
}
