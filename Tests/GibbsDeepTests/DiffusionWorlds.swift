import Foundation
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics

/// A Gaussian mixture at every time, exactly: what samplers, likelihoods and trainings are held against.
struct DiffusedMixture: DiffusionLandscape {
    /// Shares, means and covariances of the data.
    let parts: [(share: Double, mean: [Float], covariance: SymmetricMatrix)]
    var schedule = DiffusionSchedule.cosine
    var input: [Int] { [parts[0].mean.count] }
    /// Where paths begin, if not in N(0, 1).
    var start: DiffusionPrior?
    var prior: DiffusionPrior { start ?? DiffusionPrior(mean: [Float](repeating: 0, count: input[0]), deviation: 1) }

    /// α μ and α² Σ + σ² of the parts.
    func gaussians(at time: Double) throws -> [GaussianEnergy] {
        let level = schedule.level(at: time), d = input[0]
        return try parts.map { part in
            let values = part.covariance.values.enumerated().map { level.signal * level.signal * $1 + ($0 % (d + 1) == 0 ? level.noise * level.noise : 0) }
            return try GaussianEnergy(mean: part.mean.map { Float(level.signal) * $0 }, covariance: SymmetricMatrix(size: d, values: values))
        }
    }

    /// −ln Σ shareᵢ N(x; …).
    func energy(of x: Tensor, at time: Double) throws -> Tensor {
        let terms = try zip(gaussians(at: time), parts).map { gaussian, part in
            let precision = try Tensor(gaussian.precision.values, shape: [input[0], input[0]]).converted(to: x.element), d = try x - Tensor(gaussian.mean, shape: input).converted(to: x.element)
            return try (-0.5 * (d.matmul(precision) * d).rowSums() + (log(part.share) - gaussian.logPartition)).reshaped([-1, 1])
        }
        return try -Tensor.concatenating(terms, along: 1).logSumExp(over: [1])
    }

    /// Data.
    func samples(_ count: Int, key: Key) throws -> (rows: Matrix, parts: [Int]) {
        let coins = key.folding(0).uniforms(count), cuts = parts.indices.map { place in parts[...place].reduce(0) { $0 + $1.share } }
        let which = coins.map { coin in cuts.firstIndex { Double(coin) < $0 } ?? parts.count - 1 }
        let draws = try parts.enumerated().map { try GaussianEnergy(mean: $1.mean, covariance: $1.covariance).samples(count, key: key.folding(1 + $0)) }
        return (Matrix(rows: count, columns: input[0], values: which.enumerated().flatMap { Array(draws[$1].row($0)) }), which)
    }

    /// Three parts of different shares and shapes.
    static let three = DiffusedMixture(parts: [
        (0.5, [-1.2, 0.4], SymmetricMatrix(size: 2, values: [0.04, 0.02, 0.02, 0.04])), (0.3, [0.8, 1], SymmetricMatrix(size: 2, values: [0.09, 0, 0, 0.02])),
        (0.2, [0.6, -1], SymmetricMatrix(size: 2, values: [0.02, 0, 0, 0.02])),
    ])

    /// A single Gaussian.
    static func gaussian(_ mean: [Float], _ values: [Double], _ schedule: DiffusionSchedule = .cosine) -> DiffusedMixture {
        DiffusedMixture(parts: [(1, mean, SymmetricMatrix(size: mean.count, values: values))], schedule: schedule)
    }

    /// The part whose mean is nearest.
    func nearest(_ row: ArraySlice<Float>) -> Int {
        func distance(_ part: Int) -> Float { zip(row, parts[part].mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        return parts.indices.min { distance($0) < distance($1) }!
    }
}

/// A field with no potential: the score s = (−y, x), which turns round and round, and pulls inwards as strongly as told.
struct Swirl: DiffusionField {
    var pull = 0.0
    let schedule = DiffusionSchedule.cosine, input = [2]
    let prior = DiffusionPrior(mean: [0, 0], deviation: 1)

    func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor {
        try schedule.level(at: time).noise * (pull * x - x.matmul(Tensor([0, 1, -1, 0] as [Float], shape: [2, 2])))
    }
}
