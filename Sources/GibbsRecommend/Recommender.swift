import GibbsCore
import GibbsData
import GibbsNumerics

/// An energy over items that can be stored: what a `Recommender` asks. Some of them are a `RatingModel`, too.
public protocol RecommenderEnergy: ItemModel, Storable {
    /// A vector an item whose directions mean likeness, shape `[itemCount, any]`; nil, which it is unless a conformer says otherwise, where there is none.
    var itemVectors: Matrix? { get }
    /// The people whose parameters it holds, in the order of their names; nil, which it is unless a conformer says otherwise, where it answers from histories alone.
    var fittedCount: Int? { get }
}

extension DotProductRecommender: RecommenderEnergy {
    public var itemVectors: Matrix? { items }
    public var fittedCount: Int? { users.rows }
}

extension RatingFactors: RecommenderEnergy {}
extension RatingMachine: RecommenderEnergy {}
extension CombinedRatings: RecommenderEnergy {}
extension RatingBiases: RecommenderEnergy {}
extension RatingNeighbours: RecommenderEnergy {}
extension Popularity: RecommenderEnergy {}
extension ItemNeighbours: RecommenderEnergy {}

extension RecommenderEnergy {
    /// See `RecommenderEnergy.itemVectors`.
    public var itemVectors: Matrix? { nil }
    /// See `RecommenderEnergy.fittedCount`.
    public var fittedCount: Int? { nil }
}

/// A model of who likes what, with the names of people and items, and what each person rated when it was fitted.
///
///     p(i | u) = exp(−E(u, i)/τ) / Σ exp(−E(u, i')/τ)      over the items that may be recommended
///
/// The ratings are kept, so that items already rated can be left out, and so that models that answer from a history alone (a rating
/// machine) can answer for a person by name. Memory: 8 bytes a rating besides the energy.
public struct Recommender: Sendable {
    /// How a model came about; kept in its file.
    public struct Training: Sendable, Hashable, Codable {
        /// What was fitted, in words, with its settings.
        public var method: String
        /// How it was asked for; the same can be fitted again to other ratings.
        public var options: RecommenderOptions
        /// Ratings learned from.
        public var ratings: Int
        /// The digest of the ratings.
        public var digest: String?
        /// The columns of the table they were read from.
        public var columns: RatingColumns?

        /// How a model came about.
        public init(method: String, options: RecommenderOptions, ratings: Int, digest: String? = nil, columns: RatingColumns? = nil) {
            (self.method, self.options, self.ratings, self.digest, self.columns) = (method, options, ratings, digest, columns)
        }
    }

    /// The people it was fitted on.
    public let users: Identifiers
    /// The items it knows.
    public let items: Identifiers
    /// What those people rated, shape users × items.
    public let history: SparseRows
    /// E(u, i).
    public let energy: any RecommenderEnergy
    /// How it came about.
    public let training: Training

    /// A recommender of these parts. Traps when their sizes differ.
    public init(users: Identifiers, items: Identifiers, history: SparseRows, energy: any RecommenderEnergy, training: Training) {
        precondition(history.rows == users.count && history.columns == items.count && energy.itemCount == items.count,
                     "\(users.count) people, \(items.count) items, a history of \(history.rows) × \(history.columns), an energy of \(energy.itemCount)")
        precondition(energy.fittedCount.map { $0 == users.count } ?? true, "an energy fitted to \(energy.fittedCount ?? 0) people where \(users.count) have names")
        (self.users, self.items, self.history, self.energy, self.training) = (users, items, history, energy, training)
    }

    /// The same energy as a model of ratings, where it is one.
    public var ratingModel: (any RatingModel)? { energy as? any RatingModel }

    /// Some of the people it was fitted on.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for a name it does not know.
    public func people(named names: [String]) throws -> People {
        let rows = try names.map { name in
            guard let row = users.index(of: name) else {
                throw GibbsError(.unsuitableData, "the model knows no person '\(name.prefix(60))' among its \(users.count)",
                                 advice: (Spelling.question(name, among: Array(users.names.prefix(10_000))).map { $0 + " " } ?? "") + "for a new person give what they rated")
            }
            return row
        }
        return People(histories: history.selecting(rows: rows), fitted: rows)
    }

    /// All people it was fitted on, in order.
    public var everyone: People { People(histories: history, fitted: Array(0 ..< users.count)) }

    /// The index of an item.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for a name it does not know.
    public func item(named name: String) throws -> Int {
        guard let item = items.index(of: name) else {
            throw GibbsError(.unsuitableData, "the model knows no item '\(name.prefix(60))' among its \(items.count)",
                             advice: Spelling.question(name, among: Array(items.names.prefix(10_000))) ?? "gibbs inspect shows some of the names")
        }
        return item
    }

