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

    /// Each bound does what it says: a flip mirrors, a full turn moves the corners, a shift moves the middle, erasing leaves black.
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
        let contrasted = seen({ $0.contrast = 0.5 }, Matrix(rows: 100, columns: 120, repeating: 0.5))
        #expect((0 ..< 100).contains { contrasted[$0, 0] > 0.6 } && (0 ..< 100).contains { contrasted[$0, 0] < 0.4 })
    }

    @Test func votes() {
        let reference = Matrix([[0, 0], [0, 1], [5, 5], [5, 6], [6, 5]]), labels = ["a", "a", "b", "b", "b"]
        #expect(NeighbourVote.labels(of: Matrix([[0, 0.4], [5, 5.2], [2.4, 2.4]]), among: reference, labels: labels, count: 2) == ["a", "b", "a"])
        #expect(NeighbourVote.labels(of: Matrix([[0, 0.4]]), among: reference, labels: labels, count: 5) == ["b"])
        // Of one vote each, the nearest.
        #expect(NeighbourVote.labels(of: Matrix([[0, 2.9], [5, 4]]), among: Matrix([[0, 0], [5, 5]]), labels: ["x", "y"], count: 2) == ["x", "y"])
    }
}
