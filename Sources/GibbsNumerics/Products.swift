import CBLAS

/// Dense products by BLAS (OpenBLAS), single precision, row-major.
extension Matrix {
    /// C = alpha · op(A) · op(B) + beta · C, where op transposes on request.
    ///
    /// Shapes must agree; a mismatch traps naming both. Cost: 2 · rows · columns · inner floating-point operations.
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
        cblas_sgemm(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                    blasint(m), blasint(n), blasint(k), alpha, a.values, blasint(a.columns), b.values, blasint(b.columns),
                    beta, &c.values, blasint(n))
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
        return (0 ..< rows).map { r in
            var sum: Float = 0
            for i in r * columns ..< (r + 1) * columns { sum += values[i] * other.values[i] }
            return sum
        }
    }
}

// MARK: - Products on plain buffers, for loops that reuse their memory

/// out[rows × n] += a[rows × k] · table[k × n]; `table` may be longer, its first k rows are used.
package func sgemm(_ a: [Float], _ rows: Int, _ k: Int, _ table: [Float], _ n: Int, _ out: inout [Float]) {
    precondition(a.count >= rows * k && table.count >= k * n && out.count >= rows * n, "product of \(rows) × \(k) × \(n)")
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(n), blasint(k), 1, a, blasint(k),
                table, blasint(n), 1, &out, blasint(n))
}

/// out[rows × n] = a[rows × k] · table[n × k]ᵀ; `table` may be longer, its first n rows are used.
package func sgemmTransposedTable(_ a: [Float], _ rows: Int, _ k: Int, _ table: some Collection<Float>, _ n: Int,
                                  _ out: inout [Float]) {
    precondition(a.count >= rows * k && table.count >= k * n && out.count >= rows * n, "product of \(rows) × \(k) × \(n)")
    table.withContiguousStorageIfAvailable { table in
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(n), blasint(k), 1, a, blasint(k),
                    table.baseAddress, blasint(k), 0, &out, blasint(n))
    }!
}

/// out[k × n] = keep · out + scale · a[rows × k]ᵀ · b[rows × n]; `out` may be longer.
package func sgemmAccumulate(_ a: [Float], _ k: Int, _ b: [Float], _ n: Int, rows: Int, scale: Float, keep: Float,
                             into out: inout [Float]) {
    precondition(a.count >= rows * k && b.count >= rows * n && out.count >= k * n, "product of \(k) × \(rows) × \(n)")
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, blasint(k), blasint(n), blasint(rows), scale, a, blasint(k),
                b, blasint(n), keep, &out, blasint(n))
}

extension Matrix {
    /// self[r, :] += scale · x[r] · y for the rows from `fromRow`. Traps unless `x` has a value a row and `y` one a column.
    public mutating func addOuterProduct(_ x: [Float], _ y: [Float], scale: Float, fromRow first: Int = 0) {
        precondition(x.count == rows && y.count == columns, "outer product of \(x.count) and \(y.count) values on \(rows) × \(columns)")
        guard first < rows, columns > 0 else { return }
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
            cblas_sgemv(CblasRowMajor, CblasNoTrans, blasint(rows), blasint(columns), 1, values, blasint(columns), x, 1, 0, &result, 1)
        }
        return result
    }

    /// selfᵀ · x. Traps unless `x` has one value a row.
    public func transposedTimesVector(_ x: [Float]) -> [Float] {
        precondition(x.count == rows, "\(rows) rows times \(x.count) values")
        var result = [Float](repeating: 0, count: columns)
        if rows > 0 && columns > 0 {
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
