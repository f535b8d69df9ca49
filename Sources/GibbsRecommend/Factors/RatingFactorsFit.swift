import Foundation
import GibbsCore
import GibbsNumerics

/// How `RatingFactors` are fitted; there is no strength of regularisation to choose, since the precisions are learned.
public struct RatingFactorsOptions: Sendable, Hashable {
    /// Factors of a person and an item; those that the ratings do not bear fade by themselves.
    public var rank = 20
    /// Times that all people and all items are solved for.
    public var sweeps = 30
    /// Ratings that the usual noise counts as in a person's own.
    public var noisePrior = 10.0
    /// The key's number.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
}

extension RatingFactors {
    /// Factors fitted to ratings: people given items and items given people in turn, then the precisions and the noise from what is known of all.
    ///
    /// - Parameters:
    ///   - ratings: Shape people × items.
    ///   - scale: Which ratings there are; those off the scale are no error.
    ///   - report: Sees the sweep and the mean of E (r − r̂)² over the ratings; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage` or `.unsuitableData`.
    /// - Complexity: A sweep takes twice entries × rank², and (people + items) × rank³, in parallel; the bits do not depend on threads.
    public static func fitted(to ratings: SparseRows, scale: RatingScale, options: RatingFactorsOptions = .init(), report: (Int, Double) throws -> Void = { _, _ in }) throws -> RatingFactors {
        guard 1 ... 500 ~= options.rank, 1 ... 10_000 ~= options.sweeps, options.noisePrior > 0, options.noisePrior.isFinite else {
            throw GibbsError(.usage, "factors cannot be fitted with a rank of \(options.rank), \(options.sweeps) sweeps and a noise prior of \(options.noisePrior)", advice: "the defaults are a good start")
        }
        guard ratings.entries > 1 else { throw GibbsError(.unsuitableData, "\(ratings.entries) ratings are too few for factors") }
        var fit = Fit(ratings, scale, options)
        for sweep in 1 ... options.sweeps { try report(sweep, fit.sweep(first: sweep <= 3)) }
        return fit.model.rounded()
    }
}

/// The state of a fit.
private struct Fit {
    let byUser: SparseRows, byItem: SparseRows, scale: RatingScale, mean: Double, noisePrior: Double
    var people: RatingFactors.Posterior, items: RatingFactors.Posterior
    var precision: (people: [Double], items: [Double])
    var noise: Double, noises: [Double]

    /// What is kept of it.
    var model: RatingFactors { RatingFactors(scale: scale, mean: mean, items: items, precision: precision.people, noise: noise, noisePrior: noisePrior) }

    init(_ ratings: SparseRows, _ scale: RatingScale, _ options: RatingFactorsOptions) {
        (byUser, byItem, self.scale, noisePrior) = (ratings, ratings.transposed(), scale, options.noisePrior)
        mean = Statistics.mean(ratings.values)
        noise = max(1e-6, pow(Statistics.standardDeviation(ratings.values), 2))
        noises = [Double](repeating: noise, count: ratings.rows)
        let width = options.rank + 1
        people = .init(count: ratings.rows, width: width)
        items = .init(count: ratings.columns, width: width)
        precision = ([Double](repeating: 1, count: width), [Double](repeating: 1, count: width))
        let start = Key(options.seed).normals(items.means.count)
        for place in start.indices where place % width < options.rank { items.means[place] = 0.3 * noise.squareRoot() * Double(start[place]) }
        for i in 0 ..< items.count {
            for c in 0 ..< width { for e in 0 ..< width { items.seconds[(i * width + c) * width + e] = items.means[i * width + c] * items.means[i * width + e] + (c == e ? 0.01 : 0) } }
        }
    }

    /// One sweep; returns σ². The precisions are learned once the vectors are no longer what chance made them.
    mutating func sweep(first: Bool) -> Double {
        let noises = noises, byItem = byItem
        Regression(sources: items, precision: precision.people, mean: mean).solveAll(byUser, into: &people) { row, _ in 1 / noises[row] }
        Regression(sources: people, precision: precision.items, mean: mean).solveAll(byItem, into: &items) { _, place in 1 / noises[Int(byItem.indices[place])] }
        if !first { precision = (Self.precision(of: people, byUser), Self.precision(of: items, byItem)) }
        let (model, people, byUser) = (model, people, byUser)
        self.noises = parallelMap(byUser.rows, minimum: 8) { model.noiseOf(people, $0, byUser, $0) }
        // Sums of squares without the prior's part.
        let squares = self.noises.enumerated().reduce(0.0) { $0 + $1.element * (noisePrior + Double(byUser.range($1.offset).count)) - noisePrior * noise }
        noise = max(1e-6, squares / Double(byUser.entries))
        return noise
    }

