import Foundation
import GibbsCore
import GibbsNumerics

/// The state of one training run: the machine, the optimiser's memory, the chains and the best model so far.
struct ContrastiveDivergenceTrainer {
    private let method: ContrastiveDivergence
    private let key: Key
    private let training: Matrix
    private let trainingSample: Matrix
    private let validation: Matrix
    private let missing: MissingCells
    private let columns: VisibleStates.Columns
    private var machine: RBM
    /// The persistent chains' hidden states.
    private var chains: Matrix
    /// The persistent chains at all temperatures, where they are tempered.
    private var ladder: TemperedChains?
    /// Running averages of the parameters.
    private var average: RBM
    /// What the last epoch gave: the machine, or the averages.
    private var model: RBM
    private var phases: PhasePair
    /// Hidden states drawn in a step, in the rows of `phases`; and the visible units' inputs.
    private var samples: [Float]
    private var inputs: [Float] = []
    private var gradient: RBMGradient
    private var optimisers: (weights: OptimiserState, visible: OptimiserState, hidden: OptimiserState, variance: OptimiserState)
    private var offsets: Offsets?
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
        training = rows
        missing = MissingCells(rows)
        columns = VisibleStates.Columns(machine.layout)
        self.machine = machine
        average = machine
        model = machine
        lastGood = machine
        phases = PhasePair(dataRows: 1, modelRows: 1, machine: machine)
        samples = [Float](repeating: 0, count: phases.hidden.values.count)
        if let count = method.persistentCount {
            // Chains begin at the machine's own view of random data rows.
            let order = key.folding(3).permutation(rows.rows), chosen = (0 ..< count).map { order[$0 % rows.rows] }
            let start = try missing.filled(rows, chosen, machine: machine, key: key.folding(7))
            chains = try machine.sampleHidden(given: start, key: key.folding(4))
        } else {
            chains = Matrix(rows: 0, columns: machine.hiddenCount)
        }
        if case .tempered(_, _, let temperatures) = method.chains {
            ladder = TemperedChains(machine: machine, hidden: chains, temperatures: temperatures)
        }
        gradient = RBMGradient(layout: machine.layout, hidden: machine.hiddenCount)
        func state(_ count: Int) -> OptimiserState { OptimiserState(method.optimiser, count: count) }
        optimisers = (state(machine.weights.values.count), state(machine.layout.width), state(machine.hiddenCount),
                      state(machine.layout.realCount))
        if method.centring != .none {
            offsets = Offsets(visible: ColumnMarginals(training, layout: machine.layout).means,
                              hidden: [Float](repeating: 0.5, count: machine.hiddenCount))
        }
    }

    /// Trains one epoch; `nil` after the last.
    mutating func epoch() -> Epoch<RBM>? {
        if ended { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now
        let order = key.folding(5).folding(number).permutation(training.rows)
        for first in stride(from: 0, to: order.count, by: method.batchSize) {
            let rows = Array(order[first ..< min(order.count, first + method.batchSize)])
            step(on: rows, key: key.folding(6).folding(steps))
            steps += 1
        }
        let activity = phases.hiddenMeans(phases.data).reduce(0, +) / Float(machine.hiddenCount)
        var figures = ["hiddenActivity": Double(activity), "gradientNorm": Double(gradient.norm),
                       "weightNorm": Double(machine.weights.values.reduce(0) { $0 + $1 * $1 }.squareRoot())]
        model = method.averagingShare < 1 ? average : machine
        let ending = judge(&figures)
        let elapsed = clock.now - begin
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        ended = ending != nil
        return Epoch(number: number, model: model, figures: figures, seconds: seconds, rows: order.count, ending: ending)
    }

    /// One gradient step on a batch.
    private mutating func step(on rows: [Int], key: Key) {
        prepare(rows.count)
        setData(rows, key: key.folding(0))
        advanceModel(key: key.folding(1))
        updateOffsets()
        gradient.fill(phases, machine: machine, offsets: offsets, learnsVariance: method.learnsVariance)
        let progress = Float(number - 1) / Float(max(1, method.epochs - 1))
        let scale = 1 - (1 - method.finalRateShare) * progress
        optimisers.weights.step(&machine.weights.values, along: gradient.weights.values, scale: scale, decay: method.weightDecay)
        optimisers.visible.step(&machine.visibleBias, along: gradient.visibleBias, scale: scale)
        optimisers.hidden.step(&machine.hiddenBias, along: gradient.hiddenBias, scale: scale)
        if method.learnsVariance && !machine.logVariance.isEmpty {
            optimisers.variance.step(&machine.logVariance, along: gradient.logVariance, scale: scale)
            for index in machine.logVariance.indices { machine.logVariance[index] = min(max(machine.logVariance[index], -7), 7) }
        }
        // The first steps average evenly, so that the start is forgotten.
        if method.averagingShare < 1 { average.approach(machine, by: max(method.averagingShare, 1 / Float(steps + 1))) }
    }

    /// Makes room for a batch of this many rows; batches of one size share it.
    private mutating func prepare(_ rows: Int) {
        let modelRows = method.persistentCount ?? rows
        if phases.dataRows == rows && phases.modelRows == modelRows { return }
        phases = PhasePair(dataRows: rows, modelRows: modelRows, machine: machine)
        samples = [Float](repeating: 0, count: phases.hidden.values.count)
    }

    /// The data rows with the hidden units they cause: means for the gradient, one sample to start the chains.
    private mutating func setData(_ rows: [Int], key: Key) {
        if missing.isEmpty {
            let pick = rows.map(Int64.init)
            training.values.withUnsafeBufferPointer { phases.visible.set(phases.data, from: $0.baseAddress, columns: columns, pick: pick) }
        } else {
            // Rows and columns were checked when training started.
            let filled = try! missing.filled(training, rows, machine: machine, key: key.folding(1))
            filled.values.withUnsafeBufferPointer { phases.visible.set(phases.data, from: $0.baseAddress, columns: columns) }
        }
        if method.drawsProbabilities { phases.visible.drawBinary(phases.data, key: key.folding(2)) }
        samples.withUnsafeMutableBufferPointer {
            machine.hiddenPhase(phases.visible, rows: phases.data, into: &phases.hidden, sample: ($0.baseAddress!, key.folding(0)))
        }
    }

    /// The model's side: `steps` steps of block Gibbs from the data's hidden states or the persistent chains.
    private mutating func advanceModel(key: Key) {
        let model = phases.model, own = model.lowerBound * machine.hiddenCount
        let steps: Int, isPersistent: Bool
        switch method.chains {
        case .data(let count): (steps, isPersistent) = (count, false)
        case .persistent(_, let count): (steps, isPersistent) = (count, true)
        case .tempered(_, let count, _):
            for step in 0 ..< count { ladder!.step(machine, key: key.folding(step)) }
            ladder!.copyColdest(into: &phases.visible, from: model.lowerBound)
            machine.hiddenPhase(phases.visible, rows: model, into: &phases.hidden)
            return
        }
        samples.withUnsafeMutableBufferPointer { samples in
            let base = samples.baseAddress!
            for step in 0 ..< steps {
                let visibleKey = key.folding(2 * step), hiddenKey = key.folding(2 * step + 1)
                if step == 0 && isPersistent {
                    machine.sampleVisible(given: chains.values, key: visibleKey, into: &phases.visible, rows: model, inputs: &inputs)
                } else {
                    machine.sampleVisible(given: step == 0 ? base : base + own, key: visibleKey, into: &phases.visible, rows: model, inputs: &inputs)
                }
                let isNeeded = isPersistent || step < steps - 1
                machine.hiddenPhase(phases.visible, rows: model, into: &phases.hidden, sample: isNeeded ? (base, hiddenKey) : nil)
            }
            if isPersistent {
                for index in chains.values.indices { chains.values[index] = base[own + index] }
            }
        }
    }

    /// Running means of the units, with a memory of about a hundred batches.
    private mutating func updateOffsets() {
        guard method.centring != .none else { return }
        func blend(_ old: inout [Float], _ data: [Float], _ model: [Float]?) {
            for index in old.indices {
                let target = model.map { (data[index] + $0[index]) / 2 } ?? data[index]
                old[index] += 0.01 * (target - old[index])
            }
        }
        let isEnhanced = method.centring == .enhanced
        blend(&offsets!.hidden, phases.hiddenMeans(phases.data), isEnhanced ? phases.hiddenMeans(phases.model) : nil)
        if isEnhanced { blend(&offsets!.visible, phases.visibleMeans(phases.data), phases.visibleMeans(phases.model)) }
    }

    /// Compares free energies on training and held-out rows, keeps the best machine, and decides whether to go on.
    private mutating func judge(_ figures: inout [String: Double]) -> Epoch<RBM>.Ending? {
        guard figures["weightNorm"]!.isFinite, figures["hiddenActivity"]!.isFinite, machine.visibleBias.allSatisfy(\.isFinite),
              machine.hiddenBias.allSatisfy(\.isFinite), machine.logVariance.allSatisfy(\.isFinite) else {
            model = best?.machine ?? lastGood
            return .diverged(reason: "a weight became infinite or nan in epoch \(number); a smaller learning rate than \(method.optimiser.rate) may help")
        }
        lastGood = model
        if validation.rows > 0 {
            let train = model.finiteFreeEnergies(trainingSample), held = model.finiteFreeEnergies(validation)
            let spread = max(Statistics.standardDeviation(train), 1e-6)
            let gap = Statistics.mean(held) - Statistics.mean(train)
            figures["trainFreeEnergy"] = Statistics.mean(train)
            figures["validationFreeEnergy"] = Statistics.mean(held)
            figures["freeEnergyGap"] = gap
            // The gap in units of the training rows' own spread; its noise is that of a mean of `held.count` rows.
            let relative = gap / spread, noise = 1 / Double(held.count).squareRoot()
            if best == nil || relative <= max(best!.figure, 0) + noise { best = (min(relative, best?.figure ?? relative), number, model) }
            if number - best!.epoch >= method.patience {
                let reason = "held-out rows have drifted \(gap.formatted2) nats above training rows since epoch \(best!.epoch)"
                model = best!.machine
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
