import Foundation
import GibbsCore
import GibbsNumerics

/// The contrastive loss InfoNCE, which is a negative log-likelihood: of n candidates, which key belongs to this query?
///
///     E(q, k) = −sim(q, k) / τ,   p(k | q) = exp(−E(q, k)) / Σ_candidates exp(−E(q, k')),   loss = ⟨−ln p(right key | query)⟩
///
/// So a batch is one `GibbsDistribution` a query, and the loss the mean surprise of the right pair, in nats. The candidates are the keys of the
/// batch, and what else is given. ln(candidates) − loss is a lower bound on the mutual information of the two sides, whose ceiling is ln(candidates),
/// where the wrong keys are drawn without regard to the right one. It is none where groups leave copies of the right key out: of x = y, one bit in
/// batches of 256, a perfect critic then has a loss of 0 beside some 129 candidates, and ln 129 is 4.86 where the sides share 0.69 nats.
///
/// - Source: van den Oord, Li & Vinyals, *Representation Learning with Contrastive Predictive Coding*, 2018, equation 4; the symmetric form and the
///   learnable temperature: Radford et al., *Learning Transferable Visual Models From Natural Language Supervision*, ICML 2021; own side as
///   negatives: Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*, ICML 2020, equation 1.
public struct InfoNCE: Sendable, Hashable {
    /// How alike two rows of numbers are.
    public enum Similarity: String, Sendable, Hashable, CaseIterable, Codable {
        /// The cosine of their angle, −1...1.
        case cosine
        /// Their dot product, without bound.
        case dot
    }

    /// sim.
    public var similarity: Similarity
    /// Whether keys ask for queries as well, the loss being the mean of both ways.
    public var isSymmetric: Bool
    /// Whether the other queries are candidates too: for two views of the same thing, which are drawn alike.
    public var usesOwnSide: Bool

    /// The loss with these parts.
    public init(similarity: Similarity = .cosine, isSymmetric: Bool = true, usesOwnSide: Bool = false) {
        self.similarity = similarity
        self.isSymmetric = isSymmetric
        self.usesOwnSide = usesOwnSide
    }

    /// What a batch knows of its rows beside their numbers.
    public struct Candidates: Sendable {
        /// For each pair a number of what its key is, and its query: other keys of the same number are the right one as well, and are no candidates.
        public var keyGroups: [Int]?, queryGroups: [Int]?
        /// ln Q of each key, and query: how likely the sampling was to make it a candidate. Added to its energy, so that frequent ones are not
        /// pushed away for being frequent.
        ///
        /// - Source: Yi et al., *Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations*, RecSys 2019, equation 3.
        public var keyLogQ: [Float]?, queryLogQ: [Float]?
        /// Further keys that are right for no query, shape `[count, width]`: those of earlier batches, say.
        public var keyQueue: Tensor?, queryQueue: Tensor?
        /// What each row of a queue is, in the numbers of `keyGroups` and `queryGroups`: those of a right one's number are no candidates either.
        public var keyQueueGroups: [Int]?, queryQueueGroups: [Int]?
        /// ln Q of each row of a queue.
        public var keyQueueLogQ: [Float]?, queryQueueLogQ: [Float]?

        /// Nothing beside the numbers.
        public init() {}
    }

    /// The mean surprise of the right pairs, and what was seen on the way.
    public struct Result: Sendable {
        /// One number, nats.
        public let loss: Tensor
        /// The mean of ln(candidates) of a query, the right one included and forbidden ones left out: what ln(candidates) − loss cannot exceed.
        public let ceiling: Double
        /// Share of queries whose right key has the lowest energy; one that shares it with k − 1 others counts 1/k, what guessing among them brings.
        public let accuracy: Double
    }

