import CKernels
import GibbsNumerics
import Testing

/// The sums of a gradient's rows, and the check of a batch, against plain loops.
@Suite struct GradientKernelTests {
    @Test(arguments: [1, 63, 64, 65, 200]) func weighsRows(columns: Int) {
        let rows = 11, stride = columns + 3, x = Key(1).normals(rows * stride), weight = Key(2).normals(rows), offset = Key(3).normals(columns)
        for shift in [nil, offset] {
            var out = [Float](repeating: 9, count: rows * stride), sums = [Float](repeating: 1, count: columns)
            gk_weigh_rows(x, shift, weight, stride, rows, columns, &out, &sums)
            for c in 0 ..< columns {
                let expected = (0 ..< rows).map { weight[$0] * (x[$0 * stride + c] - (shift?[c] ?? 0)) }
                for r in 0 ..< rows { #expect(abs(out[r * stride + c] - expected[r]) < 1e-5) }
                #expect(abs(sums[c] - 1 - expected.reduce(0, +)) < 1e-4)
            }
            #expect((0 ..< rows).allSatisfy { r in (columns ..< stride).allSatisfy { out[r * stride + $0] == 9 } })
        }
    }

    /// Narrow and wide rows, few and many, to the same bits as one by one.
    @Test(arguments: [1, 3, 10, 32, 33, 100], [1, 15, 16, 17, 64, 71]) func addsScaledColumns(columns: Int, rows: Int) {
        let x = Key(7).normals(rows * columns), scale = Key(8).normals(columns), start = Key(9).normals(rows * columns)
        for scales in [nil, scale] {
            var sum = Matrix(rows: rows, columns: columns, values: start)
            sum.add(Matrix(rows: rows, columns: columns, values: x), times: 0.3, columnScales: scales)
            for index in x.indices {
                let exact = Double(start[index]) + Double(0.3 as Float) * Double(scales?[index % columns] ?? 1) * Double(x[index])
                #expect(abs(Double(sum.values[index]) - exact) < 1e-6 * max(1, abs(exact)))
            }
        }
    }

    @Test func rowsAndDots() {
        let a = Key(4).normals(6 * 37), b = Key(5).normals(37), w = Key(6).normals(6)
        var outer = [Float](repeating: 0, count: 6 * 37), dots = [Float](repeating: 0, count: 6), sums = [Float](repeating: 2, count: 37)
        gk_outer_rows(&outer, w, b, 6, 37)
        gk_row_dots(a, 37, b, 0, 6, 37, &dots)
        gk_add_weighted_rows(&sums, a, w, 6, 37)
        for r in 0 ..< 6 {
            #expect(abs(dots[r] - (0 ..< 37).reduce(0) { $0 + a[r * 37 + $1] * b[$1] }) < 1e-4)
            for c in 0 ..< 37 { #expect(outer[r * 37 + c] == w[r] * b[c]) }
        }
        for c in 0 ..< 37 { #expect(abs(sums[c] - 2 - (0 ..< 6).reduce(0) { $0 + w[$1] * a[$1 * 37 + c] }) < 1e-4) }
    }

    @Test func checksRows() {
        let largest = Float.greatestFiniteMagnitude
        let rows: [([Float], UInt8)] = [([0, 0, 0], 0), ([-1e30, 1, 3], 0), ([1, 0.5, 2], 0), ([.nan, 1, 1], 1), ([0, .nan, .nan], 1),
                                        ([.infinity, 0, 0], 2), ([0, 1.01, 0], 2), ([0, -0.01, 0], 2), ([0, 0, 4], 2), ([0, 0, 1.5], 2), ([.nan, 0, -1], 2)]
        var state = [UInt8](repeating: 9, count: rows.count)
        gk_check_rows(rows.flatMap(\.0), rows.count, 3, [-largest, 0, 0], [largest, 1, 3], [0, 0, 1], &state)
        #expect(state == rows.map(\.1))
    }
}
