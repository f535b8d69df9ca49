import GibbsCore
import GibbsNumerics

/// Denoising score matching at all times: a network learns which noise there is in x_t = α x + σ ξ.
///
///     loss = ⟨ v / (α s)² · ‖ε(x_t, t, y) − ξ‖² / features ⟩,   t even over 0...1
///
/// Of an energy ε is a gradient, and the loss is differentiated through it. No chain runs. The weight, v and s of `DiffusionScale`, makes it 1 at every time for a
/// network that knows no more than what the data look like from afar; without it the times at which an image's outline is decided would count next to nothing.
///
/// - Source: Vincent, Neural Computation 2011; Ho et al., NeurIPS 2020, equation 14; Karras et al., NeurIPS 2022, table 1, for the weight; Ho & Salimans,
///   *Classifier-Free Diffusion Guidance*, 2022, for classes that are left out now and then.
public struct DiffusionTraining: Sendable, Hashable {
    /// Share of the rows whose class is not told, so that the network knows all classes together too.
    public var unlabelled: Double
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(unlabelled: Double = 0.1, descent: NetworkDescent = NetworkDescent(optimiser: .adam(rate: 1e-3), batchSize: 128, averaging: 0.995)) {
        self.unlabelled = unlabelled
        self.descent = descent
    }
}

extension DiffusionNetwork {
    /// Trains this diffusion; each epoch is a new one, this one stays as it is.
    ///
    /// Figures of an epoch: `loss`, 1 where no more is known than the mean and the variance of the data; `lossEarly`, `lossMiddle` and `lossLate`, that of the thirds of time; `gradientLength`, and those
    /// of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - labels: The class of each row, counted from 0; for a network that has classes.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds times and noise.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: A step of an energy costs some two to three of an unconstrained score: its gradient is differentiated again.
    public func training(on data: Matrix, labels: [Int]? = nil, by method: DiffusionTraining = DiffusionTraining(), key: Key) -> TrainingRun<Self> {
        TrainingRun {
            let steps = try DiffusionSteps(data, labels, for: self, method)
            try method.descent.check(rows: data.rows)
            let training = try WatchedTraining(self, steps, by: method.descent, key: key)
            return { try training.epoch() }
        }
    }
}

private struct DiffusionSteps<Model: DiffusionNetwork>: StepMaker {
    private let data: Matrix, labels: [Int]?, unlabelled: Double

    init(_ data: Matrix, _ labels: [Int]?, for model: Model, _ method: DiffusionTraining) throws {
        try NetworkDescent.check([((0 ... 1).contains(method.unlabelled), "a share of \(method.unlabelled) without a class")])
        try model.checkComplete(data)
        try model.checkField()
        if let labels {
            guard labels.count == data.rows else {
                throw GibbsError(.shapeMismatch, "\(labels.count) labels for \(data.rows) rows", advice: "give one label a row, in the same order")
            }
            if let bad = labels.first(where: { !(0 ..< model.classes).contains($0) }) {
                throw GibbsError(.unsuitableData, "the class \(bad) where there are \(model.classes)", advice: "count classes from 0")
            }
        }
        (self.data, self.labels, unlabelled) = (data, labels, method.unlabelled)
    }

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Model>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let count = rows.count, offset = key.folding(0).uniform(), start = training.start
        // Evenly spaced from a random place: each batch sees all times.
        let times = (0 ..< count).map { ((Double($0) + offset) / Double(count)).truncatingRemainder(dividingBy: 1) }, levels = times.map { start.schedule.level(at: $0) }
        let noise = Matrix(rows: count, columns: data.columns, values: key.folding(1).normals(count * data.columns))
        var noisy = data.selecting(rows: rows)
        for index in noisy.values.indices {
            let level = levels[index / data.columns]
            noisy.values[index] = Float(level.signal) * noisy.values[index] + Float(level.noise) * noise.values[index]
        }
        let coins = key.folding(2).uniforms(count), classes = labels.map { labels in rows.enumerated().map { Double(coins[$0]) < unlabelled ? nil : labels[$1] } }
        let (x, wanted) = try (start.tensor(noisy), start.tensor(noise)), weights = try Tensor(levels.map(start.scale.lossWeight), shape: [count]).converted(to: x.element).moved(to: start.device)
        var losses = [Double]()
        let report = try training.step(scale: scale) { model in
            let found = try model.noise(in: x.variable(), times: times, labels: classes, differentiable: true)
            let each = try weights * (found - wanted).squared().flattened().mean(over: [1])
            losses = try each.doubles()
            return try each.mean()
        }
        return StepOutcome(report: report, figures: Self.thirds(losses, times))
    }

    /// The mean loss of the thirds of time.
    private static func thirds(_ losses: [Double], _ times: [Double]) -> [String: Double] {
        var figures = [String: Double]()
        for (third, name) in ["lossEarly", "lossMiddle", "lossLate"].enumerated() {
            let own = zip(losses, times).filter { min(2, Int(3 * $0.1)) == third }.map(\.0)
            if !own.isEmpty { figures[name] = own.reduce(0, +) / Double(own.count) }
        }
        return figures
    }
}
