import GibbsCore
import GibbsNumerics

/// Contrastive divergence: the log-likelihood's gradient ⟨v h⟩_data − ⟨v h⟩_model with the second term from a few steps of
/// block Gibbs sampling.
///
/// - Source: Hinton, *Training Products of Experts by Minimizing Contrastive Divergence*, Neural Computation 2002 (CD-k);
///   Tieleman, ICML 2008 (persistent chains); Melchior, Fischer, Wiskott, *How to Center Deep Boltzmann Machines*, JMLR 2016
///   (centred gradient; with both offsets at the mean of data and model it is Cho et al.'s enhanced gradient, ICML 2011).
public struct ContrastiveDivergence: Sendable, Hashable {
    /// Where the model's samples start.
    public enum Chains: Sendable, Hashable {
        /// CD-k: every chain starts at a data row and takes `steps` Gibbs steps.
        case data(steps: Int)
        /// PCD: `count` chains go on from batch to batch, `steps` Gibbs steps each time.
        case persistent(count: Int, steps: Int)
    }

    /// Offsets subtracted from the units before the products of the gradient are formed.
    public enum Centring: Sendable, Hashable {
        case none
        /// Running means of the data's visible and hidden units.
        case dataMeans
        /// Halfway between the data's and the model's means: the enhanced gradient.
        case enhanced
    }

    public var chains: Chains
    public var centring: Centring
    public var optimiser: Optimiser
    /// Decay of the weights per step, times the rate; biases do not decay.
    public var weightDecay: Float
    public var batchSize: Int
    public var epochs: Int
    /// The rate falls linearly to this share of its start over the epochs.
    public var finalRateShare: Float
    /// Whether the variances of real units are learned; otherwise they keep the machine's values.
    public var learnsVariance: Bool
    /// Share of the rows held out to watch the free-energy gap; 0 watches nothing and never stops early.
    public var validationShare: Float
    /// Epochs without a better held-out figure before training stops.
    public var patience: Int

    public init(chains: Chains = .data(steps: 1), centring: Centring = .dataMeans, optimiser: Optimiser = .adam(rate: 2e-3),
                weightDecay: Float = 1e-4, batchSize: Int = 100, epochs: Int = 30, finalRateShare: Float = 0.1,
                learnsVariance: Bool = true, validationShare: Float = 0, patience: Int = 5) {
        self.chains = chains
        self.centring = centring
        self.optimiser = optimiser
        self.weightDecay = weightDecay
        self.batchSize = batchSize
        self.epochs = epochs
        self.finalRateShare = finalRateShare
        self.learnsVariance = learnsVariance
        self.validationShare = validationShare
        self.patience = patience
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check() throws {
        let steps: Int, count: Int
        switch chains {
        case .data(let k): (steps, count) = (k, 1)
        case .persistent(let c, let k): (steps, count) = (k, c)
        }
        let rules: [(Bool, String)] = [
            (steps > 0, "\(steps) Gibbs steps"), (count > 0, "\(count) persistent chains"), (batchSize > 0, "batches of \(batchSize) rows"),
            (epochs > 0, "\(epochs) epochs"), (optimiser.rate > 0 && optimiser.rate.isFinite, "a learning rate of \(optimiser.rate)"),
            (weightDecay >= 0, "a weight decay of \(weightDecay)"), ((0 ..< 1).contains(validationShare), "a validation share of \(validationShare)"),
            (finalRateShare >= 0 && finalRateShare.isFinite, "a final rate share of \(finalRateShare)"), (patience > 0, "a patience of \(patience)"),
        ]
        for (holds, text) in rules where !holds {
            throw GibbsError(.usage, "contrastive divergence cannot use \(text)", advice: "give a positive number")
        }
    }
}

extension RBM {
    /// Trains this machine by contrastive divergence; each epoch is a new machine, this one stays as it is.
    ///
    /// Missing values are filled, for the gradient only, with the sample that the machine last drew for them (zero input at
    /// first). Figures of an epoch: `trainFreeEnergy`, `validationFreeEnergy`, `freeEnergyGap` (nats, where rows are held
    /// out), `gradientNorm`, `weightNorm`, `hiddenActivity` (mean hidden probability).
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, variables.count]`.
    ///   - key: Orders the rows and feeds every sample.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Divergence is no
    ///   error but an ending.
    public func training(on data: Matrix, by method: ContrastiveDivergence, key: Key) -> TrainingRun<RBM> {
        TrainingRun {
            var trainer = try ContrastiveDivergenceTrainer(machine: self, data: data, method: method, key: key)
            return { trainer.epoch() }
        }
    }

    /// A copy whose visible biases are the log-odds (or means and variances) of the data's columns, so that training starts
    /// from independent columns. Missing values are left out of the counts; a category never seen counts as one half row.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Source: Hinton, UTML TR 2010-003, section 8.
    public func withBiases(from data: Matrix) throws -> RBM {
        try data.check(against: variables)
        var copy = self
        let marginals = ColumnMarginals(VisibleStates(data, layout: layout), layout: layout)
        copy.visibleBias = marginals.biases
        copy.logVariance = marginals.logVariances
        return copy
    }
}
