import Foundation
import GibbsNumerics

/// Factors by maximum likelihood of the softmax over items: the minimum of
///
///     Σ_{(u,i) seen} −ln p(i | u)  +  ½ Σ λ_u ‖U_u‖² + ½ Σ λ_i ‖V_i‖² + ½ λ_b Σ (b_i − ln share_i)²,
///     p(i | u) = exp(s_ui) / (exp(s_ui) + Σ_{j never seen by u} exp(s_uj)),
///
/// s_ui = U_uᵀV_i + b_i. What else a person has seen is left out of the sum, as it is when the model is asked which unseen item comes next, so
/// that p is the probability it is used as. With the right item as the positive and all others as negatives this is InfoNCE.
///
/// Up to `exactLimit` items the sum runs over all of them. Above, it is estimated from `candidates` items a batch, half of them drawn by
/// popularity (as the positives of other people in the batch would be) and half evenly, each counting 1 / (expected draws) (the logQ correction).
///
/// With `negatives` in the batch the loss is InfoNCE's instead: the right item is told from what the other people of the batch turned to, but for what u has seen beside i,
///
///     −ln [ exp(s_ui − ln Q_i) / (exp(s_ui − ln Q_i) + Σ_{events (w, j) of others} exp(s_uj − ln Q_j)) ],
///
/// Q an item's share of all events. But for what is left out as seen, it is lowest where s_ui = ln p(i | u) + any number for u, whatever the size of the batch; without ln Q, where
/// s_ui = ln p(i | u) / Q_i, which ranks what is popular down. No temperature is learned: that is the length of the factors, which are as long as they like.
///
/// - Source: Jean, Cho, Memisevic, Bengio, ACL 2015 (sampled softmax); Yi et al., *Sampling-bias-corrected neural modeling*, RecSys 2019 (logQ);
///   van den Oord, Li, Vinyals, 2018 (InfoNCE).
public struct SampledSoftmax: Sendable, Hashable, Codable {
    /// The numbers that describe a person or an item.
    public var factors = 32
    /// Passes over the people.
    public var epochs = 40
    /// λ: the precision of the normal prior of a person or an item with the mean number of events.
    public var regularisation: Float = 6
    /// ν: a person or an item with r times the mean number of events has the precision λ rᵛ; 0 for the same one everywhere.
    public var exponent: Float = 0.5
    /// The precision of the normal prior of an item's bias around ln of its share of events (half an event added).
    public var biasPrecision: Float = 2
    /// People a step; of negatives in the batch the more the better, and at least two.
    public var batchSize = 64
    /// Adam's rate at the start; it falls to a twentieth along half a cosine.
    public var rate: Float = 0.02
    /// The most items over which the sum is exact.
    public var exactLimit = 20_000
    /// Items that are drawn a step above it.
    public var candidates = 4_096
    /// The share of events that a first fit leaves out, to learn from them what its scores are worth (`ScoreScale`); 0 takes scores at their word, in
    /// half of the time. Of fewer than 50 such events nothing is learned.
    public var heldShare: Float = 0.1

    /// What the right item is told from.
    public enum Negatives: String, Sendable, Hashable, Codable, CaseIterable {
        /// All items, and above `exactLimit` of them some that are drawn.
        case sampled
        /// What the other people of the batch turned to.
        case inBatch = "in-batch"
    }

    /// What the right item is told from.
    public var negatives: Negatives {
        get { negativesUnlessSampled ?? .sampled }
        set { negativesUnlessSampled = newValue == .sampled ? nil : newValue }
    }
    /// Files have no word for what was once the only way.
    private var negativesUnlessSampled: Negatives?

    /// The defaults.
    public init() {}

    /// λ rᵛ of a row with so many events; one with less than an event counts as with one.
    package func precision(events: Int, mean: Float) -> Float { regularisation * pow(max(1, Float(events)) / max(1, mean), exponent) }

    func check() throws {
        let rules: [(Bool, String)] = [
            ((1 ... 4_096).contains(factors), "\(factors) factors"), (1 ... 100_000 ~= epochs, "\(epochs) epochs"), (regularisation > 0 && regularisation.isFinite, "a regularisation of \(regularisation)"),
            (0 ... 2 ~= exponent, "an exponent of \(exponent)"), (biasPrecision >= 0 && biasPrecision.isFinite, "a precision of biases of \(biasPrecision)"),
            (1 ... 1_000_000 ~= batchSize, "batches of \(batchSize) people"), (rate > 0 && rate.isFinite, "a rate of \(rate)"), (exactLimit >= 0, "an exact limit of \(exactLimit) items"),
            (2 ... 1_000_000 ~= candidates, "\(candidates) candidates"), (0 ... 0.5 ~= heldShare, "a share of \(heldShare) held-out events"),
        ]
        if negatives == .inBatch, batchSize < 2 { throw Self.alone("a batch of \(batchSize)", advice: "take batches of two people at least") }
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "factors cannot be fitted with \(text)", advice: "gibbs fit ratings --help tells the defaults") }
    }
}

