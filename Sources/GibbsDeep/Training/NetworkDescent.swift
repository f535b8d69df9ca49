import Foundation
import GibbsCore
import GibbsNumerics

/// How weights go down a loss, whatever the loss: batches, rates, and what happens when the numbers run away.
public struct NetworkDescent: Sendable, Hashable {
    /// How a gradient becomes a step.
    public var optimiser: Optimiser
    /// Rows a step; what is left over at the end of an epoch waits for another.
    public var batchSize: Int
    /// Epochs in all.
    public var epochs: Int
    /// Rows an epoch goes through at most, drawn anew for each; all of them unless told. Less means news more often.
    public var epochRows: Int?
    /// Steps over which the rate rises linearly from zero.
    public var warmUp: Int
    /// Share of all steps before the rate begins to fall.
    public var plateau: Double
    /// The rate falls to this share.
    public var finalRateShare: Double
    /// How it falls.
    public var fall: Fall
    /// Decay of the weights; decoupled with Adam.
    public var weightDecay: Double
    /// The length to which longer gradients are scaled down; infinite for none.
    public var clip: Double
    /// Share of the running average of the weights kept in each step, less at first; an epoch's model holds the average. `nil` for none.
    public var averaging: Double?
    /// What is an alarm, and how often training may go back.
    public var watch: TrainingWatch

    /// Settings; checked when training starts.
    public init(optimiser: Optimiser = .adam(rate: 1e-3), batchSize: Int = 64, epochs: Int = 10, epochRows: Int? = nil, warmUp: Int = 0, plateau: Double = 0, finalRateShare: Double = 0.1,
                weightDecay: Double = 0, clip: Double = 1, averaging: Double? = 0.99, watch: TrainingWatch = TrainingWatch(), fall: Fall = .linear) {
        self.optimiser = optimiser
        self.batchSize = batchSize
        self.epochs = epochs
        self.epochRows = epochRows
        self.warmUp = warmUp
        self.plateau = plateau
        self.finalRateShare = finalRateShare
        self.weightDecay = weightDecay
        self.clip = clip
        self.averaging = averaging
        self.watch = watch
        self.fall = fall
    }

    /// How a rate falls.
    public enum Fall: Sendable, Hashable {
        /// By as much in every step.
        case linear
        /// Along half a cosine: slowly at both ends.
        case cosine
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check(rows: Int) throws {
        try Self.check([
            (optimiser.rate > 0 && optimiser.rate.isFinite, "a learning rate of \(optimiser.rate)"), (batchSize > 0, "batches of \(batchSize) rows"), (epochs > 0, "\(epochs) epochs"),
            (epochRows ?? 1 > 0, "epochs of \(epochRows ?? 0) rows"), (warmUp >= 0, "a warm-up of \(warmUp) steps"),
            ((0 ..< 1).contains(plateau), "a rate that stays for the share \(plateau) of the steps"), (finalRateShare >= 0 && finalRateShare.isFinite, "a final rate share of \(finalRateShare)"),
            (weightDecay >= 0, "a weight decay of \(weightDecay)"), (clip > 0, "gradients clipped to \(clip)"), ((0 ..< 1).contains(averaging ?? 0), "an average that keeps \(averaging ?? 0)"),
            (watch.largestGap > 0, "a largest gap of \(watch.largestGap)"), (watch.returns >= 0, "\(watch.returns) returns"), (watch.snapshotSteps > 0, "a snapshot every \(watch.snapshotSteps) steps"),
        ])
        guard rows > 0 else { throw GibbsError(.unsuitableData, "there is no row to train on", advice: "give at least one") }
    }

    static func check(_ rules: [(Bool, String)]) throws {
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "training cannot use \(text)", advice: "give a number within bounds") }
    }

    /// Rows of a step, and steps of an epoch.
    func steps(of rows: Int) -> (batch: Int, count: Int) {
        let batch = min(batchSize, rows)
        return (batch, max(1, min(rows, epochRows ?? rows) / batch))
    }

    /// The share of the rate in a step, counted from 0, of `count` in all.
    func rateShare(of step: Int, count: Int) -> Double {
        let rise = min(1, Double(step + 1) / Double(max(1, warmUp))), way = Double(step) / Double(max(1, count - 1))
        let behind = max(0, (way - plateau) / (1 - plateau)), fallen = fall == .linear ? behind : 0.5 - 0.5 * cos(.pi * behind)
        return rise * (1 - (1 - finalRateShare) * fallen)
    }
}

/// What is looked at in every step of a training, so that it comes back by itself from where energies run away.
///
/// A step raises an alarm when its loss or gradient is no finite number, when the energies of data and of chains are further apart than any
/// working model's, or when half of its chains have left for infinity. Training then goes back to where it was between one and two snapshots
/// ago, weights and chains, with half the rate, and goes on. After `returns` of these it ends by divergence, with the last good model. An
/// epoch's figures tell: `returns`, `alarmsNotFinite`, `alarmsGap`, `alarmsChains`, and `rateShare`, what is left of the rate.
public struct TrainingWatch: Sendable, Hashable {
    /// Nats between the mean energies of data and of chains beyond which a step alarms. Contrastive training with the regulariser α has an
    /// ideal gap below 1/α.
    public var largestGap: Double
    /// How often training may go back before it gives up.
    public var returns: Int
    /// Good steps from one snapshot to the next.
    public var snapshotSteps: Int

    /// What is an alarm, and how often training may go back.
    public init(largestGap: Double = 20, returns: Int = 6, snapshotSteps: Int = 50) {
        self.largestGap = largestGap
        self.returns = returns
        self.snapshotSteps = snapshotSteps
    }

    /// Why a step alarms.
    enum Alarm: String, CaseIterable {
        case notFinite = "alarmsNotFinite"
        case gap = "alarmsGap"
        case chains = "alarmsChains"
    }

    /// Looks at a step.
    func alarm(_ outcome: StepOutcome) -> Alarm? {
        if !outcome.report.isTaken || !outcome.figures.values.allSatisfy(\.isFinite) { return .notFinite }
        if outcome.divergedShare > 0.5 { return .chains }
        return abs(outcome.figures["energyGap"] ?? 0) > largestGap ? .gap : nil
    }
}

/// What a step of any method saw.
struct StepOutcome {
    var report: NetworkStep
    /// Of this step, by name; averaged over an epoch.
    var figures: [String: Double]
    /// Share of the chains that diverged.
    var divergedShare = 0.0
}
