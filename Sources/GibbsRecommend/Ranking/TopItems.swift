import GibbsCore
import GibbsNumerics

/// A list of items for each of some people, best first.
public struct TopItems: Sendable, Hashable {
    /// The most items of a list.
    public let length: Int
    /// The items of each person; shorter than `length` where fewer are left.
    public let items: [[Int32]]

    /// These lists. Traps when one is longer than `length`.
    public init(length: Int, items: [[Int32]]) {
        precondition(items.allSatisfy { $0.count <= length }, "a list is longer than \(length)")
        (self.length, self.items) = (length, items)
    }
}

extension ItemModel {
    /// The items of lowest energy that each person has not rated, lowest first, earlier items first where energies are equal.
    ///
    /// - Throws: As `itemEnergies(for:)`; `GibbsError` with code `.usage` when `count` is negative.
    /// - Complexity: The energies, and one pass over them, in parallel; memory for a few million energies at a time.
    public func topItems(for people: People, count: Int) throws -> TopItems {
        guard count >= 0 else { throw GibbsError(.usage, "\(count) items") }
        return try TopItems(length: count, items: choices(for: people) { choices, _ in choices.lowest(count).map(Int32.init) })
    }

    /// Different items that each person has not rated, drawn one after the other from p(i | u) = exp(−E/τ) / Z, exactly (Gumbel top-k).
    ///
    /// - Parameters:
    ///   - temperature: τ; 0 gives the items of lowest energy.
    ///   - key: Consumed as `folding(index)`, by the person's index among those fitted or else the place in `people`, so that a fitted person's draw
    ///     does not depend on who else is asked about.
    /// - Throws: As `topItems(for:count:)` and `Temperature.check(_:)`.
    /// - Complexity: The energies, and a sort of them a person, in parallel.
    public func drawnItems(for people: People, count: Int, temperature: Double, key: Key) throws -> TopItems {
        try Temperature.check(temperature)
        if temperature == 0 { return try topItems(for: people, count: count) }
        guard count >= 0 else { throw GibbsError(.usage, "\(count) items") }
        return try TopItems(length: count, items: choices(for: people) { choices, row in
            choices.law(at: temperature)?.draw(count, key: key.folding(people.number(of: row))).map(Int32.init) ?? []
        })
    }
}
