import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension ConditionalRBM {
    /// Trains this machine on frames of real and binary columns by contrastive divergence, each row under its own context; each epoch
    /// is a new machine, this one stays as it is.
    ///
    /// Chains start at the data and keep their context: `method.chains` must be `.data(steps:)`. Of the method's settings, centring,
    /// held-out rows and averaging are not used, and variances keep the machine's values. Figures of an epoch: `reconstruction`, the mean
    /// squared difference between a row and where its chain went, and `weightNorm`.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`, none missing; real columns roughly standardised.
    ///   - context: Shape `[rows, contextVariables.count]`.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds every sample.
    /// - Throws: On the first read, `GibbsError` with code `.usage`, `.shapeMismatch` or `.unsuitableData`. Divergence is no error
    ///   but an ending.
    /// - Complexity: An epoch takes about (3 + 2 · steps) products `rows × visible × hidden`, and two over the context's units that are on.
    /// - Source: Taylor, Hinton, Roweis, NIPS 2006, section 3.
    public func training(on batch: Matrix, given context: Matrix, by method: ContrastiveDivergence, key: Key) -> TrainingRun<ConditionalRBM> {
        TrainingRun {
            var trainer = try FrameTrainer(self, batch, context, method, key)
            return { trainer.epoch() }
        }
    }
}

/// The state of one training run.
private struct FrameTrainer {
    private let method: ContrastiveDivergence, key: Key, steps: Int
    private let frames: Matrix, contexts: Matrix, precision: [Float]
    private var model: ConditionalRBM, lastGood: ConditionalRBM
    private var optimisers: (weights: OptimiserState, visible: OptimiserState, visibleBias: OptimiserState, hidden: OptimiserState, hiddenBias: OptimiserState)
    private var number = 0, taken = 0, ended = false

