import GibbsLandscapes
import GibbsNumerics
import Testing

/// Nearest neighbours against sorting all distances.
@Suite struct NeighboursTests {
    @Test(arguments: [1, 5, 200]) func agreesWithSorting(count: Int) {
        let rows = Landscape.rows(30, key: Key(1)), patterns = Landscape.rows(130, key: Key(2)), mismatch: [Float] = [0, 0.7, 1.5, 0]
        let exclude = (0 ..< 30).map { $0 % 2 == 0 ? $0 * 4 : -1 }
        let found = Neighbours.squaredDistances(of: rows, to: patterns, mismatch: mismatch, count: count, excluding: exclude)
        for row in 0 ..< 30 {
            let all = (0 ..< 130).filter { $0 != exclude[row] }.map { i in
                (0 ..< 4).reduce(0.0) { sum, k in
                    let d = Double(rows[row, k]) - Double(patterns[i, k])
                    return sum + (mismatch[k] > 0 ? (d == 0 ? 0 : Double(mismatch[k])) : d * d)
                }
            }.sorted()
            for (k, distance) in found[row * count ..< (row + 1) * count].enumerated() {
                #expect(k < all.count ? abs(Double(distance) - all[k]) < 1e-5 * max(1, all[k]) : distance == .infinity)
            }
        }
    }

    @Test func withoutPatterns() {
        #expect(Neighbours.squaredDistances(of: Matrix([[1]]), to: Matrix(rows: 0, columns: 1), count: 2) == [.infinity, .infinity])
        #expect(Neighbours.squaredDistances(of: Matrix(rows: 0, columns: 1), to: Matrix([[1]]), count: 2) == [])
    }
}
