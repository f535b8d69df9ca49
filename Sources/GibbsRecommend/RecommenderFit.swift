import Foundation
import GibbsCore
import GibbsNumerics

extension Recommender {
    /// Where a fit stands.
    public struct Progress: Sendable {
        /// What is being counted, such as "epochs".
        public let unit: String
        /// How many of them are done, of how many.
        public let epoch: Int, of: Int
    }

    /// A recommender fitted to ratings, or to events where the options say so.
    ///
    /// - Parameters:
    ///   - ratings: Who rated what.
    ///   - options: Which energy, and its settings.
    ///   - progress: Sees what is done; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage` for a model that the ratings do not suit, `.unsuitableData` for ratings that lie on no scale or off the one
    ///   given, `.limitExceeded` for more than `itemLimit` items; and as the model's own `fitted`.
    /// - Complexity: That of the model's own `fitted`.
    public static func fitted(to ratings: Ratings, options: RecommenderOptions, progress: (Progress) throws -> Void = { _ in }) throws -> Recommender {
        let ratings = try options.taking(ratings)
        guard ratings.items.count <= itemLimit else {
            throw GibbsError(.limitExceeded, "\(ratings.items.count) items exceed the limit of \(itemLimit)", advice: "leave out the rarest items")
        }
        try options.checkSettings()
        guard options.isImplicit || !ratings.areCounts else {
            throw GibbsError(.unsuitableData, "there is no column of ratings, so that the rows are events", advice: "say --implicit, or name the ratings with --rating-column")
        }
        let history = ratings.byUser()
        var options = options
        if !options.isImplicit { options.scale = try checkedScale(of: ratings, options) }
        let (energy, method) = try options.isImplicit ? events(history, options, progress) : stars(history, options, options.scale!, progress)
        let training = Training(method: method, options: options, ratings: ratings.count, digest: ratings.digest, columns: ratings.columns)
        return Recommender(users: ratings.users, items: ratings.items, history: history, energy: energy, training: training)
    }

    /// The scale given, or told from the ratings, which must all lie on it.
    private static func checkedScale(of ratings: Ratings, _ options: RecommenderOptions) throws -> RatingScale {
        let scale = try options.scale ?? RatingScale(of: ratings.value)
        if let place = ratings.value.firstIndex(where: { scale.level(of: $0) == nil }) {
            let who = ratings.users.names[Int(ratings.user[place])], what = ratings.items.names[Int(ratings.item[place])]
            throw GibbsError(.unsuitableData, "the rating \(ratings.value[place]) of '\(what.prefix(40))' by '\(who.prefix(40))' is off the scale from \(scale.lowest) to \(scale.highest) by steps of \(scale.step)",
                             advice: "state a scale that has it")
        }
        return scale
    }

    private static func unsuited(_ options: RecommenderOptions) -> GibbsError {
        let wanted = options.isImplicit ? "ratings" : "events"
        return GibbsError(.usage, "'\(options.model.rawValue)' is a model of \(wanted)", advice: options.isImplicit ? "take factors or softmax for events, or leave out that the rows are events"
            : "say that the rows are events (implicit), or take factors, rating-rbm or combined for ratings")
    }

