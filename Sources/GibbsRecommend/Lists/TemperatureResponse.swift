import Foundation
import GibbsCore
import GibbsNumerics

/// What lists of recommendations are like at each temperature: exploitation against exploration, measured on ratings that were kept from the fit.
public struct TemperatureResponse: Sendable {
    /// What holds at one temperature.
    public struct Point: Sendable, Hashable {
        /// τ; 0 for the best items.
        public var temperature: Double
        /// Mean over people of exp(entropy) of p(i | u) over what they have not rated.
        public var effectiveItems: Double
        /// Share of lists with at least one held-out item among their k, over `draws` lists a person.
        public var hitRate: Double
        /// Mean share of a list's k items that are held out, as `hitRate`.
        public var precision: Double
        /// Share of all items that come up in any list of the first draw.
        public var coverage: Double
        /// Mean novelty of a list, nats; see `ItemCompany.novelty(of:)`.
        public var novelty: Double
        /// −mean ln p(i | u) of the held-out items at τ, nats; infinite at τ = 0.
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
    ///   - test: Held-out items of the people it was fitted on, shape users × items; none of them in its history.
    ///   - temperatures: At least 0.
    ///   - count: Items a list.
    ///   - draws: Lists a person and temperature.
    /// - Throws: `GibbsError` with code `.unsuitableData` when nobody has a held-out item; as `ItemModel.itemEnergies(for:)`.
    /// - Complexity: temperatures × draws × people × items.
    public init(of recommender: Recommender, test: SparseRows, temperatures: [Double], count: Int = 10, draws: Int = 8, key: Key,
                progress: (Int) throws -> Void = { _ in }) throws {
        let chosen = (0 ..< min(test.rows, recommender.users.count)).filter { !test.range($0).isEmpty }
        guard !chosen.isEmpty else { throw GibbsError(.unsuitableData, "no person of the model has a held-out item", advice: "give ratings of the people it was fitted on, that it has not seen") }
        let company = ItemCompany(recommender.history), people = recommender.everyone.selecting(chosen)
        let ascending = temperatures.sorted()
        var sums = ascending.map { Point(temperature: $0, effectiveItems: 0, hitRate: 0, precision: 0, coverage: 0, novelty: 0, surprise: 0) }
        var covered = [Set<Int>](repeating: [], count: ascending.count), events = 0
        for first in stride(from: 0, to: chosen.count, by: 256) {
            let part = Array(first ..< min(chosen.count, first + 256)), energies = try recommender.energy.itemEnergies(for: people.selecting(part))
            let measured = parallelMap(part.count) { place in
                Self.measure(Array(energies.row(place)), rated: people.histories.columns(of: part[place]), wanted: Set(test.columns(of: chosen[part[place]]).map(Int.init)),
                             at: ascending, count: count, draws: draws, company: company, key: key.folding(chosen[part[place]]))
            }
            for person in measured {
                events += person.events
                for (index, found) in person.points.enumerated() {
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
        let n = Double(chosen.count)
        points = sums.indices.map { index in
            var point = sums[index]
            point.effectiveItems /= n
            point.hitRate /= n
            point.precision /= n
            point.novelty /= n
            point.surprise /= Double(events)
            point.coverage = Double(covered[index].count) / Double(recommender.items.count)
            return point
        }
        (self.count, self.people) = (count, chosen.count)
    }

    private typealias Person = (points: [(point: Point, items: [Int])], events: Int)

    /// One person's share of every sum; `surprise` is summed over the held-out items.
    private static func measure(_ energies: [Float], rated: ArraySlice<Int32>, wanted: Set<Int>, at temperatures: [Double], count: Int, draws: Int, company: ItemCompany, key: Key) -> Person {
        let seen = Set(rated.map(Int.init)), allowed = energies.indices.filter { !seen.contains($0) }, wanted = wanted.subtracting(seen)
        let candidates = allowed.map { energies[$0] }
        let points = temperatures.enumerated().map { index, t -> (Point, [Int]) in
            var point = Point(temperature: t, effectiveItems: 1, hitRate: 0, precision: 0, coverage: 0, novelty: 0, surprise: .infinity)
            let law = t > 0 ? GibbsDistribution(energies: candidates, temperature: Float(t)) : nil
            if let law {
                point.effectiveItems = exp(Double(law.entropy))
                point.surprise = allowed.indices.reduce(0.0) { wanted.contains(allowed[$1]) ? $0 + Double(law.surprise(of: $1)) : $0 }
            }
            let best = law == nil ? candidates.lowest(count) : []
            let lists = (0 ..< (law == nil ? 1 : draws)).map { draw in (law?.draw(count, key: key.folding(index).folding(draw)) ?? best).map { allowed[$0] } }
            for list in lists {
                let hits = list.count { wanted.contains($0) }
                point.hitRate += (hits > 0 ? 1 : 0) / Double(lists.count)
                point.precision += Double(hits) / Double(max(1, list.count)) / Double(lists.count)
                point.novelty += company.novelty(of: list) / Double(lists.count)
            }
            return (point, lists[0])
        }
        return (points, wanted.count)
    }
}
