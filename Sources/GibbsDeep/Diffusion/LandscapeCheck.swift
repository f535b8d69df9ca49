import Foundation
import GibbsCore
import GibbsNumerics

/// Whether a field is the slope of something: how far its Jacobian is from symmetric, and what is left after a walk in a circle. Both are zero up to rounding for a
/// landscape, and not for a score that a network gives freely.
///
/// - Source: Salimans & Ho 2021, section 2; the integral of a gradient along a closed path vanishes, and its Jacobian, a Hessian, is symmetric.
public struct LandscapeCheck: Sendable, Hashable {
    /// t.
    public let time: Double
    /// ‖(J − Jᵀ) v‖ / ‖(J + Jᵀ) v‖ for a random v, root mean square over the rows.
    public let asymmetry: Double
    /// |∮ s · dx| over circles, nats, the mean over the rows; a landscape gives the same energy at the end as at the start.
    public let loop: Double
    /// |∮ s · dx| as a share of ∮ |s · dx|, mean by mean.
    public let loopShare: Double

    /// Looks at a field at a time.
    ///
    /// - Parameters:
    ///   - field: The field; its score s = −ε/σ is looked at.
    ///   - time: t.
    ///   - rows: Data; they are given the noise of the time first.
    ///   - radius: Of the circles, in units of σ(t) times the root of the number of columns: as large as the noise is.
    ///   - points: Of each circle.
    ///   - key: Feeds the noise, the direction v and the planes of the circles.
    /// - Throws: `GibbsError` with code `.usage` for a time outside 0...1 or fewer than three points; `.unsuitableData` for no row; what the field throws.
    /// - Complexity: Two derivatives of the field, and `points` times the field, of all rows.
    public init(of field: some DiffusionField, at time: Double, rows: Matrix, radius: Double = 0.5, points: Int = 48, key: Key) throws {
        try field.checkField()
        try field.checkComplete(rows)
        guard (0 ... 1).contains(time), points >= 3, radius > 0, radius.isFinite else {
            throw GibbsError(.usage, "circles of radius \(radius) and \(points) points at the time \(time)", advice: "give a positive radius, three points and a time from 0 to 1")
        }
        guard rows.rows > 0 else { throw GibbsError(.unsuitableData, "no row to look at a field around") }
        let level = field.schedule.level(at: time), x = try field.tensor(noisy(rows, level, key.folding(0)))
        self.time = time
        asymmetry = try Self.asymmetry(of: field, at: time, x, key.folding(1))
        let circle = try Circle(x, radius: radius * level.noise * Double(field.features).squareRoot(), key: key.folding(2))
        let work = try circle.work(of: field, at: time, points)
        loop = work.map { abs($0.reduce(0, +)) }.reduce(0, +) / Double(work.count)
        loopShare = loop / max(work.map { $0.reduce(0) { $0 + abs($1) } }.reduce(0, +) / Double(work.count), .leastNormalMagnitude)
    }

    /// The score's work along a circle around each row, as `init(of:at:rows:radius:points:key:)` looks at, summed up from the start to each point: nats. The last of a landscape is 0.
    ///
    /// - Returns: `points + 1` numbers a row, the first 0.
    /// - Throws: As there.
    /// - Complexity: `points` times the field, of all rows.
    public static func work(of field: some DiffusionField, at time: Double, rows: Matrix, radius: Double = 0.5, points: Int = 48, key: Key) throws -> [[Double]] {
        try field.checkField()
        try field.checkComplete(rows)
        guard (0 ... 1).contains(time), points >= 3, radius > 0, radius.isFinite, rows.rows > 0 else {
            throw GibbsError(.usage, "circles of radius \(radius) and \(points) points around \(rows.rows) rows at the time \(time)", advice: "give a row, a positive radius, three points and a time from 0 to 1")
        }
        let level = field.schedule.level(at: time), x = try field.tensor(noisy(rows, level, key.folding(0)))
        let circle = try Circle(x, radius: radius * level.noise * Double(field.features).squareRoot(), key: key.folding(2))
        return try circle.work(of: field, at: time, points).map { steps in steps.reduce(into: [0]) { $0.append($0.last! + $1) } }
    }

    private static func asymmetry(of field: some DiffusionField, at time: Double, _ x: Tensor, _ key: Key) throws -> Double {
        let x = try x.variable(), v = try Tensor(normal: key, shape: x.shape, on: x.device), noise = try field.noise(in: x, at: time, differentiable: true)
        // Jᵀ u is linear in u, so that its derivative along v is J v.
        let u = try (0 * v + 1).variable(), transposed = try (noise * u).sum().gradients(of: [x], differentiable: true)[0]
        let forward = try (transposed * v).sum().gradients(of: [u])[0], backward = try (noise * v).sum().gradients(of: [x])[0]
        let (apart, together) = try ((forward - backward).squared().sum().number(), (forward + backward).squared().sum().number())
        return (apart / max(together, .leastNormalMagnitude)).squareRoot()
    }
}

/// Data with the noise of a level.
private func noisy(_ rows: Matrix, _ level: DiffusionSchedule.Level, _ key: Key) -> Matrix {
    let noise = key.normals(rows.values.count)
    return Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.enumerated().map { Float(level.signal) * $1 + Float(level.noise) * noise[$0] })
}

/// A circle around each row, in a plane of its own.
struct Circle {
    let centre: Tensor, first: Tensor, second: Tensor, radius: Double

    init(_ centre: Tensor, radius: Double, key: Key) throws {
        let n = centre.shape[0], shape = [n] + Array(repeating: 1, count: centre.shape.count - 1)
        func unit(_ x: Tensor) throws -> Tensor { try x / x.squared().rowSums().squareRoot().reshaped(shape) }
        let a = try unit(Tensor(normal: key.folding(0), shape: centre.shape, on: centre.device)), b = try Tensor(normal: key.folding(1), shape: centre.shape, on: centre.device)
        (self.centre, self.radius, first) = (centre, radius, a)
        second = try unit(b - (a * b).rowSums().reshaped(shape) * a)
    }

    /// s · dx of each step around each circle; equal steps are exact for smooth fields up to their fast waves.
    func work(of field: some DiffusionField, at time: Double, _ points: Int) throws -> [[Double]] {
        let noise = field.schedule.level(at: time).noise, step = 2 * Double.pi / Double(points)
        var result = [[Double]](repeating: [], count: centre.shape[0])
        for point in 0 ..< points {
            let angle = step * Double(point), (c, s) = (cos(angle), sin(angle))
            let x = try centre + radius * (c * first + s * second), way = try (radius * step) * (c * second - s * first)
            let work = try ((-1 / noise) * field.noise(in: x, at: time, differentiable: false) * way).rowSums().doubles()
            for row in result.indices { result[row].append(work[row]) }
        }
        return result
    }
}
