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

    /// Draws the listed binary units of some rows anew, their values being probabilities: a unit that comes out 0 leaves its list.
    mutating func drawBinary(_ range: Range<Int>, key: Key) {
        let uniforms = key.uniforms(range.count * layout.binaryCount), end = layout.binaryRows.upperBound
        for row in range {
            let first = Int(starts[row])
            var kept = first
            for entry in first ..< Int(stops[row]) {
                let unit = Int(units[entry]), isBinary = unit < end
                if isBinary, uniforms[(row - range.lowerBound) * layout.binaryCount + unit - layout.realCount] >= values[entry] { continue }
                units[kept] = units[entry]
                values[kept] = isBinary ? 1 : values[entry]
                kept += 1
            }
            stops[row] = Int64(kept)
        }
    }

    /// Copies all rows of `other` to the rows from `row` on.
    mutating func copy(_ other: VisibleStates, to row: Int) {
        let offset = row * capacity
        for index in other.units.indices where index < other.rows * capacity {
            units[offset + index] = other.units[index]
            values[offset + index] = other.values[index]
        }
        for index in 0 ..< other.rows { stops[row + index] = other.stops[index] + Int64(offset) }
        for index in other.real.values.indices { real.values[row * layout.realCount + index] = other.real.values[index] }
    }

    /// Exchanges a row with the same row of `other`.
    mutating func exchange(_ row: Int, with other: inout VisibleStates) {
        for entry in row * capacity ..< (row + 1) * capacity {
            (units[entry], other.units[entry]) = (other.units[entry], units[entry])
            (values[entry], other.values[entry]) = (other.values[entry], values[entry])
        }
        (stops[row], other.stops[row]) = (other.stops[row], stops[row])
        for index in row * layout.realCount ..< (row + 1) * layout.realCount {
            (real.values[index], other.real.values[index]) = (other.real.values[index], real.values[index])
        }
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
