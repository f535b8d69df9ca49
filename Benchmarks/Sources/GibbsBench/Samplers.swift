import Foundation
import Gibbs

/// Effective samples a second along a gradient, on the targets of `peers/samplers.py`: 64 chains from N(0, 1), 500 steps of warm-up that
/// are not timed, 1,000 draws that are; the least over the columns, of the draws and of their distances from the median.
enum Samplers {
    static let chains = 64, draws = 1_000, warmUp = 500, runs = 3

    /// - Parameters:
    ///   - machinePath: Where to write the machine that is sampled, for the peers to read.
    ///   - only: The one target wanted; all without.
    static func run(machinePath: String, only: String?) throws {
        if only ?? "gaussian100" == "gaussian100" { try all("gaussian100", gaussian()) }
        if only ?? "funnel10" == "funnel10" { try all("funnel10", Funnel()) }
        let machine = machine(), file = Archive(tensors: ["W": .init(machine.weights), "b": .init(machine.visibleBias), "c": .init(machine.hiddenBias)])
        try ModelFile.write(file, to: machinePath, kind: "sampled-machine")
        if only ?? "rbm" == "rbm" { try all("rbm", machine) }
        if only ?? "modes" == "modes" { try modes() }
    }

    private static func all(_ name: String, _ energy: some DifferentiableEnergy) throws {
        let start = Matrix(rows: chains, columns: energy.features, values: Key(1).normals(chains * energy.features))
        for leapfrog in [10, 20, 40] {
            let found = try HamiltonianMonteCarlo(on: energy, stepSize: 0.1, leapfrogSteps: leapfrog).warmedUp(from: start, steps: warmUp, key: Key(2))
            try measure(name, "hmc", found.kernel, from: found.positions, ["leapfrog": leapfrog])
        }
        let mala = try MetropolisLangevin(on: energy, stepSize: 1e-3).warmedUp(from: start, steps: warmUp, key: Key(3))
        try measure(name, "mala", mala.kernel, from: mala.positions, [:])
        // The step at which MALA accepts its 0.574, as the peers do.
        let plain = try MetropolisLangevin(on: energy, stepSize: 1e-3).warmedUp(from: start, steps: warmUp, adaptsScales: false, key: Key(4))
        try measure(name, "ula", Langevin(on: energy, stepSize: plain.kernel.stepSize), from: plain.positions, ["mass": "none"])
        try measure(name, "ula", Langevin(on: energy, stepSize: mala.kernel.stepSize, scales: mala.kernel.scales), from: mala.positions, ["mass": "diagonal"])
    }

    /// Eight Gaussians of deviation ½ on a circle of radius 10, every chain starting in the first: how many a chain visits with the same
    /// number of gradients, at one temperature and at eight.
    private static func modes() throws {
        let centres = (0 ..< 8).map { [10 * cos(Float($0) * .pi / 4), 10 * sin(Float($0) * .pi / 4)] }
        let narrow = SymmetricMatrix(size: 2, values: [0.25, 0, 0, 0.25])
        let parts = try centres.map { try GaussianEnergy(mean: $0, covariance: narrow) }
        let mixture = try Mixture(parts, logPartitions: parts.map(\.logPartition))
        let start = Matrix(rows: 16, columns: 2, values: (0 ..< 16).flatMap { _ in centres[0] })
        func hamiltonian(_ temperature: Float) -> HamiltonianMonteCarlo<Weighted<Mixture<GaussianEnergy>>> {
            HamiltonianMonteCarlo(on: mixture.tempered(temperature), stepSize: 0.3 * temperature.squareRoot(), leapfrogSteps: 10)
        }
        func visited(_ samples: Samples) -> Double {
            let chains = start.rows, nearest = (0 ..< samples.positions.rows).map { row in
                centres.indices.min { pow(samples.positions[row, 0] - centres[$0][0], 2) + pow(samples.positions[row, 1] - centres[$0][1], 2)
                    < pow(samples.positions[row, 0] - centres[$1][0], 2) + pow(samples.positions[row, 1] - centres[$1][1], 2) }!
            }
            return Statistics.mean((0 ..< chains).map { chain in Double(Set(stride(from: chain, to: nearest.count, by: chains).map { nearest[$0] }).count) })
        }
        let single = try hamiltonian(1).sample(8_000, from: .positions(start), key: Key(10))
        let tempered = try ParallelTempering(temperatures: .ladder(from: 1, to: 150, count: 8), kernel: hamiltonian).sample(1_000, from: .positions(start), key: Key(11))
        report("samplers-modes", "modesVisited", visited(single), ["kernel": "hmc", "seconds": single.seconds])
        report("samplers-modes", "modesVisited", visited(tempered), ["kernel": "tempering", "seconds": tempered.seconds])
    }

