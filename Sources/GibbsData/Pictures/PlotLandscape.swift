import Foundation
import GibbsNumerics

/// A function of two variables on a grid, with how it is coloured.
struct Landscape: Sendable {
    let grid: Matrix
    let x: ClosedRange<Double>, y: ClosedRange<Double>
    let wantedLevels: [Double]?
    let wantedRange: ClosedRange<Double>?
    let isFilled: Bool
    let map: ColourMap

    func check(at place: GibbsError.Place) throws {
        guard grid.rows >= 2, grid.columns >= 2 else {
            throw GibbsError(.unsuitableData, "a grid of \(grid.rows) × \(grid.columns) has no inside", at: place,
                             advice: "give at least 2 × 2 values")
        }
        let broken = grid.values.count { !$0.isFinite }
        guard broken == 0 else {
            throw GibbsError(.unsuitableData, "\(broken) of \(grid.values.count) values of the grid are not finite", at: place,
                             advice: "replace them by a large value and give the range that the colours should tell apart")
        }
        let ends = (wantedRange?.ends ?? []) + (wantedLevels ?? [])
        guard ends.allSatisfy(\.isFinite), wantedRange.map({ $0.lowerBound < $0.upperBound }) ?? true else {
            throw GibbsError(.unsuitableData, "levels or a range that are not finite or empty", at: place,
                             advice: "give finite ones, or leave them out")
        }
        try Self.checkSides(x, y, at: place)
    }

    static func checkSides(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, at place: GibbsError.Place) throws {
        guard x.lowerBound < x.upperBound, y.lowerBound < y.upperBound else {
            throw GibbsError(.unsuitableData, "a ground from \(x) and \(y), which has no area", at: place,
                             advice: "give ranges that are not empty")
        }
    }

    /// The values that the colours tell apart, and round numbers among them.
    func ticks(count: Int) throws -> Plot.Ticks {
        let all = Double(grid.values.min()!) ... Double(grid.values.max()!)
        return try Plot.Axis("colours", range: wantedRange).ticks(covering: all, count: count, isTight: true)
    }

    /// The values whose lines are drawn.
    func levels() throws -> [Double] { try wantedLevels ?? ticks(count: 10).values }

    func colour(_ value: Double, in range: ClosedRange<Double>) -> Colour {
        map((value - range.lowerBound) / (range.upperBound - range.lowerBound))
    }

    /// The value between grid points, mixed linearly along both sides; nil outside.
    func value(x atX: Double, y atY: Double) -> Double? {
        guard x.contains(atX), y.contains(atY) else { return nil }
        let column = (atX - x.lowerBound) / (x.upperBound - x.lowerBound) * Double(grid.columns - 1)
        let row = (atY - y.lowerBound) / (y.upperBound - y.lowerBound) * Double(grid.rows - 1)
        let c = min(Int(column), grid.columns - 2), r = min(Int(row), grid.rows - 2)
        let right = column - Double(c), up = row - Double(r)
        func mixed(_ row: Int) -> Double { Double(grid[row, c]) * (1 - right) + Double(grid[row, c + 1]) * right }
        return mixed(r) * (1 - up) + mixed(r + 1) * up
    }

    /// What the frame shows of this function, at one dot a pixel of the page; white where the grid ends.
    func ground(in frame: PlotFrame, range: ClosedRange<Double>) -> Picture {
        let height = max(Int(frame.area.height.rounded()), 1), width = max(Int(frame.area.width.rounded()), 1)
        let columns = (0 ..< width).map { frame.x.value(at: frame.area.left + (Double($0) + 0.5) / Double(width) * frame.area.width) }
        var pixels = [UInt8]()
        pixels.reserveCapacity(height * width * 3)
        for r in 0 ..< height {
            let y = frame.y.value(at: frame.area.top + (Double(r) + 0.5) / Double(height) * frame.area.height)
            for x in columns {
                let colour = value(x: x, y: y).map { self.colour($0, in: range) } ?? Colour(255, 255, 255)
                pixels.append(colour.red)
                pixels.append(colour.green)
                pixels.append(colour.blue)
            }
        }
        return Picture(height: height, width: width, channels: 3, pixels: pixels)
    }
}
