import Foundation
import GibbsNumerics

/// Descents side by side: each has its own direction and step length, all share the evaluations of the energy.
struct DescentBatch<Target: DifferentiableEnergy> {
    private let energy: Target
    private var paths: [DescentPath]
    private var steps = 0

    init(energy: Target, state: (energies: [Float], gradients: Matrix), positions: Matrix, memory: Int) {
        self.energy = energy
        paths = (0 ..< positions.rows).map {
            DescentPath(x: positions.row($0).map(Double.init), energy: state.energies[$0], gradient: state.gradients.row($0).map(Double.init), memory: memory)
        }
    }

    /// One trial step of every path that is under way; false when none is.
    mutating func step(tolerance: Float) throws -> Bool {
        let columns = energy.features
        let active = paths.indices.filter { paths[$0].isActive(tolerance: Double(tolerance)) }
        if active.isEmpty { return false }
        let trials = Matrix(rows: active.count, columns: columns, values: active.flatMap { paths[$0].trial().map(Float.init) })
        let fits = trials.values.allSatisfy(\.isFinite)
        let (energies, gradients) = fits ? try energy.energiesAndGradients(of: trials)
            : ([Float](repeating: .infinity, count: active.count), Matrix(rows: active.count, columns: columns))
        for (place, path) in active.enumerated() {
            paths[path].judge(energy: energies[place], gradient: gradients.row(place).map(Double.init))
        }
        steps += 1
        return true
    }

    func minimum(tolerance: Float) -> Minimum {
        let endings = paths.map { path -> Minimum.Ending in
            path.hasArrived(tolerance: Double(tolerance)) ? .converged : path.isStalled ? .stalled : .outOfSteps
        }
        return Minimum(positions: Matrix(rows: paths.count, columns: energy.features, values: paths.flatMap { $0.x.map(Float.init) }),
                       energies: paths.map(\.energy), gradientNorms: paths.map { Float($0.gradientNorm) }, endings: endings, steps: steps)
    }
}

/// One descent: where it is, what it remembers, and the step it is about to try.
private struct DescentPath {
    private(set) var x: [Double]
    private(set) var energy: Float
    private var gradient: [Double]
    private let memory: Int
    private var changes: [(x: [Double], gradient: [Double], curvature: Double)] = []
    private var direction: [Double]
    private var length: Double
    /// The length of the last step taken without a memory.
    private var trusted: Double
    private(set) var isStalled = false

    init(x: [Double], energy: Float, gradient: [Double], memory: Int) {
        self.x = x
        self.energy = energy
        self.gradient = gradient
        self.memory = memory
        direction = gradient.map { -$0 }
        trusted = 1 / max(1, Self.norm(gradient))
        length = trusted
    }

    var gradientNorm: Double { Self.norm(gradient) }
    func hasArrived(tolerance: Double) -> Bool { gradientNorm <= tolerance * max(1, Self.norm(x)) }
    func isActive(tolerance: Double) -> Bool { !isStalled && !hasArrived(tolerance: tolerance) }

    func trial() -> [Double] { zip(x, direction).map { $0 + length * $1 } }

    /// Takes the trial step when it lowers the energy enough, else tries half of it next.
    mutating func judge(energy new: Float, gradient newGradient: [Double]) {
        let slope = Self.dot(gradient, direction)
        // What single precision cannot tell apart counts as equal; the gradient must then agree that the way leads down.
        let rounding = 2 * Float.ulpOfOne * max(abs(energy), abs(new))
        let isLower = Double(new - energy) <= 1e-4 * length * slope
        let isLevel = abs(new - energy) <= rounding && abs(Self.dot(newGradient, direction)) < abs(slope)
        guard new.isFinite, isLower || isLevel else {
            length /= 2
            if length * Self.norm(direction) < 1e-9 * max(1, Self.norm(x)) { restartOrStall() }
            return
        }
        let next = trial()
        remember(dx: zip(next, x).map { $0 - $1 }, dg: zip(newGradient, gradient).map { $0 - $1 })
        trusted = length
        (x, energy, gradient) = (next, new, newGradient)
        choose()
    }

    private mutating func remember(dx: [Double], dg: [Double]) {
        let curvature = Self.dot(dx, dg)
        guard memory > 0, curvature > 1e-12 * Self.norm(dx) * Self.norm(dg) else { return }
        changes.append((dx, dg, curvature))
        if changes.count > memory { changes.removeFirst() }
    }

    /// The two-loop recursion; along −∇E without a memory.
    private mutating func choose() {
        var q = gradient
        guard let last = changes.last else {
            direction = q.map { -$0 }
            length = trusted * 1.5
            return
        }
        var shares = [Double]()
        for change in changes.reversed() {
            let share = Self.dot(change.x, q) / change.curvature
            shares.append(share)
            for index in q.indices { q[index] -= share * change.gradient[index] }
        }
        let scale = last.curvature / Self.dot(last.gradient, last.gradient)
        for index in q.indices { q[index] *= scale }
        for (change, share) in zip(changes, shares.reversed()) {
            let correction = share - Self.dot(change.gradient, q) / change.curvature
            for index in q.indices { q[index] += correction * change.x[index] }
        }
        direction = q.map { -$0 }
        length = 1
        if Self.dot(direction, gradient) >= 0 { restartOrStall() }
    }

    /// Forgets a memory that no longer leads down; without one, there is nowhere to go.
    private mutating func restartOrStall() {
        if changes.isEmpty && memory > 0 || memory == 0 { isStalled = true }
        changes = []
        direction = gradient.map { -$0 }
        length = 1 / max(1, Self.norm(gradient))
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    private static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
