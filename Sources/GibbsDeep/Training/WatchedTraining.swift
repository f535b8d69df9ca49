import GibbsCore
import GibbsNumerics

/// A method's steps. A value, so that a copy of it, chains and all, is a way back.
protocol StepMaker: Sendable {
    /// What has the weights.
    associatedtype Weights: Trainable

    /// Rows there are to draw from.
    var rowCount: Int { get }

    /// One step on these rows, the rate multiplied by `scale`.
    mutating func step(_ training: NetworkTraining<Weights>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome
}

/// The state of one training run: the weights, the method's chains, and the ways back.
final class WatchedTraining<Maker: StepMaker> {
    private typealias Model = Maker.Weights
    private typealias Snapshot = (model: Model, maker: Maker)
    private let descent: NetworkDescent, key: Key, batch: Int, stepCount: Int
    private var training: NetworkTraining<Model>, maker: Maker
    /// Where training returns to, the oldest first; two at most.
    private var snapshots: [Snapshot]
    /// The last averages that no alarm followed.
    private var good: Model
    private var number = 0, taken = 0, sinceSnapshot = 0, returned = 0, halvings = 1.0
    private var ending: Epoch<Maker.Weights>.Ending?

    init(_ model: Maker.Weights, _ maker: Maker, by descent: NetworkDescent, key: Key) throws {
        (self.descent, self.key, self.maker) = (descent, key, maker)
        (batch, stepCount) = descent.steps(of: maker.rowCount)
        training = try Self.start(model, descent)
        snapshots = [(model, maker)]
        good = model
    }

    private static func start(_ model: Model, _ descent: NetworkDescent) throws -> NetworkTraining<Model> {
        try NetworkTraining(model, by: descent.optimiser, decay: descent.weightDecay, clip: descent.clip, averaging: descent.averaging)
    }

    /// Trains one epoch; `nil` after the last.
    func epoch() throws -> Epoch<Maker.Weights>? {
        if ending != nil { return nil }
        number += 1
        let clock = ContinuousClock(), begin = clock.now, order = key.folding(1).folding(number).permutation(maker.rowCount)
        var sums = [String: Double](), count = 0.0, alarms = [TrainingWatch.Alarm: Int]()
        for index in 0 ..< stepCount where ending == nil {
            try Task.checkCancellation()
            let rows = Array(order[index * batch ..< (index + 1) * batch])
            let outcome = try maker.step(training, on: rows, scale: rateShare(of: index) * halvings, key: key.folding(2).folding(taken))
            taken += 1
            if let alarm = descent.watch.alarm(outcome) {
                alarms[alarm, default: 0] += 1
                try goBack(alarm)
                continue
            }
            count += 1
            for (name, value) in outcome.figures.merging(["loss": outcome.report.loss, "gradientLength": outcome.report.gradientLength], uniquingKeysWith: { $1 }) { sums[name, default: 0] += value }
            try keep()
        }
        if ending == nil { good = try training.averaged() }
        if ending == nil && number == descent.epochs { ending = .finished }
        var figures = sums.mapValues { $0 / max(1, count) }
        for alarm in TrainingWatch.Alarm.allCases { figures[alarm.rawValue] = Double(alarms[alarm] ?? 0) }
        figures["returns"] = Double(returned)
        figures["rateShare"] = rateShare(of: stepCount - 1) * halvings
        let elapsed = clock.now - begin
        return Epoch(number: number, model: good, figures: figures, seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18,
                     rows: Int(count) * batch, ending: ending)
    }

    private func rateShare(of index: Int) -> Double { descent.rateShare(of: (number - 1) * stepCount + index, count: descent.epochs * stepCount) }

    private func keep() throws {
        sinceSnapshot += 1
        guard sinceSnapshot >= descent.watch.snapshotSteps else { return }
        sinceSnapshot = 0
        snapshots = try snapshots.suffix(1) + [(training.current(), maker)]
    }

    private func goBack(_ alarm: TrainingWatch.Alarm) throws {
        let back = snapshots[0]
        if returned == descent.watch.returns {
            good = back.model
            let what = switch alarm {
            case .notFinite: "the loss or its gradient became infinite or nan"
            case .gap: "the energies of data and of chains were more than \(descent.watch.largestGap) nats apart"
            case .chains: "most chains went to infinity"
            }
            ending = .diverged(reason: "\(what) in epoch \(number), after \(returned) returns, each with half the rate; a smaller rate than \(descent.optimiser.rate) may help")
            return
        }
        returned += 1
        halvings /= 2
        sinceSnapshot = 0
        snapshots = [back]
        maker = back.maker
        training = try Self.start(back.model, descent)
    }
}

extension NetworkEnergy {
    /// A run by a method whose steps `maker` makes from the rows it has checked.
    func run<Maker: StepMaker>(by descent: NetworkDescent, key: Key, _ maker: @escaping @Sendable () throws -> Maker) -> TrainingRun<Self> where Maker.Weights == Network {
        TrainingRun {
            let first = try maker()
            try descent.check(rows: first.rowCount)
            let training = try WatchedTraining(network, first, by: descent, key: key.folding(1))
            return {
                guard let epoch = try training.epoch() else { return nil }
                let ending: Epoch<Self>.Ending? = switch epoch.ending {
                case .none: nil
                case .finished: .finished
                case .stoppedEarly(let reason): .stoppedEarly(reason: reason)
                case .diverged(let reason): .diverged(reason: reason)
                }
                return Epoch(number: epoch.number, model: try with(epoch.model), figures: epoch.figures, seconds: epoch.seconds, rows: epoch.rows, ending: ending)
            }
        }
    }
}
