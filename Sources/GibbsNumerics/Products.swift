import CBLAS
import CKernels

/// Dense products by BLAS (OpenBLAS), single precision, row-major.
///
/// OpenBLAS itself is held to one thread: a product is cut into tiles that depend on its shape alone, and the tiles are spread
/// over the processors. So the same product gives the same bits on any number of them, and no second pool of threads competes.
extension Matrix {
    /// C = alpha · op(A) · op(B) + beta · C, where op transposes on request.
    ///
    /// Shapes must agree; a mismatch traps naming both. Cost: 2 · rows · columns · inner floating-point operations, in parallel.
    public static func multiply(_ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false,
                                alpha: Float = 1, beta: Float = 0, into c: inout Matrix) {
        let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (kb, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(k == kb && c.rows == m && c.columns == n,
                     "product of \(m) × \(k) and \(kb) × \(n) into \(c.rows) × \(c.columns)")
        if m == 0 || n == 0 { return }
        if k == 0 {
            for index in c.values.indices { c.values[index] *= beta }
            return
        }
        c.values.withUnsafeMutableBufferPointer { out in
            a.values.withUnsafeBufferPointer { left in
                b.values.withUnsafeBufferPointer { right in
                    Product(rows: m, columns: n, inner: k, left: left.baseAddress!, leftStride: a.columns, transposeLeft: transposeA,
                            right: right.baseAddress!, rightStride: b.columns, transposeRight: transposeB, alpha: alpha, beta: beta)
                        .run(into: out.baseAddress!, stride: n)
                }
            }
        }
    }

    /// op(A) · op(B) as a new matrix. Traps and costs as `multiply`.
    public static func product(_ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false) -> Matrix {
        var result = Matrix(rows: transposeA ? a.columns : a.rows, columns: transposeB ? b.rows : b.columns)
        multiply(a, b, transposeA: transposeA, transposeB: transposeB, into: &result)
        return result
    }

    /// The row-wise inner products ⟨self[r], other[r]⟩. Traps when the shapes differ. Cost: one pass.
    public func rowDots(_ other: Matrix) -> [Float] {
        precondition(rows == other.rows && columns == other.columns, "row products of different shapes")
        if columns == 0 { return [Float](repeating: 0, count: rows) }
        return [Float](unsafeUninitializedCapacity: rows) { buffer, count in
            if rows > 0 { gk_row_dots(values, columns, other.values, columns, rows, columns, buffer.baseAddress!) }
            count = rows
        }
    }
}

/// One dense product on plain memory: out = alpha · op(left) · op(right) + beta · out. Rows are `stride` apart.
package struct Product: @unchecked Sendable {
    let rows: Int, columns: Int, inner: Int
    let left: UnsafePointer<Float>, leftStride: Int, transposeLeft: Bool
    let right: UnsafePointer<Float>, rightStride: Int, transposeRight: Bool
    let alpha: Float, beta: Float

    package init(rows: Int, columns: Int, inner: Int, left: UnsafePointer<Float>, leftStride: Int, transposeLeft: Bool = false,
                 right: UnsafePointer<Float>, rightStride: Int, transposeRight: Bool = false, alpha: Float = 1, beta: Float = 0) {
        self.rows = rows
        self.columns = columns
        self.inner = inner
        self.left = left
        self.leftStride = leftStride
        self.transposeLeft = transposeLeft
        self.right = right
        self.rightStride = rightStride
        self.transposeRight = transposeRight
        self.alpha = alpha
        self.beta = beta
    }

    /// Computes the product in tiles of at most 384 × 256, in parallel; a small product is one tile.
    package func run(into out: UnsafeMutablePointer<Float>, stride: Int) {
        let isSmall = rows * columns * inner < 500_000
        let high = isSmall ? 1 : (rows + 383) / 384, wide = isSmall ? 1 : (columns + 255) / 256
        let out = SharedPointer(out)
        parallelRanges(high * wide) { tiles in
            for tile in tiles {
                serial(rows: part(rows, tile / wide, of: high), columns: part(columns, tile % wide, of: wide), into: out.pointer!, stride: stride)
            }
        }
    }

    /// One of even parts of a side, at multiples of the widest vector.
    private func part(_ count: Int, _ index: Int, of parts: Int) -> Range<Int> {
        let steps = (count + 15) / 16
        return min(count, steps * index / parts * 16) ..< min(count, steps * (index + 1) / parts * 16)
    }

    /// Computes one tile on the calling thread.
    package func serial(rows: Range<Int>, columns: Range<Int>, into out: UnsafeMutablePointer<Float>, stride: Int) {
        SingleThreadedBLAS.prepare()
        cblas_sgemm(CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
                    blasint(rows.count), blasint(columns.count), blasint(inner), alpha,
                    left + (transposeLeft ? rows.lowerBound : rows.lowerBound * leftStride), blasint(leftStride),
                    right + (transposeRight ? columns.lowerBound * rightStride : columns.lowerBound), blasint(rightStride), beta,
                    out + rows.lowerBound * stride + columns.lowerBound, blasint(stride))
    }
}

/// out[r] += x[r] · table for `rows` rows of `inner` values, on the calling thread. Each element is summed in order, so that a
/// row's result has the same bits whatever rows stand beside it: BLAS promises that of no shape. About half as fast as BLAS.
package func addRowwiseProduct(_ x: UnsafePointer<Float>, rows: Int, inner: Int, table: UnsafePointer<Float>, columns: Int,
                               to out: UnsafeMutablePointer<Float>) {
    if rows == 0 || inner == 0 || columns == 0 { return }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows * inner) { index in
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: 3 * rows) { places in
            for row in 0 ..< rows {
                for k in 0 ..< inner { index[row * inner + k] = Int32(k) }
                (places[row], places[rows + row]) = (Int64(row * inner), Int64((row + 1) * inner))
            }
            gk_list_sums(out, columns, table, inner, index.baseAddress!, x, places.baseAddress!, places.baseAddress! + rows,
                         places.baseAddress! + 2 * rows, rows, 0, columns)
        }
    }
}

