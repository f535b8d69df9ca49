import Foundation
import GibbsCore

// The score above which an entity alerts.

extension Calibration {
    /// The score that a share of normal entity-days exceeds, where that share is so small that few of the calibration's days tell it: read off a tail of
    /// Pareto's form, fitted to the highest hundredth of them.
    ///
    ///     θ(α) = x₍ₘ₊₁₎ (m / α(n + 1))^γ,   γ = 1/m Σ_{i≤m} ln x₍ᵢ₎ / x₍ₘ₊₁₎,   m = ⌊n / 100⌋,   x₍₁₎ ≥ x₍₂₎ ≥ … the highest news of n entity-days
    ///
    /// Scores of normal days have a long tail (a client that tries an old password all night): of fits on other fortnights of one company the fifth highest
    /// day of a week lies anywhere between 20 and 90 nats, and with it the number of false alarms and of attacks missed. The hundredth of the days says
    /// together where the rare ones are. So that a tail of another form does no harm, θ stays between those order statistics with which a rate of α agrees:
    ///
    ///     x₍ⱼ₎ for j from the 2.5 % to the 97.5 % quantile of Poisson(α(n + 1)), m / 4 at most
    ///
    /// Where α(n + 1) is above m / 4, or the tail holds a score of zero, it is the order statistic of `threshold(falseAlarmRate:)`; promises and p-values of
    /// days are by order alone.
    ///
    /// - Parameter rate: α.
    /// - Returns: Nats; the rarer, the higher. `+infinity` when there are too few days for the rate.
    /// - Complexity: n / 100 logarithms.
    /// - Source: Hill, *A simple general approach to inference about the tail of a distribution*, Annals of Statistics 1975; the quantile: Weissman,
    ///   *Estimation of parameters and large quantiles based on the k largest observations*, JASA 1978. The bounds are this project's own.
    public func tailThreshold(falseAlarmRate rate: Double) -> Float {
        let days = energies.count, m = days / 100, expected = rate * Double(days + 1), plain = threshold(falseAlarmRate: rate)
        guard plain < .infinity, 4 * expected <= Double(m), energies[days - m - 1] > 0, energies[days - 1] < .infinity else { return plain }
        let base = Double(energies[days - m - 1]), gamma = energies.suffix(m).reduce(0) { $0 + log(Double($1) / base) } / Double(m)
        let fitted = base * pow(Double(m) / expected, gamma), places = Self.places(expected, of: days)
        return min(max(Float(fitted), energies[days - min(places.upperBound, m / 4)]), energies[days - places.lowerBound])
    }

    /// The same at this calibration's own rate: what an alert of a stream takes.
    public var tailThreshold: Float { tailThreshold(falseAlarmRate: falseAlarmRate) }

    /// How many of the days may lie at or above the score of which `expected` do so in the mean, from 1 on: the middle 95 % of Poisson's distribution.
    private static func places(_ expected: Double, of days: Int) -> ClosedRange<Int> {
        // Beyond it the Gaussian is as good, and the sum's terms would vanish.
        if expected > 500 {
            let spread = 1.96 * expected.squareRoot()
            return Int(expected - spread) ... min(days, Int(expected + spread))
        }
        var term = exp(-expected), below = 0.0, least = 0, most = 0
        // P(N < k) grows with k: `least` is the first k with P(N ≤ k) > 2.5 %, `most` the last one with P(N ≥ k) > 2.5 %.
        for k in 0 ... days where below < 0.975 {
            if below + term <= 0.025 { least = k + 1 }
            most = k
            below += term
            term *= expected / Double(k + 1)
        }
        return max(1, least) ... max(1, least, most)
    }
}
