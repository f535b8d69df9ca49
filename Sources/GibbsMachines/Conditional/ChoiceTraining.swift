import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// Maximum likelihood of choices: the gradient of ln p(v | u) by its exact sum over the categories, no sampling.
public struct MaximumLikelihood: Sendable, Hashable {
    /// How the gradient becomes a step.
    public var optimiser: Optimiser
    /// Decay of W, A and B per step, times the rate; biases do not decay.
    public var weightDecay: Float
    /// Rows a gradient step.
    public var batchSize: Int
    /// Passes over the data.
    public var epochs: Int
    /// The rate falls linearly to this share of its start over the epochs.
    public var finalRateShare: Float
    /// Share of the rows, 0 ..< 1, held out to stop early.
    public var validationShare: Float
    /// Epochs without a smaller held-out surprise before training stops.
    public var patience: Int

    /// A method with these settings. They are checked when training starts, not here.
    public init(optimiser: Optimiser = .adam(rate: 3e-3), weightDecay: Float = 1e-3, batchSize: Int = 256, epochs: Int = 20,
                finalRateShare: Float = 0.05, validationShare: Float = 0, patience: Int = 3) {
        self.optimiser = optimiser
        self.weightDecay = weightDecay
        self.batchSize = batchSize
        self.epochs = epochs
        self.finalRateShare = finalRateShare
        self.validationShare = validationShare
        self.patience = patience
    }

    func check() throws {
        let rules: [(Bool, String)] = [
            (batchSize > 0, "batches of \(batchSize) rows"), (epochs > 0, "\(epochs) epochs"),
            (optimiser.rate > 0 && optimiser.rate.isFinite, "a learning rate of \(optimiser.rate)"), (weightDecay >= 0, "a weight decay of \(weightDecay)"),
            ((0 ..< 1).contains(validationShare), "a validation share of \(validationShare)"), (patience > 0, "a patience of \(patience)"),
            (finalRateShare >= 0 && finalRateShare.isFinite, "a final rate share of \(finalRateShare)"),
        ]
        for (holds, text) in rules where !holds {
            throw GibbsError(.usage, "maximum likelihood cannot use \(text)", advice: "give a positive number")
        }
    }
}

extension ConditionalRBM {
    /// Trains this machine to choose as the data do; each epoch is a new machine, this one stays as it is.
    ///
    /// Figures of an epoch: `surprise`, the mean −ln p of its rows as they were met, and `validationSurprise` where rows are held
    /// out; nats.
    ///
    /// - Parameters:
    ///   - batch: The choices, shape `[rows, 1]`, none missing.
    ///   - context: Shape `[rows, contextVariables.count]`.
    ///   - method: The settings.
    ///   - key: Holds rows out and orders them.
    ///   - held: The rows held out, in place of a random share: where rows resemble their neighbours, chance leaves too little to be surprised by.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Divergence is no
    ///   error but an ending.
    /// - Complexity: An epoch takes about `rows × categories × hidden` sigmoids.
    /// - Source: The gradient: Larochelle & Bengio, ICML 2008, section 4.
    public func training(on batch: Matrix, given context: Matrix, by method: MaximumLikelihood, key: Key, held: [Int]? = nil) -> TrainingRun<ConditionalRBM> {
        TrainingRun {
            var trainer = try ChoiceTrainer(self, batch, context, method, key, held)
            return { trainer.epoch() }
        }
    }

    /// A copy whose visible biases are the log-probabilities of the choices made, each counted once more by half.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    public func withBiases(from batch: Matrix) throws -> ConditionalRBM {
        var copy = self
        copy.machine = try machine.withBiases(from: batch)
        return copy
    }
}

/// The state of one training run.
private struct ChoiceTrainer {
    /// Rows whose share of the gradient of W is summed by one thread; fixed, so that the bits do not depend on the threads.
    static let blockRows = 64

    private let method: MaximumLikelihood, key: Key, start: ConditionalRBM
    private let choices: [Int32], contexts: Matrix
    private let rows: [Int], held: [Int]
    private var tables: ChoiceTables
    private var optimisers: (weights: OptimiserState, visible: OptimiserState, visibleBias: OptimiserState, hidden: OptimiserState, hiddenBias: OptimiserState)
    private var number = 0, ended = false
    private var best: (figure: Double, epoch: Int, model: ConditionalRBM)?

