import Foundation
import GibbsCore
import GibbsNumerics

/// What a model's scores s = −E are worth on events that it was not fitted to: β and γ of
///
///     p(i | u) ∝ exp(β s_ui + γ l_i),   l_i = ln of the item's share of events, or 0
///
/// by maximum likelihood over held-out events, what else the person has turned to being left out of each sum. A fitted person's own items pulled at the
/// factors that score them, an item still to come did not: scores that fit the past best are therefore too timid or too bold about the future. The
/// likelihood is concave in both, and its maximum is found by Newton's method. A normal prior around 1 and 0 decides where events are few.
///
/// - Source: Platt, *Probabilistic Outputs for Support Vector Machines*, 1999, for the fit of few numbers to held-out scores; Guo, Pleiss, Sun, Weinberger, ICML 2017.
package struct ScoreScale: Sendable, Hashable {
    /// β, nats a unit of score.
    package var scale: Float = 1
    /// γ.
    package var popularity: Float = 0

    /// β = 1 and γ = 0.
    package init() {}

    /// The most people whose held-out events are used.
    private static let peopleLimit = 4_000
    /// The most energies that are kept, over which fewer people are used.
    private static let energyLimit = 100_000_000

    /// Fits both.
    ///
    /// - Parameters:
    ///   - model: Fitted to `people.histories` alone.
    ///   - shares: l of every item; zeros leave γ at 0.
    ///   - held: The events that it was not fitted to, rows as people.
    ///   - precision: Of the prior of β; 10, as that of γ, for scores in nats, next to nothing for scores of any unit.
    /// - Complexity: Some six times people × items, at most 4,000 people and 10⁸ energies, chosen at random where there are more.
    package init(of model: some ItemModel, shares: [Float], for people: People, held: SparseRows, precision: Double = 10) throws {
        let all = (0 ..< held.rows).filter { !held.range($0).isEmpty }, most = min(Self.peopleLimit, max(100, Self.energyLimit / max(1, held.columns)))
        let judged = Key(UInt64(all.count)).permutation(all.count).prefix(most).map { all[$0] }.sorted(), some = people.selecting(judged)
        let unseen = try model.choices(for: some) { choices, _ in choices }
        var place = (scale: 1.0, popularity: 0.0), here = Self.likelihood(place, unseen, shares, held, judged, precision)
        for _ in 0 ..< 30 {
            let (g, h) = (here.gradient, here.curvature), determinant = h.0 * h.2 - h.1 * h.1
            guard determinant > 0 else { break }
            let step = ((h.2 * g.0 - h.1 * g.1) / determinant, (h.0 * g.1 - h.1 * g.0) / determinant)
            if g.0 * step.0 + g.1 * step.1 < 1e-6 { break }
            var length = 1.0
            while length > 1e-3 {
                let next = (place.scale + length * step.0, place.popularity + length * step.1)
                let found: Likelihood? = next.0 > 1e-3 ? Self.likelihood(next, unseen, shares, held, judged, precision) : nil
                if let found, found.value > here.value { (place, here) = (next, found); break }
                length /= 2
            }
            if length <= 1e-3 { break }
        }
        (scale, popularity) = (Float(place.scale), Float(place.popularity))
    }

    /// Fits both to `count` events of these histories, drawn at random, by a model that `fitted` learns from the others; consumes `key`.
    static func holding(_ count: Int, of histories: SparseRows, precision: Double = 10, key: Key, fitted: (SparseRows) throws -> DotProductRecommender) throws -> ScoreScale {
        let (rest, held) = histories.holding(count, key: key), people = People(histories: rest, fitted: (0 ..< rest.rows).map { $0 })
        return try ScoreScale(of: fitted(rest), shares: Popularity(histories: rest).energies.map { -$0 }, for: people, held: held, precision: precision)
    }

    /// The model with its scores at their worth; `histories` tell the shares of its items.
    func applied(to model: DotProductRecommender, histories: SparseRows) -> DotProductRecommender {
        model.scaled(to: scale, itemOffsets: Popularity(histories: histories).energies.map { -popularity * $0 })
    }

    private typealias Likelihood = (value: Double, gradient: (Double, Double), curvature: (Double, Double, Double))

    /// Σ ln p less the prior, its gradient, and minus its second derivatives.
    private static func likelihood(_ at: (scale: Double, popularity: Double), _ unseen: [ItemChoices], _ shares: [Float], _ held: SparseRows, _ judged: [Int],
                                   _ precision: Double) -> Likelihood {
        let parts = parallelMap(unseen.count) { place -> Likelihood in
            let choices = unseen[place]
            let own = held.columns(of: judged[place]).map { (s: -Double(choices.energies[Int($0)]), l: Double(shares[Int($0)])) }
            var others = choices
            others.exclude(held.columns(of: judged[place]).lazy.map(Int.init))
            let rest = Moments(others.energies, shares, at)
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
        let (a, b) = (at.scale - 1, at.popularity), own = 10.0
        return parts.reduce(into: (-precision / 2 * a * a - own / 2 * b * b, (-precision * a, -own * b), (precision, 0, own))) { sum, part in
            sum.value += part.value
            sum.gradient = (sum.gradient.0 + part.gradient.0, sum.gradient.1 + part.gradient.1)
            sum.curvature = (sum.curvature.0 + part.curvature.0, sum.curvature.1 + part.curvature.1, sum.curvature.2 + part.curvature.2)
        }
    }

    /// ln Z and the means of s, l, s², sl, l² under p.
    private struct Moments {
        var logZ = -Double.infinity, s = 0.0, l = 0.0, ss = 0.0, sl = 0.0, ll = 0.0

        init(_ energies: [Float], _ shares: [Float], _ at: (scale: Double, popularity: Double)) {
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
