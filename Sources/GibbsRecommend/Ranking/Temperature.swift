import Foundation
import GibbsNumerics

/// How far a distribution over items spreads, and the temperature at which it spreads as far as is wanted.
public enum Temperature {
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

    /// τ at which p ∝ exp(−E/τ) has the entropy of `effective` equally likely items, by bisection on ln τ to six digits; the entropy rises with τ,
    /// dS/dτ = Var(E)/τ³.
    ///
    /// - Returns: 0 where as many or more items share the lowest energy, the largest temperature tried (10⁶ times the spread of energies) where there
    ///   are not as many items.
    public static func spreading(over effective: Double, energies: [Float]) -> Double {
        let finite = energies.filter { $0 < .infinity }
        guard let lowest = finite.min(), let highest = finite.max(), lowest < highest else { return 0 }
        if effectiveItems(finite, temperature: 0) >= effective { return 0 }
        let width = Double(highest) - Double(lowest)
        var low = log(width * 1e-6), high = log(width * 1e6)
        for _ in 0 ..< 60 {
            let middle = (low + high) / 2
            if effectiveItems(finite, temperature: exp(middle)) < effective { low = middle } else { high = middle }
        }
        return exp(high)
    }

    /// As `exploring`, of a share that was checked.
    static func exploringUnchecked(_ share: Double, energies: [Float]) -> Double {
        let count = energies.count { $0 < .infinity }
        return share == 0 || count == 0 ? 0 : spreading(over: pow(Double(count), share), energies: energies)
    }

    /// τ of the dial `--explore x`: the entropy is the share x of the largest, so that nˣ of n unseen items are effective. 0 is the best list, 1
    /// all items alike.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a share outside 0...1.
    public static func exploring(_ share: Double, energies: [Float]) throws -> Double {
        guard 0 ... 1 ~= share else { throw GibbsError(.usage, "an exploration of \(share)", advice: "give a share from 0 (the best list) to 1 (all items alike)") }
        return exploringUnchecked(share, energies: energies)
    }
}
