import GibbsNumerics

/// Ratings as questions to a recommender: whom they are of, and which items; who does not occur in them is left out.
public struct RatingQuestions: Sendable {
    /// The people, with what the recommender knows of them; those whom it never saw have no history.
    public let people: People
    /// Their names.
    public let names: [String]
    /// What they gave, shape people × items of the model.
    public let targets: SparseRows
    /// Ratings of items that the model does not know, which are left out.
    public let unknownItems: Int

    /// How many of the people have no history, for the model never saw them, or nothing of theirs.
    public var newPeople: Int { (0 ..< people.count).count { people.histories.range($0).isEmpty } }
}

extension Recommender {
    /// These ratings, read as the recommender's own were (see `RecommenderOptions.taking(_:)`), as questions.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` where none is left.
    public func questions(_ ratings: Ratings) throws -> RatingQuestions { try allQuestions(training.options.taking(ratings)) }

    /// The same of all ratings, the lowest included.
    func allQuestions(_ ratings: Ratings) throws -> RatingQuestions {
        let (numbered, unknown) = ratings.numbered(users: users, items: items), rows = numbered.byUser()
        let asked = (0 ..< rows.rows).filter { !rows.range($0).isEmpty }, nobody = SparseRows(columns: rows.columns, starts: [0, 0], indices: [], values: [])
        guard !asked.isEmpty else {
            throw GibbsError(.unsuitableData, "none of the \(ratings.count) ratings is of an item that the model knows", advice: "write the items as in the data it was fitted to (gibbs inspect shows some)")
        }
        let histories = SparseRows.stacked(asked.map { $0 < users.count ? history.selecting(rows: [$0]) : nobody }, columns: rows.columns)
        return RatingQuestions(people: People(histories: histories, fitted: asked.map { $0 < users.count ? $0 : nil }), names: asked.map { numbered.users.names[$0] },
                               targets: rows.selecting(rows: asked), unknownItems: unknown)
    }
}
