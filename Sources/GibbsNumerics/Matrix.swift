import CKernels

/// A batch of rows × features in single precision, row-major: the one currency between rooms.
///
/// Columns of categorical variables hold the category's index as a whole number; `nan` marks a missing value.
public struct Matrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// `rows * columns` values; row `r` occupies `r * columns ..< (r + 1) * columns`.
    public var values: [Float]

    /// Wraps row-major values. Traps unless `values.count == rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for a \(rows) × \(columns) matrix")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// A constant matrix, of zeros unless told.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: value, count: rows * columns))
    }

    /// A matrix from nested rows of equal length; traps when they differ.
    public init(_ rows: [[Float]]) {
        let columns = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
        self.init(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
    }

    /// One value. Only the place in `values` is bounds-checked.
    public subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// The values of one row, without a copy.
    public func row(_ index: Int) -> ArraySlice<Float> { values[index * columns ..< (index + 1) * columns] }

    /// The values of one column, copied. Cost: one strided pass.
    public func column(_ index: Int) -> [Float] { (0 ..< rows).map { values[$0 * columns + index] } }

    /// The rows of a range, copied.
    public func slice(_ range: Range<Int>) -> Matrix {
        Matrix(rows: range.count, columns: columns,
               values: Array(values[range.lowerBound * columns ..< range.upperBound * columns]))
    }

    /// The named rows in the order given, copied; an index may repeat. Traps on one outside the matrix.
    public func selecting(rows indices: [Int]) -> Matrix {
        var result = [Float]()
        result.reserveCapacity(indices.count * columns)
        for index in indices { result.append(contentsOf: row(index)) }
        return Matrix(rows: indices.count, columns: columns, values: result)
    }

    /// These rows followed by `other`'s. Traps when the columns differ.
    public func appending(_ other: Matrix) -> Matrix {
        precondition(columns == other.columns, "\(columns) columns followed by \(other.columns)")
        return Matrix(rows: rows + other.rows, columns: columns, values: values + other.values)
    }

    /// Columns become rows. Cost: one pass.
    public func transposed() -> Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for r in 0 ..< rows { for c in 0 ..< columns { result.values[c * rows + r] = values[r * columns + c] } }
        return result
    }
}

extension Matrix {
    /// Whether every value is finite. Cost: one fast pass.
    public var isFinite: Bool { values.withUnsafeBufferPointer { $0.isEmpty || gk_all_finite($0.baseAddress, $0.count) != 0 } }
}
