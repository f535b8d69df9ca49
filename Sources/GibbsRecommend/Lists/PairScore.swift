import Foundation
import GibbsNumerics

/// What a recommender says of one person and one item.
public struct PairScore: Sendable, Hashable {
    /// The person and the item, by name.
    public let user: String, item: String
    /// E(u, i), nats.
    public let energy: Double
    /// p(i | u) = exp(−E(u, i)/τ) / Z over the items that the person has not rated, and this one.
    public let probability: Double
    /// p(r | u, i) of every rating of the scale, ascending; nil for a model of events.
    public let stars: [Double]?
    /// The expected rating; nil for a model of events.
    public let expected: Double?
    /// −ln p of what was given, nats: of the rating for a model of ratings, of the item for one of events; nil where there is no rating.
    public let surprise: Double?
}

extension Recommender {
    /// Scores some pairs, of people it was fitted on or of others, who are answered without a history.
    ///
    /// - Parameters:
    ///   - ratings: The pairs; of ratings that were counted instead of read (`Ratings.areCounts`) a model of ratings gives no surprise.
    ///   - temperature: τ of `probability`, above 0.
    /// - Returns: A score a pair in their order, without those of items that it does not know, which are counted.
    /// - Throws: `GibbsError` with code `.usage` for another temperature, `.unsuitableData` for a rating off the scale; as the models.
    /// - Complexity: The energies of all items for the people in the pairs; those of the pairs' ratings.
    public func scores(of ratings: Ratings, temperature: Double = 1) throws -> (scores: [PairScore], unknownItems: Int) {
        guard temperature > 0, temperature.isFinite else { throw GibbsError(.usage, "a temperature of \(temperature)", advice: "give one above 0, such as 1, the model's own") }
        let (pairs, unknown) = ratings.numbered(users: users, items: items), rows = pairs.byUser(), judged = (0 ..< rows.rows).filter { !rows.range($0).isEmpty }
        let none = SparseRows(columns: rows.columns, starts: [0, 0], indices: [], values: []), wanted = rows.selecting(rows: judged)
        let people = People(histories: SparseRows.stacked(judged.map { $0 < users.count ? history.selecting(rows: [$0]) : none }, columns: rows.columns),
                            fitted: judged.map { $0 < users.count ? $0 : nil })
        let laws = try itemLaws(of: wanted, for: people, temperature)
        let stars = try ratingModel.map { try $0.ratingEnergies(of: wanted, for: people) }
        var scores = [PairScore]()
        scores.reserveCapacity(pairs.count)
        var place = [Int](repeating: 0, count: rows.rows)
        for (row, user) in judged.enumerated() { place[user] = row }
        for index in 0 ..< pairs.count {
            guard let entry = wanted.entry(row: place[Int(pairs.user[index])], column: Int(pairs.item[index])) else { preconditionFailure("a pair is lost") }
            scores.append(try score(pairs, index, laws[entry], stars.map { Array($0.row(entry)) }))
        }
        return (scores, unknown)
    }

    /// E and p of every entry of `wanted`.
    private func itemLaws(of wanted: SparseRows, for people: People, _ temperature: Double) throws -> [(energy: Double, p: Double)] {
        var laws = [(energy: Double, p: Double)]()
        for first in stride(from: 0, to: people.count, by: 256) {
            let part = Array(first ..< min(people.count, first + 256)), energies = try energy.itemEnergies(for: people.selecting(part))
            laws += parallelMap(part.count) { row -> [(energy: Double, p: Double)] in
                let own = Array(energies.row(row)), seen = people.histories.columns(of: part[row])
                var rest = own.map { -Double($0) / temperature }
                for item in seen { rest[Int(item)] = -.infinity }
                let z = logSumExp(rest)
                return wanted.columns(of: part[row]).map { item in
                    let logWeight = -Double(own[Int(item)]) / temperature
                    let all = rest[Int(item)] == -.infinity ? logSumExp([z, logWeight]) : z
                    return (Double(own[Int(item)]), exp(logWeight - all))
                }
            }.flatMap { $0 }
        }
        return laws
    }

    private func score(_ pairs: Ratings, _ index: Int, _ law: (energy: Double, p: Double), _ energies: [Float]?) throws -> PairScore {
        let (user, item) = (pairs.users.names[Int(pairs.user[index])], items.names[Int(pairs.item[index])])
        guard let energies, let scale = ratingModel?.scale else {
            return PairScore(user: user, item: item, energy: law.energy, probability: law.p, stars: nil, expected: nil, surprise: -log(law.p))
        }
        let z = logSumExp(energies.map { -Double($0) }), stars = energies.map { exp(-Double($0) - z) }
        var surprise: Double?
        if !pairs.areCounts {
            guard let level = scale.level(of: pairs.value[index]) else {
                throw GibbsError(.unsuitableData, "the rating \(pairs.value[index]) of '\(item.prefix(40))' by '\(user.prefix(40))' is off the model's scale from \(scale.lowest) to \(scale.highest) by steps of \(scale.step)",
                                 advice: "leave it out, or fit with the scale that has it")
            }
            surprise = Double(energies[level]) + z
        }
        return PairScore(user: user, item: item, energy: law.energy, probability: law.p, stars: stars, expected: zip(stars, scale.values).reduce(0.0) { $0 + $1.0 * $1.1 }, surprise: surprise)
    }
}

extension Recommender {
    /// A person whom it never saw, by ratings of items by name; of one item named twice the last counts.
    ///
    /// - Parameter ratings: For a recommender of events the numbers are how often.
    /// - Throws: `GibbsError` with code `.unsuitableData` for an item that it does not know.
    public func newcomer(_ ratings: [(item: String, rating: Double)]) throws -> People {
        var last = [Int: Float]()
        for (name, rating) in ratings { last[try item(named: name)] = Float(rating) }
        let order = last.keys.sorted()
        return People(histories: SparseRows(columns: items.count, starts: [0, order.count], indices: order.map(Int32.init), values: order.map { last[$0]! }))
    }
}
