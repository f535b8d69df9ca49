import CKernels
import GibbsNumerics

/// Visible rows split as the layout says: real units as numbers, all others as a list of those that are on.
///
/// A missing value enters no list, and is `nan` among the real ones.
package struct VisibleStates: Sendable {
    let layout: UnitLayout
    let rows: Int
    /// Shape `[rows, layout.realCount]`.
    var real: Matrix
    /// Weight rows of the units that are on, ascending; row `r` lists its own from `r * capacity` up to `stops[r]`.
    var units: [Int32]
    /// The listed units' values, 1 or a probability.
    var values: [Float]
    var stops: [Int64]
    let starts: [Int64]

    /// The most units that a row lists.
    var capacity: Int { layout.binaryCount + layout.groupCount }

    /// Rows with all units off.
    init(rows: Int, layout: UnitLayout) {
        self.layout = layout
        self.rows = rows
        let capacity = layout.binaryCount + layout.groupCount
        real = Matrix(rows: rows, columns: layout.realCount)
        units = [Int32](repeating: 0, count: max(1, rows * capacity))
        values = [Float](repeating: 0, count: max(1, rows * capacity))
        starts = (0 ..< rows).map { Int64($0 * capacity) }
        stops = starts
    }

    /// The rows of a batch that has been checked against the layout's variables.
    package init(_ batch: Matrix, layout: UnitLayout) {
        self.init(rows: batch.rows, layout: layout)
        let columns = Columns(layout)
        batch.values.withUnsafeBufferPointer { set(0 ..< rows, from: $0.baseAddress, columns: columns) }
    }

    /// The layout's columns as the kernels want them.
    struct Columns: Sendable {
        let count: Int
        let real: [Int32], binary: [Int32], group: [Int32]

        init(_ layout: UnitLayout) {
            count = layout.variables.count
            real = layout.realColumns.map(Int32.init)
            binary = layout.binaryColumns.map(Int32.init)
            group = layout.groupColumns.map(Int32.init)
        }
    }

    /// Fills rows from a batch, in parallel: row `r` of the range from batch row `pick[r]`, or `r` without `pick`.
    mutating func set(_ range: Range<Int>, from batch: UnsafePointer<Float>?, columns: Columns, pick: [Int64]? = nil) {
        guard !range.isEmpty, let batch else { return }
        let offsets = layout.groupOffsets
        withPointers { states in
            nonisolated(unsafe) let batch = batch
            parallelRanges(range.count, minimum: max(16, 2_048 / max(1, columns.count))) { part in
                states.fill(range.lowerBound + part.lowerBound ..< range.lowerBound + part.upperBound, from: batch, columns: columns,
                            offsets: offsets, pick: pick)
            }
        }
    }

    /// Fills the first rows from a batch's, on the calling thread.
    mutating func setSerially(_ count: Int, from batch: UnsafePointer<Float>, columns: Columns) {
        let offsets = layout.groupOffsets
        withPointers { $0.fill(0 ..< count, from: batch, columns: columns, offsets: offsets, pick: nil) }
    }

    /// The batch these states stand for; a column without an entry becomes 0 where it is binary, `nan` where it is categorical.
    func batch() -> Matrix {
        var batch = Matrix(rows: rows, columns: layout.variables.count)
        for row in 0 ..< rows {
            for (unit, column) in layout.realColumns.enumerated() { batch[row, column] = real[row, unit] }
            for column in layout.groupColumns { batch[row, column] = .nan }
            var group = 0
            for entry in Int(starts[row]) ..< Int(stops[row]) {
                let unit = units[entry]
                if Int(unit) < layout.binaryRows.upperBound {
                    batch[row, layout.binaryColumns[Int(unit) - layout.realCount]] = values[entry]
                } else {
                    while unit >= layout.groupOffsets[group + 1] { group += 1 }
                    batch[row, layout.groupColumns[group]] = Float(unit - layout.groupOffsets[group])
                }
            }
        }
        return batch
    }
}
