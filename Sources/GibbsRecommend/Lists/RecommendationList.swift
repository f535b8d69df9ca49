import Foundation
import GibbsCore
import GibbsNumerics

/// What one person is recommended, and what the list is like.
public struct RecommendationList: Sendable {
    /// One item of it.
    public struct Choice: Sendable, Hashable {
        /// Its index among the model's items.
        public let item: Int
        /// E(u, i), nats at τ = 1.
        public let energy: Double
        /// p(i | u) = exp(−E/τ)/Z over the candidates, at the list's temperature. At τ = 0 it is given at τ = 1.
        public let probability: Double
    }

    /// The items, best first at τ = 0, else in the order of successive draws without replacement.
    public let choices: [Choice]
    /// τ.
    public let temperature: Double
    /// Items that could have come up.
    public let candidates: Int
    /// exp(entropy) of p(i | u) over the candidates at τ; 1 at τ = 0.
    public let effectiveItems: Double
    /// Σ p of the list: how much of what the model expects next it covers.
    public let mass: Double
}

extension Recommender {
    /// A list for every person, exact over all candidates; consumes `key`, person by person.
    ///
    /// Fewer than the wanted items come up where fewer are allowed; that is no error here.
    /// - Throws: As `ItemModel.itemEnergies(for:)`.
    /// - Complexity: An energy a person and item, then a sort of the items.
    public func recommendations(for people: People, _ wish: Wish, key: Key) throws -> [RecommendationList] {
        var lists = [RecommendationList]()
        lists.reserveCapacity(people.count)
        for first in stride(from: 0, to: people.count, by: Self.block) {
            let part = people.selecting(Array(first ..< min(people.count, first + Self.block)))
            let energies = try energy.itemEnergies(for: part)
            lists += parallelMap(part.count) { person in
                list(energies: Array(energies.row(person)), rated: part.histories.columns(of: person), wish, key: key.folding(first + person))
            }
        }
        return lists
    }

    /// People whose energies are held at once.
    private static var block: Int { 256 }

    private func list(energies: [Float], rated: ArraySlice<Int32>, _ wish: Wish, key: Key) -> RecommendationList {
        let seen = wish.allowsRated ? [] : Set(rated.map(Int.init))
        let allowed = (0 ..< energies.count).filter { !seen.contains($0) && !wish.excluded.contains($0) && (wish.only?.contains($0) ?? true) }
        guard !allowed.isEmpty else { return RecommendationList(choices: [], temperature: 0, candidates: 0, effectiveItems: 0, mass: 0) }
        let candidates = allowed.map { energies[$0] }, temperature = wish.dial.temperature(of: candidates)
        let law = GibbsDistribution(energies: candidates, temperature: temperature > 0 ? Float(temperature) : 1)
        let chosen = temperature > 0 ? law.draw(wish.count, key: key)
            : candidates.lowest(wish.count)
        let choices = chosen.map { RecommendationList.Choice(item: allowed[$0], energy: Double(candidates[$0]), probability: Double(law.probabilities[$0])) }
        return RecommendationList(choices: choices, temperature: temperature, candidates: allowed.count, effectiveItems: temperature > 0 ? exp(Double(law.entropy)) : 1,
                                  mass: choices.reduce(0) { $0 + $1.probability })
    }
}

extension [Float] {
    /// Where the lowest stand, lowest first, the earlier first where two are equal.
    func lowest(_ count: Int) -> [Int] { Array<Int>(indices.sorted { self[$0] != self[$1] ? self[$0] < self[$1] : $0 < $1 }.prefix(count)) }
}

extension Wish.Dial {
    /// τ for these energies; see `Temperature.spreading(over:energies:)`.
    public func temperature(of energies: [Float]) -> Double {
        switch self {
        case .temperature(let t): t
        case .effectiveItems(let n): n <= 1 ? 0 : Temperature.spreading(over: n, energies: energies)
        case .explore(let x): Temperature.exploringUnchecked(x, energies: energies)
        }
    }
}
