import Foundation
import GibbsCore
import GibbsNumerics

/// A flat cut through the space in which a model's energies live: log-odds of brightness for Gaussians, brightness for the others.
///
///     z(a, b) = origin + a · first + b · second
///
/// The two axes are of length one and at right angles, so that distances on the plane are distances between images.
struct ImagePlane {
    let origin: [Float]
    /// Shape `[2, pixels]`.
    let axes: Matrix

    /// The points of the plane at these places; shape `[places, 2]` in, `[places, pixels]` out.
    func points(at places: Matrix) -> Matrix {
        var result = Matrix.product(places, axes)
        result.subtractFromRows(origin.map { -$0 })
        return result
    }

    /// Where the feet of the perpendiculars from these points stand; shape `[rows, 2]`.
    func feet(of points: Matrix) -> Matrix {
        var centred = points
        centred.subtractFromRows(origin)
        return Matrix.product(centred, axes, transposeB: true)
    }

    /// The plane of the first two principal axes of some points, through their mean; `nil` where they all lie on a line.
    ///
    /// At most six hundred points, evenly spaced, are looked at: two axes need no more.
    init?(principalAxesOf points: Matrix) {
        let step = max(1, (points.rows + 599) / 600), some = points.selecting(rows: Array(stride(from: 0, to: points.rows, by: step)))
        origin = Self.mean(some)
        var centred = some
        centred.subtractFromRows(origin)
        guard let axes = Self.leadingAxes(of: centred, count: 2) else { return nil }
        self.axes = axes
    }

    /// The plane through two points along the line between them, and across along the leading principal axis of others around them.
    init?(from first: [Float], to second: [Float], across points: Matrix) {
        let difference = zip(second, first).map { $0 - $1 }, length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return nil }
        let along = difference.map { $0 / length }
        origin = zip(first, second).map { ($0 + $1) / 2 }
        let step = max(1, (points.rows + 599) / 600)
        var centred = points.selecting(rows: Array(stride(from: 0, to: points.rows, by: step)))
        centred.subtractFromRows(Self.mean(centred))
        for row in 0 ..< centred.rows {
            let share = zip(centred.row(row), along).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            for pixel in along.indices { centred[row, pixel] -= share * along[pixel] }
        }
        guard let across = Self.leadingAxes(of: centred, count: 1) else { return nil }
        axes = Matrix([along, Array(across.row(0))])
    }

    private static func mean(_ points: Matrix) -> [Float] { (0 ..< points.columns).map { Float(Statistics.mean(points.column($0))) } }

    /// From the eigenvectors u of the points' inner products: Xᵀu / √λ. Signs so that the largest entry is positive.
    private static func leadingAxes(of centred: Matrix, count: Int) -> Matrix? {
        let products = Matrix.product(centred, centred, transposeB: true), found = SymmetricMatrix(size: centred.rows, values: products.values.map(Double.init)).eigen()
        guard centred.rows >= count, let top = found.values.last, found.values[centred.rows - count] > 1e-6 * max(top, 1e-12) else { return nil }
        return Matrix((0 ..< count).map { index in
            let place = centred.rows - 1 - index, root = found.values[place].squareRoot()
            let axis = centred.transposedTimesVector(found.vectors[place].map { Float($0 / root) }), largest = axis.max { abs($0) < abs($1) }!
            return largest < 0 ? axis.map { -$0 } : axis
        })
    }
}
