import Foundation
import GibbsCore
import GibbsNumerics

/// Some rows on their way from noise to data.
///
/// Paths are straight in u = x/α over s = σ/α: du/ds = ε, whatever the schedule. In a field of the power W it is ε/W, and what is drawn anew has the deviation 1/√W of
/// a diffusion's: rows that are N(0, s²/W) wide stay so as s falls.
struct DiffusionWalker {
    let sampler: DiffusionSampler, field: any DiffusionField, times: [Double], known: Matrix?, key: Key
    private(set) var reports = [DiffusionDraws.Report]()
    /// Of corrections, in units of σ.
    private var stepSize = 0.5

    init(sampler: DiffusionSampler, field: any DiffusionField, times: [Double], known: Matrix?, key: Key) {
        (self.sampler, self.field, self.times, self.known, self.key) = (sampler, field, times, known, key)
        stepSize /= field.power.squareRoot()
    }

    /// Rows in units of the data.
    mutating func walk(from begin: Matrix, progress: (Double) throws -> Void) throws -> Matrix {
        var x = begin
        for step in 1 ..< times.count {
            let own = key.folding(step), (from, to) = (times[step - 1], times[step])
            hold(&x, at: from, key: own.folding(0))
            x = try moved(x, from: from, to: to, key: own.folding(1))
            hold(&x, at: to, key: own.folding(2))
            if sampler.correction != .none { x = try corrected(x, at: to, key: own.folding(3)) }
            try progress(Double(step) / Double(times.count))
        }
        let last = field.schedule.level(at: times[times.count - 1])
        var rows = sampler.denoises ? try field.tensor(x).minus(last.noise, step(in: field.tensor(x), at: times[times.count - 1])).matrix() : x
        for index in rows.values.indices { rows.values[index] /= Float(last.signal) }
        if let known { for (index, value) in known.values.enumerated() where !value.isNaN { rows.values[index] = value } }
        try progress(1)
        return rows
    }

    /// ε/W: along which paths go.
    private func step(in x: Tensor, at time: Double) throws -> Tensor {
        let noise = try field.noise(in: x, at: time, differentiable: false)
        return field.power == 1 ? noise : try noise / field.power
    }

    /// From one time to the next.
    private func moved(_ x: Matrix, from: Double, to: Double, key: Key) throws -> Matrix {
        let (a, b) = (field.schedule.level(at: from), field.schedule.level(at: to)), start = try field.tensor(x)
        let noise = try step(in: start, at: from), u = try start / a.signal
        switch sampler.path {
        case .ddim: return try (b.signal * u.minus(a.ratio - b.ratio, noise)).matrix()
        case .flow:
            let there = try b.signal * u.minus(a.ratio - b.ratio, noise), second = try step(in: there, at: to)
            return try (b.signal * u.minus(0.5 * (a.ratio - b.ratio), noise + second)).matrix()
        case .ancestral:
            // q(u′ | u, u₀) with u₀ = u − s ε: the noise falls to s′²/s, and to s′ again by what is added.
            let down = b.ratio * b.ratio / a.ratio, up = b.ratio * (1 - b.ratio * b.ratio / (a.ratio * a.ratio)).squareRoot()
            let fresh = try Tensor(normal: key, shape: start.shape, on: field.device)
            return try (b.signal * (u.minus(a.ratio - down, noise) + (up / field.power.squareRoot()) * fresh)).matrix()
        }
    }

    /// Puts back what is known, with a time's noise.
    private func hold(_ x: inout Matrix, at time: Double, key: Key) {
        guard let known else { return }
        let level = field.schedule.level(at: time), noise = key.normals(x.values.count), deviation = Float(level.noise / field.power.squareRoot())
        for (index, value) in known.values.enumerated() where !value.isNaN { x.values[index] = Float(level.signal) * value + deviation * noise[index] }
    }

    /// Steps of a chain at one time.
    private mutating func corrected(_ x: Matrix, at time: Double, key: Key) throws -> Matrix {
        switch sampler.correction {
        case .none: return x
        case .langevin(let steps, let ratio):
            let noise = field.schedule.level(at: time).noise, ratio = ratio / field.power.squareRoot()
            var next = x
            for step in 0 ..< steps {
                let own = key.folding(step), rows = try field.tensor(next), slope = try field.noise(in: rows, at: time, differentiable: false)
                next = try (rows.minus(ratio * ratio * noise, slope) + (2.0.squareRoot() * ratio * noise) * Tensor(normal: own, shape: rows.shape, on: field.device)).matrix()
                hold(&next, at: time, key: own.folding(0))
            }
            reports.append(.init(time: time, acceptance: nil, stepSize: 2.0.squareRoot() * ratio, diverged: 0))
            return next
        case .metropolis(let steps, let leapfrogs):
            guard let landscape = field as? any DiffusionLandscape else { preconditionFailure("acceptance without an energy") }
            return try accepted(x, on: landscape, at: time, steps, leapfrogs, key: key)
        }
    }

    private mutating func accepted(_ x: Matrix, on landscape: some DiffusionLandscape, at time: Double, _ steps: Int, _ leapfrogs: Int, key: Key) throws -> Matrix {
        let noise = landscape.schedule.level(at: time).noise
        let kernel = HamiltonianMonteCarlo(on: landscape.at(time), stepSize: Float(stepSize * noise), leapfrogSteps: leapfrogs, jitter: leapfrogs == 1 ? 0 : 0.2)
        var state = try kernel.start(at: x), acceptance = 0.0, diverged = 0
        for step in 0 ..< steps {
            let own = key.folding(step), (next, report) = try kernel.step(state, key: own)
            acceptance += (report.acceptance ?? 0) / Double(steps)
            diverged += report.diverged.count
            state = next
            if known != nil {
                var rows = state.positions
                hold(&rows, at: time, key: own.folding(0))
                state = try kernel.start(at: rows)
            }
        }
        reports.append(.init(time: time, acceptance: acceptance, stepSize: stepSize, diverged: diverged))
        // For the next time: towards what mixes best, and never in leaps.
        stepSize *= exp(min(max(acceptance - kernel.targetAcceptance, -0.5), 0.5))
        return state.positions
    }
}

extension Tensor {
    /// x − a y.
    fileprivate func minus(_ factor: Double, _ other: Tensor) throws -> Tensor { try self - factor * other }
}
