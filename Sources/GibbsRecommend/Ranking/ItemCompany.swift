import Foundation
import GibbsNumerics

/// What items are like beside what the model thinks of them: how well known they are, and which are liked by the same people. Made once
/// from who rated what.
public struct ItemCompany: Sendable {
    private let raters: SparseRows, people: Int

    /// From a history, shape people × items.
    public init(_ history: SparseRows) { (raters, people) = (history.transposed(), history.rows) }

    /// How many people rated an item.
    public func raters(of item: Int) -> Int { raters.range(item).count }

    /// −ln((n_i + 1) / (n + 1)), nats, where n_i of n people rated the item. Higher is less known.
    public func novelty(of item: Int) -> Double { -log(Double(raters(of: item) + 1) / Double(people + 1)) }

    /// The mean over some items; 0 without any.
    public func novelty(of items: [Int]) -> Double { items.isEmpty ? 0 : items.reduce(0.0) { $0 + novelty(of: $1) } / Double(items.count) }

    /// Mean over all pairs of 1 − |A ∩ B| / √(|A| |B|), with A and B the people who rated the two: 0 for items that the same people rated, 1
    /// for items that nobody rated both of; 0 for fewer than two items.
    ///
    /// - Complexity: Raters, pair by pair.
    public func diversity(of items: [Int]) -> Double {
        guard items.count > 1 else { return 0 }
        var sum = 0.0, pairs = 0
        for (place, a) in items.enumerated() {
            for b in items[(place + 1)...] { sum += 1 - cosine(a, b); pairs += 1 }
        }
        return sum / Double(pairs)
    }

    /// |A ∩ B| / √(|A| |B|); 0 where nobody rated one of them.
    public func cosine(_ a: Int, _ b: Int) -> Double {
        var (p, q) = (raters.starts[a], raters.starts[b]), shared = 0
        while p < raters.starts[a + 1], q < raters.starts[b + 1] {
            if raters.indices[p] == raters.indices[q] { shared += 1; p += 1; q += 1 } else if raters.indices[p] < raters.indices[q] { p += 1 } else { q += 1 }
        }
        return shared == 0 ? 0 : Double(shared) / (Double(raters(of: a)) * Double(raters(of: b))).squareRoot()
    }
}