    /// The loss of a batch of pairs, row i with row i.
    ///
    /// - Parameters:
    ///   - queries: Shape `[n, width]`.
    ///   - keys: Shape `[n, width]`.
    ///   - inverseTemperature: 1/τ, one number.
    ///   - candidates: What else is known of the batch.
    /// - Throws: `GibbsError` with code `.usage` for a batch of one, which has nobody to be told from; `.shapeMismatch` for sides that do not fit, and
    ///   for groups or ln Q of another number than their rows. A queue's groups count only where the batch has some too.
    /// - Complexity: One product of `n × candidates × width` each way.
    public func loss(queries: Tensor, keys: Tensor, inverseTemperature: Tensor, candidates: Candidates = Candidates()) throws -> Result {
        guard queries.shape.count == 2, queries.shape == keys.shape else {
            throw GibbsError(.shapeMismatch, "queries of the shape \(queries.shape) and keys of \(keys.shape)", advice: "give as many rows and columns of both")
        }
        let n = queries.shape[0]
        guard n >= 2 || candidates.keyQueue != nil else { throw GibbsError(.usage, "InfoNCE in a batch of \(n): the right pair has no other to be told from", advice: "take batches of two pairs at least") }
        let (q, k) = try (prepared(queries), prepared(keys)), right = try Tensor(indices: Array(0 ..< n), shape: [n]).moved(to: queries.device)
        let across = try inverseTemperature * q.matmul(k.permuted([1, 0])), keySide = Side(keysOf: candidates), querySide = Side(queriesOf: candidates)
        let forward = try scores(across, q, inverseTemperature, among: keySide, own: querySide)
        var loss = try forward.crossEntropy(right)
        if isSymmetric {
            loss = try 0.5 * (loss + scores(across.permuted([1, 0]), k, inverseTemperature, among: querySide, own: keySide).crossEntropy(right))
        }
        let width = forward.shape[1], values = try forward.floats()
        let hits = (0 ..< n).reduce(0.0) { $0 + Self.hit(values[$1 * width ..< ($1 + 1) * width], right: $1) }
        return Result(loss: loss, ceiling: ceiling(n, keySide, querySide), accuracy: hits / Double(n))
    }

    /// 1 where the right score is the highest alone, 1/k where it is one of k, else 0.
    private static func hit(_ scores: ArraySlice<Float>, right: Int) -> Double {
        let best = scores[scores.startIndex + right]
        return scores.allSatisfy { $0 <= best } ? 1 / Double(scores.count { $0 == best }) : 0
    }

    /// ⟨ln(candidates)⟩ of the queries, and of both ways where there are two.
    private func ceiling(_ n: Int, _ keys: Side, _ queries: Side) -> Double {
        func others(_ side: Side, _ i: Int) -> Int { side.groups.map { groups in groups.count { $0 != groups[i] } } ?? n - 1 }
        func way(_ other: Side, _ own: Side) -> Double {
            (0 ..< n).reduce(0.0) { $0 + log(Double(1 + others(other, $1) + (usesOwnSide ? others(own, $1) : 0) + other.queued(apartFrom: $1))) } / Double(n)
        }
        let there = way(keys, queries)
        return isSymmetric ? (there + way(queries, keys)) / 2 : there
    }

    /// Rows of length one where the similarity is an angle.
    private func prepared(_ x: Tensor) throws -> Tensor {
        guard similarity == .cosine else { return x }
        return try x / (x.squared().sum(over: [1]) + 1e-12).squareRoot().reshaped([x.shape[0], 1])
    }

    /// −E of all candidates of the rows x, shape `[n, candidates]`: the other side of the batch, the own one, and the other's queue.
    private func scores(_ across: Tensor, _ x: Tensor, _ inverseTemperature: Tensor, among other: Side, own: Side) throws -> Tensor {
        var parts = [try batchScores(across, other)]
        if usesOwnSide { parts.append(try batchScores(inverseTemperature * x.matmul(x.permuted([1, 0])), own, forbidsRight: true)) }
        if let queue = other.queue { parts.append(try queueScores(inverseTemperature * x.matmul(prepared(queue).permuted([1, 0])), other)) }
        return try parts.count == 1 ? parts[0] : Tensor.concatenating(parts, along: 1)
    }

