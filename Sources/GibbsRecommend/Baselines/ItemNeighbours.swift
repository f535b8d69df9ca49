import Foundation
import GibbsNumerics

/// Items that are near what a person has: E(u, i) = −Σ_{j of u, among the nearest of i} cos(i, j), cos(i, j) = |users of both| / √(|users of i| |users of j|).
///
/// - Source: Deshpande & Karypis, *Item-based top-N recommendation algorithms*, TOIS 2004, section 4 (cosine, binary).
public struct ItemNeighbours: ItemModel {
    /// The items it knows.
    public let itemCount: Int
    /// For each item j, the items i that have j among their nearest, and the cosine.
    let neighbours: SparseRows

    init(neighbours: SparseRows) { (itemCount, self.neighbours) = (neighbours.columns, neighbours) }

    /// Finds each item's `nearest` items.
    ///
    /// - Throws: `GibbsError` with code `.usage` unless `nearest` is positive.
    /// - Complexity: Σ over people of entries², in parallel over items.
    public init(histories: SparseRows, nearest: Int = 100) throws {
        guard nearest > 0 else { throw GibbsError(.usage, "\(nearest) nearest items") }
        let byItem = histories.transposed(), count = histories.columns
        let found = parallelMap(count) { item in
            var both = [Int32: Int]()
            for user in byItem.columns(of: item) { for other in histories.columns(of: Int(user)) where other != item { both[other, default: 0] += 1 } }
            let own = Double(byItem.range(item).count)
            let cosines = both.map { (item: $0.key, cosine: Float(Double($0.value) / (own * Double(byItem.range(Int($0.key)).count)).squareRoot())) }
            return cosines.sorted { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.item < $1.item }.prefix(nearest)
        }
        let near = found.enumerated().flatMap { item, list in list.map { (j: $0.item, i: Int32(item), cosine: $0.cosine) } }
        itemCount = count
        neighbours = SparseRows(rows: count, columns: count, row: near.map(\.j), column: near.map(\.i), value: near.map(\.cosine))
    }

    /// See the type; throws `.shapeMismatch` for histories over other items.
    public func itemEnergies(for people: People) throws -> Matrix {
        try check(people)
        var result = Matrix(rows: people.count, columns: itemCount)
        let columns = itemCount
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(people.count) { range in
                for person in range {
                    let row = out.pointer.map { $0 + person * columns }
                    for item in people.histories.columns(of: person) {
                        for place in neighbours.range(Int(item)) { row![Int(neighbours.indices[place])] -= neighbours.values[place] }
                    }
                }
            }
        }
        return result
    }
}
