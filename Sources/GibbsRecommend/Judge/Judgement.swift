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
        /// Of p(i | u) at τ = 1, its mean ln p included.
        public let calibration: ItemCalibration
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
        let asked = try recommender.questions(ratings), people = asked.people
        try people.check(areApartFrom: asked.targets)
        stars = try recommender.ratingModel.map { try Self.stars($0, recommender.history, asked.targets, people, question) }
        let liked = stars == nil ? asked.targets : question.wanted.map { least in asked.targets.filtered { Double($0) >= least } }
        lists = try liked.flatMap { $0.entries > 0 ? try Self.lists(recommender, $0, people, question) : nil }
        (count, unknownItems, self.people, newPeople) = (asked.targets.entries, asked.unknownItems, people.count, asked.newPeople)
    }

    private static func stars(_ model: any RatingModel, _ history: SparseRows, _ test: SparseRows, _ people: People, _ question: Question) throws -> Stars {
        if let odd = test.values.first(where: { model.scale.level(of: $0) == nil }) {
            throw model.scale.isOff(odd)
        }
        var dealt = test.values
        dealt.shuffle(key: question.key.folding(1))
        let shuffled = SparseRows(columns: test.columns, starts: test.starts, indices: test.indices, values: dealt)
        return Stars(model: try model.figures(on: test, for: people), biases: try RatingBiases.fitted(to: history, scale: model.scale).figures(on: test, for: people),
                     neighbours: try RatingNeighbours.fitted(to: history, scale: model.scale).figures(on: test, for: people), shuffled: try model.figures(on: shuffled, for: people))
    }

    private static func lists(_ recommender: Recommender, _ test: SparseRows, _ people: People, _ question: Question) throws -> Lists {
        func figures(_ model: any ItemModel, _ test: SparseRows) throws -> ItemFigures {
            ItemFigures(ranking: RankingFigures(try model.topItems(for: people, count: question.length), test: test, train: recommender.history),
                        calibration: try ItemCalibration(of: model, for: people, test: test))
        }
        return Lists(model: try figures(recommender.energy, test), popularity: try figures(Popularity(histories: recommender.history), test),
                     neighbours: try figures(ItemNeighbours(histories: recommender.history), test), shuffled: try figures(recommender.energy, dealt(test, people, question.key.folding(2))))
    }

    /// As many items for each person, dealt anew from all of them; one that the person has already, or has rated, is left out.
    private static func dealt(_ test: SparseRows, _ people: People, _ key: Key) -> SparseRows {
        var items = test.indices
        items.shuffle(key: key)
        let rows = (0 ..< test.rows).map { row in Set(items[test.range(row)]).filter { !people.histories.contains(row: row, column: Int($0)) }.sorted() }
        return SparseRows(columns: test.columns, starts: rows.reduce(into: [0]) { $0.append($0.last! + $1.count) }, indices: rows.flatMap { $0 }, values: [Float](repeating: 1, count: rows.reduce(0) { $0 + $1.count }))
    }
}
