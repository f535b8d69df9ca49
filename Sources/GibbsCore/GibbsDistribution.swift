import Foundation
import GibbsNumerics

/// The Gibbs distribution over a finite list of choices: pᵢ = exp(−Eᵢ/T) / Z, with Z = Σ exp(−Eᵢ/T) summed exactly.
///
/// Categories, the next event of a sequence, a rating's stars, the items of a recommender and the weights of attention are
/// all this distribution. An energy of `+infinity` forbids a choice.
///
/// - Source: MacKay, *Information Theory, Inference, and Learning Algorithms*, chapter 31.
public struct GibbsDistribution: Sendable, Hashable {
    /// Eᵢ in nats at T = 1.
    public let energies: [Float]
    /// T, dimensionless and positive.
    public let temperature: Float
    /// pᵢ, summing to one.
    public let probabilities: [Float]
    /// ln Z(T).
    public let logPartition: Float
    /// ln Z(T) in full, for differences of large E/T.
    private let exactLogPartition: Double

    /// The distribution of these energies at a temperature. Cost: two passes.
    ///
    /// Traps when there is no choice with finite energy, an energy is `nan` or −∞, or the temperature is not positive:
    /// such lists are a caller's bug, not data.
    public init(energies: [Float], temperature: Float = 1) {
        precondition(temperature > 0 && temperature.isFinite, "temperature \(temperature) is not positive")
        precondition(energies.contains { $0 < .infinity }, "no choice has a finite energy")
        precondition(energies.allSatisfy { $0 > -.infinity }, "an energy is nan or -infinity")
        self.energies = energies
        self.temperature = temperature
        let scaled = energies.map { -Double($0) / Double(temperature) }
        let logZ = logSumExp(scaled)
        logPartition = Float(logZ)
        exactLogPartition = logZ
        probabilities = scaled.map { Float(exp($0 - logZ)) }
    }

    /// F = −T ln Z, nats.
    public var freeEnergy: Float { -temperature * logPartition }

    /// ⟨E⟩ = Σ pᵢ Eᵢ, nats.
    public var meanEnergy: Float { Float(expectation { $0 }) }

    /// S = −Σ pᵢ ln pᵢ, nats; between 0 and ln of the number of choices.
    public var entropy: Float {
        Float(probabilities.reduce(0.0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 })
    }

    /// C = d⟨E⟩/dT = (⟨E²⟩ − ⟨E⟩²) / T², dimensionless: how strongly the distribution answers to temperature.
    public var heatCapacity: Float {
        let mean = expectation { $0 }
        return Float(expectation { ($0 - mean) * ($0 - mean) } / Double(temperature) / Double(temperature))
    }

    /// −ln pᵢ of one choice, nats; `+infinity` for a forbidden one. Traps on an index outside the list.
    public func surprise(of choice: Int) -> Float {
        Float(Double(energies[choice]) / Double(temperature) + exactLogPartition)
    }

    /// Sums f(Eᵢ) pᵢ over the choices with p > 0, so that a forbidden choice adds nothing.
    private func expectation(_ f: (Double) -> Double) -> Double {
        var sum = 0.0
        for (energy, p) in zip(energies, probabilities) where p > 0 { sum += Double(p) * f(Double(energy)) }
        return sum
    }
}

// MARK: - Draws

extension GibbsDistribution {
    /// `count` choices with replacement, by inverting the cumulative sums; consumes `key`. Cost: n once, then log n a draw.
    ///
    /// The first draws of a longer list are those of a shorter one.
    public func sample(count: Int, key: Key) -> [Int] {
        var cumulative = [Double](), total = 0.0
        cumulative.reserveCapacity(probabilities.count)
        for p in probabilities { total += Double(p); cumulative.append(total) }
        let last = probabilities.lastIndex { $0 > 0 }!
        return (0 ..< count).map { draw in
            let mark = key.folding(draw).uniform() * total
            var low = 0, high = last
            while low < high {
                let middle = (low + high) / 2
                if mark < cumulative[middle] { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// `k` distinct choices, in the order of successive draws without replacement (Gumbel top-k): the k largest of
    /// −Eᵢ/T + Gᵢ with independent standard Gumbel Gᵢ. Consumes `key`. Cost: n log n.
    ///
    /// Returns fewer when fewer than `k` choices have finite energy; that is no error.
    /// - Source: Kool, van Hoof, Welling, *Stochastic Beams and Where to Find Them*, ICML 2019, section 2.3.
    public func draw(_ k: Int, key: Key) -> [Int] {
        var generator = KeyedGenerator(key: key)
        var perturbed = [(score: Double, choice: Int)]()
        for (choice, energy) in energies.enumerated() {
            let u = (Double(generator.next() >> 11) + 0.5) * 0x1p-53
            if energy < .infinity { perturbed.append((-Double(energy) / Double(temperature) - log(-log(u)), choice)) }
        }
        perturbed.sort { $0.score != $1.score ? $0.score > $1.score : $0.choice < $1.choice }
        return perturbed.prefix(max(0, k)).map(\.choice)
    }
}
