import CKernels
import GibbsNumerics
import Testing

/// Row lookups of softmax groups and their transpose against plain loops.
@Suite struct LookupKernelTests {
    static let codes: [Int32] = [0, 2, -1, 1, 3, 0, 1, -1, 3, 2, 1, 2]
    static let offsets: [Int32] = [1, 5, 8]

    @Test(arguments: [1, 7, 33]) func addsTheSelectedRows(width: Int) {
        let table = Key(1).normals(12 * width), start = Key(2).normals(4 * width)
        var out = start, expected = start
        gk_lookup_add(&out, width, table, Self.codes, Self.offsets, 3, 4)
        for row in 0 ..< 4 {
            for lookup in 0 ..< 3 where Self.codes[row * 3 + lookup] >= 0 {
                let source = Int(Self.codes[row * 3 + lookup] + Self.offsets[lookup])
                for c in 0 ..< width { expected[row * width + c] += table[source * width + c] }
            }
        }
        #expect(zip(out, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func scattersIntoItsColumnsOnly() {
        let width = 9, x = Key(3).normals(4 * width), start = Key(4).normals(12 * width)
        var table = start, expected = start
        gk_lookup_scatter(&table, width, x, Self.codes, Self.offsets, 3, 4, -0.5, 2, 7)
        for row in 0 ..< 4 {
            for lookup in 0 ..< 3 where Self.codes[row * 3 + lookup] >= 0 {
                let target = Int(Self.codes[row * 3 + lookup] + Self.offsets[lookup])
                for c in 2 ..< 7 { expected[target * width + c] -= 0.5 * x[row * width + c] }
            }
        }
        #expect(zip(table, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        for index in table.indices where !(2 ..< 7).contains(index % width) { #expect(table[index] == start[index]) }
    }
}
