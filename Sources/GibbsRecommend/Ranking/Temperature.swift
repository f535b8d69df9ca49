import Foundation
import GibbsNumerics

/// How far a distribution over items spreads, and the temperature at which it spreads as far as is wanted.
public enum Temperature {
    /// Refuses what is no temperature: 0, for the best items alone, and numbers that single precision can hold are.
    ///
    /// - Throws: `GibbsError` with code `.usage`.
    public static func check(_ temperature: Double) throws {
        guard temperature == 0 || temperature > 0 && Float(temperature) > 0 && Float(temperature).isFinite else {
            throw GibbsError(.usage, "a temperature of \(temperature)", advice: "give 0 for the best items, 1 for the model's own probabilities, or more to explore")
        }
    }

    /// As `check(_:)`, where 0 gives no probabilities.
    static func checkPositive(_ temperature: Double) throws {
        try check(temperature)
        guard temperature > 0 else { throw GibbsError(.usage, "a temperature of 0", advice: "give one above 0, such as 1, the model's own") }
    }

    /// exp of the entropy of p ∝ exp(−E/τ): how many equally likely items would be as uncertain. Items of energy +∞ have no part. At τ = 0, the number of
    /// items that share the lowest energy; 0 without any item.
    ///
    /// - Complexity: One pass.
    public static func effectiveItems(_ energies: some Collection<Float>, temperature: Double) -> Double {
        let finite = energies.lazy.filter { $0 < .infinity }
        guard let lowest = finite.min().map(Double.init) else { return 0 }
        if temperature <= 0 { return Double(finite.count { Double($0) == lowest }) }
        var z = 0.0, mean = 0.0
        for energy in finite {
            let x = (Double(energy) - lowest) / temperature, p = exp(-x)
            z += p
            mean += p * x
        }
        return exp(log(z) + (z > 0 ? mean / z : 0))
    }

    /// τ at which p ∝ exp(−E/τ) has the entropy of `effective` equally likely items, by bisection on ln τ to six digits, within what single precision holds; the entropy rises with τ,
    /// dS/dτ = Var(E)/τ³.
    ///
    /// - Returns: The lowest temperature tried (10⁻⁶ of the spread of energies) where as many or more items share the lowest energy, so that a draw is among them; the
    ///   largest (10⁶ times) where there are not as many items; 1 where all energies are equal, as any temperature does.
    public static func spreading(over effective: Double, energies: [Float]) -> Double {
        let finite = energies.filter { $0 < .infinity }
        guard let lowest = finite.min(), let highest = finite.max(), lowest < highest else { return 1 }
        let width = Double(highest) - Double(lowest)
        var low = log(width * 1e-6), high = log(width * 1e6)
        for _ in 0 ..< 60 {
            let middle = (low + high) / 2
            if effectiveItems(finite, temperature: exp(middle)) < effective { low = middle } else { high = middle }
        }
        return min(max(exp(high), 1e-37), 1e37)
    }

    /// τ of the dial `--explore x`, x from 0 to 1: the entropy is the share x of the largest, so that nˣ of n unseen items are effective. 0 is the best list, 1
    /// all items alike.
    static func exploring(_ share: Double, energies: [Float]) -> Double {
        let count = energies.count { $0 < .infinity }
        return share == 0 || count == 0 ? 0 : spreading(over: pow(Double(count), share), energies: energies)
    }
}
