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
    /// exp(entropy) of p(i | u) over the candidates at τ; at τ = 0 how many share the lowest energy.
    public let effectiveItems: Double
    /// Σ p of the list at τ = 1: how much of what the model expects next it covers.
    public let mass: Double
}

extension Recommender {
    /// A list for every person, exact over all candidates; consumes `key`, person by person.
    ///
    /// Fewer than the wanted items come up where fewer are allowed; that is no error here.
    /// - Throws: As `ItemModel.choices(for:_:)`.
    /// - Complexity: An energy a person and item, then a sort of the items; in parallel.
    public func recommendations(for people: People, _ wish: Wish, key: Key) throws -> [RecommendationList] {
        try energy.choices(for: people, allowsRated: wish.allowsRated) { choices, place in
            var choices = choices
            choices.exclude(wish.excluded)
            if let only = wish.only { choices.keep(only: only) }
            return Self.list(choices, wish, key: key.folding(people.number(of: place)))
        }
    }

    private static func list(_ choices: ItemChoices, _ wish: Wish, key: Key) -> RecommendationList {
        let temperature = wish.dial.temperature(of: choices.energies)
        guard let law = choices.law(at: temperature > 0 ? temperature : 1) else { return RecommendationList(choices: [], temperature: 0, candidates: 0, effectiveItems: 0, mass: 0) }
        let chosen = (temperature > 0 ? law.draw(wish.count, key: key) : choices.lowest(wish.count)).map {
            RecommendationList.Choice(item: $0, energy: Double(choices.energies[$0]), probability: Double(law.probabilities[$0]))
        }
        let own = temperature > 0 && temperature != 1 ? choices.law(at: 1) ?? law : law
        return RecommendationList(choices: chosen, temperature: temperature, candidates: choices.count,
                                  effectiveItems: Temperature.effectiveItems(choices.energies, temperature: temperature), mass: chosen.reduce(0) { $0 + Double(own.probabilities[$1.item]) })
    }
}

extension Wish.Dial {
    /// τ for these energies; see `Temperature.spreading(over:energies:)`.
    public func temperature(of energies: [Float]) -> Double {
        switch self {
        case .temperature(let t): t
        case .effectiveItems(let n): n <= 1 ? 0 : Temperature.spreading(over: n, energies: energies)
        case .explore(let x): Temperature.exploring(x, energies: energies)
        }
    }
}