    /// −E of the batch, with ln Q taken off and pairs of one group, but for the right one, forbidden.
    private func batchScores(_ scores: Tensor, _ side: Side, forbidsRight: Bool = false) throws -> Tensor {
        let n = scores.shape[0]
        guard side.groups?.count ?? n == n, side.logQ?.count ?? n == n else {
            throw GibbsError(.shapeMismatch, "\(side.groups?.count ?? n) groups and \(side.logQ?.count ?? n) values of ln Q for \(n) pairs", advice: "give one a pair")
        }
        // Where all are of different groups nothing is forbidden by them.
        let groups = side.groups.flatMap { Set($0).count < n ? $0 : nil }
        if groups == nil && side.logQ == nil && !forbidsRight { return scores }
        return try shifted(scores, side.logQ) { i, j in i == j ? forbidsRight : groups.map { $0[i] == $0[j] } ?? false }
    }

    /// −E of a queue, with ln Q taken off and rows of the right one's group forbidden.
    private func queueScores(_ scores: Tensor, _ side: Side) throws -> Tensor {
        let count = scores.shape[1]
        guard side.queueGroups?.count ?? count == count, side.queueLogQ?.count ?? count == count else {
            throw GibbsError(.shapeMismatch, "\(side.queueGroups?.count ?? count) groups and \(side.queueLogQ?.count ?? count) values of ln Q for a queue of \(count)", advice: "give one for each of its rows")
        }
        guard let groups = side.groups, let queued = side.queueGroups, !Set(groups).isDisjoint(with: queued) else {
            return try side.queueLogQ == nil ? scores : shifted(scores, side.queueLogQ) { _, _ in false }
        }
        return try shifted(scores, side.queueLogQ) { groups[$0] == queued[$1] }
    }

    /// Scores with ln Q of their columns taken off, and some forbidden.
    private func shifted(_ scores: Tensor, _ logQ: [Float]?, isForbidden: (Int, Int) -> Bool) throws -> Tensor {
        let (n, count) = (scores.shape[0], scores.shape[1])
        var shift = [Float](repeating: 0, count: n * count)
        for i in 0 ..< n {
            for j in 0 ..< count { shift[i * count + j] = isForbidden(i, j) ? -Self.forbidden : -(logQ?[j] ?? 0) }
        }
        return try scores + Tensor(shift, shape: [n, count]).moved(to: scores.device)
    }

    /// What is known of one side of a batch, and of its queue.
    private struct Side {
        let groups: [Int]?, logQ: [Float]?, queue: Tensor?, queueGroups: [Int]?, queueLogQ: [Float]?

        init(keysOf known: Candidates) { (groups, logQ, queue, queueGroups, queueLogQ) = (known.keyGroups, known.keyLogQ, known.keyQueue, known.keyQueueGroups, known.keyQueueLogQ) }

        init(queriesOf known: Candidates) { (groups, logQ, queue, queueGroups, queueLogQ) = (known.queryGroups, known.queryLogQ, known.queryQueue, known.queryQueueGroups, known.queryQueueLogQ) }

        /// Rows of the queue that are not of row i's group.
        func queued(apartFrom i: Int) -> Int {
            guard let groups, let queueGroups else { return queue?.shape[0] ?? 0 }
            return queueGroups.count { $0 != groups[i] }
        }
    }

    /// So large an energy that its weight is 0 and its gradient too.
    private static let forbidden: Float = 1e9
}

extension InfoNCE {
    /// The distribution of each query over the keys: energies −sim(q, k)/τ in nats, at T = 1.
    ///
    /// The loss one way is the mean of `law.surprise(of: i)` of query i, and its derivative by sim(qᵢ, kⱼ)/τ is (p_j − [i = j]) / n.
    /// - Parameters:
    ///   - queries: Shape `[n, width]`.
    ///   - keys: Shape `[m, width]`.
    ///   - temperature: τ > 0.
    /// - Complexity: One product of `n × m × width`. Traps on sides of different widths or no keys.
    public func laws(queries: Matrix, keys: Matrix, temperature: Float) -> [GibbsDistribution] {
        let scores = Matrix.product(prepared(queries), prepared(keys), transposeB: true)
        return (0 ..< scores.rows).map { row in GibbsDistribution(energies: scores.row(row).map { -$0 / temperature }) }
    }

    private func prepared(_ x: Matrix) -> Matrix {
        guard similarity == .cosine else { return x }
        let lengths = x.rowDots(x).map { ($0 + 1e-12).squareRoot() }
        return Matrix(rows: x.rows, columns: x.columns, values: x.values.enumerated().map { $1 / lengths[$0 / x.columns] })
    }
}
