import Foundation
import GibbsCore
import GibbsNumerics

/// How good a recommender is on ratings that it has not seen, beside plain baselines fitted to the same history, and beside the same model on shuffled
/// answers, which it must not be able to foretell.
public struct Judgement: Sendable {
    /// Of expected ratings; nil for a model of events.
    public struct Stars: Sendable {
        /// The model's.
        public let model: RatingFigures
        /// An offset a person and an offset an item.
        public let biases: RatingFigures
        /// Neighbouring items.
        public let neighbours: RatingFigures
        /// The model's, where the ratings to be foretold are dealt out anew among the same pairs.
        public let shuffled: RatingFigures
    }

    /// Of lists of unseen items.
    public struct Lists: Sendable {
        /// The model's.
        public let model: ItemFigures
        /// How often an item occurs, for everybody alike.
        public let popularity: ItemFigures
        /// Neighbouring items.
        public let neighbours: ItemFigures
        /// The model's, where the items to be foretold are dealt out anew among the people.
        public let shuffled: ItemFigures
    }

    /// One model's lists and probabilities.
    public struct ItemFigures: Sendable {
        /// Of the lists.
        public let ranking: RankingFigures
        /// Mean ln p(i | u) over the held-out items at τ = 1, p over all items that the person has not rated; nats.
        public let logLikelihood: Double
        /// Whether p(i | u) at τ = 1 is the probability it says; nil where it was not asked.
        public let calibration: ItemCalibration?
    }

    /// Of expected ratings; nil for a model of events.
    public let stars: Stars?
    /// Of lists; nil where no item counts as wanted.
    public let lists: Lists?
    /// Ratings that were judged on, and those left out because the model does not know their item.
    public let count: Int, unknownItems: Int
    /// People with a rating to be judged on, and how many of them the model had never seen.
    public let people: Int, newPeople: Int

    /// What a judge is asked.
    public struct Question: Sendable {
        /// k, items a list.
        public var length = 10
        /// Ratings that count as wanted in a list; of events all do. Nil judges a model of ratings by its ratings alone.
        public var wanted: Double?
        /// Feeds the shuffles.
        public var key = Key(1)
        /// Lists of ten.
        public init() {}
    }

    /// Judges.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when the model has seen any of the ratings' pairs, when it knows none of their items, or for a rating off its scale; as the models.
    /// - Complexity: The energies of all items for all people in the test, three models; the fits of the baselines.
    public init(of recommender: Recommender, on ratings: Ratings, _ question: Question = Question()) throws {
        let (test, unknown) = ratings.numbered(users: recommender.users, items: recommender.items)
        guard test.count > 0 else {
            throw GibbsError(.unsuitableData, "none of the \(ratings.count) ratings is of an item that the model knows", advice: "judge with ratings of the same items, written alike")
        }
        let rows = test.byUser(), judged = (0 ..< rows.rows).filter { !rows.range($0).isEmpty }
        let known = recommender.users.count, empty = SparseRows(columns: rows.columns, starts: [0, 0], indices: [], values: [])
        let people = People(histories: SparseRows.stacked(judged.map { $0 < known ? recommender.history.selecting(rows: [$0]) : empty }, columns: rows.columns),
                            fitted: judged.map { $0 < known ? $0 : nil })
        let wanted = rows.selecting(rows: judged)
        try people.check(areApartFrom: wanted)
        stars = try recommender.ratingModel.map { try Self.stars($0, recommender.history, wanted, people, question) }
        let liked = stars == nil ? wanted : question.wanted.map { least in wanted.filtered { Double($0) >= least } }
        lists = try liked.flatMap { $0.entries > 0 ? try Self.lists(recommender, $0, people, question) : nil }
        (count, unknownItems, self.people, newPeople) = (test.count, unknown, judged.count, judged.count { $0 >= known })
    }

    private static func stars(_ model: any RatingModel, _ history: SparseRows, _ test: SparseRows, _ people: People, _ question: Question) throws -> Stars {
        if let odd = test.values.first(where: { model.scale.level(of: $0) == nil }) {
            throw GibbsError(.unsuitableData, "the rating \(odd) is off the model's scale from \(model.scale.lowest) to \(model.scale.highest) by steps of \(model.scale.step)",
                             advice: "judge with ratings of that scale, or fit with the scale that has it")
        }
        var dealt = test.values
        dealt.shuffle(key: question.key.folding(1))
        let shuffled = SparseRows(columns: test.columns, starts: test.starts, indices: test.indices, values: dealt)
        return Stars(model: try model.figures(on: test, for: people), biases: try RatingBiases.fitted(to: history, scale: model.scale).figures(on: test, for: people),
                     neighbours: try RatingNeighbours.fitted(to: history, scale: model.scale).figures(on: test, for: people), shuffled: try model.figures(on: shuffled, for: people))
    }

    private static func lists(_ recommender: Recommender, _ test: SparseRows, _ people: People, _ question: Question) throws -> Lists {
        func figures(_ model: any ItemModel, _ test: SparseRows, asksProbabilities: Bool = true) throws -> ItemFigures {
            let surprises = try model.unseenEnergies(for: people) { energies, row -> Double in
                guard !test.range(row).isEmpty else { return 0 }
                let z = logSumExp(energies.lazy.filter { $0 < .infinity }.map { -Double($0) })
                return test.columns(of: row).reduce(0.0) { $0 - Double(energies[Int($1)]) - z }
            }
            return ItemFigures(ranking: RankingFigures(try model.topItems(for: people, count: question.length), test: test, train: recommender.history), logLikelihood: surprises.reduce(0, +) / Double(test.entries),
                               calibration: asksProbabilities ? try ItemCalibration(of: model, for: people, test: test) : nil)
        }
        return Lists(model: try figures(recommender.energy, test), popularity: try figures(Popularity(histories: recommender.history), test),
                     neighbours: try figures(ItemNeighbours(histories: recommender.history), test), shuffled: try figures(recommender.energy, dealt(test, people, question.key.folding(2)), asksProbabilities: false))
    }

    /// As many items for each person, dealt anew from all of them; one that the person has already, or has rated, is left out.
    private static func dealt(_ test: SparseRows, _ people: People, _ key: Key) -> SparseRows {
        var items = test.indices
        items.shuffle(key: key)
        let rows = (0 ..< test.rows).map { row in Set(items[test.range(row)]).filter { !people.histories.contains(row: row, column: Int($0)) }.sorted() }
        return SparseRows(columns: test.columns, starts: rows.reduce(into: [0]) { $0.append($0.last! + $1.count) }, indices: rows.flatMap { $0 }, values: [Float](repeating: 1, count: rows.reduce(0) { $0 + $1.count }))
    }
}
