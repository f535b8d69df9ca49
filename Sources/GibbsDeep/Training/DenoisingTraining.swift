import GibbsCore
import GibbsNumerics

/// How an autoencoder is trained that is read as an energy: it takes noise away.
///
///     loss = ⟨‖f(x + σ ξ) − x‖²⟩ / features,   ξ ~ N(0, 1)
///
/// Noise keeps it from the identity, which would rebuild everything, and so tell nothing apart.
///
/// - Source: Vincent, Larochelle, Bengio & Manzagol, *Extracting and Composing Robust Features with Denoising Autoencoders*, ICML 2008; Alain & Bengio,
///   *What Regularized Auto-Encoders Learn from the Data-Generating Distribution*, JMLR 2014: f(x) − x comes to σ² ∇ ln p(x).
public struct DenoisingTraining: Sendable, Hashable {
    /// σ, in units of the columns.
    public var noise: Float
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(noise: Float = 0.1, descent: NetworkDescent = .denoising) {
        self.noise = noise
        self.descent = descent
    }
}

extension NetworkDescent {
    /// What suits `DenoisingTraining`: Adam that warms up for 100 steps and falls along a cosine to a hundredth.
    public static let denoising = NetworkDescent(optimiser: .adam(rate: 1.5e-3), batchSize: 128, warmUp: 100, finalRateShare: 0.01, clip: .infinity, averaging: nil, fall: .cosine)
}

extension ResidualEnergy {
    /// Trains this autoencoder; each epoch is a new one, its contrast as here (`calibrated(on:)` gives one), and this one stays as it is.
    ///
    /// Figures of an epoch: `loss`, squared units of the columns; `gradientLength`, and those of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds the noise. The same key gives the same bits on the same number of threads.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`.
    public func training(on data: Matrix, by method: DenoisingTraining = DenoisingTraining(), key: Key) -> TrainingRun<ResidualEnergy> {
        run(by: method.descent, key: key) {
            try NetworkDescent.check([(method.noise > 0 && method.noise.isFinite, "noise of \(method.noise)")])
            try checkComplete(data)
            try device.require()
            return DenoisingSteps(data: data, noise: Double(method.noise), device: device)
        }
    }
}

private struct DenoisingSteps: StepMaker {
    let data: Matrix, noise: Double, device: Device

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Network>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let rows = try Tensor(data.selecting(rows: rows), row: training.start.input), x = device == .processor ? rows : try rows.moved(to: device)
        let noisy = try x + noise * Tensor(normal: key, shape: x.shape, on: device)
        return StepOutcome(report: try training.step(scale: scale) { try ($0(noisy) - x).squared().mean() }, figures: [:])
    }
}
