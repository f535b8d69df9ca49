import Foundation
import GibbsCore
import GibbsNumerics

/// How the divergence of a field is found on the way of a likelihood.
public enum DiffusionTrace: Sendable, Hashable {
    /// A derivative a column: for a few columns.
    case exact
    /// vᵀ J v for that many directions v of ±1, the same all the way: without bias in ln p.
    ///
    /// - Source: Hutchinson 1990; Grathwohl et al., *FFJORD*, ICLR 2019.
    case estimated(probes: Int = 1)
}

extension DiffusionField {
    /// ln p(x) of rows under the probability flow that ends in the prior at t = 1, nats; consumes `key`.
    ///
    ///     ln p(u₀) = ln p(u₁) + ∫ ∇·ε ds,   u = x/α,  s = σ/α,  du/ds = ε
    ///
    /// p is the density of the data blurred by the noise of t = 0, that is of what `.flow` draws, before it is denoised. It is normalised whatever the network, so likelihoods of
    /// all models compare. In a field of another power, ε/W stands for ε.
    ///
    /// - Parameters:
    ///   - rows: Shape `[n, features]`, in units of the data.
    ///   - steps: Steps of Heun's, the noise growing by one factor a step.
    ///   - trace: How the divergence is found.
    ///   - key: Feeds the directions of `.estimated`.
    ///   - progress: Told the share done; may throw to stop.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` for rows that do not fit, `.usage` for fewer than two steps or no direction.
    /// - Complexity: `2 · steps` times the field and the trace: a gradient of it for each direction or column.
    public func logLikelihoods(of rows: Matrix, steps: Int = 100, trace: DiffusionTrace = .estimated(), key: Key, progress: (Double) throws -> Void = { _ in }) throws -> [Double] {
        try checkField()
        try checkComplete(rows)
        if case .estimated(let probes) = trace, probes < 1 { throw GibbsError(.usage, "a trace by \(probes) directions", advice: "take at least one") }
        let times = try FlowTimes(schedule, steps: steps), firsts = Array(stride(from: 0, to: rows.rows, by: rowsAtOnce))
        return try firsts.enumerated().flatMap { chunk, first in
            try logLikelihoods(rows.slice(first ..< min(rows.rows, first + rowsAtOnce)), times, trace, key.folding(chunk)) { try progress((Double(chunk) + $0) / Double(firsts.count)) }
        }
    }

    private func logLikelihoods(_ rows: Matrix, _ times: FlowTimes, _ trace: DiffusionTrace, _ key: Key, progress: (Double) throws -> Void) throws -> [Double] {
        let probes = try self.probes(of: trace, rows.rows, key)
        // ε and its divergence, in u.
        func slope(_ u: Tensor, _ place: Int) throws -> (Tensor, [Double]) {
            let signal = times.levels[place].signal, x = try (signal * u).variable(), noise = try self.noise(in: x, at: times.times[place], differentiable: true) / power
            return (try noise.constant(), try divergence(of: noise, in: x, probes).map { signal * $0 })
        }
        var u = try tensor(rows), sums = [Double](repeating: 0, count: rows.rows), (noise, change) = try slope(u, 0)
        for place in 1 ..< times.times.count {
            let step = times.levels[place].ratio - times.levels[place - 1].ratio
            let (second, secondChange) = try slope(u + step * noise, place)
            u = try u + (0.5 * step) * (noise + second)
            for row in sums.indices { sums[row] += 0.5 * step * (change[row] + secondChange[row]) }
            if place < times.times.count - 1 { (noise, change) = try slope(u, place) }
            try progress(Double(place) / Double(times.times.count - 1))
        }
        let ends = try u.matrix(), signal = times.levels[times.levels.count - 1].signal, deviation = Double(prior.deviation)
        return sums.indices.map { row in
            let squares = zip(ends.row(row), prior.mean).reduce(0.0) { $0 + pow((signal * Double($1.0) - Double($1.1)) / deviation, 2) }
            return sums[row] - 0.5 * squares + Double(features) * (log(signal) - log(deviation) - 0.5 * log(2 * Double.pi))
        }
    }

    /// Directions to take the trace along, each of the shape of the rows, and the weight of what each sees.
    private func probes(of trace: DiffusionTrace, _ count: Int, _ key: Key) throws -> (directions: [Tensor], weight: Double) {
        switch trace {
        case .exact:
            return try ((0 ..< features).map { column in
                try tensor(Matrix(rows: count, columns: features, values: (0 ..< count * features).map { $0 % features == column ? 1 : 0 }))
            }, 1)
        case .estimated(let probes):
            return try ((0 ..< probes).map { probe in
                try tensor(Matrix(rows: count, columns: features, values: key.folding(probe).uniforms(count * features).map { $0 < 0.5 ? -1 : 1 }))
            }, 1 / Double(probes))
        }
    }

    /// Σ vᵀ J v over the directions, weighted: a number a row.
    private func divergence(of noise: Tensor, in x: Tensor, _ probes: (directions: [Tensor], weight: Double)) throws -> [Double] {
        var total = [Double](repeating: 0, count: x.shape[0])
        for probe in probes.directions {
            let found = try ((noise * probe).sum().gradients(of: [x], differentiable: true)[0] * probe).rowSums().doubles()
            for row in total.indices { total[row] += probes.weight * found[row] }
        }
        return total
    }

    /// Bits a number of a row, of ln p of values that are spread evenly over so many levels of a range: the figure of the literature on images.
    ///
    ///     −(ln p / features − ln (levels / range)) / ln 2
    ///
    /// Rows must have been given uniform noise of the width of a level before their likelihood was taken. Where the noise of t = 0 is wider than a level no value costs nothing: with
    /// 256 levels of −1...1 and `.cosine`, whose noise is two levels wide, a value that never varies still costs 2.35 bits.
    ///
    /// - Source: Theis, van den Oord & Bethge, *A Note on the Evaluation of Generative Models*, ICLR 2016, section 3.1.
    public func bitsPerDimension(_ logLikelihood: Double, levels: Int = 256, range: Double = 2) -> Double {
        (log(Double(levels) / range) - logLikelihood / Double(features)) / log(2)
    }
}

/// Times from 0 to 1 at which σ/α grows by one factor from step to step.
private struct FlowTimes {
    let times: [Double], levels: [DiffusionSchedule.Level]

    init(_ schedule: DiffusionSchedule, steps: Int) throws {
        _ = try schedule.times(steps: steps)
        let (low, high) = (log(schedule.level(at: 0).ratio), log(schedule.level(at: 1).ratio))
        times = (0 ... steps).map { step in
            step == 0 || step == steps ? Double(step / steps) : schedule.time(ratio: exp(low + (high - low) * Double(step) / Double(steps)))
        }
        levels = times.map { schedule.level(at: $0) }
    }
}