    private static func events(_ history: SparseRows, _ options: RecommenderOptions, _ progress: (Progress) throws -> Void) throws -> (any RecommenderEnergy, String) {
        let key = Key(options.seed)
        switch options.model {
        case .factors:
            var method = ImplicitLeastSquares()
            method.confidence = .counted
            method.factors = options.size ?? method.factors
            method.iterations = options.epochs ?? method.iterations
            method.regularisation = options.regularisation.map(Float.init) ?? method.regularisation
            let worth = try worth(of: method, history, key)
            let model = try DotProductRecommender.fitted(to: history, by: method, key: key) { try progress(Progress(unit: "iterations", epoch: $0.done, of: $0.of)) }
            return (worth?.applied(to: model, histories: history) ?? model, "dot product of \(method.factors) factors, weighted alternating least squares")
        case .softmax:
            var method = SampledSoftmax()
            method.factors = options.size ?? method.factors
            method.epochs = options.epochs ?? method.epochs
            method.regularisation = options.regularisation.map(Float.init) ?? method.regularisation
            method.negatives = options.negatives ?? method.negatives
            method.batchSize = options.batch ?? method.batchSize
            var last: DotProductRecommender.Progress?
            let model = try DotProductRecommender.fitted(to: history, by: method, key: key) {
                last = $0
                try progress(Progress(unit: "epochs", epoch: $0.done, of: $0.of))
            }
            return (model, "dot product of \(method.factors) factors, " + told(method, last, items: history.columns))
        case .popularity: return (Popularity(histories: history), "popularity")
        case .neighbours: return (try ItemNeighbours(histories: history), "neighbouring items")
        case .ratingRBM, .combined, .biases: throw unsuited(options)
        }
    }

    /// How a softmax was trained, and what it could tell.
    private static func told(_ method: SampledSoftmax, _ last: DotProductRecommender.Progress?, items: Int) -> String {
        switch method.negatives {
        case .sampled: return "maximum likelihood of the softmax over \(items <= method.exactLimit ? "all" : "sampled") items"
        case .inBatch:
            let (ceiling, loss) = (last?.ceiling ?? .nan, last?.loss ?? .nan)
            return String(format: "InfoNCE in batches of %d people: in the events it learned from a person tells at least %.2f nats of the item, of %.2f = ln(candidates) that batches can show",
                          method.batchSize, ceiling - loss, ceiling)
        }
    }

    /// What a score of least squares is worth in nats, from a fit that leaves a tenth of the events out; nil for so many events that this would take long, or so
    /// few that it would say nothing.
    private static func worth(of method: ImplicitLeastSquares, _ history: SparseRows, _ key: Key) throws -> ScoreScale? {
        guard 500 ... 5_000_000 ~= history.entries else { return nil }
        return try ScoreScale.holding(history.entries / 10, of: history, precision: 1e-3, key: key.folding(1)) { try .fitted(to: $0, by: method, key: key) }
    }

    private static func stars(_ history: SparseRows, _ options: RecommenderOptions, _ scale: RatingScale, _ progress: (Progress) throws -> Void) throws -> (any RecommenderEnergy, String) {
        var machine = RatingMachineOptions(), factors = RatingFactorsOptions()
        machine.epochs = options.epochs ?? machine.epochs
        (machine.seed, factors.seed) = (options.seed, options.seed)
        switch options.model {
        case .factors:
            factors.rank = options.size ?? factors.rank
            factors.sweeps = options.epochs ?? factors.sweeps
            let model = try RatingFactors.fitted(to: history, scale: scale, options: factors) { sweep, _ in try progress(Progress(unit: "sweeps", epoch: sweep, of: factors.sweeps)) }
            return (model, "\(factors.rank) factors by regularised least squares, their precisions learned")
        case .ratingRBM:
            machine.hidden = options.size ?? machine.hidden
            let model = try RatingMachine.fitted(to: history, scale: scale, options: machine) { what, epoch in
                try progress(Progress(unit: "epochs (\(what))", epoch: epoch.number, of: machine.epochs))
            }
            return (model, "conditional RBM with \(machine.hidden) binary and \(machine.gaussian) Gaussian hidden units")
        case .combined:
            var combined = CombinedRatings.Options()
            (combined.machine, combined.factors, combined.seed) = (machine, factors, options.seed)
            var done = 0
            let model = try CombinedRatings.fitted(to: history, scale: scale, options: combined) { what in
                try progress(Progress(unit: "parts (\(what))", epoch: done, of: 6))
                done += 1
            }
            return (model, "the energies of \(model.members.count) models of ratings, added")
        case .biases: return (try RatingBiases.fitted(to: history, scale: scale), "biases of people and items")
        case .neighbours: return (try RatingNeighbours.fitted(to: history, scale: scale), "neighbouring items")
        case .softmax, .popularity: throw unsuited(options)
        }
    }
}
