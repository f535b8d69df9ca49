import Foundation

/// Pearson's test that counts come from given probabilities.
public enum ChiSquare {
    /// Below this probability a deviation counts as a failure. Far under the one false alarm in a million that is wanted,
    /// because with few expected counts the statistic's tail is heavier than its limit's.
    public static let significance = 1e-9

    /// P(X > x) for a chi-square variable: the regularised upper incomplete gamma function Q(k/2, x/2).
    ///
    /// - Source: Abramowitz & Stegun 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method).
    public static func survival(_ x: Double, degrees: Int) -> Double {
        let a = Double(degrees) / 2, x = x / 2
        if x <= 0 || degrees == 0 { return 1 }
        let front = exp(a * log(x) - x - lgamma(a))
        if x < a + 1 {
            var term = 1 / a, sum = term, n = a
            while term > sum * 1e-16 { n += 1; term *= x / n; sum += term }
            return max(0, 1 - front * sum)
        }
        var b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d
        for i in 1 ..< 10_000 {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = 1 / (an * d + b)
            c = b + an / c
            fraction *= c * d
            if abs(c * d - 1) < 1e-15 { break }
        }
        return front * fraction
    }

    /// The probability that independent draws deviate from their expectation at least this much.
    ///
    /// States with fewer than 20 expected draws are pooled into one. A draw of a state of probability zero gives 0.
    public static func probability(of counts: [Int], under probabilities: [Double]) -> Double {
        let draws = Double(counts.reduce(0, +)), total = probabilities.reduce(0, +)
        var statistic = 0.0, cells = 0, rareExpected = 0.0, rareCount = 0.0
        for (count, p) in zip(counts, probabilities) {
            let expected = draws * p / total
            if p <= 0 && count > 0 { return 0 }
            if expected < 20 {
                rareExpected += expected
                rareCount += Double(count)
            } else {
                statistic += (Double(count) - expected) * (Double(count) - expected) / expected
                cells += 1
            }
        }
        if rareExpected >= 5 {
            statistic += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected
            cells += 1
        } else if rareCount > rareExpected + 12 * max(rareExpected, 4).squareRoot() {
            return 0
        }
        return cells > 1 ? survival(statistic, degrees: cells - 1) : 1
    }

    /// A failure when counts cannot come from these probabilities, else none.
    public static func check(_ counts: [Int], against probabilities: [Double], name: String) -> [CheckFailure] {
        let p = probability(of: counts, under: probabilities)
        // In nats of surprise, −ln p: 20.7 at the significance.
        if isWithin(-log(p), limit: -log(significance)) { return [] }
        let total = probabilities.reduce(0, +), draws = Double(max(1, counts.reduce(0, +)))
        let worst = zip(counts, probabilities).enumerated().max {
            abs(Double($0.element.0) / draws - $0.element.1 / total) < abs(Double($1.element.0) / draws - $1.element.1 / total)
        }!
        return [CheckFailure(name, "\(Int(draws)) draws deviate from the exact distribution (probability \(p)); state \(worst.offset) has "
            + "frequency \(Double(worst.element.0) / draws) where \(worst.element.1 / total) is exact")]
    }
}
