import GibbsNumerics

/// A line along which a function of two variables has one value.
public struct ContourLine: Sendable, Hashable {
    /// That value.
    public let level: Double
    /// Where the line goes, left to right on the grid.
    public let x: [Double]
    /// Where the line goes, along the rows of the grid.
    public let y: [Double]
    /// The last point is followed by the first.
    public let isClosed: Bool

    /// The lines of one level through a grid of values, by marching squares: straight in each cell, its ends placed by linear
    /// interpolation. In a saddle, the mean of the corners says which of them belong together.
    ///
    /// - Parameters:
    ///   - grid: The function where rows and columns cross; row 0 at the lower end of `yRange`. Cells with a corner that is
    ///     not finite are left out.
    ///   - level: The value to follow; corners that equal it count as above.
    ///   - xRange: From the first column to the last.
    ///   - yRange: From the first row to the last.
    /// - Returns: Lines in no particular order; none for a grid below 2 × 2 or a level that it does not reach.
    /// - Complexity: One pass over the grid, and hashing for the cells that the line crosses.
    /// - Source: Lorensen and Cline, *Marching Cubes*, SIGGRAPH 1987, in two dimensions.
    public static func trace(_ grid: Matrix, at level: Double, xRange: ClosedRange<Double>, yRange: ClosedRange<Double>) -> [ContourLine] {
        let squares = MarchingSquares(grid: grid, level: level)
        let perColumn = (xRange.upperBound - xRange.lowerBound) / Double(max(grid.columns - 1, 1))
        let perRow = (yRange.upperBound - yRange.lowerBound) / Double(max(grid.rows - 1, 1))
        return squares.chains().map { chain in
            let isClosed = chain.count > 2 && chain.first == chain.last
            let places = (isClosed ? chain.dropLast() : chain[...]).map(squares.place)
            return ContourLine(level: level, x: places.map { xRange.lowerBound + $0.column * perColumn },
                               y: places.map { yRange.lowerBound + $0.row * perRow }, isClosed: isClosed)
        }
    }
}

/// The cells of a grid that one level crosses. Edges are numbered: 2i from grid point i to its right, 2i + 1 to the one above.
private struct MarchingSquares {
    let grid: Matrix
    let level: Double

    /// Pairs of edges joined by a straight piece, each edge by at most two.
    private func pieces() -> [(Int, Int)] {
        var result = [(Int, Int)]()
        for r in 0 ..< max(grid.rows - 1, 0) {
            for c in 0 ..< max(grid.columns - 1, 0) {
                // Corners in turn, counter-clockwise from the lower left.
                let corners = (Double(grid[r, c]), Double(grid[r, c + 1]), Double(grid[r + 1, c + 1]), Double(grid[r + 1, c]))
                let mean = (corners.0 + corners.1 + corners.2 + corners.3) / 4
                guard mean.isFinite else { continue }
                let above = (corners.0 >= level ? 1 : 0) | (corners.1 >= level ? 2 : 0)
                    | (corners.2 >= level ? 4 : 0) | (corners.3 >= level ? 8 : 0)
                let i = r * grid.columns + c
                let bottom = 2 * i, left = 2 * i + 1, right = 2 * (i + 1) + 1, top = 2 * (i + grid.columns)
                switch above {
                case 0, 15: break
                case 1, 14: result.append((left, bottom))
                case 2, 13: result.append((bottom, right))
                case 4, 11: result.append((right, top))
                case 8, 7: result.append((top, left))
                case 3, 12: result.append((left, right))
                case 6, 9: result.append((bottom, top))
                default:
                    // A saddle: above at 0 and 2 (5) or at 1 and 3 (10); a mean above joins those two.
                    let cutsOff02 = (above == 5) != (mean >= level)
                    result += cutsOff02 ? [(left, bottom), (right, top)] : [(bottom, right), (top, left)]
                }
            }
        }
        return result
    }

    /// Pieces put end to end; a closed chain ends with the edge it began with.
    func chains() -> [[Int]] {
        let pieces = pieces()
        var touching = [Int: [Int]]()
        for (index, piece) in pieces.enumerated() {
            touching[piece.0, default: []].append(index)
            touching[piece.1, default: []].append(index)
        }
        var isUsed = [Bool](repeating: false, count: pieces.count), result = [[Int]]()
        func follow(from start: Int, edge: Int) {
            var chain = [edge], next: Int? = start
            while let piece = next {
                isUsed[piece] = true
                let end = pieces[piece].0 == chain.last! ? pieces[piece].1 : pieces[piece].0
                chain.append(end)
                next = touching[end]!.first { !isUsed[$0] }
            }
            result.append(chain)
        }
        // Open lines begin at an edge that only one piece touches; what is left afterwards is closed.
        for (index, piece) in pieces.enumerated() {
            for edge in [piece.0, piece.1] where !isUsed[index] && touching[edge]!.count == 1 { follow(from: index, edge: edge) }
        }
        for (index, piece) in pieces.enumerated() where !isUsed[index] { follow(from: index, edge: piece.0) }
        return result
    }

    /// Where the level crosses an edge, in columns and rows.
    func place(_ edge: Int) -> (column: Double, row: Double) {
        let i = edge / 2, isUpright = edge % 2 == 1
        let row = i / grid.columns, column = i % grid.columns
        let here = Double(grid.values[i]), there = Double(grid.values[isUpright ? i + grid.columns : i + 1])
        let share = min(max((level - here) / (there - here), 0), 1)
        return isUpright ? (Double(column), Double(row) + share) : (Double(column) + share, Double(row))
    }
}
