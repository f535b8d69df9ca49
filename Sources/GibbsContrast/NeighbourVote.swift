import GibbsNumerics

/// Labels by the vote of nearest neighbours: the plainest judge of an embedding.
public enum NeighbourVote {
    /// The label most of the `count` nearest reference rows have, by Euclidean distance; of labels with as many votes, that of the nearest.
    ///
    /// - Parameters:
    ///   - rows: Shape `[rows, columns]`.
    ///   - reference: Shape `[references, columns]`, at least one.
    ///   - labels: One a reference row.
    ///   - count: Neighbours that vote.
    /// - Complexity: One product of `rows × references × columns`. Traps on other columns, labels of another number, or no reference.
    public static func labels<Label: Hashable & Sendable>(of rows: Matrix, among reference: Matrix, labels: [Label], count: Int = 5) -> [Label] {
        precondition(rows.columns == reference.columns && labels.count == reference.rows && reference.rows > 0 && count > 0, "\(rows.columns) columns among \(reference.rows) × \(reference.columns) with \(labels.count) labels")
        let squares = reference.rowDots(reference), block = 256
        var result = [Label]()
        for first in stride(from: 0, to: rows.rows, by: block) {
            let part = rows.slice(first ..< min(rows.rows, first + block)), dots = Matrix.product(part, reference, transposeB: true)
            result += parallelMap(part.rows) { row in
                var best = [(distance: Float, index: Int)]()
                for index in 0 ..< reference.rows {
                    let distance = squares[index] - 2 * dots[row, index]
                    if best.count == count, distance >= best[count - 1].distance { continue }
                    let place = best.firstIndex { distance < $0.distance } ?? best.count
                    best.insert((distance, index), at: place)
                    if best.count > count { best.removeLast() }
                }
                var votes = [Label: Int]()
                for (_, index) in best { votes[labels[index], default: 0] += 1 }
                let most = votes.values.max()!
                return labels[best.first { votes[labels[$0.index]] == most }!.index]
            }
        }
        return result
    }
}
