import Foundation
import GibbsCore
import GibbsNumerics

/// What a softmax's scores are worth on events that it was not fitted to: β and γ of
///
///     p(i | u) ∝ exp(β s_ui + γ l_i),   l_i = ln of the item's share of events
///
/// by maximum likelihood over held-out events, what else the person has turned to being left out of each sum. A fitted person's own items pulled at the
/// factors that score them, an item still to come did not: scores that fit the past best are therefore too timid or too bold about the future. The
/// likelihood is concave in both, and its maximum is found by Newton's method. A weak prior keeps them at 1 and 0 where events are few.
///
/// - Source: Platt, *Probabilistic Outputs for Support Vector Machines*, 1999, for the fit of few numbers to held-out scores; Guo, Pleiss, Sun, Weinberger, ICML 2017.
public struct SoftmaxCalibration: Sendable, Hashable, Codable {
    /// β, nats a unit of score.
    public var scale: Float = 1
    /// γ.
    public var popularity: Float = 0

    /// β = 1 and γ = 0.
    public init() {}

    /// The precision of the prior around 1 and 0.
    private static let precision = 10.0
    /// The most people whose held-out events are used.
    private static let peopleLimit = 4_000

    /// Fits both; what a model that was fitted to `people.histories` alone says of `held`, rows alike.
    ///
    /// - Complexity: Some six times people × items, at most 4,000 people; and the energies.
    package init(of model: DotProductRecommender, shares: [Float], for people: People, held: SparseRows) throws {
        let judged = Array((0 ..< held.rows).filter { !held.range($0).isEmpty }.prefix(Self.peopleLimit))
        let some = people.selecting(judged)
        var place = (scale: 1.0, popularity: 0.0), here = try Self.likelihood(place, model, shares, some, held, judged)
        for _ in 0 ..< 30 {
            let (g, h) = (here.gradient, here.curvature), determinant = h.0 * h.2 - h.1 * h.1
            guard determinant > 0 else { break }
            let step = ((h.2 * g.0 - h.1 * g.1) / determinant, (h.0 * g.1 - h.1 * g.0) / determinant)
            if g.0 * step.0 + g.1 * step.1 < 1e-6 { break }
            var length = 1.0
            while length > 1e-3 {
                let next = (place.scale + length * step.0, place.popularity + length * step.1)
                let found = next.0 > 0.05 ? try Self.likelihood(next, model, shares, some, held, judged) : nil
                if let found, found.value > here.value { (place, here) = (next, found); break }
                length /= 2
            }
            if length <= 1e-3 { break }
        }
        (scale, popularity) = (Float(place.scale), Float(place.popularity))
    }

    private typealias Likelihood = (value: Double, gradient: (Double, Double), curvature: (Double, Double, Double))

    /// Σ ln p less the prior, its gradient, and minus its second derivatives.
    private static func likelihood(_ at: (scale: Double, popularity: Double), _ model: DotProductRecommender, _ shares: [Float], _ people: People, _ held: SparseRows,
                                   _ judged: [Int]) throws -> Likelihood {
        let parts = try model.unseenEnergies(for: people) { energies, place -> Likelihood in
            let own = held.columns(of: judged[place]).map { (s: -Double(energies[Int($0)]), l: Double(shares[Int($0)])) }
            for item in held.columns(of: judged[place]) { energies[Int(item)] = .infinity }
            let rest = Moments(energies, shares, at)
            return own.reduce(into: (0, (0, 0), (0, 0, 0))) { sum, event in
                let all = rest.adding(event.s, event.l, at)
                sum.value += at.scale * event.s + at.popularity * event.l - all.logZ
                sum.gradient.0 += event.s - all.s
                sum.gradient.1 += event.l - all.l
                sum.curvature.0 += all.ss - all.s * all.s
                sum.curvature.1 += all.sl - all.s * all.l
                sum.curvature.2 += all.ll - all.l * all.l
            }
        }
        let (a, b) = (at.scale - 1, at.popularity)
        return parts.reduce(into: (-precision / 2 * (a * a + b * b), (-precision * a, -precision * b), (precision, 0, precision))) { sum, part in
            sum.value += part.value
            sum.gradient = (sum.gradient.0 + part.gradient.0, sum.gradient.1 + part.gradient.1)
            sum.curvature = (sum.curvature.0 + part.curvature.0, sum.curvature.1 + part.curvature.1, sum.curvature.2 + part.curvature.2)
        }
    }

    /// ln Z and the means of s, l, s², sl, l² under p.
    private struct Moments {
        var logZ = -Double.infinity, s = 0.0, l = 0.0, ss = 0.0, sl = 0.0, ll = 0.0

        init(_ energies: UnsafeMutableBufferPointer<Float>, _ shares: [Float], _ at: (scale: Double, popularity: Double)) {
            func exponent(_ item: Int) -> Double { -at.scale * Double(energies[item]) + at.popularity * Double(shares[item]) }
            let items = energies.indices.filter { energies[$0] < .infinity }
            guard let largest = items.lazy.map(exponent).max() else { return }
            var z = 0.0
            for item in items {
                let w = exp(exponent(item) - largest), score = -Double(energies[item]), share = Double(shares[item])
                z += w
                s += w * score
                l += w * share
                ss += w * score * score
                sl += w * score * share
                ll += w * share * share
            }
            (s, l, ss, sl, ll, logZ) = (s / z, l / z, ss / z, sl / z, ll / z, largest + log(z))
        }

        /// The same with one item more.
        func adding(_ score: Double, _ share: Double, _ at: (scale: Double, popularity: Double)) -> Moments {
            let own = at.scale * score + at.popularity * share, total = max(own, logZ) + log1p(exp(-abs(own - logZ))), p = exp(own - total), q = 1 - p
            var all = self
            all.logZ = total
            (all.s, all.l) = (q * s + p * score, q * l + p * share)
            (all.ss, all.sl, all.ll) = (q * ss + p * score * score, q * sl + p * score * share, q * ll + p * share * share)
            return all
        }
    }
}
