import Foundation
import Gibbs

/// What associative memories hold: how many random patterns are retrieved as the dimension grows, and real digits restored.
///
/// Patterns are random signs; a cue is a stored pattern with a fifth of its signs turned, and it is retrieved when three updates bring it within
/// a tenth of the pattern's length. Dimensions are multiples of five, so that a fifth is a fifth. The capacity is the number of patterns at which 99 % of cues are retrieved, interpolated between powers of √2.
enum Memories {
    /// Memories of up to `largest` patterns; 0 for digits alone.
    static func run(mnist: String, picture: String?, largest: Int) throws {
        if largest > 0 { try capacities(largest: largest) }
        try digits(mnist, picture)
    }

    // MARK: - Capacity

    private static let cues = 2000, beta: Float = 4

    private static func capacities(largest: Int) throws {
        var points = [(d: Double, log: Double)]()
        for d in stride(from: 30, through: 70, by: 5) {
            let classical = try capacity(d, largest: 64, grid: (1 ... 64).map { $0 }) { signs, cues in settleClassical(signs, cues) }
            guard let modern = try capacity(d, largest: largest, grid: (0 ... 40).map { Int(exp2(Double($0) / 2).rounded()) }, { signs, cues in
                try MemoryEnergy.hopfield(signs, beta: beta).recall(cues, steps: 3).restored
            }) else { break }
            points.append((Double(d), log(modern)))
            report("memory", "capacity", modern, ["dimension": d, "beta": Double(beta), "classical": classical.map { $0 as Any } ?? NSNull(), "cues": cues])
        }
        let fit = line(points)
        report("memory", "growth", fit.slope, ["standard_error": fit.error, "factor_per_dimension": exp(fit.slope), "intercept": fit.intercept, "r_squared": fit.rSquared, "points": points.count])
    }

    /// The number of patterns at which 1 % of cues are lost; `nil` when that is beyond `largest`.
    private static func capacity(_ d: Int, largest: Int, grid: [Int], _ settle: (Matrix, Matrix) throws -> Matrix) throws -> Double? {
        var last = (count: 1.0, lost: 0.0)
        for count in grid where count <= largest {
            let lost = try Double(lostCues(d, patterns: count, settle)) / Double(cues)
            if lost > 0.01 {
                // Losses grow with the number of patterns by a power, so that logarithms mix.
                let below = max(last.lost, 0.25 / Double(cues))
                return count == 1 ? 0 : exp(log(last.count) + (log(0.01) - log(below)) / (log(lost) - log(below)) * (log(Double(count)) - log(last.count)))
            }
            last = (Double(count), lost)
        }
        return nil
    }

    /// Cues that are not retrieved, over as many memories as that many cues need.
    private static func lostCues(_ d: Int, patterns count: Int, _ settle: (Matrix, Matrix) throws -> Matrix) rethrows -> Int {
        let part = min(count, 100)
        return try (0 ..< cues / part).reduce(0) { lost, trial in
            let key = Key(1).folding(d).folding(count).folding(count > 5000 ? 0 : trial)
            let signs = Matrix(rows: count, columns: d, values: key.folding(0).uniforms(count * d).map { $0 < 0.5 ? -1 : 1 })
            let rows = (0 ..< part).map { (trial * part + $0) % count }
            var spoilt = signs.selecting(rows: rows)
            for row in 0 ..< part { for column in key.folding(1).folding(trial).folding(row).choose(Int((Double(d) / 5).rounded()), of: d) { spoilt[row, column] *= -1 } }
            let rest = try settle(signs, spoilt)
            return lost + (0 ..< part).count { row in
                let distance = zip(rest.row(row), signs.row(rows[row])).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                return distance > 0.01 * Float(d)
            }
        }
    }

    /// Hopfield's network of 1982: ξ ← sign(Σᵢ xᵢ (xᵢ·ξ) − n ξ), ten times, all units at once.
    private static func settleClassical(_ signs: Matrix, _ cues: Matrix) -> Matrix {
        var state = cues
        for _ in 0 ..< 10 {
            var field = Matrix.product(Matrix.product(state, signs, transposeB: true), signs)
            field.add(state, times: -Float(signs.rows))
            state = Matrix(rows: state.rows, columns: state.columns, values: field.values.map { $0 < 0 ? -1 : 1 })
        }
        return state
    }

    private static func line(_ points: [(d: Double, log: Double)]) -> (slope: Double, intercept: Double, error: Double, rSquared: Double) {
        let n = Double(points.count), x = Statistics.mean(points.map(\.d)), y = Statistics.mean(points.map(\.log))
        let sxx = points.reduce(0) { $0 + ($1.d - x) * ($1.d - x) }, sxy = points.reduce(0) { $0 + ($1.d - x) * ($1.log - y) }, syy = points.reduce(0) { $0 + ($1.log - y) * ($1.log - y) }
        let slope = sxy / sxx, left = syy - slope * sxy
        return (slope, y - slope * x, (left / (n - 2) / sxx).squareRoot(), 1 - left / syy)
    }

    // MARK: - Digits

    /// Images of MNIST, in a memory as `gibbs fit images --model memory` makes one and `gibbs recall` asks it: 500 and 10,000 stored, 500 of them asked for, half erased or a fifth of
    /// the pixels turned.
    private static func digits(_ folder: String, _ picture: String?) throws {
        let images = try IDX.images(folder + "/train-images-idx3-ubyte.gz"), shape = ImageShape(height: 28, width: 28)
        for count in [500, 10_000] {
            let stored = images.slice(0 ..< count), model = try ImageModel.fitted(to: stored, shape: shape, options: ImageOptions(model: .memory, memories: count)), asked = stored.slice(0 ..< 500)
            var sheet = asked.slice(0 ..< 10)
            for half in ImageErasure.allCases {
                let turned = Key(2).uniforms(asked.values.count)
                let cues = half == .none ? Matrix(rows: asked.rows, columns: asked.columns, values: zip(asked.values, turned).map { $1 < 0.2 ? 1 - $0 : $0 }) : half.applied(to: asked, shape: shape)
                let rest = try model.recall(cues)
                let exact = (0 ..< 500).count { row in zip(rest.restored.row(row), asked.row(row)).allSatisfy { abs($0 - $1) < 0.5 / 255 } }
                report("memory", "digits_restored", Double(exact) / 500, ["stored": count, "spoilt": half == .none ? "a fifth of the pixels turned" : "\(half.rawValue) half erased"])
                if [.none, .bottom, .left].contains(half) { sheet = sheet.appending(cues.slice(0 ..< 10)).appending(rest.restored.slice(0 ..< 10)) }
            }
            if let picture, count == 10_000 { try Picture.grid(of: sheet, height: 28, width: 28, columns: 10, scale: 2).write(to: picture) }
        }
    }
}
