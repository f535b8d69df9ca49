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
    /// - Returns: A score a pair in their order, without those of items that it does not know; and the questions they were.
    /// - Throws: `GibbsError` with code `.usage` for another temperature, `.unsuitableData` for a rating off the scale; as the models.
    /// - Complexity: The energies of all items for the people in the pairs; those of the pairs' ratings.
    public func scores(of ratings: Ratings, temperature: Double = 1) throws -> (scores: [PairScore], questions: RatingQuestions) {
        try Temperature.checkPositive(temperature)
        let asked = try allQuestions(ratings), row = Dictionary(uniqueKeysWithValues: asked.names.enumerated().map { ($1, $0) })
        let laws = try energy.choices(for: asked.people, allowsRated: true) { all, place -> [(energy: Double, p: Double)] in
            var unrated = all
            unrated.exclude(asked.people.histories.columns(of: place).lazy.map(Int.init))
            let z = unrated.logPartition(at: temperature)
            return asked.targets.columns(of: place).map { item in
                let own = Double(all.energies[Int(item)]), logWeight = -own / temperature
                return (own, exp(logWeight - (unrated.energies[Int(item)] < .infinity ? z : logSumExp([z, logWeight]))))
            }
        }.flatMap { $0 }
        let stars = try ratingModel.map { try $0.ratingEnergies(of: asked.targets, for: asked.people) }
        let scores = try (0 ..< ratings.count).compactMap { index -> PairScore? in
            guard let person = row[ratings.users.names[Int(ratings.user[index])]], let item = items.index(of: ratings.items.names[Int(ratings.item[index])]),
                  let entry = asked.targets.entry(row: person, column: item) else { return nil }
            return try score(ratings, index, item: item, laws[entry], stars.map { Array($0.row(entry)) })
        }
        return (scores, asked)
    }

    private func score(_ pairs: Ratings, _ index: Int, item: Int, _ law: (energy: Double, p: Double), _ energies: [Float]?) throws -> PairScore {
        let (user, item) = (pairs.users.names[Int(pairs.user[index])], items.names[item])
        guard let energies, let scale = ratingModel?.scale else {
            return PairScore(user: user, item: item, energy: law.energy, probability: law.p, stars: nil, expected: nil, surprise: -log(law.p))
        }
        let (stars, logPartition) = RatingScale.law(of: energies)
        var surprise: Double?
        if !pairs.areCounts {
            guard let level = scale.level(of: pairs.value[index]) else {
                throw scale.isOff(pairs.value[index])
            }
            surprise = Double(energies[level]) + logPartition
        }
        return PairScore(user: user, item: item, energy: law.energy, probability: law.p, stars: stars, expected: zip(stars, scale.values).reduce(0.0) { $0 + $1.0 * $1.1 }, surprise: surprise)
    }
}
