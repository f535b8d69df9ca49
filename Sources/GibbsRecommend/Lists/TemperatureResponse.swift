import Foundation
import GibbsCore
import GibbsNumerics

/// What lists of recommendations are like at each temperature: exploitation against exploration, measured on ratings that were kept from the fit.
public struct TemperatureResponse: Sendable {
    /// What holds at one temperature.
    public struct Point: Sendable, Hashable {
        /// τ; 0 for the best items.
        public var temperature: Double
        /// Mean over people of exp(entropy) of p(i | u) over what they have not rated; at τ = 0 of how many share the lowest energy.
        public var effectiveItems: Double
        /// Share of lists with at least one held-out item among their k, over `draws` lists a person.
        public var hitRate: Double
        /// Mean share of a list's k items that are held out, as `hitRate`.
        public var precision: Double
        /// Share of all items that come up in any list of the first draw.
        public var coverage: Double
        /// Mean novelty of a list, nats; see `ItemCompany.novelty(of:)`.
        public var novelty: Double
        /// −mean ln p(i | u) of the held-out items at τ, a person's others left out of each sum; nats, infinite at τ = 0.
        public var surprise: Double
    }

    /// Ascending in temperature.
    public let points: [Point]
    /// Items a list.
    public let count: Int
    /// People with a held-out item.
    public let people: Int

    /// Measures; consumes `key`.
    ///
    /// - Parameters:
    ///   - recommender: The model.
    ///   - ratings: Held-out ratings of the people it was fitted on, others are left out; none of them in its history.
    ///   - temperatures: At least 0.
    ///   - count: Items a list.
    ///   - draws: Lists a person and temperature.
    ///   - progress: Told how many people were measured since it was last told; what it throws ends the measurement.
    /// - Throws: `GibbsError` with code `.unsuitableData` when nobody has a held-out item, or the model has seen one; `.usage` as `Temperature.check(_:)`; as `ItemModel.choices(for:_:)`.
    /// - Complexity: temperatures × draws × people × items.
    public init(of recommender: Recommender, on ratings: Ratings, temperatures: [Double], count: Int = 10, draws: Int = 8, key: Key, progress: (Int) throws -> Void = { _ in }) throws {
        try temperatures.forEach(Temperature.check)
        let asked = try recommender.questions(ratings), known = (0 ..< asked.people.count).filter { asked.people.fitted?[$0] != nil }
        guard !known.isEmpty else { throw GibbsError(.unsuitableData, "no person of the model has a held-out item", advice: "give ratings of the people it was fitted on, that it has not seen") }
        let people = asked.people.selecting(known), test = asked.targets.selecting(rows: known)
        try people.check(areApartFrom: test)
        let company = ItemCompany(recommender.history), ascending = temperatures.sorted()
        var sums = ascending.map { Point(temperature: $0, effectiveItems: 0, hitRate: 0, precision: 0, coverage: 0, novelty: 0, surprise: 0) }
        var covered = [Set<Int>](repeating: [], count: ascending.count)
        for first in stride(from: 0, to: people.count, by: 256) {
            let part = Array(first ..< min(people.count, first + 256)), some = people.selecting(part)
            let measured = try recommender.energy.choices(for: some) { choices, place in
                Self.measure(choices, wanted: test.columns(of: part[place]).map(Int.init), at: ascending, count: count, draws: draws, company: company, key: key.folding(some.number(of: place)))
            }
            for person in measured {
                for (index, found) in person.enumerated() {
                    sums[index].effectiveItems += found.point.effectiveItems
                    sums[index].hitRate += found.point.hitRate
                    sums[index].precision += found.point.precision
                    sums[index].novelty += found.point.novelty
                    sums[index].surprise += found.point.surprise
                    covered[index].formUnion(found.items)
                }
            }
            try progress(part.count)
        }
        let n = Double(people.count)
        points = sums.indices.map { index in
            var point = sums[index]
            point.effectiveItems /= n
            point.hitRate /= n
            point.precision /= n
            point.novelty /= n
            point.surprise /= Double(test.entries)
            point.coverage = Double(covered[index].count) / Double(recommender.items.count)
            return point
        }
        (self.count, self.people) = (count, people.count)
    }

    /// One person's share of every sum; `surprise` is summed over the held-out items.
    private static func measure(_ choices: ItemChoices, wanted: [Int], at temperatures: [Double], count: Int, draws: Int, company: ItemCompany, key: Key) -> [(point: Point, items: [Int])] {
        let hits = Set(wanted)
        var others = choices
        others.exclude(wanted)
        return temperatures.enumerated().map { index, t in
            var point = Point(temperature: t, effectiveItems: Temperature.effectiveItems(choices.energies, temperature: t), hitRate: 0, precision: 0, coverage: 0, novelty: 0, surprise: .infinity)
            let law = t > 0 ? choices.law(at: t) : nil
            if t > 0 {
                let rest = others.logPartition(at: t)
                point.surprise = wanted.reduce(0.0) { sum, item in
                    let logWeight = -Double(choices.energies[item]) / t
                    return sum + logSumExp([rest, logWeight]) - logWeight
                }
            }
            let lists = (0 ..< (law == nil ? 1 : draws)).map { draw in law?.draw(count, key: key.folding(index).folding(draw)) ?? choices.lowest(count) }
            for list in lists {
                let found = list.count { hits.contains($0) }
                point.hitRate += (found > 0 ? 1 : 0) / Double(lists.count)
                point.precision += Double(found) / Double(max(1, list.count)) / Double(lists.count)
                point.novelty += company.novelty(of: list) / Double(lists.count)
            }
            return (point, lists[0])
        }
    }
}
