import GibbsNumerics

/// A matrix of which each row names the few columns that have a value: who rated what.
///
/// Row r holds `indices[starts[r] ..< starts[r + 1]]`, ascending, with a value each. A column without an entry is absent, which is not zero.
/// Memory: 8 bytes an entry and 8 a row.
public struct SparseRows: Sendable, Hashable {
    /// Columns there could be; every index is below it.
    public let columns: Int
    /// Where each row begins in `indices`, and the end of the last: `rows + 1` numbers.
    public let starts: [Int]
    /// The columns of the entries, row after row, ascending within a row.
    public let indices: [Int32]
    /// The values of the entries.
    public let values: [Float]

    /// Rows of these parts. Traps when they do not fit one another; that every index is ascending and below `columns` is the caller's word.
    public init(columns: Int, starts: [Int], indices: [Int32], values: [Float]) {
        precondition(starts.first == 0 && starts.last == indices.count && indices.count == values.count,
                     "\(indices.count) indices, \(values.count) values, rows up to \(starts.last ?? -1)")
        (self.columns, self.starts, self.indices, self.values) = (columns, starts, indices, values)
    }

    /// The entries (row, column, value) in any order, of which no two may name the same place.
    ///
    /// - Complexity: Two counting sorts, one pass each over the entries, the rows and the columns.
    public init(rows: Int, columns: Int, row: [Int32], column: [Int32], value: [Float]) {
        precondition(row.count == column.count && row.count == value.count, "\(row.count) rows, \(column.count) columns, \(value.count) values")
        // Sorting by column first and then, stably, by row leaves the columns of each row ascending.
        let byColumn = Self.grouped(by: column, count: columns).order
        let (starts, order) = Self.grouped(by: row, count: rows, in: byColumn)
        self.init(columns: columns, starts: starts, indices: order.map { column[Int($0)] }, values: order.map { value[Int($0)] })
    }

    /// The number of rows.
    public var rows: Int { starts.count - 1 }
    /// The number of entries.
    public var entries: Int { indices.count }

    /// Where a row's entries stand in `indices` and `values`.
    public func range(_ row: Int) -> Range<Int> { starts[row] ..< starts[row + 1] }

    /// The columns of a row, ascending.
    public func columns(of row: Int) -> ArraySlice<Int32> { indices[range(row)] }

    /// Whether a row has an entry in a column. Cost: ln of the row's entries.
    public func contains(row: Int, column: Int) -> Bool { entry(row: row, column: column) != nil }

    /// Where the entry of a row and column stands, or nil. Cost: ln of the row's entries.
    public func entry(row: Int, column: Int) -> Int? {
        var low = starts[row], high = starts[row + 1]
        while low < high {
            let middle = (low + high) / 2
            if indices[middle] < column { low = middle + 1 } else { high = middle }
        }
        return low < starts[row + 1] && indices[low] == column ? low : nil
    }

    /// These rows in the order given; a row may repeat.
    public func selecting(rows chosen: [Int]) -> SparseRows {
        var starts = [0], indices = [Int32](), values = [Float]()
        starts.reserveCapacity(chosen.count + 1)
        for row in chosen {
            indices += self.indices[range(row)]
            values += self.values[range(row)]
            starts.append(indices.count)
        }
        return SparseRows(columns: columns, starts: starts, indices: indices, values: values)
    }

    /// The rows of all parts, one part after the other. Traps when a part has other columns.
    public static func stacked(_ parts: [SparseRows], columns: Int) -> SparseRows {
        var starts = [0], indices = [Int32](), values = [Float]()
        for part in parts {
            precondition(part.columns == columns, "\(part.columns) columns among parts of \(columns)")
            for row in 0 ..< part.rows { starts.append(indices.count + part.starts[row + 1]) }
            indices += part.indices
            values += part.values
        }
        return SparseRows(columns: columns, starts: starts, indices: indices, values: values)
    }

    /// The entries apart from `count` of them at random, and those; both of all rows.
    func holding(_ count: Int, key: Key) -> (rest: SparseRows, held: SparseRows) {
        var chosen = [Bool](repeating: false, count: entries)
        for entry in key.permutation(entries).prefix(count) { chosen[entry] = true }
        func part(_ wanted: Bool) -> SparseRows {
            var starts = [0], kept = [Int]()
            for row in 0 ..< rows {
                kept += range(row).lazy.filter { chosen[$0] == wanted }
                starts.append(kept.count)
            }
            return SparseRows(columns: columns, starts: starts, indices: kept.map { indices[$0] }, values: kept.map { values[$0] })
        }
        return (part(false), part(true))
    }

    /// The entries whose value passes.
    public func filtered(_ passes: (Float) -> Bool) -> SparseRows {
        var starts = [0], indices = [Int32](), values = [Float]()
        for row in 0 ..< rows {
            for place in range(row) where passes(self.values[place]) {
                indices.append(self.indices[place])
                values.append(self.values[place])
            }
            starts.append(indices.count)
        }
        return SparseRows(columns: columns, starts: starts, indices: indices, values: values)
    }

    /// Columns as rows. Cost: one counting sort.
    public func transposed() -> SparseRows {
        var row = [Int32](repeating: 0, count: entries)
        for r in 0 ..< rows { for place in range(r) { row[place] = Int32(r) } }
        let (starts, order) = Self.grouped(by: indices, count: columns)
        return SparseRows(columns: rows, starts: starts, indices: order.map { row[Int($0)] }, values: order.map { values[Int($0)] })
    }

    /// Entries for each column.
    public func countsByColumn() -> [Int] {
        var counts = [Int](repeating: 0, count: columns)
        for index in indices { counts[Int(index)] += 1 }
        return counts
    }

    /// The entries sorted by row, then by column, then by their place: what stands at the same place of the matrix is side by side.
    static func order(rows: Int, columns: Int, row: [Int32], column: [Int32]) -> [UInt32] {
        grouped(by: row, count: rows, in: grouped(by: column, count: columns).order).order
    }

    /// A stable counting sort: where each group begins, and the entries group by group, in the order that `entries` names them.
    private static func grouped(by group: [Int32], count: Int, in entries: [UInt32]? = nil) -> (starts: [Int], order: [UInt32]) {
        var starts = [Int](repeating: 0, count: count + 1)
        for g in group { starts[Int(g) + 1] += 1 }
        for g in 0 ..< count { starts[g + 1] += starts[g] }
        var next = starts
        let order = [UInt32](unsafeUninitializedCapacity: group.count) { buffer, initialised in
            for place in 0 ..< group.count {
                let entry = entries?[place] ?? UInt32(place), g = Int(group[Int(entry)])
                (buffer.baseAddress! + next[g]).initialize(to: entry)
                next[g] += 1
            }
            initialised = group.count
        }
        return (starts, order)
    }
}
