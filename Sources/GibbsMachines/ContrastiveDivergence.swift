import GibbsCore
import GibbsNumerics

/// Contrastive divergence: the log-likelihood's gradient ⟨v h⟩_data − ⟨v h⟩_model with the second term from a few steps of
/// block Gibbs sampling.
///
/// - Source: Hinton, *Training Products of Experts by Minimizing Contrastive Divergence*, Neural Computation 2002 (CD-k);
///   Tieleman, ICML 2008 (persistent chains); Desjardins, Courville, Bengio, Vincent, Delalleau, *Parallel tempering for training of
///   restricted Boltzmann machines*, AISTATS 2010; Melchior, Fischer, Wiskott, *How to Center Deep Boltzmann Machines*, JMLR 2016
///   (centred gradient; with both offsets at the mean of data and model it is Cho et al.'s enhanced gradient, ICML 2011).
public struct ContrastiveDivergence: Sendable, Hashable {
    /// Where the model's samples start.
    public enum Chains: Sendable, Hashable {
        /// CD-k: every chain starts at a data row and takes `steps` Gibbs steps.
        case data(steps: Int)
        /// PCD: `count` chains go on from batch to batch, `steps` Gibbs steps each time.
        case persistent(count: Int, steps: Int)
        /// PCD by parallel tempering: each of `count` persistent chains has copies at `temperatures` values of β from 1 down to 0, where
        /// p ∝ exp(−β E(v, h)); after every step neighbours change places by Metropolis' rule. For machines whose modes plain chains do
        /// not leave. Costs `temperatures` times as much.
        case tempered(count: Int, steps: Int, temperatures: Int)
    }

    /// Offsets subtracted from the units before the products of the gradient are formed.
    public enum Centring: Sendable, Hashable {
        /// Plain products ⟨v h⟩.
        case none
        /// The data's column means, and running means (over some hundred batches) of the hidden units that the data cause.
        case dataMeans
        /// Running means halfway between the data's and the model's, of both kinds of units: the enhanced gradient.
        case enhanced
    }

    /// Where the model's samples start, and how many Gibbs steps they take.
    public var chains: Chains
    /// What is subtracted from the units.
    public var centring: Centring
    /// How the gradient becomes a step.
    public var optimiser: Optimiser
    /// Decay of the weights per step, times the rate; biases do not decay.
    public var weightDecay: Float
    /// Rows a gradient step; the last batch of an epoch may be smaller.
    public var batchSize: Int
    /// Passes over the data.
    public var epochs: Int
    /// The rate falls linearly to this share of its start over the epochs.
    public var finalRateShare: Float
    /// Whether the variances of real units are learned; otherwise they keep the machine's values.
    public var learnsVariance: Bool
    /// Share of the rows, 0 ..< 1, held out to watch the free-energy gap; 0, and data of 20 rows or fewer, watch nothing and
    /// never stop early.
    public var validationShare: Float
    /// Epochs without a better held-out figure before training stops.
    public var patience: Int
    /// Whether binary values between 0 and 1 are probabilities from which each step draws anew; otherwise they enter as they are.
    public var drawsProbabilities: Bool
    /// Share of the average that the newest parameters get at each step, 0 < share ≤ 1: an epoch's model holds running averages over
    /// some 1/share steps, which are better than the parameters themselves while the chains make those shake. 1 averages nothing.
    ///
    /// - Source: Swersky, Chen, Marlin, de Freitas, *A tutorial on stochastic approximation algorithms for training restricted Boltzmann
    ///   machines and deep belief nets*, ITA 2010, section IV.
    public var averagingShare: Float

    /// A method with these settings. They are checked when training starts, not here.
    public init(chains: Chains = .data(steps: 1), centring: Centring = .dataMeans, optimiser: Optimiser = .adam(rate: 2e-3),
                weightDecay: Float = 1e-4, batchSize: Int = 100, epochs: Int = 30, finalRateShare: Float = 0.1,
                learnsVariance: Bool = true, validationShare: Float = 0, patience: Int = 5,
                drawsProbabilities: Bool = false, averagingShare: Float = 1) {
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
        self.drawsProbabilities = drawsProbabilities
        self.averagingShare = averagingShare
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check() throws {
        let steps: Int, count: Int, temperatures: Int
        switch chains {
        case .data(let k): (steps, count, temperatures) = (k, 1, 2)
        case .persistent(let c, let k): (steps, count, temperatures) = (k, c, 2)
        case .tempered(let c, let k, let t): (steps, count, temperatures) = (k, c, t)
        }
        let rules: [(Bool, String)] = [
            (steps > 0, "\(steps) Gibbs steps"), (count > 0, "\(count) persistent chains"),
            (temperatures > 1, "tempering at \(temperatures) temperatures"), (averagingShare > 0 && averagingShare <= 1, "an averaging share of \(averagingShare)"), (batchSize > 0, "batches of \(batchSize) rows"),
            (epochs > 0, "\(epochs) epochs"), (optimiser.rate > 0 && optimiser.rate.isFinite, "a learning rate of \(optimiser.rate)"),
            (weightDecay >= 0, "a weight decay of \(weightDecay)"), ((0 ..< 1).contains(validationShare), "a validation share of \(validationShare)"),
            (finalRateShare >= 0 && finalRateShare.isFinite, "a final rate share of \(finalRateShare)"), (patience > 0, "a patience of \(patience)"),
        ]
        for (holds, text) in rules where !holds {
            throw GibbsError(.usage, "contrastive divergence cannot use \(text)", advice: "give a positive number")
        }
    }
}

extension ContrastiveDivergence {
    /// Chains that go on from batch to batch; `nil` where each starts at a data row.
    var persistentCount: Int? {
        switch chains {
        case .data: nil
        case .persistent(let count, _), .tempered(let count, _, _): count
        }
    }
}

extension RBM {
    /// Trains this machine by contrastive divergence; each epoch is a new machine, this one stays as it is.
    ///
    /// Missing values are filled, for the gradient only and anew for every batch, by two steps of block Gibbs sampling in which
    /// the known cells stay as they are. Figures of an epoch: `trainFreeEnergy`, `validationFreeEnergy`, `freeEnergyGap` (nats,
    /// where rows are held out), `weightNorm`, and of the last batch `gradientNorm` and `hiddenActivity` (mean hidden
    /// probability of its rows).
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, variables.count]`; real columns roughly standardised. A missing value is no error.
    ///   - method: The settings.
    ///   - key: Holds rows out, orders them and feeds every sample.
    /// - Complexity: An epoch takes about (3 + 2 · steps) products `rows × width × hidden`; data chains and persistent chains
    ///   cost the same when there are as many chains as rows in a batch.
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
        let marginals = ColumnMarginals(data, layout: layout)
        copy.visibleBias = marginals.biases
        copy.logVariance = marginals.logVariances
        return copy
    }
}
