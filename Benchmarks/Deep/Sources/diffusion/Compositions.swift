import Foundation
import Gibbs
import GibbsDeep

/// Two conditions in the plane whose truth is known. Landscapes are learned of each from examples of it alone; draws of their sum should satisfy both.
struct Compositions {
    let device: Device

    /// A thin line in the plane.
    private struct Condition {
        let name: String
        /// Of `count` points.
        let points: @Sendable (Int, Key) -> Matrix
        /// How far a point is from the line.
        let distance: @Sendable (Float, Float) -> Float

        static let width: Float = 0.05
        /// Within three deviations.
        func isMet(_ row: ArraySlice<Float>) -> Bool { abs(distance(row.first!, row.last!)) < 3 * Self.width }

        /// The circle of radius 1 about (x, 0).
        static func ring(at x: Float) -> Condition {
            Condition(name: "ring at \(x)", points: { count, key in
                let places = key.folding(0).uniforms(count), noise = key.folding(1).normals(count)
                return Matrix(rows: count, columns: 2, values: (0 ..< count).flatMap { row -> [Float] in
                    let angle = 2 * Float.pi * places[row], radius = 1 + width * noise[row]
                    return [x + radius * cos(angle), radius * sin(angle)]
                })
            }, distance: { hypot($0 - x, $1) - 1 })
        }

        /// From −1.5 to 1.5 at height y.
        static func band(at y: Float) -> Condition {
            Condition(name: "band at \(y)", points: { count, key in
                let places = key.folding(0).uniforms(count), noise = key.folding(1).normals(count)
                return Matrix(rows: count, columns: 2, values: (0 ..< count).flatMap { [3 * places[$0] - 1.5, y + width * noise[$0]] })
            }, distance: { $1 - y })
        }
    }

    private func trained(_ condition: Condition, key: Key) throws -> DiffusionEnergy {
        let data = condition.points(20_000, key.folding(0))
        let layers: [Layer] = [.linear(128), .modulate, .silu] + Array(repeating: .residual([.linear(128), .modulate, .silu, .linear(128)]), count: 2) + [.silu, .linear(2)]
        // One scale for all, so that they begin in the same Gaussian.
        let start = try DiffusionEnergy(TimeNetwork(layers, input: [2], key: key.folding(1)).moved(to: device), scale: DiffusionScale(.cosine, mean: [0, 0], deviation: 0.8))
        let method = DiffusionTraining(descent: NetworkDescent(optimiser: .adam(rate: 3e-3), batchSize: 512, epochs: 150, finalRateShare: 0.01, averaging: 0.99))
        return try start.training(on: data, by: method, key: key.folding(2)).finish().model
    }

    func run() throws {
        let products: [(name: String, conditions: [Condition])] = [("ring and band", [.ring(at: 0), .band(at: 0.6)]), ("two rings", [.ring(at: -0.5), .ring(at: 0.5)])]
        for (place, product) in products.enumerated() { for key in [1, 2, 3] as [UInt64] { try run(product.name, product.conditions, Key(key).folding(place), key) } }
    }

    private func run(_ product: String, _ conditions: [Condition], _ key: Key, _ number: UInt64) throws {
        let parts = try conditions.enumerated().map { try trained($1, key: key.folding($0)) }, sum = try DiffusionSum(parts.map { (1, $0) }), n = 2_000
        for (part, condition) in zip(parts, conditions) {
            let rows = try DiffusionSampler(path: .ancestral, steps: 200).draw(n, from: part, key: key.folding(9)).rows
            report([("suite", "diffusion"), ("product", product), ("key", number), ("draws of", condition.name), ("satisfy", Double((0 ..< n).count { condition.isMet(rows.row($0)) }) / Double(n))])
        }
        let samplers: [(String, DiffusionSampler)] = [
            ("ddim", DiffusionSampler(path: .ddim, steps: 100)), ("ddim, mala", DiffusionSampler(path: .ddim, steps: 100, correction: .metropolis(steps: 10))),
            ("ancestral", DiffusionSampler(path: .ancestral, steps: 100)), ("ancestral, 1100 steps", DiffusionSampler(path: .ancestral, steps: 1_100)),
            ("ancestral, langevin", DiffusionSampler(path: .ancestral, steps: 100, correction: .langevin(steps: 10))),
            ("ancestral, mala", DiffusionSampler(path: .ancestral, steps: 100, correction: .metropolis(steps: 10))),
            ("ancestral, hmc", DiffusionSampler(path: .ancestral, steps: 100, correction: .metropolis(steps: 3, leapfrogs: 3))),
        ]
        for (name, sampler) in samplers {
            let draws = try sampler.draw(n, from: sum, key: key.folding(10)), both = (0 ..< n).count { row in conditions.allSatisfy { $0.isMet(draws.rows.row(row)) } }
            report([("suite", "diffusion"), ("product", product), ("key", number), ("sampler", name), ("satisfyBoth", Double(both) / Double(n)), ("acceptance", draws.acceptance.map { "\($0)" } ?? "none"), ("seconds", draws.seconds)])
        }
    }
}
