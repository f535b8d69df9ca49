import Foundation
import GibbsNumerics

/// How data become noise over a time t from 0, almost data, to 1, almost noise: x_t = α(t) x + σ(t) ξ with ξ ~ N(0, 1).
///
/// At t = 0 a little noise is left, so that the density has a slope everywhere; at t = 1 a little of the data, so that nothing is divided by zero.
public enum DiffusionSchedule: Sendable, Hashable, Codable {
    /// Variance preserving, α² + σ² = 1: α = cos(π/2 (0.01 + 0.98 t)).
    ///
    /// - Source: Nichol & Dhariwal, *Improved Denoising Diffusion Probabilistic Models*, ICML 2021, section 3.2; the ends are ours.
    case cosine
    /// Variance preserving, with a rate of noise β that rises linearly: α² = exp(−∫₀ᵗ β), β(t) = from + (to − from) t.
    ///
    /// - Source: Ho, Jain & Abbeel, *Denoising Diffusion Probabilistic Models*, NeurIPS 2020; Song et al., *Score-Based Generative Modeling through
    ///   Stochastic Differential Equations*, ICLR 2021, appendix B, for the times.
    case linear(from: Double = 0.1, to: Double = 20)
    /// Variance exploding: α = 1, σ = from · (to/from)ᵗ, in units of the columns.
    ///
    /// - Source: Song et al. 2021, appendix B.
    case exploding(from: Double = 0.02, to: Double = 20)

    /// How much of the data and of the noise there is.
    public struct Level: Sendable, Hashable {
        /// α.
        public let signal: Double
        /// σ.
        public let noise: Double
        /// s = σ/α: the deviation of the noise in units of the data, by which paths are walked.
        public var ratio: Double { noise / signal }
    }

    /// α and σ at a time. Traps for a time outside 0...1.
    public func level(at time: Double) -> Level {
        precondition((0 ... 1).contains(time), "the time \(time) is not from 0 to 1")
        switch self {
        case .cosine:
            let angle = Double.pi / 2 * (0.01 + 0.98 * time)
            return Level(signal: cos(angle), noise: sin(angle))
        case .linear(let from, let to):
            let t = 0.001 + 0.999 * time, sum = from * t + (to - from) * t * t / 2
            return Level(signal: exp(-sum / 2), noise: (-expm1(-sum)).squareRoot())
        case .exploding(let from, let to): return Level(signal: 1, noise: from * pow(to / from, time))
        }
    }

    /// The time at which σ/α is so much; the nearest where there is none.
    func time(ratio: Double) -> Double {
        // It rises with time: halve.
        var (below, above) = (0.0, 1.0)
        for _ in 0 ..< 60 {
            let middle = (below + above) / 2
            if level(at: middle).ratio < ratio { below = middle } else { above = middle }
        }
        return (below + above) / 2
    }

    /// - Throws: `GibbsError` with code `.usage` for rates or deviations that are no numbers, not positive or not rising, and for noise that
    ///   drowns the data by more than a factor of 10⁶.
    public func check() throws {
        let (ends, what): ([Double], String) = switch self {
        case .cosine: ([0, 1], "")
        case .linear(let from, let to): ([from, to], "rates of noise")
        case .exploding(let from, let to): ([from, to], "deviations of noise")
        }
        guard ends.allSatisfy(\.isFinite), self == .cosine || ends[0] > 0, ends[0] < ends[1] else {
            throw GibbsError(.usage, "a schedule with \(what) from \(ends[0]) to \(ends[1])", advice: "give two positive numbers, the smaller first")
        }
        guard level(at: 1).ratio <= 1e6, level(at: 0).ratio >= 1e-6 else {
            throw GibbsError(.usage, "a schedule whose noise goes from \(level(at: 0).ratio) to \(level(at: 1).ratio) times the data", advice: "keep within 1e-6 and 1e6")
        }
    }

    /// Times of so many steps from 1 down to 0, evenly spaced: one more than steps.
    ///
    /// - Throws: `GibbsError` with code `.usage` for fewer than two steps, which see the noise and the data and nothing between.
    public func times(steps: Int) throws -> [Double] {
        guard (2 ... 1_000_000).contains(steps) else { throw GibbsError(.usage, "a schedule of \(steps) step\(steps == 1 ? "" : "s")", advice: "take from 2 to 1,000,000") }
        return (0 ... steps).map { 1 - Double($0) / Double(steps) }
    }
}
