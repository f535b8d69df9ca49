import GibbsCore
import GibbsNumerics

/// How a `RatingMachine` is trained. The defaults were chosen on held-out parts of training data.
public struct RatingMachineOptions: Sendable, Hashable {
    /// What is climbed.
    public enum Method: Sendable, Hashable {
        /// Σ ln p(v_i | the person's other ratings) over all ratings: what the machine is asked for, by exact sums, without sampling.
        case conditionalLikelihood
        /// Contrastive divergence, the number of Gibbs steps growing evenly over the epochs from the first to the last.
        case contrastiveDivergence(from: Int, to: Int)
    }

    /// Binary and Gaussian hidden units.
    public var hidden = 64, gaussian = 8
    /// γ, how much stiffer a Gaussian unit becomes with each rated item.
    public var stiffening: Float = 0.1
    /// Q: weights are smooth over the levels, W_ij^k = Σ_{q = 1 … Q} A_ijq √2 cos(π q (k + ½) / K); K − 1 or more leave them free, nil stands for
    /// a third of K, but at least 2.
    public var shapes: Int?
    /// C, where the weights are factored, A_ijq = Σ_{c ≤ C} A_iqc B_cj with B shared by all items (and so are those of D); nil where they are not.
    public var rank: Int?
    /// What is climbed.
    public var method = Method.conditionalLikelihood
    /// Passes over the people.
    public var epochs = 40
    /// People a gradient step; fewer where they rated much.
    public var batch = 16
    /// How a gradient becomes a step. Every item takes steps of its own, when it is met; with momentum, along the mean over its ratings.
    public var optimiser = Optimiser.adam(rate: 0.005)
    /// The rate falls linearly to this share of its start over the epochs.
    public var finalRateShare: Float = 0.05
    /// Precision of the prior of A_ijq around what all items share, at q = 1; q^roughness times that for rougher shapes.
    public var weightPrior: Float = 25, roughness: Float = 4
    /// Precision of the prior of D_ij, and of the biases of an item around those of all.
    public var ratedPrior: Float = 15, biasPrior: Float = 10
    /// Share of a person's other ratings that is hidden at random whenever one is foretold in training; of conditional likelihood alone.
    public var forgets: Float = 0.2
    /// Share of the ratings held out to choose the number of epochs, after which all are learned for as many; 0 for all epochs.
    public var validationShare: Float = 0.05
    /// Epochs without a smaller held-out error before the trial ends.
    public var patience = 6
    /// The key's number.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}

    func check() throws {
        var rules: [(Bool, String)] = [
            (0 ... 4_096 ~= hidden && 0 ... 4_096 ~= gaussian && 1 ... 4_096 ~= hidden + gaussian, "\(hidden) binary and \(gaussian) Gaussian hidden units"), (stiffening >= 0 && stiffening.isFinite, "a stiffening of \(stiffening)"),
            (shapes.map { $0 > 0 } ?? true, "\(shapes ?? 0) shapes"), (rank.map { $0 > 0 } ?? true, "a rank of \(rank ?? 0)"), (epochs > 0, "\(epochs) epochs"), (batch > 0, "batches of \(batch) people"),
            (optimiser.rate > 0 && optimiser.rate.isFinite, "a rate of \(optimiser.rate)"), (finalRateShare >= 0 && finalRateShare.isFinite, "a final share of the rate of \(finalRateShare)"),
            (0 ..< 1 ~= forgets, "forgetting \(forgets) of the ratings"), (0 ..< 1 ~= validationShare, "a validation share of \(validationShare)"), (patience > 0, "a patience of \(patience)"),
        ]
        for (name, prior) in [("weights", weightPrior), ("D", ratedPrior), ("biases", biasPrior)] { rules.append((prior >= 0 && prior.isFinite, "a prior of \(prior) on \(name)")) }
        if case .contrastiveDivergence(let first, let last) = method { rules.append((1 ... 1_000 ~= first && first ... 1_000 ~= last, "\(first) to \(last) Gibbs steps")) }
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "a rating machine cannot be trained with \(text)", advice: "the defaults are a good start") }
    }

    /// Gibbs steps of an epoch from 1; 0 for none.
    func steps(epoch: Int) -> Int {
        guard case .contrastiveDivergence(let first, let last) = method else { return 0 }
        return first + (last - first + 1) * (epoch - 1) / max(1, epochs)
    }
}

/// Features that shift the biases of a machine while it learns, each of size about one.
public struct RatingFeatures: Sendable {
    /// Shape `[people, features]`, or nil.
    public var people: Matrix?
    /// Shape `[items, features]`, or nil: an item's biases are drawn to what its features say, and are part of the machine afterwards.
    public var items: Matrix?
    /// Such features.
    public init(people: Matrix? = nil, items: Matrix? = nil) { (self.people, self.items) = (people, items) }
}
