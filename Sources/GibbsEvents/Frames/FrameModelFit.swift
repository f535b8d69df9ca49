import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// How a `FrameModel` is fitted.
public struct FrameOptions: Sendable, Hashable {
    /// N, the frames that are remembered.
    public var history = 4
    /// Hidden units of the conditional machine and of the plain one.
    public var hidden = 150
    /// Passes over the frames; the best of them by the held-out frames is kept.
    public var epochs = 100
    /// Steps of contrastive divergence.
    public var steps = 20
    /// Adam's rate at the start; it falls to a twentieth.
    public var rate: Float = 3e-3
    /// Decay of the weights per step, times the rate.
    public var weightDecay: Float = 1e-2
    /// Share of the frames held out where no validation frames are given.
    public var validationShare = 0.2
    /// α of the calibration; where the frames bear no such rate, the smallest they bear.
    public var falseAlarmRate: Double?
    /// The key's number.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}

    func check() throws {
        let rules: [(Bool, String)] = [
            ((1 ... 1_000).contains(history), "a history of \(history) frames"), ((1 ... 65_536).contains(hidden), "\(hidden) hidden units"), (epochs > 0, "\(epochs) epochs"),
            ((1 ... 10_000).contains(steps), "\(steps) steps"), (rate > 0 && rate.isFinite, "a rate of \(rate)"), (weightDecay >= 0 && weightDecay.isFinite, "a weight decay of \(weightDecay)"),
            (validationShare > 0 && validationShare < 1, "a validation share of \(validationShare)"),
        ]
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "frames cannot be fitted with \(text)", advice: "gibbs fit frames --help tells the defaults") }
    }
}

extension FrameModel {
    /// Learns what follows what.
    ///
    /// Some pieces are held out, or without ten of them the end of each; half of these frames choose the epoch by their mean energy,
    /// the other half calibrate. Real columns are learned as what their least-squares regression on the history leaves, whose σ stays: for linear
    /// processes with normal noise that is the answer before the first epoch.
    ///
    /// - Parameters:
    ///   - sequences: Normal frames.
    ///   - validation: Other normal frames, in place of those held out.
    ///   - options: The settings.
    ///   - report: Sees the epochs of both machines and the energy of the choosing frames where it was taken; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage`, `.shapeMismatch`, `.unsuitableData` or `.limitExceeded`; divergence counts as unsuitable data.
    /// - Complexity: `epochs × frames` products `visible × hidden`, 2 · steps + 3 times, for each machine.
    public static func fitted(to sequences: FrameSequences, validation: FrameSequences? = nil, options: FrameOptions = .init(),
                              report: (Progress) throws -> Void = { _ in }) throws -> FrameModel {
        try options.check()
        guard sequences.frames.values.count <= FrameSequences.valueLimit / options.history else {
            throw GibbsError(.limitExceeded, "\(sequences.frames.rows) frames of \(sequences.columns.count) columns with a history of \(options.history)", advice: "remember fewer frames")
        }
        let key = Key(options.seed), split = validation == nil ? sequences.split(holdingOut: options.validationShare, key: key.folding(0)) : (Array(0 ..< sequences.frames.rows), [])
        guard !split.0.isEmpty, validation != nil || split.1.count > 3 else {
            throw GibbsError(.unsuitableData, "\(sequences.frames.rows) frames are too few to learn from", advice: "give at least twenty, better thousands")
        }
        let columns = try Self.columns(of: sequences, rows: split.0)
        let blank = FrameModel(columns: columns, history: options.history, conditional: start(columns, options, key: key.folding(1)), plain: RBM(visible: variables(columns), hidden: options.hidden, key: key.folding(2)),
                               calibration: nil, training: Training(digest: nil, frames: 0, pieces: 0, epoch: 0, epochs: 0, seed: 0, validationEnergy: 0))
        let frames = try blank.standardised(sequences), train = frames.selecting(rows: split.0)
        let contexts = contexts(frames, split.0, of: sequences.pieces, history: options.history)
        let other = validation ?? sequences, held = validation == nil ? split.1 : Array(0 ..< other.frames.rows), halves = other.halves(held)
        let regression = try FrameRegression(of: train, on: contexts, for: blank.conditional)
        let judge = try Judge(blank.standardised(other), halves.choosing, of: other.pieces, history: options.history, regression)
        let errors = regression.residuals(of: train, given: contexts)
        let best = try trained(blank.conditional.withBiases(from: errors), on: errors, contexts, judge: judge, options: options, key: key.folding(3)) { try report(.init(machine: "conditional", epoch: $0, of: options.epochs, energy: $1)) }
        let plain = try blank.plain.withBiases(from: train).training(on: train, by: plainMethod(options, rows: train.rows), key: key.folding(4)).finish {
            try report(.init(machine: "plain", epoch: $0.number, of: options.epochs, energy: nil))
            return true
        }
        if case .diverged(let reason) = plain.ending { throw GibbsError(.unsuitableData, "the training of the plain machine diverged: \(reason)", advice: "learn more slowly with --rate") }
        let restored = regression.restored(best.model)
        let training = Training(digest: sequences.digest, frames: split.0.count, pieces: sequences.pieces.count, epoch: best.epoch, epochs: options.epochs, seed: options.seed, validationEnergy: best.energy)
        var model = FrameModel(columns: columns, history: options.history, conditional: restored, plain: plain.model, calibration: nil, training: training)
        model.ignored = sequences.ignored
        let energies = try model.energies(of: other), calibrating = halves.calibrating.map { energies[$0] }
        let rate = options.falseAlarmRate ?? max(0.01, 1.05 / Double(calibrating.count + 1))
        return try model.calibrated(by: Calibration(energies: calibrating, falseAlarmRate: rate))
    }

