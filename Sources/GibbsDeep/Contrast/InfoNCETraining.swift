import Foundation
import GibbsCore
import GibbsNumerics

/// How a critic is trained by InfoNCE.
public struct InfoNCETraining: Sendable, Hashable {
    /// Keys of earlier batches that stay candidates, as they were then, with their groups and ln Q; 0 for none. With weights that move slowly they are
    /// nearly what they would be now, and the ceiling ln(candidates) of the bound rises without larger batches. The bound is then as nearly one as they
    /// are: a critic that tells old keys from new ones by their age knows nothing of the sides.
    ///
    /// - Source: Wu, Xiong, Yu & Lin, *Unsupervised Feature Learning via Non-Parametric Instance Discrimination*, CVPR 2018; He et al., *Momentum
    ///   Contrast*, CVPR 2020, whose slow second network is left out here.
    public var queue: Int
    /// How the weights go down.
    public var descent: NetworkDescent

    /// Settings; checked when training starts.
    public init(queue: Int = 0, descent: NetworkDescent = NetworkDescent(batchSize: 256, warmUp: 100, finalRateShare: 0.01, clip: .infinity, averaging: 0.99, fall: .cosine)) {
        self.queue = queue
        self.descent = descent
    }

    /// - Throws: `GibbsError` with code `.usage`.
    func check(rows: Int) throws {
        try NetworkDescent.check([(queue >= 0, "a queue of \(queue) keys")])
        guard min(descent.batchSize, rows) >= 2 else {
            throw GibbsError(.usage, "InfoNCE in a batch of \(min(descent.batchSize, rows)): the right pair has no other to be told from", advice: "take batches of two pairs at least")
        }
    }
}

/// Pairs that a critic learns from: row i of one side belongs to row i of the other.
public struct TrainingPairs: Sendable {
    /// Shapes `[pairs, …]`.
    public let left: Matrix, right: Matrix
    /// What each row is, so that other rows of the same number are not taken for wrong; `nil` where all differ. Leave it out where ln Q is given:
    /// a right partner whose copies are forbidden is a candidate once, however frequent it is.
    public var leftGroups: [Int]?, rightGroups: [Int]?
    /// ln Q of each row; see `InfoNCE.Candidates`.
    public var leftLogQ: [Float]?, rightLogQ: [Float]?

    /// Pairs of rows. Traps unless both sides have as many.
    public init(left: Matrix, right: Matrix) {
        precondition(left.rows == right.rows, "\(left.rows) rows with \(right.rows)")
        (self.left, self.right) = (left, right)
    }

    /// ln of each number's share among all: ln Q of rows that are drawn evenly.
    public static func logShares(_ groups: [Int]) -> [Float] {
        var counts = [Int: Int]()
        for group in groups { counts[group, default: 0] += 1 }
        return groups.map { Float(log(Double(counts[$0]!) / Double(groups.count))) }
    }
}

extension PairCritic {
    /// Trains this critic to tell right pairs from others; each epoch is a new critic, this one stays as it is.
    ///
    /// Figures of an epoch: `loss`, nats; `ceiling`, ln(candidates); `bound`, ln(candidates) − loss, a lower bound on the mutual information of the pairs
    /// trained on, absent where a side's groups hold a number twice, since leaving copies of the right partner out makes the task easier than the
    /// sides are alike (`informationBound` of other pairs has all candidates); `accuracy`, the share of rows whose right partner has the lowest energy,
    /// with ties as `InfoNCE.Result` counts them; `temperature`; and those of `TrainingWatch`.
    ///
    /// - Parameters:
    ///   - pairs: What belongs together.
    ///   - method: The settings.
    ///   - key: Orders the rows.
    /// - Throws: On the first read, `GibbsError` with code `.usage` for batches of one pair, `.shapeMismatch` or `.unsuitableData` for rows that do not suit.
    /// - Complexity: A step costs some three passes through the networks and the products of the loss.
    public func training(on pairs: TrainingPairs, by method: InfoNCETraining = InfoNCETraining(), key: Key) -> TrainingRun<PairCritic> {
        run(method, rows: pairs.left.rows, key: key) {
            try Self.check(pairs.left, left.input, "left")
            try Self.check(pairs.right, (right ?? left).input, "right")
            return ContrastSteps(rowCount: pairs.left.rows, queueLength: method.queue, source: PairSource(pairs: pairs))
        }
    }

    /// Trains this critic on two views of every row: what stays the same under `view` is learnt, what it changes is forgotten.
    ///
    /// A row's own views in the queue are no candidates for it. Figures are those of `training(on:by:key:)`, and `bound` is always among them: rows are
    /// taken to be different things, so that only views of the same draw are left out.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, …]`.
    ///   - view: Makes a random view of each row; called twice a step with different keys.
    ///   - method: The settings.
    ///   - key: Orders the rows and feeds the views.
    /// - Throws: As `training(on:by:key:)`.
    public func training(onViewsOf data: Matrix, view: @escaping @Sendable (Matrix, Key) -> Matrix, by method: InfoNCETraining = InfoNCETraining(), key: Key) -> TrainingRun<PairCritic> {
        run(method, rows: data.rows, key: key) {
            try Self.check(data, left.input, "left")
            return ContrastSteps(rowCount: data.rows, queueLength: method.queue, source: ViewSource(data: data, view: view))
        }
    }

    private func run<Source: ContrastSource>(_ method: InfoNCETraining, rows: Int, key: Key, _ maker: @escaping @Sendable () throws -> ContrastSteps<Source>) -> TrainingRun<PairCritic> {
        TrainingRun {
            try method.descent.check(rows: rows)
            try method.check(rows: rows)
            let training = try WatchedTraining(self, maker(), by: method.descent, key: key)
            return { try training.epoch() }
        }
    }
}

