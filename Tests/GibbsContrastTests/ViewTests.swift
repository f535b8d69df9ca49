import Foundation
import GibbsContrast
import GibbsCreate
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Views of images, and the vote of neighbours.
@Suite struct ViewTests {
    static let shape = ImageShape(height: 12, width: 10)
    static let still = ImageViews(rotation: 0, scale: 0, shear: 0, shift: 0, flips: 0, contrast: 0, blurs: 0, erasing: 0)

    static func images(_ count: Int) -> Matrix { Matrix(rows: count, columns: shape.pixels, values: Key(1).uniforms(count * shape.pixels)) }

    @Test func nothingChangesNothing() {
        let images = Self.images(20), seen = Self.still.views(of: images, shape: Self.shape, key: Key(2))
        #expect(zip(images.values, seen.values).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// The same key gives the same views, on any number of threads and in any company; another key gives others; brightness stays in 0...1.
    @Test func keys() {
        let images = Self.images(30), views = ImageViews(flips: 0.5), seen = views.views(of: images, shape: Self.shape, key: Key(3))
        #expect(seen == views.views(of: images, shape: Self.shape, key: Key(3)))
        #expect(seen != views.views(of: images, shape: Self.shape, key: Key(4)))
        #expect(seen.slice(0 ..< 7) == views.views(of: images.slice(0 ..< 7), shape: Self.shape, key: Key(3)))
        #expect(seen.values.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(zip(seen.values, images.values).contains { abs($0 - $1) > 0.1 })
    }

    /// Each bound does what it says: a flip mirrors, a shift moves the middle and nothing else does, erasing leaves black.
    @Test func bounds() {
        let images = Self.images(40)
        func seen(_ change: (inout ImageViews) -> Void, _ rows: Matrix) -> Matrix {
            var views = Self.still
            change(&views)
            return views.views(of: rows, shape: Self.shape, key: Key(5))
        }
        let flipped = seen({ $0.flips = 1 }, images)
        for y in 0 ..< 12 { for x in 0 ..< 10 { #expect(abs(flipped[3, y * 10 + x] - images[3, y * 10 + 9 - x]) < 1e-5) } }
        // A single dot in the middle: its centre of gravity follows a shift and stays under turns and scales.
        var dot = Matrix(rows: 60, columns: Self.shape.pixels)
        for row in 0 ..< 60 { for (y, x) in [(5, 4), (5, 5), (6, 4), (6, 5)] { dot[row, y * 10 + x] = 1 } }
        func centres(_ rows: Matrix) -> [(y: Float, x: Float)] {
            (0 ..< rows.rows).map { row in
                let mass = rows.row(row).reduce(0, +)
                return ((0 ..< 120).reduce(0) { $0 + Float($1 / 10) * rows[row, $1] } / mass, (0 ..< 120).reduce(0) { $0 + Float($1 % 10) * rows[row, $1] } / mass)
            }
        }
        #expect(centres(seen({ $0.rotation = 90; $0.scale = 0.5; $0.shear = 0.3 }, dot)).allSatisfy { abs($0.y - 5.5) < 0.02 && abs($0.x - 4.5) < 0.02 })
        let moved = centres(seen({ $0.shift = 0.2 }, dot))
        #expect(moved.allSatisfy { abs($0.y - 5.5) < 2.45 && abs($0.x - 4.5) < 2.05 } && moved.contains { abs($0.y - 5.5) > 1 } && moved.contains { abs($0.x - 4.5) > 1 })
        let erased = seen({ $0.erasing = 0.5 }, Matrix(rows: 200, columns: 120, repeating: 1))
        let shares = (0 ..< 200).map { row in Double(erased.row(row).count { $0 == 0 }) / 120 }
        #expect(shares.allSatisfy { $0 <= 0.6 } && shares.count { $0 > 0 } > 60 && shares.count { $0 == 0 } > 60)
        let blurred = seen({ $0.blurs = 1 }, dot)
        #expect(abs(blurred[0, 5 * 10 + 4] - 9 / 16) < 1e-5 && abs(blurred[0, 4 * 10 + 4] - 3 / 16) < 1e-5)
        // Factors of brightness: 1 ± 1.25 times the bound, and never black.
        let grey = seen({ $0.contrast = 0.5 }, Matrix(rows: 400, columns: 120, repeating: 0.5)), factors = (0 ..< 400).map { grey[$0, 0] / 0.5 }
        #expect(factors.allSatisfy { abs($0 - 1) <= 0.6251 } && factors.contains { $0 > 1.5 } && factors.contains { $0 < 0.5 }, "\(factors.min()!) to \(factors.max()!)")
        #expect(seen({ $0.contrast = 0.75 }, Matrix(rows: 400, columns: 120, repeating: 1)).values.allSatisfy { $0 > 0.06 })
    }

    static let large = ImageShape(height: 41, width: 41)

    /// Second moments about the middle of 400 views of a blot with these deviations, in pixels.
    static func moments(down: Float, across: Float, _ change: (inout ImageViews) -> Void) -> [(yy: Double, xx: Double, xy: Double)] {
        let blot = (0 ..< large.pixels).map { at -> Float in
            let y = Float(at / 41 - 20) / down, x = Float(at % 41 - 20) / across
            return exp(-0.5 * (y * y + x * x))
        }
        var views = still
        change(&views)
        let seen = views.views(of: Matrix(rows: 400, columns: large.pixels, values: (0 ..< 400).flatMap { _ in blot }), shape: large, key: Key(6))
        return (0 ..< 400).map { row in
            var mass = 0.0, yy = 0.0, xx = 0.0, xy = 0.0
            for (at, value) in seen.row(row).enumerated() {
                let y = Double(at / 41 - 20), x = Double(at % 41 - 20), weight = Double(value)
                mass += weight
                yy += weight * y * y
                xx += weight * x * x
                xy += weight * x * y
            }
            return (yy / mass, xx / mass, xy / mass)
        }
    }

    /// The long axis of a bar lies within the bound of the level, either way, and some come near it.
    @Test func turns() {
        let angles = Self.moments(down: 1.5, across: 5) { $0.rotation = 20 }.map { moments -> Double in atan2(2 * moments.xy, moments.xx - moments.yy) * 90 / Double.pi }
        #expect(angles.allSatisfy { abs($0) < 20.1 } && angles.contains { $0 > 18.5 } && angles.contains { $0 < -18.5 }, "\(angles.min()!) to \(angles.max()!)")
    }

    /// A line a pixel above the middle is moved aside by the shear, and none up or down.
    @Test func shears() {
        let still = Self.moments(down: 3, across: 3) { _ in }[0], seen = Self.moments(down: 3, across: 3) { $0.shear = 0.3 }, shears = seen.map { $0.xy / $0.yy }
        #expect(shears.allSatisfy { abs($0) < 0.301 } && shears.contains { $0 > 0.28 } && shears.contains { $0 < -0.28 }, "\(shears.min()!) to \(shears.max()!)")
        #expect(seen.allSatisfy { abs($0.yy / still.yy - 1) < 1e-4 })
    }

    /// Heights and widths are powers of 1.2 up to ±1.5, a third of that their own. Interpolation blurs a little.
    @Test func sizes() {
        let still = Self.moments(down: 3, across: 3) { _ in }[0], seen = Self.moments(down: 3, across: 3) { $0.scale = 0.2 }
        func power(_ moment: Double, of before: Double) -> Double { log(moment / before) / (2 * log(1.2)) }
        let heights = seen.map { power($0.yy, of: still.yy) }, widths = seen.map { power($0.xx, of: still.xx) }
        for values in [heights, widths] {
            #expect(values.allSatisfy { abs($0) < 1.6 } && values.contains { $0 > 1.15 } && values.contains { $0 < -1.15 }, "\(values.min()!) to \(values.max()!)")
        }
        let apart = zip(heights, widths).map { $0 - $1 }
        #expect(apart.allSatisfy { abs($0) < 1.1 } && apart.contains { $0 > 0.7 } && apart.contains { $0 < -0.7 }, "\(apart.min()!) to \(apart.max()!)")
    }

    @Test func votes() {
        let reference = Matrix([[0, 0], [0, 1], [5, 5], [5, 6], [6, 5]]), labels = ["a", "a", "b", "b", "b"]
        #expect(NeighbourVote.labels(of: Matrix([[0, 0.4], [5, 5.2], [2.4, 2.4]]), among: reference, labels: labels, count: 2) == ["a", "b", "a"])
        #expect(NeighbourVote.labels(of: Matrix([[0, 0.4]]), among: reference, labels: labels, count: 5) == ["b"])
        // Of one vote each, the nearest.
        #expect(NeighbourVote.labels(of: Matrix([[0, 2.9], [5, 4]]), among: Matrix([[0, 0], [5, 5]]), labels: ["x", "y"], count: 2) == ["x", "y"])
    }
}
