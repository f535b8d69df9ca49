import GibbsNumerics
import Testing

/// The matrix value: indexing, selection and joining.
@Suite struct MatrixTests {
    let m = Matrix([[1, 2, 3], [4, 5, 6]])

    @Test func parts() {
        #expect(m.rows == 2 && m.columns == 3 && m[1, 0] == 4)
        #expect(Array(m.row(1)) == [4, 5, 6] && m.column(2) == [3, 6])
        #expect(m.slice(1 ..< 2) == Matrix([[4, 5, 6]]) && m.slice(1 ..< 1) == Matrix(rows: 0, columns: 3))
        #expect(m.selecting(rows: [1, 0, 1]) == Matrix([[4, 5, 6], [1, 2, 3], [4, 5, 6]]))
        #expect(m.appending(m.slice(0 ..< 1)).rows == 3)
        #expect(m.transposed() == Matrix([[1, 4], [2, 5], [3, 6]]) && m.transposed().transposed() == m)
        #expect(Matrix([]) == Matrix(rows: 0, columns: 0))
        #expect(Matrix(rows: 1, columns: 2, repeating: 7) == Matrix([[7, 7]]))
    }

    @Test func changes() {
        var copy = m
        copy[0, 2] = 9
        #expect(copy.values == [1, 2, 9, 4, 5, 6] && m[0, 2] == 3)
    }
}
