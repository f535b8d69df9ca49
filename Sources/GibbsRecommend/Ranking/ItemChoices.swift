import CKernels
import GibbsCore
import GibbsNumerics

/// The items that may come up for one person: their energies, +∞ for all others.
///
/// What every list, probability and judgement of items is made from; see `ItemModel.choices(for:_:)`.
public struct ItemChoices: Sendable {
    /// E of every item, nats at τ = 1; +∞ for one that may not come up.
    public private(set) var energies: [Float]

    init(_ energies: [Float]) { self.energies = energies }

    /// The items that may come up.
    public var count: Int { energies.count { $0 < .infinity } }

    /// Leaves items out.
    public mutating func exclude(_ items: some Sequence<Int>) { for item in items { energies[item] = .infinity } }

    /// Leaves all items out but these.
    public mutating func keep(only items: Set<Int>) { for item in energies.indices where !items.contains(item) { energies[item] = .infinity } }

    /// The items of lowest energy, lowest first, earlier items first where energies are equal. Cost: one pass.
    public func lowest(_ count: Int) -> [Int] {
        let most = min(count, self.count)
        guard most > 0 else { return [] }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: most) { values in
            [Int32](unsafeUninitializedCapacity: most) { items, found in
                found = gk_lowest(energies, energies.count, most, values.baseAddress!, items.baseAddress!)
            }
        }.map(Int.init)
    }

    /// p ∝ exp(−E/τ) over the items; nil where none may come up. Traps on a temperature that `Temperature.check` refuses, or 0.
    public func law(at temperature: Double) -> GibbsDistribution? {
        energies.contains { $0 < .infinity } ? GibbsDistribution(energies: energies, temperature: Float(temperature)) : nil
    }

    /// ln Z of p ∝ exp(−E/τ); −∞ where no item may come up.
    public func logPartition(at temperature: Double) -> Double { logSumExp(energies.lazy.filter { $0 < .infinity }.map { -Double($0) / temperature }) }
}

extension ItemModel {
    /// `body` of each person's items that the person has not rated, with the person's place; in parallel, memory for a few million energies at a time.
    ///
    /// - Parameter allowsRated: Whether what the person has rated may come up, too.
    /// - Throws: As `itemEnergies(for:)`; `GibbsError` with code `.unsuitableModel` where the model gives no number.
    public func choices<Result: Sendable>(for people: People, allowsRated: Bool = false, _ body: @Sendable (ItemChoices, Int) -> Result) throws -> [Result] {
        var results = [Result]()
        results.reserveCapacity(people.count)
        let stretch = min(max(16, 4_000_000 / max(1, itemCount)), max(1, people.count))
        for first in Swift.stride(from: 0, to: people.count, by: stretch) {
            let rows = first ..< min(people.count, first + stretch)
            let energies = try itemEnergies(for: rows.count == people.count ? people : people.selecting(Array(rows)))
            guard energies.values.allSatisfy({ $0 > -.infinity }) else {
                throw GibbsError(.unsuitableModel, "an energy of an item is no number", advice: "the model's numbers are too large or damaged; fit it again")
            }
            results += parallelMap(rows.count) { row in
                var own = ItemChoices(Array(energies.row(row)))
                if !allowsRated { own.exclude(people.histories.columns(of: first + row).lazy.map(Int.init)) }
                return body(own, first + row)
            }
        }
        return results
    }
}
