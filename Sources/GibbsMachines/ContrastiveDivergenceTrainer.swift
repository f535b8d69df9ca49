import Foundation
import GibbsCore
import GibbsNumerics

/// The state of one training run: the machine, the optimiser's memory, the chains and the best model so far.
struct ContrastiveDivergenceTrainer {
    private let method: ContrastiveDivergence
    private let key: Key
    private let training: VisibleStates
    private let trainingSample: Matrix
    private let validation: Matrix
    private let missing: MissingCells
    private var machine: RBM
    private var chains: Matrix
    private var gradient: RBMGradient
    private var optimisers: (weights: OptimiserState, visible: OptimiserState, hidden: OptimiserState, variance: OptimiserState)
    private var offsets: (visible: [Float], hidden: [Float]) = ([], [])
    private var number = 0
    private var steps = 0
    private var best: (figure: Double, epoch: Int, machine: RBM)?
    private var lastGood: RBM
    private var ended = false

    init(machine: RBM, data: Matrix, method: ContrastiveDivergence, key: Key) throws {
        try method.check()
        try data.check(against: machine.variables)
        guard data.rows > 0 else {
            throw GibbsError(.unsuitableData, "there is no row to train on", advice: "give at least one")
        }
        self.method = method
        self.key = key
        let order = key.folding(1).permutation(data.rows)
        let held = data.rows > 20 ? Int(Float(data.rows) * method.validationShare) : 0
        validation = data.selecting(rows: Array(order.prefix(held)))
        let rows = data.selecting(rows: Array(order.dropFirst(held)).sorted())
        trainingSample = rows.selecting(rows: key.folding(2).choose(max(held, 1), of: rows.rows))
        training = VisibleStates(rows, layout: machine.layout)
        missing = MissingCells(training, layout: machine.layout)
        self.machine = machine
        lastGood = machine
        if case .persistent(let count, _) = method.chains {
            // Chains begin at the machine's own view of random data rows.
            let order = key.folding(3).permutation(rows.rows), chosen = (0 ..< count).map { order[$0 % rows.rows] }
            var start = training.selecting(chosen, layout: machine.layout)
            missing.fill(&start, rows: chosen, machine: machine, key: key.folding(7))
            chains = machine.hiddenInput(start)
            chains.biasSigmoidSample(machine.hiddenBias, key: key.folding(4))
        } else {
            chains = Matrix(rows: 0, columns: machine.hiddenCount)
        }
        gradient = RBMGradient(layout: machine.layout, hidden: machine.hiddenCount)
        func state(_ count: Int) -> OptimiserState { OptimiserState(method.optimiser, count: count) }
        optimisers = (state(machine.weights.values.count), state(machine.layout.width), state(machine.hiddenCount),
                      state(machine.layout.realUnits.count))
        if method.centring != .none {
            offsets.visible = ColumnMarginals(training, layout: machine.layout).means
            offsets.hidden = [Float](repeating: 0.5, count: machine.hiddenCount)
        }
    }