/// Where a step's pairs come from.
private protocol ContrastSource: Sendable {
    /// Whether a right partner's copies may be left out, so that ln(candidates) − loss bounds nothing.
    var leavesCopiesOut: Bool { get }
    func batch(_ rows: [Int], key: Key) -> (left: Matrix, right: Matrix, candidates: InfoNCE.Candidates)
}

private struct PairSource: ContrastSource {
    let pairs: TrainingPairs, leavesCopiesOut: Bool

    init(pairs: TrainingPairs) {
        self.pairs = pairs
        leavesCopiesOut = [pairs.leftGroups, pairs.rightGroups].contains { groups in groups.map { Set($0).count < $0.count } ?? false }
    }

    func batch(_ rows: [Int], key: Key) -> (left: Matrix, right: Matrix, candidates: InfoNCE.Candidates) {
        var candidates = InfoNCE.Candidates()
        candidates.queryGroups = pairs.leftGroups.map { groups in rows.map { groups[$0] } }
        candidates.keyGroups = pairs.rightGroups.map { groups in rows.map { groups[$0] } }
        candidates.queryLogQ = pairs.leftLogQ.map { values in rows.map { values[$0] } }
        candidates.keyLogQ = pairs.rightLogQ.map { values in rows.map { values[$0] } }
        return (pairs.left.selecting(rows: rows), pairs.right.selecting(rows: rows), candidates)
    }
}

private struct ViewSource: ContrastSource {
    let data: Matrix, view: @Sendable (Matrix, Key) -> Matrix
    let leavesCopiesOut = false

    func batch(_ rows: [Int], key: Key) -> (left: Matrix, right: Matrix, candidates: InfoNCE.Candidates) {
        let images = data.selecting(rows: rows)
        var candidates = InfoNCE.Candidates()
        // Rows of a batch are different ones; a queue may reach back to the last time that a row was here.
        (candidates.queryGroups, candidates.keyGroups) = (rows, rows)
        return (view(images, key.folding(0)), view(images, key.folding(1)), candidates)
    }
}

/// The last rows of a side, as they were, with what is known of them; the newest stand at the end.
private struct ContrastQueue: Sendable {
    let length: Int
    var rows: Tensor?, groups: [Int]?, logQ: [Float]?

    init(length: Int) { self.length = length }

    /// Takes new rows in, and lets the oldest go. Groups and ln Q are there for all rows or for none.
    mutating func add(_ new: Tensor, groups newGroups: [Int]?, logQ newLogQ: [Float]?) throws {
        guard length > 0 else { return }
        let joined = try rows.map { try Tensor.concatenating([$0, new.constant()], along: 0) } ?? new.constant(), count = joined.shape[0]
        rows = try count > length ? joined.slice(count - length ..< count) : joined
        groups = newGroups.map { [old = groups ?? []] in Array((old + $0).suffix(length)) }
        logQ = newLogQ.map { [old = logQ ?? []] in Array((old + $0).suffix(length)) }
    }
}

private struct ContrastSteps<Source: ContrastSource>: StepMaker {
    let rowCount: Int, source: Source
    private var leftQueue: ContrastQueue, rightQueue: ContrastQueue

    init(rowCount: Int, queueLength: Int, source: Source) {
        (self.rowCount, self.source) = (rowCount, source)
        (leftQueue, rightQueue) = (ContrastQueue(length: queueLength), ContrastQueue(length: queueLength))
    }

    mutating func step(_ training: NetworkTraining<PairCritic>, on rows: [Int], scale: Double, key: Key) throws -> StepOutcome {
        let critic = training.start, (left, right, known) = source.batch(rows, key: key), hasBound = !source.leavesCopiesOut
        let isOne = critic.right == nil, x = try Tensor(left, row: critic.left.input, on: critic.device), y = try Tensor(right, row: (critic.right ?? critic.left).input, on: critic.device)
        var candidates = known, figures = [String: Double](), ends: (Tensor, Tensor)?
        (candidates.queryQueue, candidates.keyQueue) = (leftQueue.rows, rightQueue.rows)
        (candidates.queryQueueGroups, candidates.keyQueueGroups) = (leftQueue.groups, rightQueue.groups)
        (candidates.queryQueueLogQ, candidates.keyQueueLogQ) = (leftQueue.logQ, rightQueue.logQ)
        let report = try training.step(scale: scale) { critic in
            let (q, k): (Tensor, Tensor)
            if isOne {
                // One pass of both sides.
                let both = try critic.projected(Tensor.concatenating([x, y], along: 0), isRight: false)
                (q, k) = try (both.slice(0 ..< rows.count), both.slice(rows.count ..< 2 * rows.count))
            } else { (q, k) = try (critic.projected(x, isRight: false), critic.projected(y, isRight: true)) }
            ends = (q, k)
            let result = try critic.loss.loss(queries: q, keys: k, inverseTemperature: critic.inverseTemperature(), candidates: candidates), loss = try result.loss.number()
            figures = try ["accuracy": result.accuracy, "ceiling": result.ceiling, "temperature": 1 / critic.inverseTemperature().number()]
            if hasBound { figures["bound"] = result.ceiling - loss }
            return result.loss
        }
        if let (q, k) = ends {
            try leftQueue.add(q, groups: known.queryGroups, logQ: known.queryLogQ)
            try rightQueue.add(k, groups: known.keyGroups, logQ: known.keyLogQ)
        }
        return StepOutcome(report: report, figures: figures)
    }
}
