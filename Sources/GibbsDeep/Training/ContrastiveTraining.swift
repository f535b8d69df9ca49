import GibbsCore
import GibbsNumerics

/// Contrastive divergence for networks: data pull the energy down where they are, chains push it up where they went.
///
///     loss = ⟨E(x⁺)⟩ − ⟨E(x⁻)⟩ + α (⟨E(x⁺)²⟩ + ⟨E(x⁻)²⟩)
///
/// The slope of the first two terms is that of −ln p of the data at the temperature 1 once the chains have come to p; the last keeps energies near zero, where
/// the loss alone would let them drift. Chains at another temperature T sample exp(−E/T): then exp(−E/T) is what is learned.
///
///     let energy = try DeepEnergy([.flatten, .linear(256), .silu, .linear(1)], input: [1, 28, 28], key: Key(1))
///     let trained = try energy.training(on: images, by: ContrastiveTraining(), key: Key(2)).finish().model
///
/// - Source: Hinton, Neural Computation 2002; Du & Mordatch, NeurIPS 2019, section 3.3 for the regulariser.
public struct ContrastiveTraining: Sendable, Hashable {
    /// Where the negatives come from.
    public var chains: ReplayChains
    /// α.
    public var regularisation: Double
    /// The term that contrastive divergence leaves out; `nil` leaves it out too.
    public var improved: ImprovedContrast?
    /// Deviation of the normal noise that is added to data, which gives them a density where they lie on a surface; clamped to the chains' range.
    public var dataNoise: Float
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(chains: ReplayChains = ReplayChains(), regularisation: Double = 0.1, improved: ImprovedContrast? = nil, dataNoise: Float = 0.005,
                descent: NetworkDescent = NetworkDescent(optimiser: .adam(rate: 2e-4, beta1: 0, beta2: 0.999))) {
        self.chains = chains
        self.regularisation = regularisation
        self.improved = improved
        self.dataNoise = dataNoise
        self.descent = descent
    }

    func check() throws {
        try chains.check()
        try improved?.check()
        try NetworkDescent.check([(regularisation >= 0 && regularisation.isFinite, "a regularisation of \(regularisation)"), (dataNoise >= 0 && dataNoise.isFinite, "data noise of \(dataNoise)")])
    }
}

extension NetworkEnergy {
    /// Trains this energy by contrastive divergence; each epoch is a new energy, this one stays as it is.
    ///
    /// Figures of an epoch, means over its steps: `loss`, `gradientLength`, `dataEnergy`, `chainEnergy`, `energyGap` (chains less data, nats); and those of `TrainingWatch`; with the improved
    /// term `logNearestDistance` too.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds the chains and all noise. The same key gives the same bits on the same number of threads.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Energies that run away are no error:
    ///   training goes back by itself, and ends with the last good energy where that does not help.
    /// - Complexity: A step costs `chains.steps` gradients by the rows of a batch, and one by the weights of twice as many rows; the improved term some four more.
    public func training(on data: Matrix, by method: ContrastiveTraining, key: Key) -> TrainingRun<Self> {
        run(by: method.descent, key: key) { try ContrastiveSteps(data, for: self, method, key: key.folding(0)) }
    }
}

/// The steps of contrastive training.
private struct ContrastiveSteps<Model: NetworkEnergy>: StepMaker {
    private let data: Matrix, model: Model
    private var contrast: Contrast

    /// Steps on data that fit the model.
    init(_ data: Matrix, for model: Model, _ method: ContrastiveTraining, key: Key) throws {
        try model.checkComplete(data)
        (self.data, self.model) = (data, model)
        contrast = try Contrast(method, data: data, device: model.device, input: model.input, key: key) { network, x, _ in try model.with(network).energy(of: x) }
    }

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Network>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let positives = try contrast.noisy(data.selecting(rows: rows), key: key.folding(0)), chains = try contrast.advance(rows.count, of: training.frozen(), key: key.folding(1))
        var figures = [String: Double]()
        let report = try training.step(scale: scale) { try contrast.loss($0, positives, classes: [], chains, &figures) }
        return StepOutcome(report: report, figures: figures, divergedShare: chains.advance.divergedShare)
    }
}