    /// Trains one epoch; `nil` after the last.
    mutating func epoch() -> Epoch<RBM>? {
        if ended { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now
        let order = key.folding(5).folding(number).permutation(training.rows)
        var activity = 0.0, gradientNorm = 0.0, batches = 0
        for first in stride(from: 0, to: order.count, by: method.batchSize) {
            let rows = Array(order[first ..< min(order.count, first + method.batchSize)])
            activity += Double(step(on: rows, key: key.folding(6).folding(steps)))
            steps += 1
            batches += 1
        }
        gradientNorm = Double(gradient.norm)
        var figures = ["hiddenActivity": activity / Double(batches), "gradientNorm": gradientNorm,
                       "weightNorm": Double(machine.weights.values.reduce(0) { $0 + $1 * $1 }.squareRoot())]
        let ending = judge(&figures)
        let elapsed = clock.now - begin
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        ended = ending != nil
        return Epoch(number: number, model: machine, figures: figures, seconds: seconds, rows: order.count, ending: ending)
    }

    /// One gradient step on a batch; returns the mean hidden probability of the data.
    private mutating func step(on rows: [Int], key: Key) -> Float {
        let (data, hiddenStates) = positivePhase(rows, key: key.folding(0))
        let model = negativePhase(from: hiddenStates, key: key.folding(1))
        updateOffsets(data: data, model: model)
        machine.fill(&gradient, data: data, model: model, visibleOffset: offsets.visible, hiddenOffset: offsets.hidden,
                     learnsVariance: method.learnsVariance)
        let progress = Float(number - 1) / Float(max(1, method.epochs - 1))
        let scale = 1 - (1 - method.finalRateShare) * progress
        optimisers.weights.step(&machine.weights.values, along: gradient.weights.values, scale: scale, decay: method.weightDecay)
        optimisers.visible.step(&machine.visibleBias, along: gradient.visibleBias, scale: scale)
        optimisers.hidden.step(&machine.hiddenBias, along: gradient.hiddenBias, scale: scale)
        if method.learnsVariance && !machine.logVariance.isEmpty {
            optimisers.variance.step(&machine.logVariance, along: gradient.logVariance, scale: scale)
            for index in machine.logVariance.indices { machine.logVariance[index] = min(max(machine.logVariance[index], -7), 7) }
        }
        return data.hiddenMeans.reduce(0, +) / Float(machine.hiddenCount)
    }

    /// The data rows with the hidden units they cause: means for the gradient, one sample to start the chains.
    private func positivePhase(_ rows: [Int], key: Key) -> (PhaseStates, Matrix) {
        var visible = training.selecting(rows, layout: machine.layout)
        missing.fill(&visible, rows: rows, machine: machine, key: key.folding(1))
        var states = machine.hiddenInput(visible), means = Matrix(rows: states.rows, columns: states.columns)
        means.values.withUnsafeMutableBufferPointer { buffer in
            states.biasSigmoidSample(machine.hiddenBias, key: key.folding(0), means: buffer.baseAddress)
        }
        return (PhaseStates(visible: visible, hidden: means), states)
    }

    /// The model's side: `steps` steps of block Gibbs from the data's hidden states or the persistent chains.
    private mutating func negativePhase(from dataHidden: Matrix, key: Key) -> PhaseStates {
        let count: Int
        var hidden: Matrix
        switch method.chains {
        case .data(let steps): (count, hidden) = (steps, dataHidden)
        case .persistent(_, let steps): (count, hidden) = (steps, chains)
        }
        var visible = VisibleStates(rows: hidden.rows, layout: machine.layout)
        var means = Matrix(rows: 0, columns: machine.hiddenCount)
        for step in 0 ..< count {
            machine.sampleVisible(given: hidden, key: key.folding(2 * step), into: &visible)
            let isLast = step == count - 1
            if isLast, case .data = method.chains {
                means = machine.hiddenInput(visible)
                means.biasSigmoid(machine.hiddenBias)
            } else {
                hidden = machine.hiddenInput(visible)
                means = Matrix(rows: hidden.rows, columns: hidden.columns)
                means.values.withUnsafeMutableBufferPointer { buffer in
                    hidden.biasSigmoidSample(machine.hiddenBias, key: key.folding(2 * step + 1), means: buffer.baseAddress)
                }
            }
        }
        if case .persistent = method.chains { chains = hidden }
        return PhaseStates(visible: visible, hidden: means)
    }

    /// Running means of the units, with a memory of about a hundred batches.
    private mutating func updateOffsets(data: PhaseStates, model: PhaseStates) {
        guard method.centring != .none else { return }
        func blend(_ old: inout [Float], _ data: [Float], _ model: [Float]) {
            for index in old.indices {
                let target = method.centring == .enhanced ? (data[index] + model[index]) / 2 : data[index]
                old[index] += 0.01 * (target - old[index])
            }
        }
        blend(&offsets.hidden, data.hiddenMeans, model.hiddenMeans)
        if method.centring == .enhanced {
            blend(&offsets.visible, data.visibleMeans(machine.layout), model.visibleMeans(machine.layout))
        }
    }

    /// Compares free energies on training and held-out rows, keeps the best machine, and decides whether to go on.
    private mutating func judge(_ figures: inout [String: Double]) -> Epoch<RBM>.Ending? {
        guard figures["weightNorm"]!.isFinite, figures["hiddenActivity"]!.isFinite, machine.visibleBias.allSatisfy(\.isFinite),
              machine.hiddenBias.allSatisfy(\.isFinite), machine.logVariance.allSatisfy(\.isFinite) else {
            machine = best?.machine ?? lastGood
            return .diverged(reason: "a weight became infinite or nan in epoch \(number); a smaller learning rate than \(method.optimiser.rate) may help")
        }
        lastGood = machine
        if validation.rows > 0 {
            let train = machine.finiteFreeEnergies(trainingSample), held = machine.finiteFreeEnergies(validation)
            let spread = max(Statistics.standardDeviation(train), 1e-6)
            let gap = Statistics.mean(held) - Statistics.mean(train)
            figures["trainFreeEnergy"] = Statistics.mean(train)
            figures["validationFreeEnergy"] = Statistics.mean(held)
            figures["freeEnergyGap"] = gap
            // The gap in units of the training rows' own spread; its noise is that of a mean of `held.count` rows.
            let relative = gap / spread, noise = 1 / Double(held.count).squareRoot()
            if best == nil || relative <= max(best!.figure, 0) + noise { best = (min(relative, best?.figure ?? relative), number, machine) }
            if number - best!.epoch >= method.patience {
                let reason = "held-out rows have drifted \(gap.formatted2) nats above training rows since epoch \(best!.epoch)"
                machine = best!.machine
                return .stoppedEarly(reason: reason)
            }
        }
        return number == method.epochs ? .finished : nil
    }
}

extension Double {
    var formatted2: String { String(format: "%.2f", self) }
}

extension RBM {
    func finiteFreeEnergies(_ batch: Matrix) -> [Float] { (try? freeEnergy(batch)) ?? [] }
}

extension VisibleStates {
    func selecting(_ rows: [Int], layout: UnitLayout) -> VisibleStates {
        var result = VisibleStates(rows: 0, layout: layout)
        result.dense = dense.selecting(rows: rows)
        if layout.groupCount > 0 {
            result.codes = []
            result.codes.reserveCapacity(rows.count * layout.groupCount)
            for row in rows { result.codes.append(contentsOf: codes[row * layout.groupCount ..< (row + 1) * layout.groupCount]) }
        }
        return result
    }
}

/// The missing cells of the training rows; during training each is filled with a draw from the machine given the rest.
struct MissingCells: Sendable {
    private let rows: Set<Int>

