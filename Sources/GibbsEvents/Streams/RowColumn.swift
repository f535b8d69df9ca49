/// One thing remembered of every row of a table, so many values each.
package struct RowColumn<Value: BitwiseCopyable & Sendable>: Sendable {
    /// Values a row.
    package let width: Int
    /// What stands there while nothing is known.
    let blank: Value
    /// What a file says, made harmless.
    private let mend: @Sendable (Value) -> Value
    /// Shape `[rows, width]`.
    package private(set) var values: [Value] = []

    init(_ blank: Value, width: Int = 1, mend: @escaping @Sendable (Value) -> Value = { $0 }) { (self.blank, self.width, self.mend) = (blank, width, mend) }

    /// A value by its place among all rows'.
    package subscript(index: Int) -> Value {
        get { values[index] }
        set { values[index] = newValue }
    }

    /// Neighbouring values.
    package subscript(range: Range<Int>) -> ArraySlice<Value> { values[range] }

    /// Adds a blank row.
    mutating func grow() { for _ in 0 ..< width { values.append(blank) } }

    /// Makes a row blank.
    mutating func clear(_ row: Int) { for index in row * width ..< (row + 1) * width { values[index] = blank } }

    /// Runs `body` on all values where they lie.
    mutating func withMutableValues<Result>(_ body: (inout UnsafeMutableBufferPointer<Value>) -> Result) -> Result { values.withUnsafeMutableBufferPointer(body) }

    /// Passes rows on to a file.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    func put(_ rows: [Int], into writer: inout SummedWriter) throws {
        if width == 0 { return }
        for row in rows { try values[row * width ..< (row + 1) * width].withUnsafeBytes { try writer.write($0) } }
    }

    /// Takes so many rows of a file in place of its own, the first few left out.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` where the file ends too early.
    mutating func take(_ rows: Int, leavingOut skip: Int, from source: inout ByteReader) throws {
        values = try source.take(Value.self, rows * width).dropFirst(skip * width).map(mend)
    }
}

/// Something to be done with every column of a table.
protocol RowVisitor {
    associatedtype Failure: Error
    mutating func visit<Value>(_ column: inout RowColumn<Value>) throws(Failure)
}

/// Adds a blank row to every column.
struct RowGrowth: RowVisitor {
    mutating func visit<Value>(_ column: inout RowColumn<Value>) { column.grow() }
}

/// Makes a row of every column blank.
struct RowClearing: RowVisitor {
    let row: Int
    mutating func visit<Value>(_ column: inout RowColumn<Value>) { column.clear(row) }
}

/// Passes rows of every column on to a file, column by column.
struct RowWriter: RowVisitor {
    let rows: [Int]
    var writer: SummedWriter
    mutating func visit<Value>(_ column: inout RowColumn<Value>) throws { try column.put(rows, into: &writer) }
}

/// Reads the rows of every column off a file.
struct RowReader: RowVisitor {
    let rows: Int, skip: Int
    var source: ByteReader
    mutating func visit<Value>(_ column: inout RowColumn<Value>) throws { try column.take(rows, leavingOut: skip, from: &source) }
}
