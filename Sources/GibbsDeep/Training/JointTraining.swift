import GibbsCore
import GibbsNumerics

/// A classifier trained to be an energy as well: loss = ⟨−ln p(y | x)⟩ + w · (the loss of contrastive training with E(x) = −ln Σ exp f_y(x)).
///
/// With w = 0 no chain runs, and the result is a plain classifier, whose E(x) is the baseline of Liu et al. 2020.
///
/// - Source: Grathwohl et al., ICLR 2020, section 4: ln p(x, y) = ln p(y | x) + ln p(x), the first term exactly and the second by chains.
public struct JointTraining: Sendable, Hashable {
    /// w.
    public var weight: Double
    /// The chains, and how the weights go down.
    public var contrastive: ContrastiveTraining

    /// Settings; checked when training starts.
    public init(weight: Double = 1, contrastive: ContrastiveTraining = ContrastiveTraining(descent: NetworkDescent(optimiser: .adam(rate: 2e-4)))) {
        self.weight = weight
        self.contrastive = contrastive
    }
}

extension JointEnergy {
    /// Trains this classifier and energy; each epoch is a new one, this one stays as it is.
    ///
    /// Figures of an epoch: those of contrastive training, and `crossEntropy`, the mean of −ln p(y | x), nats.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, features]`, none missing.
    ///   - labels: The class of each row, counted from 0.
    ///   - method: The settings.
    ///   - key: As for contrastive training.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`, the latter also for a class that there is not.
    /// - Complexity: As contrastive training, and one more gradient by the weights.
    public func training(on data: Matrix, labels: [Int], by method: JointTraining, key: Key) -> TrainingRun<JointEnergy> {
        run(by: method.contrastive.descent, key: key) {
            guard labels.count == data.rows else {
                throw GibbsError(.shapeMismatch, "\(labels.count) labels for \(data.rows) rows", advice: "give one label a row, in the same order")
            }
            if let bad = labels.first(where: { !(0 ..< classes).contains($0) }) {
                throw GibbsError(.unsuitableData, "the class \(bad) where there are \(classes)", advice: "count classes from 0")
            }
            try NetworkDescent.check([(method.weight >= 0 && method.weight.isFinite, "a weight of \(method.weight)")])
            let device = device
            let term: ContrastiveSteps<JointEnergy>.Term = ("crossEntropy", { network, x, rows in
                let wanted = try Tensor(indices: rows.map { labels[$0] }, shape: [rows.count])
                return try network(x).crossEntropy(device == .processor ? wanted : wanted.moved(to: device))
            })
            return try ContrastiveSteps(data, for: self, method.contrastive, weight: method.weight, term: term, key: key.folding(0))
        }
    }
}
