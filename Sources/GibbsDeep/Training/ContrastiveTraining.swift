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
    /// Deviation of the normal noise that is added to data, which gives them a density where they lie on a surface; clamped to the chains' range.
    public var dataNoise: Float
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(chains: ReplayChains = ReplayChains(), regularisation: Double = 0.1, dataNoise: Float = 0.005,
                descent: NetworkDescent = NetworkDescent(optimiser: .adam(rate: 2e-4, beta1: 0, beta2: 0.999))) {
        self.chains = chains
        self.regularisation = regularisation
        self.dataNoise = dataNoise
        self.descent = descent
    }

    func check() throws {
        try chains.check()
        try NetworkDescent.check([(regularisation >= 0 && regularisation.isFinite, "a regularisation of \(regularisation)"), (dataNoise >= 0 && dataNoise.isFinite, "data noise of \(dataNoise)")])
    }
}

extension NetworkEnergy {
    /// Trains this energy by contrastive divergence; each epoch is a new energy, this one stays as it is.
    ///
    /// Figures of an epoch, means over its steps: `loss`, `gradientLength`, `dataEnergy`, `chainEnergy`, `energyGap` (chains less data, nats); and those of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds the chains and all noise. The same key gives the same bits on the same number of threads.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Energies that run away are no error:
    ///   training goes back by itself, and ends with the last good energy where that does not help.
    /// - Complexity: A step costs `chains.steps` gradients by the rows of a batch, and one by the weights of twice as many rows.
    public func training(on data: Matrix, by method: ContrastiveTraining, key: Key) -> TrainingRun<Self> {
        run(by: method.descent, key: key) { try ContrastiveSteps<Self>(data, for: self, method, key: key.folding(0)) }
    }
}

/// The steps of contrastive training.
struct ContrastiveSteps<Model: NetworkEnergy>: StepMaker {
    /// One more term of the loss, and what it is called among the figures: from the network, data of the shape `[n] + input`, and which rows they are.
    typealias Term = (name: String, of: @Sendable (Network, Tensor, [Int]) throws -> Tensor)

    private let data: Matrix, method: ContrastiveTraining, device: Device, term: Term?
    /// What the contrastive terms are multiplied by; 0 leaves the chains out.
    private let weight: Double
    private var buffer: ReplayBuffer

    /// Steps on data that fit the model.
    init(_ data: Matrix, for model: Model, _ method: ContrastiveTraining, weight: Double = 1, term: Term? = nil, key: Key) throws {
        try method.check()
        try model.checkComplete(data)
        try model.device.require()
        (self.data, self.method, self.weight, self.term, device) = (data, method, weight, term, model.device)
        buffer = ReplayBuffer(method.chains, data: data, key: key)
    }

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Network>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let input = training.start.input, positives = try tensor(noisy(data.selecting(rows: rows), key: key.folding(0)), input)
        var figures = [String: Double](), diverged = 0.0, negatives: Tensor?
        if weight > 0 {
            let run = try buffer.advance(rows.count, on: Model(training.frozen()), key: key.folding(1))
            negatives = try tensor(run.positions, input)
            diverged = Double(run.diverged.count) / Double(run.positions.rows)
        }
        let report = try training.step(scale: scale) { network in
            var terms = [Tensor]()
            if let negatives { terms.append(try weight * contrast(network, positives, negatives, &figures)) }
            if let term {
                let value = try term.of(network, positives, rows)
                figures[term.name] = try value.number()
                terms.append(value)
            }
            return try terms.dropFirst().reduce(terms[0]) { try $0 + $1 }
        }
        return StepOutcome(report: report, figures: figures, divergedShare: diverged)
    }

    private func contrast(_ network: Network, _ positives: Tensor, _ negatives: Tensor, _ figures: inout [String: Double]) throws -> Tensor {
        let n = positives.shape[0], m = negatives.shape[0]
        let energies = try Model(network).energy(of: .concatenating([positives, negatives], along: 0))
        let data = try energies.slice(0 ..< n), chains = try energies.slice(n ..< n + m)
        let (low, high) = try (data.mean(), chains.mean()), (dataEnergy, chainEnergy) = try (low.number(), high.number())
        figures.merge(["dataEnergy": dataEnergy, "chainEnergy": chainEnergy, "energyGap": chainEnergy - dataEnergy]) { $1 }
        return try low - high + method.regularisation * (data.squared().mean() + chains.squared().mean())
    }

    private func noisy(_ rows: Matrix, key: Key) -> Matrix {
        if method.dataNoise == 0 { return rows }
        var result = rows
        result.add(Matrix(rows: rows.rows, columns: rows.columns, values: key.normals(rows.values.count)), times: method.dataNoise)
        if let range = method.chains.range { result.values = result.values.map { min(max($0, range.lowerBound), range.upperBound) } }
        return result
    }

    private func tensor(_ rows: Matrix, _ input: [Int]) throws -> Tensor {
        let x = try Tensor(rows, row: input)
        return device == .processor ? x : try x.moved(to: device)
    }
}
