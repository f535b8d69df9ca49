import Foundation
import Gibbs
import GibbsDeep

/// Two conditions in the plane whose truth is known: on a thin ring, and within a narrow band. Landscapes are learned of each from examples of it alone; draws of
/// their sum should satisfy both.
struct Compositions {
    let device: Device
    private static let width: Float = 0.05

    /// Points on the ring of radius 1, and points of the band |x| < 1.5 about y = 0.6.
    private static func examples(_ count: Int, ring: Bool, key: Key) -> Matrix {
        let places = key.folding(0).uniforms(count), noise = key.folding(1).normals(count)
        return Matrix(rows: count, columns: 2, values: (0 ..< count).flatMap { row -> [Float] in
            if !ring { return [3 * places[row] - 1.5, 0.6 + width * noise[row]] }
            let angle = 2 * Float.pi * places[row], radius = 1 + width * noise[row]
            return [radius * cos(angle), radius * sin(angle)]
        })
    }

    /// Within three deviations.
    private static func isOnRing(_ row: ArraySlice<Float>) -> Bool { abs(hypot(row.first!, row.last!) - 1) < 3 * width }
    private static func isInBand(_ row: ArraySlice<Float>) -> Bool { abs(row.last! - 0.6) < 3 * width }

    private func trained(_ ring: Bool, key: Key) throws -> DiffusionEnergy {
        let data = Self.examples(20_000, ring: ring, key: key.folding(0))
        let layers: [Layer] = [.linear(128), .modulate, .silu] + Array(repeating: .residual([.linear(128), .modulate, .silu, .linear(128)]), count: 2) + [.silu, .linear(2)]
        // One scale for both, so that they begin in the same Gaussian.
        let start = try DiffusionEnergy(TimeNetwork(layers, input: [2], key: key.folding(1)).moved(to: device), scale: DiffusionScale(.cosine, mean: [0, 0], deviation: 0.8))
        let method = DiffusionTraining(descent: NetworkDescent(optimiser: .adam(rate: 3e-3), batchSize: 512, epochs: 150, finalRateShare: 0.01, averaging: 0.99))
        return try start.training(on: data, by: method, key: key.folding(2)).finish().model
    }

    func run() throws {
        for key in [1, 2, 3] as [UInt64] {
            let parts = try [trained(true, key: Key(key).folding(0)), trained(false, key: Key(key).folding(1))], sum = try DiffusionSum(parts.map { (1, $0) }), n = 2_000
            for (kind, part, isMet) in [("ring", parts[0], Self.isOnRing), ("band", parts[1], Self.isInBand)] {
                let rows = try DiffusionSampler(path: .ancestral, steps: 200).draw(n, from: part, key: Key(key).folding(9)).rows
                report([("suite", "diffusion"), ("key", key), ("draws of", kind), ("satisfy", Double((0 ..< n).count { isMet(rows.row($0)) }) / Double(n))])
            }
            let samplers: [(String, DiffusionSampler)] = [
                ("ddim", DiffusionSampler(path: .ddim, steps: 100)), ("ddim, mala", DiffusionSampler(path: .ddim, steps: 100, correction: .metropolis(steps: 10))), ("ancestral", DiffusionSampler(path: .ancestral, steps: 100)), ("ancestral, 1100 steps", DiffusionSampler(path: .ancestral, steps: 1_100)),
                ("langevin", DiffusionSampler(path: .ancestral, steps: 100, correction: .langevin(steps: 10))), ("mala", DiffusionSampler(path: .ancestral, steps: 100, correction: .metropolis(steps: 10))),
                ("hmc", DiffusionSampler(path: .ancestral, steps: 100, correction: .metropolis(steps: 3, leapfrogs: 3))),
            ]
            for (name, sampler) in samplers {
                let draws = try sampler.draw(n, from: sum, key: Key(key).folding(10)), both = (0 ..< n).count { Self.isOnRing(draws.rows.row($0)) && Self.isInBand(draws.rows.row($0)) }
                report([("suite", "diffusion"), ("key", key), ("sampler", name), ("satisfyBoth", Double(both) / Double(n)), ("acceptance", draws.acceptance.map { "\($0)" } ?? "none"), ("seconds", draws.seconds)])
            }
        }
    }
}
