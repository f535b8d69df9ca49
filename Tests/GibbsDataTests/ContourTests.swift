import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct ContourTests {
    /// A function on a grid over given ranges, row 0 lowest.
    private func grid(rows: Int, columns: Int, x: ClosedRange<Double>, y: ClosedRange<Double>, _ f: (Double, Double) -> Double) -> Matrix {
        var result = Matrix(rows: rows, columns: columns)
        for r in 0 ..< rows {
            for c in 0 ..< columns {
                let atX = x.lowerBound + (x.upperBound - x.lowerBound) * Double(c) / Double(columns - 1)
                let atY = y.lowerBound + (y.upperBound - y.lowerBound) * Double(r) / Double(rows - 1)
                result[r, c] = Float(f(atX, atY))
            }
        }
        return result
    }

    @Test func circleIsOneClosedLineOfItsRadius() throws {
        let x = -2.0 ... 3, y = -1.5 ... 2.5
        let lines = ContourLine.trace(grid(rows: 81, columns: 101, x: x, y: y) { $0 * $0 + $1 * $1 }, at: 1, xRange: x, yRange: y)
        let line = try #require(lines.first)
        #expect(lines.count == 1 && line.isClosed && line.level == 1)
        // Interpolating x² over a cell of h = 0.05 misses by at most h² / 4 in value, and half of that in radius.
        for (x, y) in zip(line.x, line.y) { #expect(abs((x * x + y * y).squareRoot() - 1) < 0.05 * 0.05 / 4) }
        // It goes all the way round, by steps that stay within a cell.
        var length = 0.0
        for i in line.x.indices {
            let next = (i + 1) % line.x.count, step = hypot(line.x[next] - line.x[i], line.y[next] - line.y[i])
            #expect(step <= 0.05 * 2.0.squareRoot() + 1e-9)
            length += step
        }
        #expect(abs(length - 2 * .pi) < 0.01)
    }

    @Test func planeIsOneStraightOpenLine() throws {
        let unit = 0.0 ... 1
        let lines = ContourLine.trace(grid(rows: 5, columns: 9, x: unit, y: unit) { x, y in x + y }, at: 0.7, xRange: unit, yRange: unit)
        let line = try #require(lines.first)
        #expect(lines.count == 1 && !line.isClosed)
        for (x, y) in zip(line.x, line.y) { #expect(abs(x + y - 0.7) < 1e-6) }
        let ends = [line.x.first!, line.x.last!].sorted()
        #expect(abs(ends[0]) < 1e-6 && abs(ends[1] - 0.7) < 1e-6)
    }

    @Test func saddleFollowsItsMean() {
        let unit = 0.0 ... 1
        // Corners of 1 at the lower left and upper right; the mean of 0.5 decides whether they are joined.
        for (level, isJoined) in [(0.4, true), (0.6, false)] {
            let lines = ContourLine.trace(Matrix([[1, 0], [0, 1]]), at: level, xRange: unit, yRange: unit)
            #expect(lines.count == 2)
            for line in lines {
                let middle = (line.x.reduce(0, +) + line.y.reduce(0, +)) / 2
                let cutsCornerOfOnes = abs(middle - 1) > 0.3
                #expect(cutsCornerOfOnes != isJoined)
            }
        }
    }

    @Test func nothingToFollow() {
        let unit = 0.0 ... 1
        #expect(ContourLine.trace(Matrix([[0, 1], [2, 3]]), at: 9, xRange: unit, yRange: unit).isEmpty)
        #expect(ContourLine.trace(Matrix([[2, 2], [2, 2]]), at: 2, xRange: unit, yRange: unit).isEmpty)
        #expect(ContourLine.trace(Matrix([[0, 1]]), at: 0.5, xRange: unit, yRange: unit).isEmpty)
        #expect(ContourLine.trace(Matrix(rows: 0, columns: 0), at: 0.5, xRange: unit, yRange: unit).isEmpty)
        #expect(ContourLine.trace(Matrix([[0, .nan], [1, 1]]), at: 0.5, xRange: unit, yRange: unit).isEmpty)
        #expect(ContourLine.trace(Matrix([[0, 1], [.infinity, 1]]), at: 0.5, xRange: unit, yRange: unit).isEmpty)
    }
}
