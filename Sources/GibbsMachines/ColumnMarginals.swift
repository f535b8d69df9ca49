import Foundation
import GibbsCore
import GibbsNumerics

/// What each visible unit does on average, from data with missing values left out.
struct ColumnMarginals {
    /// Mean of every unit in weight order: a probability, or a real unit's mean.
    var means: [Float]
    /// Biases of the independent model: log-odds, log-probabilities, means.
    var biases: [Float]
    /// ln of the variance of the real units, at least ln 1e-4 of a standardised column.
    var logVariances: [Float]

    init(_ batch: Matrix, layout: UnitLayout) {
        means = [Float](repeating: 0, count: layout.width)
        biases = means
        logVariances = []
        for (unit, column) in layout.realColumns.enumerated() {
            let values = batch.column(column).filter { !$0.isNaN }
            let mean = values.isEmpty ? 0 : Statistics.mean(values)
            let deviation = values.isEmpty ? 1 : Statistics.standardDeviation(values)
            means[unit] = Float(mean)
            biases[unit] = Float(mean)
            logVariances.append(Float(2 * log(max(deviation, 1e-2))))
        }
        for (unit, column) in zip(layout.binaryRows, layout.binaryColumns) {
            let values = batch.column(column).filter { !$0.isNaN }
            let p = (values.reduce(0.5) { $0 + Double($1) }) / (Double(values.count) + 1)
            means[unit] = Float(p)
            biases[unit] = Float(log(p / (1 - p)))
        }
        for (group, column) in layout.groupColumns.enumerated() {
            let rows = layout.rows(ofGroup: group)
            var counts = [Double](repeating: 0.5, count: rows.count)
            for value in batch.column(column) where !value.isNaN { counts[Int(value)] += 1 }
            let total = counts.reduce(0, +)
            for (unit, count) in zip(rows, counts) {
                means[unit] = Float(count / total)
                biases[unit] = Float(log(count / total))
            }
        }
    }
}
