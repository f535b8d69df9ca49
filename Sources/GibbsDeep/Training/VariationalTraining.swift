import GibbsCore
import GibbsNumerics

/// How an autoencoder is trained: up the ELBO, with one draw of z a row and step.
public struct VariationalTraining: Sendable, Hashable {
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(descent: NetworkDescent = NetworkDescent(clip: 100)) { self.descent = descent }
}

extension VariationalAutoencoder {
    /// Trains this autoencoder; each epoch is a new one, this one stays as it is.
    ///
    /// Figures of an epoch, nats a row: `loss`, the mean of −ELBO, its parts `reconstruction` and `divergence`; `gradientLength`, and those of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing; 0...1 for a Bernoulli likelihood.
    ///   - method: The settings.
    ///   - key: Orders the rows and draws z. The same key gives the same bits on the same number of threads.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`.
    public func training(on data: Matrix, by method: VariationalTraining = VariationalTraining(), key: Key) -> TrainingRun<VariationalAutoencoder> {
        TrainingRun {
            try checkComplete(data)
            if likelihood == .bernoulli, let bad = data.values.first(where: { !($0 >= 0 && $0 <= 1) }) {
                throw GibbsError(.unsuitableData, "the value \(bad) for a Bernoulli likelihood", advice: "scale to 0...1, or take a Gaussian one")
            }
            try method.descent.check(rows: data.rows)
            let training = try WatchedTraining(self, VariationalSteps(data: data), by: method.descent, key: key)
            return { try training.epoch() }
        }
    }
}

private struct VariationalSteps: StepMaker {
    let data: Matrix

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<VariationalAutoencoder>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let model = training.start, x = try Tensor(data.selecting(rows: rows), row: model.input), noise = try Tensor(normal: key, shape: [rows.count, model.latent])
        var figures = [String: Double]()
        let report = try training.step(scale: scale) { model in
            let parts = try model.parts(of: x, noise: noise), (reconstruction, divergence) = try (parts.reconstruction.mean(), parts.divergence.mean())
            figures = try ["reconstruction": reconstruction.number(), "divergence": divergence.number()]
            return try reconstruction + divergence
        }
        return StepOutcome(report: report, figures: figures)
    }
}