    init(_ model: ConditionalRBM, _ batch: Matrix, _ context: Matrix, _ method: ContrastiveDivergence, _ key: Key) throws {
        try method.check()
        guard case .data(let steps) = method.chains else {
            throw GibbsError(.usage, "chains that go on from batch to batch, where every row has a context of its own", advice: "use chains that start at the data")
        }
        let layout = model.machine.layout
        guard layout.groupCount == 0 else {
            throw GibbsError(.usage, "frames with a categorical column", advice: "train a machine with that column alone by maximum likelihood")
        }
        try batch.check(against: model.variables)
        try context.check(against: model.contextVariables)
        try model.check(rows: batch.rows, of: context)
        guard batch.rows > 0, !batch.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, batch.rows > 0 ? "a frame misses a value" : "there is no row to train on", advice: "give complete frames")
        }
        (self.method, self.key, self.steps, self.model) = (method, key, steps, model)
        lastGood = model
        // Columns in the order of the weights, so that a frame is a vector of units.
        let order = layout.realColumns + layout.binaryColumns
        frames = Matrix(rows: batch.rows, columns: order.count, values: (0 ..< batch.rows).flatMap { row in order.map { batch[row, $0] } })
        contexts = context
        precision = model.machine.logVariance.map { exp(-$0) } + [Float](repeating: 1, count: layout.binaryCount)
        func state(_ count: Int) -> OptimiserState { OptimiserState(method.optimiser, count: count) }
        optimisers = (state(model.machine.weights.values.count), state(model.visibleWeights.values.count), state(layout.width),
                      state(model.hiddenWeights.values.count), state(model.machine.hiddenCount))
    }

    mutating func epoch() -> Epoch<ConditionalRBM>? {
        if ended { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now, order = key.folding(1).folding(number).permutation(frames.rows)
        let scale = 1 - (1 - method.finalRateShare) * Float(number - 1) / Float(max(1, method.epochs - 1))
        var difference = 0.0
        for first in stride(from: 0, to: order.count, by: method.batchSize) {
            difference += step(on: Array(order[first ..< min(order.count, first + method.batchSize)]), scale: scale, key: key.folding(2).folding(taken))
            taken += 1
        }
        let norm = Double(model.machine.weights.values.reduce(0) { $0 + $1 * $1 }.squareRoot())
        var ending = number == method.epochs ? Epoch<ConditionalRBM>.Ending.finished : nil
        if norm.isFinite && difference.isFinite { lastGood = model } else {
            model = lastGood
            ending = .diverged(reason: "a weight became infinite or nan in epoch \(number); a smaller learning rate than \(method.optimiser.rate) may help")
        }
        ended = ending != nil
        let elapsed = clock.now - begin
        return Epoch(number: number, model: model, figures: ["reconstruction": difference / Double(frames.values.count), "weightNorm": norm],
                     seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18, rows: order.count, ending: ending)
    }

    /// One step on a batch; returns the summed squared difference between its rows and where their chains went.
    private mutating func step(on rows: [Int], scale: Float, key: Key) -> Double {
        let machine = model.machine, states = VisibleStates(contexts.selecting(rows: rows), layout: model.contextLayout)
        let visibleBias = states.product(model.visibleWeights, plus: machine.visibleBias), hiddenBias = states.product(model.hiddenWeights, plus: machine.hiddenBias)
        let data = frames.selecting(rows: rows)
        let dataMeans = hiddenMeans(data, hiddenBias)
        var hidden = dataMeans, chain = data, chainMeans = dataMeans
        for index in 0 ..< steps {
            hidden = draw(chainMeans, key: key.folding(2 * index))
            chain = drawVisible(hidden, visibleBias, key: key.folding(2 * index + 1))
            chainMeans = hiddenMeans(chain, hiddenBias)
        }
        let share = 1 / Float(rows.count)
        var visiblePull = data, hiddenPull = dataMeans
        visiblePull.add(chain, times: -1)
        let difference = visiblePull.values.reduce(0.0) { $0 + Double($1 * $1) }
        visiblePull.scaleColumns(by: precision.map { $0 * share })
        hiddenPull.add(chainMeans, times: -1)
        hiddenPull.scale(by: share)
        var weights = Matrix(rows: machine.layout.width, columns: machine.hiddenCount)
        Matrix.multiply(scaled(data), dataMeans, transposeA: true, alpha: share, into: &weights)
        Matrix.multiply(scaled(chain), chainMeans, transposeA: true, alpha: -share, beta: 1, into: &weights)
        var visible = Matrix(rows: model.contextLayout.width, columns: machine.layout.width), other = Matrix(rows: model.contextLayout.width, columns: machine.hiddenCount)
        states.transposedProduct(visiblePull, into: &visible)
        states.transposedProduct(hiddenPull, into: &other)
        optimisers.weights.step(&model.machine.weights.values, along: weights.values, scale: scale, decay: method.weightDecay)
        optimisers.visible.step(&model.visibleWeights.values, along: visible.values, scale: scale, decay: method.weightDecay)
        optimisers.hidden.step(&model.hiddenWeights.values, along: other.values, scale: scale, decay: method.weightDecay)
        optimisers.visibleBias.step(&model.machine.visibleBias, along: visiblePull.columnSums, scale: scale)
        optimisers.hiddenBias.step(&model.machine.hiddenBias, along: hiddenPull.columnSums, scale: scale)
        return difference
    }

    private func scaled(_ visible: Matrix) -> Matrix {
        if model.machine.layout.realCount == 0 { return visible }
        var result = visible
        result.scaleColumns(by: precision)
        return result
    }

    private func hiddenMeans(_ visible: Matrix, _ bias: Matrix) -> Matrix {
        var result = bias
        Matrix.multiply(scaled(visible), model.machine.weights, beta: 1, into: &result)
        Self.sigmoid(&result, from: 0)
        return result
    }

    /// Visible units given hidden ones: real ones by their means and noise, binary ones by chance.
    private func drawVisible(_ hidden: Matrix, _ bias: Matrix, key: Key) -> Matrix {
        var result = bias
        Matrix.multiply(hidden, model.machine.weights, transposeB: true, beta: 1, into: &result)
        let real = model.machine.layout.realCount, width = result.columns
        Self.sigmoid(&result, from: real)
        let noise = key.folding(0).normals(result.rows * real), uniforms = key.folding(1).uniforms(result.values.count)
        for row in 0 ..< result.rows {
            for unit in 0 ..< real { result.values[row * width + unit] += noise[row * real + unit] / precision[unit].squareRoot() }
            for unit in real ..< width { result.values[row * width + unit] = uniforms[row * width + unit] < result.values[row * width + unit] ? 1 : 0 }
        }
        return result
    }

    private func draw(_ means: Matrix, key: Key) -> Matrix {
        Matrix(rows: means.rows, columns: means.columns, values: zip(means.values, key.uniforms(means.values.count)).map { $1 < $0 ? 1 : 0 })
    }

    /// The logistic function of the columns from `first` on.
    private static func sigmoid(_ x: inout Matrix, from first: Int) {
        let count = x.columns - first, zero = [Float](repeating: 0, count: max(0, count))
        if count == 0 || x.rows == 0 { return }
        let (rows, columns) = (x.rows, x.columns)
        x.values.withUnsafeMutableBufferPointer { gk_bias_sigmoid($0.baseAddress! + first, zero, columns, rows, count) }
    }
}
