import Foundation
import GibbsCore
import GibbsNumerics

/// Denoising score matching: the energy's slope learns to point from noisy data back to the data. No chain runs.
///
///     loss = ⟨ ‖ (σ₀²/σ) ∇E(x + σ ξ) − ξ ‖² / features ⟩,   ξ ~ N(0, 1),   σ one of the levels
///
/// With one level σ = σ₀ the minimum is exactly −ln of the density of the data blurred by σ, at temperature 1. With several, σ₀ their geometric mean,
/// one energy serves all of them: ∇E(y) = (y − E[x | y]) / σ₀², which in many columns tells by itself how noisy y is.
///
/// - Source: Vincent, *A Connection Between Score Matching and Denoising Autoencoders*, Neural Computation 2011; Li, Chen & Sommer, *Learning
///   Energy-Based Models in High-Dimensional Spaces with Multi-scale Denoising Score Matching*, 2019, for one energy at many levels.
public struct ScoreTraining: Sendable, Hashable {
    /// The deviations σ, in units of the columns; each row of a batch draws one.
    public var levels: [Float]
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(levels: [Float] = ScoreTraining.ladder(from: 0.05, to: 1, count: 10), descent: NetworkDescent = NetworkDescent()) {
        self.levels = levels
        self.descent = descent
    }

    /// Levels with one ratio between neighbours. Traps for fewer than two.
    public static func ladder(from lowest: Float, to highest: Float, count: Int) -> [Float] {
        precondition(count >= 2, "a ladder of \(count) levels")
        return (0 ..< count).map { lowest * pow(highest / lowest, Float($0) / Float(count - 1)) }
    }

    /// σ₀.
    public var reference: Float { exp(levels.reduce(0) { $0 + log($1) } / Float(levels.count)) }
}

extension NetworkEnergy {
    /// Trains this energy by denoising score matching; each epoch is a new energy, this one stays as it is.
    ///
    /// Figures of an epoch: `loss`, `gradientLength`, and those of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds the noise.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: A step costs some three gradients by the weights: the slope is differentiated again. Layers that are linear in pieces have
    ///   no curvature to learn by; take `.silu` or `.softplus`.
    public func training(on data: Matrix, by method: ScoreTraining, key: Key) -> TrainingRun<Self> {
        run(by: method.descent, key: key) { try ScoreSteps<Self>(data, for: self, method) }
    }
}

private struct ScoreSteps<Model: NetworkEnergy>: StepMaker {
    private let data: Matrix, levels: [Float], reference: Float, model: Model

    init(_ data: Matrix, for model: Model, _ method: ScoreTraining) throws {
        try NetworkDescent.check([(!method.levels.isEmpty && method.levels.allSatisfy { $0 > 0 && $0.isFinite }, "noise of the levels \(method.levels)")])
        try model.checkComplete(data)
        try model.device.require()
        (self.data, levels, reference, self.model) = (data, method.levels, method.reference, model)
    }

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Network>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let columns = data.columns, count = rows.count
        let sigmas = key.folding(0).uniforms(count).map { levels[min(levels.count - 1, Int($0 * Float(levels.count)))] }
        let noise = Matrix(rows: count, columns: columns, values: key.folding(1).normals(count * columns))
        var noisy = data.selecting(rows: rows)
        for index in noisy.values.indices { noisy.values[index] += sigmas[index / columns] * noise.values[index] }
        let weights = Matrix(rows: count, columns: 1, values: sigmas.map { reference * reference / $0 })
        let (x, wanted, share) = try (tensor(noisy, training.start.input), tensor(noise, [columns]), tensor(weights, [1]))
        let report = try training.step(scale: scale) { network in
            let x = try x.variable(), slopes = try model.with(network).energy(of: x).gradients(of: [x], differentiable: true)[0]
            return try (share * slopes.reshaped([count, columns]) - wanted).squared().mean()
        }
        return StepOutcome(report: report, figures: [:])
    }

    private func tensor(_ rows: Matrix, _ row: [Int]) throws -> Tensor {
        let x = try Tensor(rows, row: row)
        return model.device == .processor ? x : try x.moved(to: model.device)
    }
}