    init(_ states: VisibleStates, layout: UnitLayout) {
        var rows = Set<Int>()
        for row in 0 ..< states.rows {
            let dense = states.dense.values[row * layout.denseCount ..< (row + 1) * layout.denseCount]
            let codes = states.codes[row * layout.groupCount ..< (row + 1) * layout.groupCount]
            if dense.contains(where: \.isNaN) || codes.contains(where: { $0 < 0 }) { rows.insert(row) }
        }
        self.rows = rows
    }

    /// Fills the missing cells of a batch by two steps of block Gibbs in which the known cells stay clamped.
    func fill(_ batch: inout VisibleStates, rows indices: [Int], machine: RBM, key: Key) {
        if rows.isEmpty { return }
        let touched = indices.indices.filter { rows.contains(indices[$0]) }
        if touched.isEmpty { return }
        let layout = machine.layout, known = batch.selecting(touched, layout: layout)
        var current = known
        for index in current.dense.values.indices where current.dense.values[index].isNaN { current.dense.values[index] = 0 }
        for step in 0 ..< 2 {
            var hidden = machine.hiddenInput(current)
            hidden.biasSigmoidSample(machine.hiddenBias, key: key.folding(2 * step))
            var drawn = current
            machine.sampleVisible(given: hidden, key: key.folding(2 * step + 1), into: &drawn)
            for index in known.dense.values.indices where known.dense.values[index].isNaN { current.dense.values[index] = drawn.dense.values[index] }
            for index in known.codes.indices where known.codes[index] < 0 { current.codes[index] = drawn.codes[index] }
        }
        for (position, row) in touched.enumerated() {
            for unit in 0 ..< layout.denseCount { batch.dense[row, unit] = current.dense[position, unit] }
            for group in 0 ..< layout.groupCount { batch.codes[row * layout.groupCount + group] = current.codes[position * layout.groupCount + group] }
        }
    }
}
