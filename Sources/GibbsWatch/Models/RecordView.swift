import Foundation
import GibbsCore
import GibbsNumerics

/// How an expert looks at an encoded record: a fixed map from a batch's columns to the columns its energy wants.
///
/// Every view acts on one field at a time and keeps missing values missing, so that summing out a field in the expert's
/// columns is summing out the field.
public enum RecordView: Sendable, Hashable, Codable {
    /// The columns as they are.
    case plain
    /// All real: a categorical column becomes one indicator a category, divided by `scales` (in column order) and centred.
    case indicators(scales: [[Float]], means: [[Float]])
    /// All categorical: a real column becomes the index of its bin between ascending `edges` (empty for categorical columns).
    case bins(edges: [[Float]])

    /// The variables after the view, whose tables must be of these columns.
    public func variables(of variables: [Variable]) -> [Variable] {
        switch self {
        case .plain: variables
        case .indicators: variables.flatMap { Array(repeating: Variable.real, count: $0.expandedWidth) }
        case .bins(let edges): zip(variables, edges).map { $0 == .real ? .categorical($1.count + 1) : $0 }
        }
    }

    /// The columns after the view; shape `[rows, variables(of:).count]`.
    public func apply(_ batch: Matrix, variables: [Variable]) -> Matrix {
        switch self {
        case .plain: return batch
        case .bins(let edges):
            var result = batch
            for (k, variable) in variables.enumerated() where variable == .real {
                for row in 0 ..< batch.rows { result[row, k] = Self.bin(batch[row, k], edges[k]) }
            }
            return result
        case .indicators(let scales, let means):
            return expand(batch, variables: variables, scales: scales, means: means)
        }
    }

    /// The number of edges at or below the value.
    private static func bin(_ value: Float, _ edges: [Float]) -> Float {
        if value.isNaN { return value }
        var low = 0, high = edges.count
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return Float(low)
    }

    private func expand(_ batch: Matrix, variables: [Variable], scales: [[Float]], means: [[Float]]) -> Matrix {
        let width = variables.reduce(0) { $0 + $1.expandedWidth }
        var result = Matrix(rows: batch.rows, columns: width), at = 0
        for (k, variable) in variables.enumerated() {
            for row in 0 ..< batch.rows {
                let value = batch[row, k], base = row * width + at
                if case .categorical(let count) = variable {
                    for category in 0 ..< count {
                        result.values[base + category] = value.isNaN ? .nan
                            : ((value == Float(category) ? 1 : 0) - means[k][category]) / scales[k][category]
                    }
                } else {
                    result.values[base] = value
                }
            }
            at += variable.expandedWidth
        }
        return result
    }
}