    /// Items nearest to one, nearest first, without itself: by the cosine of their vectors where the energy has them, else by
    /// |A ∩ B| / √(|A| |B|) of the people A and B who rated the two.
    ///
    /// - Complexity: A product with all vectors, or a pass over the item's and every other's raters.
    public func items(like item: Int, count: Int) -> [(item: Int, similarity: Double)] {
        let similarities: [Double]
        if let vectors = energy.itemVectors {
            let norms = vectors.rowDots(vectors).map { Double($0).squareRoot() }, dots = vectors.timesVector(Array(vectors.row(item)))
            similarities = dots.indices.map { norms[$0] > 0 && norms[item] > 0 ? Double(dots[$0]) / (norms[$0] * norms[item]) : 0 }
        } else {
            let company = ItemCompany(history)
            similarities = (0 ..< items.count).map { company.cosine(item, $0) }
        }
        let order = similarities.indices.filter { $0 != item }.sorted { similarities[$0] != similarities[$1] ? similarities[$0] > similarities[$1] : $0 < $1 }
        return order.prefix(max(0, count)).map { ($0, similarities[$0]) }
    }

    /// The people of other ratings, for whom the model answers from those ratings alone, known or not (fold-in); their names in order.
    ///
    /// - Returns: Ratings of unknown items are left out and counted.
    /// - Throws: `GibbsError` with code `.unsuitableData` where none is left of the least that counts, or a rating is off the model's scale.
    public func newcomers(_ ratings: Ratings) throws -> (people: People, names: [String], unknownItems: Int) {
        let (numbered, unknown) = try training.options.taking(ratings).numbered(users: Identifiers(), items: items)
        for value in numbered.value { try checkRating(value) }
        return (People(histories: numbered.byUser()), numbered.users.names, unknown)
    }

    /// A person whom it never saw, by ratings of items by name; of one item named twice the last counts.
    ///
    /// - Parameter ratings: For a recommender of events the numbers are how often.
    /// - Throws: `GibbsError` with code `.unsuitableData` for an item that it does not know, or a rating off the model's scale.
    public func newcomer(_ ratings: [(item: String, rating: Double)]) throws -> People {
        var last = [Int: Float]()
        for (name, rating) in ratings {
            try checkRating(Float(rating))
            last[try item(named: name)] = Float(rating)
        }
        let order = last.keys.sorted()
        return People(histories: SparseRows(columns: items.count, starts: [0, order.count], indices: order.map(Int32.init), values: order.map { last[$0]! }))
    }
}

extension Recommender {
    private func checkRating(_ rating: Float) throws {
        if let scale = ratingModel?.scale, scale.level(of: rating) == nil { throw scale.isOff(rating) }
        guard rating.isFinite else { throw GibbsError(.unsuitableData, "a rating of \(rating)", advice: "give finite numbers") }
    }
}

// MARK: - Files

extension Recommender: Storable {
    public static let kind = "recommender"

    /// The energies that a model file may name. A new kind of recommender joins by one line here.
    static let readers: [String: @Sendable (Archive) throws -> any RecommenderEnergy] = [
        DotProductRecommender.kind: { try DotProductRecommender(archive: $0) },
        RatingFactors.kind: { try RatingFactors(archive: $0) },
        RatingMachine.kind: { try RatingMachine(archive: $0) },
        CombinedRatings.kind: { try CombinedRatings(archive: $0) },
        RatingBiases.kind: { try RatingBiases(archive: $0) },
        RatingNeighbours.kind: { try RatingNeighbours(archive: $0) },
        Popularity.kind: { try Popularity(archive: $0) },
        ItemNeighbours.kind: { try ItemNeighbours(archive: $0) },
    ]

    public init(archive: Archive) throws {
        let users = try Self.names("users", in: archive), items = try Self.names("items", in: archive)
        let history = try SparseRows(archive, under: "history", rows: users.count, columns: items.count)
        let nested = archive.nested("energy"), kind = try nested.text("kind")
        guard let read = Self.readers[kind] else {
            throw GibbsError(.unsuitableModel, "the energy is of the kind '\(kind.prefix(40))', which this program does not know", advice: "update Gibbs, or fit the model again")
        }
        let energy = try read(nested)
        guard energy.fittedCount.map({ $0 == users.count }) ?? true else {
            throw GibbsError(.unsuitableModel, "an energy fitted to \(energy.fittedCount ?? 0) people where \(users.count) have names", advice: "the file is damaged")
        }
        guard energy.itemCount == items.count else {
            throw GibbsError(.unsuitableModel, "an energy over \(energy.itemCount) items where \(items.count) have names", advice: "the file is damaged")
        }
        self.init(users: users, items: items, history: history, energy: energy, training: try JSON.decode(Training.self, from: archive.text("training"), name: "training"))
    }

    public func archive() -> Archive {
        var archive = Archive()
        archive.metadata["users"] = JSON.encode(users.names)
        archive.metadata["items"] = JSON.encode(items.names)
        archive.metadata["training"] = JSON.encode(training)
        archive.tensors = history.archived(under: "history")
        var inner = energy.archive()
        inner.metadata["kind"] = type(of: energy).kind
        archive.nest(inner, under: "energy")
        return archive
    }

    /// The most items, as model files hold indices in single precision.
    public static let itemLimit = SparseRows.storedColumnLimit

    private static func names(_ entry: String, in archive: Archive) throws -> Identifiers {
        let names = try JSON.decode([String].self, from: archive.text(entry), name: entry), found = Identifiers(names)
        guard !names.isEmpty, found.count == names.count, names.count <= itemLimit else { throw GibbsError(.unsuitableModel, "names in '\(entry)' repeat, or are too many", advice: "the file is damaged") }
        return found
    }
}