    /// Where a fit stands.
    public struct Progress: Sendable {
        /// `conditional` or `plain`.
        public let machine: String
        /// The epoch done, of how many.
        public let epoch: Int, of: Int
        /// The mean energy of the choosing frames in the machine's scale, nats, where it was taken after this epoch.
        public let energy: Double?
    }
}

// MARK: - Parts of a fit

extension FrameModel {
    static func variables(_ columns: [Column]) -> [Variable] { columns.map { $0.isBinary ? .binary : .real } }

    /// Names, kinds and scales.
    private static func columns(of sequences: FrameSequences, rows: [Int]) throws -> [Column] {
        try zip(sequences.columns, sequences.variables).enumerated().map { index, column in
            let values = rows.map { Double(sequences.frames[$0, index]) }, mean = Statistics.mean(values)
            if column.1 == .binary {
                return Column(name: column.0, isBinary: true, mean: (mean * Double(rows.count) + 0.5) / Double(rows.count + 1), deviation: 1)
            }
            let deviation = Statistics.standardDeviation(values)
            guard deviation > 1e-6 * abs(mean), deviation > 1e-30 else {
                throw GibbsError(.unsuitableData, "the column has the same value, \(Float(mean)), in all frames", at: .init(field: column.0), advice: "leave it out with --ignore")
            }
            return Column(name: column.0, isBinary: false, mean: mean, deviation: deviation)
        }
    }

    private static func start(_ columns: [Column], _ options: FrameOptions, key: Key) -> ConditionalRBM {
        let visible = variables(columns)
        return ConditionalRBM(visible: visible, context: (0 ..< options.history).flatMap { _ in visible }, hidden: options.hidden, spread: 0.05, key: key)
    }

    /// Small data are cut into some hundred batches too, so that an epoch is worth as much.
    private static func method(_ options: FrameOptions, rows: Int) -> ContrastiveDivergence {
        ContrastiveDivergence(chains: .data(steps: options.steps), centring: .none, optimiser: .adam(rate: options.rate), weightDecay: options.weightDecay, batchSize: min(100, max(10, rows / 100)),
                              epochs: options.epochs, finalRateShare: 0.05)
    }

    private static func plainMethod(_ options: FrameOptions, rows: Int) -> ContrastiveDivergence {
        ContrastiveDivergence(chains: .persistent(count: 100, steps: options.steps), optimiser: .adam(rate: 2 * options.rate), weightDecay: options.weightDecay / 100, batchSize: min(100, max(10, rows / 100)),
                              epochs: options.epochs, finalRateShare: 0.05)
    }

    /// The epoch with the smallest energy of the choosing frames.
    private static func trained(_ start: ConditionalRBM, on frames: Matrix, _ contexts: Matrix, judge: Judge, options: FrameOptions, key: Key,
                                report: (Int, Double?) throws -> Void) throws -> (model: ConditionalRBM, epoch: Int, energy: Double) {
        var best = (model: start, epoch: 0, energy: try judge.energy(start))
        let every = max(1, options.epochs / 50)
        let last = try start.training(on: frames, given: contexts, by: method(options, rows: frames.rows), key: key).finish { epoch in
            let looks = epoch.number % every == 0 || epoch.ending != nil, energy = looks ? try judge.energy(epoch.model) : nil
            if let energy, energy < best.energy { best = (epoch.model, epoch.number, energy) }
            try report(epoch.number, energy)
            return true
        }
        if case .diverged(let reason) = last.ending { throw GibbsError(.unsuitableData, "the training diverged: \(reason)", advice: "learn more slowly with --rate") }
        return best
    }
}

/// The frames that choose the epoch, at most two thousand of them.
private struct Judge {
    let frames: Matrix, contexts: Matrix

    init(_ all: Matrix, _ rows: [Int], of pieces: [FrameSequences.Piece], history: Int, _ regression: FrameRegression) {
        let step = max(1, rows.count / 2_000), some = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
        contexts = FrameModel.contexts(all, some, of: pieces, history: history)
        frames = regression.residuals(of: all.selecting(rows: some), given: contexts)
    }

    func energy(_ model: ConditionalRBM) throws -> Double {
        Statistics.mean(try model.pseudoSurprises(of: frames, given: contexts).values) * Double(frames.columns)
    }
}