extension Matrix {
    /// self · other, each row with the same bits whatever rows stand beside it. Traps when the sides differ. In parallel.
    package func rowwiseProduct(_ other: Matrix) -> Matrix {
        precondition(columns == other.rows, "\(columns) columns times \(other.rows) rows")
        var result = Matrix(rows: rows, columns: other.columns)
        let inner = columns, width = other.columns, block = 128
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges((rows + block - 1) / block) { blocks in
                values.withUnsafeBufferPointer { x in
                    other.values.withUnsafeBufferPointer { table in
                        for first in blocks.map({ $0 * block }) where inner > 0 && width > 0 {
                            addRowwiseProduct(x.baseAddress! + first * inner, rows: min(block, rows - first), inner: inner,
                                              table: table.baseAddress!, columns: width, to: out.pointer! + first * width)
                        }
                    }
                }
            }
        }
        return result
    }
}

/// OpenBLAS with its own threads switched off, once in a process.
enum SingleThreadedBLAS {
    private static let once: Void = openblas_set_num_threads(1)
    static func prepare() { once }
}

extension Matrix {
    /// self[r, :] += scale · x[r] · y for the rows from `fromRow`. Traps unless `x` has a value a row and `y` one a column.
    public mutating func addOuterProduct(_ x: [Float], _ y: [Float], scale: Float, fromRow first: Int = 0) {
        precondition(x.count == rows && y.count == columns, "outer product of \(x.count) and \(y.count) values on \(rows) × \(columns)")
        guard first < rows, columns > 0 else { return }
        SingleThreadedBLAS.prepare()
        let (rows, columns) = (self.rows, self.columns)
        values.withUnsafeMutableBufferPointer { out in
            x.withUnsafeBufferPointer { x in
                cblas_sger(CblasRowMajor, blasint(rows - first), blasint(columns), scale, x.baseAddress! + first, 1, y, 1,
                           out.baseAddress! + first * columns, blasint(columns))
            }
        }
    }

    /// self · x. Traps unless `x` has one value a column.
    public func timesVector(_ x: [Float]) -> [Float] {
        precondition(x.count == columns, "\(columns) columns times \(x.count) values")
        var result = [Float](repeating: 0, count: rows)
        if rows > 0 && columns > 0 {
            SingleThreadedBLAS.prepare()
            cblas_sgemv(CblasRowMajor, CblasNoTrans, blasint(rows), blasint(columns), 1, values, blasint(columns), x, 1, 0, &result, 1)
        }
        return result
    }

    /// selfᵀ · x. Traps unless `x` has one value a row.
    public func transposedTimesVector(_ x: [Float]) -> [Float] {
        precondition(x.count == rows, "\(rows) rows times \(x.count) values")
        var result = [Float](repeating: 0, count: columns)
        if rows > 0 && columns > 0 {
            SingleThreadedBLAS.prepare()
            cblas_sgemv(CblasRowMajor, CblasTrans, blasint(rows), blasint(columns), 1, values, blasint(columns), x, 1, 0, &result, 1)
        }
        return result
    }

    /// Subtracts `offset` (its first `columns` values) from every row.
    public mutating func subtractFromRows(_ offset: [Float]) {
        precondition(offset.count >= columns, "\(columns) columns less \(offset.count) values")
        let (rows, columns) = (self.rows, self.columns)
        values.withUnsafeMutableBufferPointer { x in
            offset.withUnsafeBufferPointer { o in
                for row in 0 ..< rows {
                    let base = x.baseAddress! + row * columns
                    for column in 0 ..< columns { base[column] -= o[column] }
                }
            }
        }
    }
}

extension Matrix {
    /// self ← self + factor · scaleₖ · other, column by column; ones without scales. Traps when shapes differ.
    public mutating func add(_ other: Matrix, times factor: Float, columnScales: [Float]? = nil) {
        precondition(rows == other.rows && columns == other.columns && (columnScales?.count ?? columns) == columns,
                     "\(rows) × \(columns) values plus \(other.rows) × \(other.columns)")
        let (rows, columns) = (self.rows, self.columns)
        values.withUnsafeMutableBufferPointer { y in
            if let columnScales {
                gk_add_scaled(y.baseAddress, other.values, factor, columnScales, rows, columns)
            } else {
                gk_add_scaled(y.baseAddress, other.values, factor, nil, rows, columns)
            }
        }
    }

    /// self ← factor · self.
    public mutating func scale(by factor: Float) {
        values.withUnsafeMutableBufferPointer { x in
            for index in x.indices { x[index] *= factor }
        }
    }

    /// Multiplies each column by its factor. Traps on another number of factors.
    public mutating func scaleColumns(by factors: [Float]) {
        precondition(factors.count == columns, "\(columns) columns times \(factors.count) factors")
        let (rows, columns) = (self.rows, self.columns)
        values.withUnsafeMutableBufferPointer { x in
            factors.withUnsafeBufferPointer { f in
                for row in 0 ..< rows { for column in 0 ..< columns { x[row * columns + column] *= f[column] } }
            }
        }
    }
}
