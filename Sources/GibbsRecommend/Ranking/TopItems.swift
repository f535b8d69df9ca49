import CKernels
import Foundation
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
        return try TopItems(length: count, items: unseenEnergies(for: people) { energies, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { values in
                [Int32](unsafeUninitializedCapacity: count) { items, found in
                    found = items.baseAddress.map { gk_lowest(energies.baseAddress!, energies.count, min(count, energies.count), values.baseAddress!, $0) } ?? 0
                }
            }
        })
    }

    /// Different items that each person has not rated, drawn one after the other from p(i | u) = exp(−E/τ) / Z, exactly (Gumbel top-k).
    ///
    /// - Parameters:
    ///   - temperature: τ; 0 gives the items of lowest energy.
    ///   - key: Consumed as `folding(index)`, by the person's index among those fitted or else the place in `people`, so that a fitted person's draw
    ///     does not depend on who else is asked about.
    /// - Throws: As `topItems(for:count:)`, and for a temperature that is negative or not finite.
    /// - Complexity: The energies, and a sort of them a person, in parallel.
    public func drawnItems(for people: People, count: Int, temperature: Double, key: Key) throws -> TopItems {
        guard temperature >= 0, temperature.isFinite else { throw GibbsError(.usage, "a temperature of \(temperature)", advice: "0 gives the best list, 1 the model's own probabilities") }
        if temperature == 0 { return try topItems(for: people, count: count) }
        guard count >= 0 else { throw GibbsError(.usage, "\(count) items") }
        return try TopItems(length: count, items: unseenEnergies(for: people) { energies, row in
            guard energies.contains(where: { $0 < .infinity }) else { return [] }
            return GibbsDistribution(energies: Array(energies), temperature: Float(temperature)).draw(count, key: key.folding(people.fitted?[row] ?? row)).map(Int32.init)
        })
    }

    /// `body` of each person's energies, +∞ for what the person has rated, with the person's place; in parallel, a stretch of people at a time.
    ///
    /// - Throws: As `itemEnergies(for:)`.
    public func unseenEnergies<Result: Sendable>(for people: People, _ body: @Sendable (UnsafeMutableBufferPointer<Float>, Int) -> Result) throws -> [Result] {
        var results = [Result]()
        results.reserveCapacity(people.count)
        let stretch = min(max(16, 4_000_000 / max(1, itemCount)), max(1, people.count)), width = itemCount
        for first in Swift.stride(from: 0, to: people.count, by: stretch) {
            let rows = first ..< min(people.count, first + stretch)
            var energies = try itemEnergies(for: rows.count == people.count ? people : people.selecting(Array(rows)))
            energies.values.withUnsafeMutableBufferPointer { all in
                let base = SharedPointer(all.baseAddress)
                results += parallelMap(rows.count) { row in
                    let own = UnsafeMutableBufferPointer(start: base.pointer.map { $0 + row * width }, count: width)
                    for item in people.histories.columns(of: first + row) { own[Int(item)] = .infinity }
                    return body(own, first + row)
                }
            }
        }
        return results
    }
}
