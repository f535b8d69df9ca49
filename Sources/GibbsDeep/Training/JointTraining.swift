import GibbsCore
import GibbsNumerics

/// A classifier trained to be an energy of each class as well:
///
///     loss = ⟨−ln p(y | x)⟩ + w · (the loss of contrastive training with E(x, y) = −s f_y(x))
///
/// Each chain has a class, drawn as the data's are, and goes down that class's energy: the second term is class by class, for p(x | y). The chains may run far
/// below temperature 1; then exp(−E(x, y)/T) is what they learn about x, and exp(−E(x, y)) about y. How E of one class lies
/// to that of another is told by −ln p(y | x) alone, where classes meet, and elsewhere by the regulariser. With w = 0 no chain runs, and the result is a plain
/// classifier, whose E(x) is the baseline of Liu et al. 2020.
///
/// - Source: Grathwohl et al., ICLR 2020, section 4. There chains go down E(x), for ln p(x, y) = ln p(y | x) + ln p(x); chains with classes draw what they are told to.
public struct JointTraining: Sendable, Hashable {
    /// w.
    public var weight: Double
    /// Rows of a step that the contrastive term takes, with as many chains; −ln p(y | x) takes all rows of its batch.
    public var contrastiveRows: Int
    /// The chains, and how the weights go down.
    public var contrastive: ContrastiveTraining

    /// Settings; checked when training starts.
    public init(weight: Double = 1, contrastiveRows: Int = 64, contrastive: ContrastiveTraining = ContrastiveTraining(descent: NetworkDescent(optimiser: .adam(rate: 2e-4)))) {
        self.weight = weight
        self.contrastiveRows = contrastiveRows
        self.contrastive = contrastive
    }
}

extension JointEnergy {
    /// Trains this classifier and energy; each epoch is a new one, this one stays as it is.
    ///
    /// Figures of an epoch: those of contrastive training; `crossEntropy`, the mean of −ln p(y | x), nats; and `accuracy`, the share of rows whose class is the likeliest.
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
            return try JointSteps(data, labels, for: self, method, key: key.folding(0))
        }
    }
}

private struct JointSteps: StepMaker {
    private let data: Matrix, labels: [Int], model: JointEnergy, method: JointTraining
    private var contrast: Contrast

    init(_ data: Matrix, _ labels: [Int], for model: JointEnergy, _ method: JointTraining, key: Key) throws {
        try NetworkDescent.check([(method.weight >= 0 && method.weight.isFinite, "a weight of \(method.weight)"), (method.contrastiveRows > 0, "\(method.contrastiveRows) contrastive rows")])
        try model.checkComplete(data)
        (self.data, self.labels, self.model, self.method) = (data, labels, model, method)
        contrast = try Contrast(method.contrastive, data: data, labels: labels, device: model.device, input: model.input, key: key) { network, x, classes in
            let logits = try model.with(network).logits(x)
            return try -logits.gathering(model.indices(classes).reshaped([classes.count, 1]), along: 1).reshaped([classes.count])
        }
    }

    var rowCount: Int { data.rows }

    mutating func step(_ training: NetworkTraining<Network>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let some = method.weight > 0 ? min(method.contrastiveRows, rows.count) : 0, classes = rows.map { labels[$0] }
        let x = try contrast.noisy(data.selecting(rows: rows), key: key.folding(0)), wanted = try model.indices(classes)
        let chains = try some > 0 ? contrast.advance(some, of: training.frozen(), key: key.folding(1)) : nil
        var figures = [String: Double]()
        let report = try training.step(scale: scale) { network in
            let logits = try model.with(network).logits(x), entropy = try logits.crossEntropy(wanted)
            figures["crossEntropy"] = try entropy.number()
            figures["accuracy"] = try Self.accuracy(logits, classes)
            guard let chains else { return entropy }
            return try entropy + method.weight * contrast.loss(network, x.slice(0 ..< some), classes: Array(classes.prefix(some)), chains, &figures)
        }
        return StepOutcome(report: report, figures: figures, divergedShare: chains?.advance.divergedShare ?? 0)
    }

    private static func accuracy(_ logits: Tensor, _ classes: [Int]) throws -> Double {
        let values = try logits.constant().floats(), count = logits.shape[1]
        return Double(classes.indices.count { row in (0 ..< count).max { values[row * count + $0] < values[row * count + $1] } == classes[row] }) / Double(max(1, classes.count))
    }
}

extension JointEnergy {
    /// Classes as a tensor where the network is.
    fileprivate func indices(_ classes: [Int]) throws -> Tensor {
        let indices = try Tensor(indices: classes, shape: [classes.count])
        return device == .processor ? indices : try indices.moved(to: device)
    }
}
