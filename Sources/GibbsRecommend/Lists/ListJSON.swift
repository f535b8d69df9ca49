import Foundation
import GibbsData

extension RecommendationList {
    /// The list as one object.
    ///
    /// - Parameters:
    ///   - name: Whose it is.
    ///   - company: What the recommender's items are like, by its history.
    ///   - title: What an item is called, where it has a title.
    package func json(of name: String, _ recommender: Recommender, _ company: ItemCompany, title: (String) -> String?) -> JSONValue {
        let chosen = choices.map(\.item)
        return .object([
            ("user", .string(name)), ("temperature", .number(temperature)), ("candidates", .int(candidates)),
            ("effectiveItems", .number(effectiveItems)), ("mass", .number(mass)),
            ("novelty", .number(company.novelty(of: chosen))), ("diversity", .number(company.diversity(of: chosen))),
            ("items", .array(choices.map { choice in
                let item = recommender.items.names[choice.item]
                return .object([("item", .string(item))] + (title(item).map { [("title", .string($0))] } ?? [])
                    + [("probability", .number(choice.probability)), ("energy", .number(choice.energy))])
            })),
        ])
    }
}

extension Recommender {
    /// Items like an item as one object; see `items(like:count:)`.
    ///
    /// - Parameters:
    ///   - item: The item that others are like.
    ///   - title: What an item is called, where it has a title.
    package func json(of like: [(item: Int, similarity: Double)], item: String, title: (String) -> String?) -> JSONValue {
        let found = like.map { found in
            let name = items.names[found.item]
            return JSONValue.object([("item", .string(name))] + (title(name).map { [("title", .string($0))] } ?? []) + [("similarity", .number(found.similarity))])
        }
        return .object([("item", .string(item)), ("similar", .array(found))])
    }

    /// The score of a pair as a line of NDJSON says it.
    package func json(of score: PairScore) -> JSONValue {
        var members: [(String, JSONValue)] = [("user", .string(score.user)), ("item", .string(score.item)), ("energy", .number(score.energy)), ("probability", .number(score.probability))]
        if let stars = score.stars, let scale = ratingModel?.scale {
            members += [("expected", .number(score.expected ?? .nan)), ("ratings", .object(zip(scale.values, stars).map { (String(format: "%g", $0), .number($1)) }))]
        }
        return .object(members + (score.surprise.map { [("surprise", .number($0))] } ?? []))
    }
}
