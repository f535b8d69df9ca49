import GibbsNumerics

/// How a recommender is fitted; kept in its file, so that the same can be fitted again to another part of the ratings.
public struct RecommenderOptions: Sendable, Hashable, Codable {
    /// Which energy.
    public enum Model: String, Sendable, Hashable, Codable, CaseIterable {
        /// A dot product of factors: of events by weighted least squares, of ratings by regularised least squares.
        case factors
        /// A dot product whose p(i | u) is fitted itself, by the softmax over items; of events.
        case softmax
        /// The conditional RBM over a person's ratings.
        case ratingRBM = "rating-rbm"
        /// The sum of the energies of ratings that `factors` and `rating-rbm` learn, and of neighbouring items, weighted on held-out ratings.
        case combined
        /// How often an item occurs, for everybody alike.
        case popularity
        /// Items near those that a person rated.
        case neighbours
        /// An offset a person and an offset an item.
        case biases
    }

    /// Which energy.
    public var model = Model.factors
    /// Whether ratings are events: that there is one counts, its value is how much.
    public var isImplicit = false
    /// The least rating that is kept, where not all are.
    public var least: Double?
    /// Factors or hidden units; the model's own default where nil.
    public var size: Int?
    /// Passes over the ratings; as `size`.
    public var epochs: Int?
    /// The weight of the penalty on large parameters; as `size`.
    public var regularisation: Double?
    /// What the softmax tells the right item from; as `size`.
    public var negatives: SampledSoftmax.Negatives?
    /// People a step of the softmax; as `size`.
    public var batch: Int?
    /// The ratings there are, for models of ratings; told from the data where nil.
    public var scale: RatingScale?
    /// The key's number.
    public var seed: UInt64 = 1

    /// A dot product of ratings.
    public init() {}

    /// Ratings as a model with these options takes them: those of at least `least`, and as events where it learns events. Ratings that were taken so already
    /// are given back.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` where none is left.
    public func taking(_ ratings: Ratings) throws -> Ratings {
        guard let least else { return ratings }
        let kept = ratings.least == least ? ratings : try ratings.keeping(atLeast: least)
        return isImplicit && !kept.areCounts ? kept.asEvents() : kept
    }

    /// Refuses a setting that the model would pass over.
    func checkSettings() throws {
        let learns: [Model] = [.factors, .softmax, .ratingRBM], passes = learns + [.combined]
        let rules: [(Bool, String)] = [
            (size == nil || learns.contains(model), "a number of factors"), (epochs == nil || passes.contains(model), "a number of passes"),
            (regularisation == nil || isImplicit && [.factors, .softmax].contains(model), "a regularisation"), (scale == nil || !isImplicit, "a scale of ratings"),
            (negatives == nil || model == .softmax, "a choice of negatives"), (batch == nil || model == .softmax, "a size of batches"),
        ]
        for (holds, what) in rules where !holds {
            throw GibbsError(.usage, "\(what) for '\(model.rawValue)' of \(isImplicit ? "events" : "ratings"), which has none to choose", advice: "leave it out")
        }
    }
}