    /// One over the mean square of each number of the vectors that were learned from something.
    private static func precision(of posterior: RatingFactors.Posterior, _ rows: SparseRows) -> [Double] {
        let width = posterior.width, met = (0 ..< rows.rows).filter { !rows.range($0).isEmpty }
        return (0 ..< width).map { c in
            let sum = met.reduce(0.0) { $0 + posterior.seconds[($1 * width + c) * width + c] }
            return min(1e6, Double(met.count) / max(sum, 1e-12))
        }
    }
}

/// The posterior of one side's vectors (x, b) given the other's (z, b'): of r − μ = xᵀz + b + b' + noise.
///
/// Precision Λ + Σ w E[ζζᵀ] and mean its inverse times Σ w ((r − μ) E ζ − E[b'ζ]), with ζ = (z, 1).
struct Regression {
    let sources: RatingFactors.Posterior, precision: [Double], mean: Double

    /// Solves for every row, in parallel.
    func solveAll(_ rows: SparseRows, into posterior: inout RatingFactors.Posterior, weight: @Sendable (_ row: Int, _ place: Int) -> Double) {
        let width = sources.width, copy = self
        posterior.means.withUnsafeMutableBufferPointer { means in
            posterior.seconds.withUnsafeMutableBufferPointer { seconds in
                let means = SharedPointer(means.baseAddress), seconds = SharedPointer(seconds.baseAddress)
                parallelRanges(rows.rows, minimum: 8) { range in
                    for row in range { copy.solve(rows, row, weight: { weight(row, $0) }, means: means.pointer! + row * width, seconds: seconds.pointer! + row * width * width) }
                }
            }
        }
    }

    /// Solves for one row, which becomes vector `place` of the posterior.
    func solve(_ rows: SparseRows, _ row: Int, weight: (Int) -> Double, into posterior: inout RatingFactors.Posterior, at place: Int) {
        let width = sources.width
        posterior.means.withUnsafeMutableBufferPointer { means in
            posterior.seconds.withUnsafeMutableBufferPointer { solve(rows, row, weight: weight, means: means.baseAddress! + place * width, seconds: $0.baseAddress! + place * width * width) }
        }
    }

    private func solve(_ rows: SparseRows, _ row: Int, weight: (Int) -> Double, means: UnsafeMutablePointer<Double>, seconds: UnsafeMutablePointer<Double>) {
        let width = sources.width, d = width - 1
        var gram = [Double](repeating: 0, count: width * width), side = [Double](repeating: 0, count: width)
        for c in 0 ..< width { gram[c * (width + 1)] = precision[c] }
        sources.means.withUnsafeBufferPointer { z in
            sources.seconds.withUnsafeBufferPointer { zz in
                gram.withUnsafeMutableBufferPointer { gram in
                    for place in rows.range(row) {
                        let i = Int(rows.indices[place]), w = weight(place), t = Double(rows.values[place]) - mean, m = z.baseAddress! + i * width, s = zz.baseAddress! + i * width * width
                        for c in 0 ..< d {
                            for e in 0 ..< d { gram[c * width + e] += w * s[c * width + e] }
                            gram[d * width + c] += w * m[c]
                            gram[c * width + d] += w * m[c]
                            side[c] += w * (t * m[c] - s[d * width + c])
                        }
                        gram[d * width + d] += w
                        side[d] += w * (t - m[d])
                    }
                }
            }
        }
        guard let inverse = SymmetricMatrix(size: width, values: gram).inverseAndLogDeterminant()?.inverse else { return }
        let found = inverse.timesVector(side)
        for c in 0 ..< width {
            means[c] = found[c]
            for e in 0 ..< width { seconds[c * width + e] = inverse.values[c * width + e] + found[c] * found[e] }
        }
    }
}

private extension SymmetricMatrix {
    func timesVector(_ x: [Double]) -> [Double] {
        (0 ..< size).map { row in (0 ..< size).reduce(0.0) { $0 + values[row * size + $1] * x[$1] } }
    }
}
