import Foundation
import GibbsNumerics

/// The random variables that the simulators are made of, read from the stream of one key.
///
/// A record has a stream of its own, so how many numbers one record takes has no say in the next one's.
struct Draws {
    private var generator: KeyedGenerator

    init(key: Key) { generator = KeyedGenerator(key: key) }

    /// Uniform in [0, 1), 53 random bits.
    mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

    /// True with that probability.
    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// A whole number below `bound`, all equally likely; the bias of the product method is below bound / 2⁵³.
    mutating func index(below bound: Int) -> Int { Int(uniform() * Double(bound)) }

    mutating func index(in range: Range<Int>) -> Int { range.lowerBound + index(below: range.count) }

    /// Exponential with mean one.
    mutating func exponential() -> Double { -log(1 - uniform()) }

    /// Standard normal (Box–Muller, one of the pair).
    mutating func normal() -> Double {
        (2 * exponential()).squareRoot() * cos(2 * .pi * uniform())
    }

    /// Log-normal: median · exp(spread · z).
    mutating func logNormal(median: Double, spread: Double) -> Double { median * exp(spread * normal()) }

    /// Pareto with least value one and tail index `shape`, cut at `limit` so that one row cannot be absurd.
    mutating func pareto(shape: Double, limit: Double) -> Double { min(limit, pow(1 - uniform(), -1 / shape)) }

    /// Number of trials up to the first success, 1, 2, …; its mean is 1 / success.
    mutating func geometric(success: Double) -> Int { 1 + Int(exponential() / -log(1 - success)) }

    /// Log-uniform: every factor of two of the range is as likely as another.
    mutating func logUniform(_ least: Double, _ most: Double) -> Double { least * pow(most / least, uniform()) }

    /// Poisson, by counting exponential gaps; cost grows with the mean.
    mutating func poisson(mean: Double) -> Int {
        var count = 0, left = mean - exponential()
        while left > 0 { (count, left) = (count + 1, left - exponential()) }
        return count
    }

    /// Zipf-like: 0 ..< count with P(i) ≈ 1 / ((i + 1) ln count).
    mutating func popular(below count: Int) -> Int { min(count - 1, Int(exp(uniform() * log(Double(count)))) - 1) }

    mutating func pick<Value>(_ choice: Choice<Value>) -> Value {
        let target = uniform() * choice.total
        for (index, edge) in choice.edges.enumerated() where target < edge { return choice.values[index] }
        return choice.values[choice.values.count - 1]
    }
}

/// A finite list of values with their weights, which need not sum to one.
struct Choice<Value> {
    let values: [Value]
    let edges: [Double]
    let total: Double

    init(_ weighted: [(Value, Double)]) {
        var sum = 0.0
        values = weighted.map(\.0)
        edges = weighted.map { sum += $0.1; return sum }
        total = sum
    }
}

extension Choice: Sendable where Value: Sendable {}
