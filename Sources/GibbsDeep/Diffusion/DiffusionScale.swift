import Foundation
import GibbsCore
import GibbsNumerics

/// What the data look like from afar, N(μ, s²), and so what a network need not learn: rows come to it with mean 0 and variance 1 at every time.
///
///     v = α² s² + σ²,   x̃ = (x − α μ) / √v,   k = α s / σ
///
/// - Source: Karras, Aittala, Aila & Laine, *Elucidating the Design Space of Diffusion-Based Generative Models*, NeurIPS 2022, section 5: ours are
///   their scalings, written for energies.
public struct DiffusionScale: Sendable, Hashable {
    /// How data become noise.
    public let schedule: DiffusionSchedule
    /// μ, a number a column.
    public let mean: [Float]
    /// s, one for all columns.
    public let deviation: Double

    /// A scale.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a schedule that makes no sense, means that are not finite or a deviation that is not positive.
    public init(_ schedule: DiffusionSchedule, mean: [Float], deviation: Double) throws {
        try schedule.check()
        guard deviation > 0, deviation.isFinite, !mean.isEmpty, mean.allSatisfy(\.isFinite) else {
            throw GibbsError(.usage, "data of \(mean.count) columns with the deviation \(deviation)", advice: "give finite means and a positive deviation")
        }
        (self.schedule, self.mean, self.deviation) = (schedule, mean, deviation)
    }

    /// The scale of data: their means, and the root of their mean variance.
    ///
    /// - Throws: As `init(_:mean:deviation:)`; `.unsuitableData` for no row, missing values, or rows that are all the same.
    public init(_ schedule: DiffusionSchedule, data: Matrix) throws {
        guard data.rows > 0, data.isFinite else { throw GibbsError(.unsuitableData, "a diffusion needs rows, without missing values") }
        let columns = (0 ..< data.columns).map { data.column($0) }
        let variance = columns.reduce(0) { $0 + pow(Statistics.standardDeviation($1), 2) } / Double(data.columns)
        guard variance > 0 else { throw GibbsError(.unsuitableData, "\(data.rows) rows that are all the same", advice: "give rows that differ") }
        try self.init(schedule, mean: columns.map { Float(Statistics.mean($0)) }, deviation: variance.squareRoot())
    }

    /// p at t = 1.
    public var prior: DiffusionPrior {
        let level = schedule.level(at: 1), total = variance(level)
        return DiffusionPrior(mean: mean.map { Float(level.signal) * $0 }, deviation: Float(total.squareRoot()))
    }

    /// v / (α s)²: what brings the squared error of ε at a time to 1 where the network gives nothing.
    func lossWeight(_ level: DiffusionSchedule.Level) -> Double { variance(level) / pow(level.signal * deviation, 2) }

    func variance(_ level: DiffusionSchedule.Level) -> Double { level.signal * level.signal * deviation * deviation + level.noise * level.noise }

    /// Numbers of the rows of a batch, each of the shape `[n, 1, …]`.
    struct Rows {
        /// √v, σ, k, and α s / √v.
        let spread: Tensor, noise: Tensor, gain: Tensor, share: Tensor
        /// α μ, of the shape of the rows.
        let mean: Tensor
        /// λ = ln (σ/α).
        let ratios: [Double]
    }

    /// What rows at these times need, a time a row.
    func rows(_ times: [Double], like x: Tensor) throws -> Rows {
        let levels = times.map { schedule.level(at: $0) }, shape = [times.count] + Array(repeating: 1, count: x.shape.count - 1), spreads = levels.map { variance($0).squareRoot() }
        func tensor(_ values: [Double]) throws -> Tensor {
            let found = try Tensor(values, shape: shape).converted(to: x.element)
            return x.device == .processor ? found : try found.moved(to: x.device)
        }
        let means = try Tensor(mean, shape: [1] + x.shape.dropFirst()).converted(to: x.element)
        return try Rows(spread: tensor(spreads), noise: tensor(levels.map(\.noise)), gain: tensor(levels.map { deviation / $0.ratio }),
                        share: tensor(zip(levels, spreads).map { $0.signal * deviation / $1 }),
                        mean: tensor(levels.map(\.signal)) * (x.device == .processor ? means : means.moved(to: x.device)), ratios: levels.map { log($0.ratio) })
    }
}