    private static func measure<Kernel: TransitionKernel>(_ target: String, _ name: String, _ kernel: Kernel, from start: Matrix, _ more: [String: Any]) throws {
        let results = try (0 ..< runs).map { run -> (rate: Double, samples: Samples, ess: Double, folded: Double, rHat: Double) in
            let samples = try kernel.sample(draws, from: .positions(start), key: Key(5).folding(run))
            let plain = samples.columnDiagnostics()
            let folded = parallelMap(samples.positions.columns) { column -> Double in
                let series = samples.series(column: column), middle = Statistics.median(series.flatMap { $0 })
                return ChainDiagnostics(series.map { $0.map { abs($0 - middle) } }).effectiveSampleSize
            }
            let ess = plain.map(\.effectiveSampleSize).min()!, least = folded.min()!
            return (ess / samples.seconds, samples, ess, least, plain.map(\.splitRHat).max()!)
        }.sorted { $0.rate < $1.rate }
        let middle = results[runs / 2]
        var line: [String: Any] = ["kernel": name, "minESS": middle.ess, "minFoldedESS": middle.folded, "seconds": middle.samples.seconds, "rHat": middle.rHat,
                                   "low": results[0].rate, "high": results[runs - 1].rate]
        if let acceptance = middle.samples.acceptance { line["acceptance"] = acceptance }
        report("samplers-\(target)", "essPerSecond", middle.rate, line.merging(more) { $1 })
    }

    /// Σᵢⱼ = 0.9^|i−j| sᵢ sⱼ, the deviations from 0.1^½ to 10^½ in equal ratios.
    private static func gaussian() throws -> GaussianEnergy {
        let deviations = (0 ..< 100).map { pow(10, -0.5 + Double($0) / 99) }
        return try GaussianEnergy(mean: [Float](repeating: 0, count: 100), covariance: SymmetricMatrix(size: 100, values: (0 ..< 10_000).map {
            pow(0.9, Double(abs($0 / 100 - $0 % 100))) * deviations[$0 / 100] * deviations[$0 % 100]
        }))
    }

    private static func machine() -> RBM {
        let key = Key(7)
        return RBM(visible: Array(repeating: .real, count: 100), weights: Matrix(rows: 100, columns: 64, values: key.folding(0).normals(6_400).map { 0.2 * $0 }),
                   visibleBias: key.folding(1).normals(100).map { 0.5 * $0 }, hiddenBias: key.folding(2).normals(64).map { $0 - 1 },
                   logVariance: [Float](repeating: 0, count: 100))
    }
}

/// Neal's funnel: v ~ N(0, 9), nine xᵢ ~ N(0, exp v).
struct Funnel: DifferentiableEnergy {
    var variables: [Variable] { Array(repeating: .real, count: 10) }

    func energies(of batch: Matrix) throws -> [Float] { try energiesAndGradients(of: batch).energies }

    func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        var gradients = batch, energies = [Float](repeating: 0, count: batch.rows)
        gradients.values.withUnsafeMutableBufferPointer { x in
            for row in 0 ..< batch.rows {
                let at = row * 10, v = x[at], precision = exp(-v)
                var squares: Float = 0
                for k in 1 ..< 10 {
                    squares += x[at + k] * x[at + k]
                    x[at + k] *= precision
                }
                energies[row] = v * v / 18 + 4.5 * v + precision * squares / 2
                x[at] = v / 9 + 4.5 - precision * squares / 2
            }
        }
        return (energies, gradients)
    }
}