extension SampledSoftmax {
    /// Nobody else is there to take negatives from.
    fileprivate static func alone(_ what: String, _ code: GibbsError.Code = .usage, advice: String) -> GibbsError {
        GibbsError(code, "InfoNCE in \(what): the right item has no other to be told from", advice: advice)
    }

    /// Refuses negatives of other people where there are none.
    fileprivate func check(_ histories: SparseRows) throws {
        guard negatives == .inBatch, (0 ..< histories.rows).lazy.filter({ !histories.range($0).isEmpty }).prefix(2).count < 2 else { return }
        throw Self.alone("a batch of 1, for nobody else has a history", .unsuitableData, advice: "take sampled negatives, or give more people")
    }
}

extension DotProductRecommender {
    /// The work of solving for every person exactly once training ends, in products; above it people keep what training gave them.
    private static let solvingLimit = 2e12

    /// Learns the factors of people and items by the softmax over items; and, from a fit that leaves `heldShare` of the events out, what its scores are worth.
    ///
    /// With at most `exactLimit` items, and not too many people, every U_u is at last the exact minimum given V, so that folding in a fitted
    /// person's history gives U_u to rounding. People without a history keep zeros, and are answered by the items' biases.
    ///
    /// - Parameters:
    ///   - histories: Who has seen what, shape people × items; the values are not read.
    ///   - method: The settings.
    ///   - key: Where factors start, the order of people and the candidates.
    ///   - report: Sees every epoch, with the mean loss of its events before their steps; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage`; `.unsuitableData` without any entry, for negatives in a batch without two people who have one, or when training
    ///   diverges; what `report` throws.
    /// - Complexity: Twice (once without `heldShare`) epochs × people × min(items, candidates) × factors × 3 products, in parallel; the same bits on any number of processors.
    public static func fitted(to histories: SparseRows, by method: SampledSoftmax, key: Key, report progress: (Progress) throws -> Void = { _ in }) throws -> DotProductRecommender {
        try method.check()
        guard histories.entries > 0 else { throw GibbsError(.unsuitableData, "nobody has a history", advice: "give at least one person with an item") }
        try method.check(histories)
        let begin = Date(), held = Int(Float(histories.entries) * method.heldShare), calibrates = held >= heldLimit, passes = (calibrates ? 2 : 1) * method.epochs
        func report(_ epoch: Int, _ found: SoftmaxTrainer.Figures) throws {
            try progress(Progress(done: epoch, of: passes, loss: found.loss, ceiling: found.ceiling, seconds: Date().timeIntervalSince(begin)))
        }
        guard calibrates else { return try trained(on: histories, by: method, key: key, report) }
        let worth = try ScoreScale.holding(held, of: histories, key: key.folding(2 * method.epochs + 2)) { try trained(on: $0, by: method, key: key, report) }
        return worth.applied(to: try trained(on: histories, by: method, key: key) { try report(method.epochs + $0, $1) }, histories: histories)
    }

    /// Fewer held-out events than these say nothing.
    private static let heldLimit = 50

    /// The scores at their word.
    private static func trained(on histories: SparseRows, by method: SampledSoftmax, key: Key, _ report: (_ epoch: Int, _ found: SoftmaxTrainer.Figures) throws -> Void) throws -> DotProductRecommender {
        var trainer = SoftmaxTrainer(histories, method: method, key: key)
        for epoch in 1 ... method.epochs {
            let found = trainer.pass(epoch)
            guard found.loss.isFinite else { throw GibbsError(.unsuitableData, "the training diverged in epoch \(epoch)", advice: "learn more slowly, or regularise more") }
            try report(epoch, found)
        }
        let work = Double(histories.rows) * Double(histories.columns) * Double(method.factors * method.factors)
        if histories.columns <= method.exactLimit, work <= solvingLimit { trainer.solvePeople() }
        return DotProductRecommender(users: trainer.users, items: trainer.items, itemBiases: trainer.biases, foldIn: .softmax(method, meanEvents: trainer.meanEvents))
    }
}