    init(_ model: ConditionalRBM, _ batch: Matrix, _ context: Matrix, _ method: MaximumLikelihood, _ key: Key, _ told: [Int]?) throws {
        try method.check()
        try model.checkChoice()
        try batch.check(against: model.variables)
        try context.check(against: model.contextVariables)
        try model.check(rows: batch.rows, of: context)
        guard batch.rows > 0, !batch.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, batch.rows > 0 ? "a choice is missing" : "there is no row to train on", advice: "give rows with a choice each")
        }
        (self.method, self.key, start) = (method, key, model)
        choices = batch.values.map(Int32.init)
        contexts = context
        let order = key.folding(1).permutation(batch.rows), count = batch.rows > 20 ? Int(Float(batch.rows) * method.validationShare) : 0
        if let told {
            let apart = Set(told)
            guard apart.isSubset(of: 0 ..< batch.rows), apart.count < batch.rows else {
                throw GibbsError(.usage, "\(apart.count) of \(batch.rows) rows held out", advice: "name some of the rows, and not all")
            }
            (held, rows) = (apart.sorted(), (0 ..< batch.rows).filter { !apart.contains($0) })
        } else {
            held = Array(order.prefix(count))
            rows = order.dropFirst(count).sorted()
        }
        tables = ChoiceTables(model)
        func state(_ count: Int) -> OptimiserState { OptimiserState(method.optimiser, count: count) }
        optimisers = (state(tables.weights.values.count), state(tables.visibleWeights.values.count), state(tables.stride),
                      state(tables.hiddenWeights.values.count), state(tables.hidden))
    }

    mutating func epoch() -> Epoch<ConditionalRBM>? {
        if ended { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now, order = key.folding(2).folding(number).permutation(rows.count)
        let scale = 1 - (1 - method.finalRateShare) * Float(number - 1) / Float(max(1, method.epochs - 1))
        var total = 0.0
        for first in stride(from: 0, to: order.count, by: method.batchSize) {
            total += step(on: order[first ..< min(order.count, first + method.batchSize)].map { rows[$0] }, scale: scale)
        }
        var model = tables.model(like: start), figures = ["surprise": total / Double(order.count)], ending = number == method.epochs ? Epoch<ConditionalRBM>.Ending.finished : nil
        if !total.isFinite {
            model = best?.model ?? start
            ending = .diverged(reason: "the surprise became infinite or nan in epoch \(number); a smaller learning rate than \(method.optimiser.rate) may help")
        } else if !held.isEmpty {
            let figure = Statistics.mean(surprises(of: held))
            figures["validationSurprise"] = figure
            if figure < best?.figure ?? .infinity { best = (figure, number, model) }
            if ending != nil || number - best!.epoch >= method.patience {
                if number > best!.epoch { ending = .stoppedEarly(reason: "held-out choices have not become less surprising since epoch \(best!.epoch)") }
                model = best!.model
            }
        } else {
            best = (0, number, model)
        }
        ended = ending != nil
        let elapsed = clock.now - begin
        return Epoch(number: number, model: model, figures: figures,
                     seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18, rows: order.count, ending: ending)
    }

    private func surprises(of rows: [Int]) -> [Float] {
        let states = VisibleStates(contexts.selecting(rows: rows), layout: start.contextLayout)
        return tables.probabilities(tables.scores(states).scores, choices: rows.map { choices[$0] }).surprises
    }

    /// One step on a batch; returns the sum of its surprises before the step.
    private mutating func step(on rows: [Int], scale: Float) -> Double {
        let states = VisibleStates(contexts.selecting(rows: rows), layout: start.contextLayout), chosen = rows.map { choices[$0] }
        let (scores, inputs) = tables.scores(states)
        let (probabilities, surprises) = tables.probabilities(scores, choices: chosen)
        // ∂ ln p / ∂s: 1 for the choice, less p of every category; as a mean over the batch.
        let share = 1 / Float(rows.count)
        var pull = probabilities
        pull.scale(by: -share)
        for (row, choice) in chosen.enumerated() { pull[row, Int(choice)] += share }
        let (hiddenPull, weights) = hiddenGradient(inputs, pull)
        var visible = Matrix(rows: tables.visibleWeights.rows, columns: tables.stride), hidden = Matrix(rows: tables.hiddenWeights.rows, columns: tables.hidden)
        states.transposedProduct(pull, into: &visible)
        states.transposedProduct(hiddenPull, into: &hidden)
        optimisers.weights.step(&tables.weights.values, along: weights, scale: scale, decay: method.weightDecay)
        optimisers.visible.step(&tables.visibleWeights.values, along: visible.values, scale: scale, decay: method.weightDecay)
        optimisers.hidden.step(&tables.hiddenWeights.values, along: hidden.values, scale: scale, decay: method.weightDecay)
        optimisers.visibleBias.step(&tables.visibleBias, along: pull.columnSums, scale: scale)
        optimisers.hiddenBias.step(&tables.hiddenBias, along: hiddenPull.columnSums, scale: scale)
        tables.refresh()
        return surprises.reduce(0) { $0 + Double($1) }
    }

    /// The gradients along the hidden inputs of every row, and along Wᵀ.
    private func hiddenGradient(_ inputs: Matrix, _ pull: Matrix) -> (hidden: Matrix, weights: [Float]) {
        let size = tables.weights.values.count, rows = inputs.rows, hidden = tables.hidden, stride = tables.stride
        let blocks = (rows + Self.blockRows - 1) / Self.blockRows
        var result = Matrix(rows: rows, columns: hidden), parts = [Float](repeating: 0, count: blocks * size)
        result.values.withUnsafeMutableBufferPointer { out in
            parts.withUnsafeMutableBufferPointer { parts in
                let out = SharedPointer(out.baseAddress), parts = SharedPointer(parts.baseAddress)
                parallelRanges(blocks) { range in
                    inputs.values.withUnsafeBufferPointer { x in
                        pull.values.withUnsafeBufferPointer { pull in
                            for block in range {
                                let first = block * Self.blockRows, count = min(Self.blockRows, rows - first)
                                gk_choice_gradient(x.baseAddress! + first * hidden, count, hidden, tables.weights.values, stride,
                                                   pull.baseAddress! + first * stride, out.pointer! + first * hidden, parts.pointer! + block * size)
                            }
                        }
                    }
                }
            }
        }
        var sum = Array(parts.prefix(size))
        for block in 1 ..< max(1, blocks) { for index in 0 ..< size { sum[index] += parts[block * size + index] } }
        return (result, sum)
    }
}

extension Matrix {
    /// The sum of every column.
    var columnSums: [Float] {
        var sums = [Float](repeating: 0, count: columns)
        for row in 0 ..< rows { for (column, value) in self.row(row).enumerated() { sums[column] += value } }
        return sums
    }
}
