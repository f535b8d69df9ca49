import Foundation
import Gibbs
import Hummingbird

/// Lists of items for people, and items like items.
extension Routes {
    private static let item: [Schema.Member] = [.always("item", .text), .maybe("title", .text)]

    static let recommending: [Route] = [
        Route(method: .post, path: "/models/{model}/recommend", summary: "Recommend items to a person, at a temperature: 0 the best, 1 the model's own probabilities, more explores",
              body: .json(.object([
                  .maybe("user", .text, "a person that the model was fitted on"), .maybe("ratings", .list(.object([.always("item", .text), .maybe("rating", .number)])), "what a new person rated, in place of user"),
                  .maybe("k", .integer, "items, 10 unless told"), .maybe("temperature", .number), .maybe("explore", .number, "from 0 to 1, in place of a temperature"), .maybe("effectiveItems", .number, "in place of a temperature"),
                  .maybe("seen", .flag, "let items come up that the person has rated"), .maybe("exclude", .list(.text)), .maybe("only", .list(.text)), .maybe("key", .integer, "the same draws the same list"),
              ])),
              answer: .json(.object([.always("user", .text), .always("temperature", .number), .always("candidates", .integer), .always("effectiveItems", .number), .always("mass", .number, "probability of the whole list at temperature 1"),
                                     .always("novelty", .number, "nats"), .always("diversity", .number, "0 to 1"), .always("items", .list(.object(item + [.always("probability", .number), .always("energy", .number)])))]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), (model, company) = try entry.recommender("recommend")
            let request = try await exchange.json()
            let (people, name) = try person(request, model), wish = try wish(request, model), key = try ImageRequest.key(request)
            let list = try await exchange.service.work.run { try model.recommendations(for: people, wish, key: key)[0] }
            return .json(list.json(of: name, model, company, title: { entry.titles[$0] }))
        },
        Route(method: .post, path: "/models/{model}/similar", summary: "Items like an item",
              body: .json(.object([.always("item", .text), .maybe("k", .integer, "items, 10 unless told")])),
              answer: .json(.object([.always("item", .text), .always("similar", .list(.object(item + [.always("similarity", .number)])))]))) { exchange in
            let entry = try exchange.service.shelf.model(exchange.name("model")), model = try entry.recommender("similar").model
            let request = try await exchange.json(), count = try request.int("k", in: 1 ... 1_000) ?? 10
            guard let name = try request.text("item") else { throw GibbsError(.usage, "there is no item", at: .init(field: "item"), advice: "name one that the model knows") }
            let item = try model.item(named: name), like = try await exchange.service.work.run { Similar(items: model.items(like: item, count: count)) }
            return .json(model.json(of: like.items, item: name, title: { entry.titles[$0] }))
        },
    ]

    private struct Similar: Sendable { let items: [(item: Int, similarity: Double)] }

    private static func person(_ request: JSONRequest, _ model: Recommender) throws -> (People, String) {
        if let name = try request.text("user") {
            guard !request.has("ratings") else { throw GibbsError(.usage, "both a user and ratings", advice: "give the name of a person the model knows, or the ratings of one it does not") }
            return (try model.people(named: [name]), name)
        }
        guard let given = try request.objects("ratings") else { throw GibbsError(.usage, "nobody to recommend for", at: .init(field: "user"), advice: "give user, or the ratings of a person the model never saw") }
        guard given.count <= 10_000 else { throw GibbsError(.limitExceeded, "\(given.count) ratings", advice: "send 10000 at most") }
        let ratings = try given.map { rating in
            guard let item = try rating.text("item") else { throw GibbsError(.usage, "a rating without an item", at: .init(field: "ratings"), advice: "give {\"item\": …, \"rating\": …}") }
            return (item: item, rating: try rating.number("rating") ?? 1)
        }
        return (try model.newcomer(ratings), "new")
    }

    private static func wish(_ request: JSONRequest, _ model: Recommender) throws -> Wish {
        let temperature = try request.number("temperature"), explore = try request.number("explore"), effective = try request.number("effectiveItems")
        guard [temperature, explore, effective].count(where: { $0 != nil }) <= 1 else {
            throw GibbsError(.usage, "temperature, explore and effectiveItems all set the temperature", advice: "give one of them")
        }
        let dial: Wish.Dial = explore.map { .explore($0) } ?? effective.map { .effectiveItems($0) } ?? .temperature(temperature ?? 0)
        var wish = try Wish(count: request.int("k", in: 1 ... 1_000) ?? 10, dial: dial)
        wish.allowsRated = try request.flag("seen") ?? false
        // What the model does not know cannot come up.
        wish.excluded = Set(try request.texts("exclude")?.compactMap { model.items.index(of: $0) } ?? [])
        if let only = try request.texts("only") { wish.only = Set(try only.map(model.item)) }
        return wish
    }
}
