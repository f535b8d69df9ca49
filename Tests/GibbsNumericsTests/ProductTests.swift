import GibbsNumerics
import Testing

/// Matrix products against three plain loops.
@Suite struct ProductTests {
    static func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
        Matrix(rows: rows, columns: columns, values: Key(seed).normals(rows * columns))
    }

    static func reference(_ a: Matrix, _ b: Matrix) -> Matrix {
        var c = Matrix(rows: a.rows, columns: b.columns)
        for i in 0 ..< a.rows { for j in 0 ..< b.columns { c[i, j] = Float((0 ..< a.columns).reduce(0.0) { $0 + Double(a[i, $1]) * Double(b[$1, j]) }) } }
        return c
    }

    static func close(_ a: Matrix, _ b: Matrix) -> Bool {
        a.rows == b.rows && a.columns == b.columns && zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-4 }
    }

    @Test(arguments: [(1, 1, 1), (5, 3, 7), (40, 33, 21), (1, 100, 2)]) func products(m: Int, k: Int, n: Int) {
        let a = Self.random(m, k, 1), b = Self.random(k, n, 2), expected = Self.reference(a, b)
        #expect(Self.close(.product(a, b), expected))
        #expect(Self.close(.product(a.transposed(), b, transposeA: true), expected))
        #expect(Self.close(.product(a, b.transposed(), transposeB: true), expected))
        #expect(Self.close(.product(a.transposed(), b.transposed(), transposeA: true, transposeB: true), expected))
        let start = Self.random(m, n, 3)
        var c = start
        Matrix.multiply(a, b, alpha: 2, beta: -0.5, into: &c)
        #expect(Self.close(c, Matrix(rows: m, columns: n, values: zip(expected.values, start.values).map { 2 * $0 - 0.5 * $1 })))
        #expect(zip(a.timesVector(b.column(0)), expected.column(0)).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(a.transposed().transposedTimesVector(b.column(0)), expected.column(0)).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func emptyProducts() {
        #expect(Matrix.product(Matrix(rows: 0, columns: 3), Matrix(rows: 3, columns: 2)) == Matrix(rows: 0, columns: 2))
        #expect(Matrix.product(Matrix(rows: 2, columns: 0), Matrix(rows: 0, columns: 2)) == Matrix(rows: 2, columns: 2))
        var c = Matrix([[2, 4]])
        Matrix.multiply(Matrix(rows: 1, columns: 0), Matrix(rows: 0, columns: 2), beta: 0.5, into: &c)
        #expect(c == Matrix([[1, 2]]))
        #expect(Matrix(rows: 2, columns: 0).timesVector([]) == [0, 0])
        #expect(Matrix(rows: 0, columns: 2).transposedTimesVector([]) == [0, 0])
    }

    /// Tiles of plain memory, with strides, both transposes, and sides that do not divide: the same as one product, and the same
    /// bits however the tiles are spread.
    @Test(arguments: [(5, 3, 4), (100, 784, 37), (400, 300, 20), (1000, 17, 64)]) func tiles(rows: Int, columns: Int, inner: Int) {
        let a = Self.random(rows, inner, 4), b = Self.random(inner, columns, 5), start = Self.random(rows, columns, 6)
        let expected = Self.reference(a, b), (at, bt) = (a.transposed(), b.transposed())
        for (left, right, transposesLeft, transposesRight) in [(a, b, false, false), (at, b, true, false), (a, bt, false, true), (at, bt, true, true)] {
            func run(_ width: Int) -> Matrix {
                var out = start
                Parallelism.$width.withValue(width) {
                    out.values.withUnsafeMutableBufferPointer { out in
                        left.values.withUnsafeBufferPointer { l in
                            right.values.withUnsafeBufferPointer { r in
                                Product(rows: rows, columns: columns, inner: inner, left: l.baseAddress!, leftStride: left.columns,
                                        transposeLeft: transposesLeft, right: r.baseAddress!, rightStride: right.columns,
                                        transposeRight: transposesRight, alpha: -2, beta: 0.5)
                                    .run(into: out.baseAddress!, stride: columns)
                            }
                        }
                    }
                }
                return out
            }
            let out = run(1)
            #expect(Self.close(out, Matrix(rows: rows, columns: columns, values: zip(expected.values, start.values).map { 0.5 * $1 - 2 * $0 })))
            #expect(run(2) == out && run(7) == out)
        }
    }

    /// One row at every place of a batch, and alone, gives the same bits; and the product is right.
    @Test(arguments: [(16, 9), (33, 64), (70, 300)]) func rowsAlone(inner: Int, columns: Int) {
        let table = Self.random(inner, columns, 20), row = Self.random(1, inner, 21), other = Self.random(200, inner, 22)
        let alone = row.rowwiseProduct(table)
        #expect(Self.close(alone, Self.reference(row, table)) && Self.close(other.rowwiseProduct(table), Self.reference(other, table)))
        for place in stride(from: 0, through: 199, by: 7) {
            var batch = other
            for k in 0 ..< inner { batch[place, k] = row[0, k] }
            #expect(Array(batch.rowwiseProduct(table).row(place)) == alone.values)
        }
    }

    @Test func outerProducts() {
        let start = Self.random(4, 3, 12), x: [Float] = [1, 2, -1, 0.5], y: [Float] = [3, 0, -2]
        var m = start
        m.addOuterProduct(x, y, scale: -2, fromRow: 1)
        for r in 0 ..< 4 { for c in 0 ..< 3 { #expect(abs(m[r, c] - (start[r, c] - (r > 0 ? 2 * x[r] * y[c] : 0))) < 1e-5) } }
        m.addOuterProduct(x, y, scale: 1, fromRow: 4)
        var empty = Matrix(rows: 0, columns: 0)
        empty.addOuterProduct([], [], scale: 1)
        #expect(empty == Matrix(rows: 0, columns: 0))
    }

    @Test func rows() {
        let a = Self.random(4, 3, 10), b = Self.random(4, 3, 11)
        for (row, dot) in a.rowDots(b).enumerated() { #expect(abs(dot - zip(a.row(row), b.row(row)).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-5) }
        var shifted = a
        shifted.subtractFromRows([1, 2, 3, 99])
        for r in 0 ..< 4 { for c in 0 ..< 3 { #expect(shifted[r, c] == a[r, c] - Float(c + 1)) } }
    }
}
