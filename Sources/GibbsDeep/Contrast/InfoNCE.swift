import Foundation
import GibbsCore
import GibbsNumerics

/// The contrastive loss InfoNCE, which is a negative log-likelihood: of n candidates, which key belongs to this query?
///
///     E(q, k) = −sim(q, k) / τ,   p(k | q) = exp(−E(q, k)) / Σ_candidates exp(−E(q, k')),   loss = ⟨−ln p(right key | query)⟩
///
/// So a batch is one `GibbsDistribution` a query, and the loss the mean surprise of the right pair, in nats. The candidates are the keys of the
/// batch, and what else is given. ln(candidates) − loss is a lower bound on the mutual information of the two sides, whose ceiling is ln(candidates).
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

        /// Nothing beside the numbers.
        public init() {}
    }

    /// The mean surprise of the right pairs, and what was seen on the way.
    public struct Result: Sendable {
        /// One number, nats.
        public let loss: Tensor
        /// The mean of ln(candidates) of a query, the right one included and forbidden ones left out: what ln(candidates) − loss cannot exceed.
        public let ceiling: Double
        /// Share of queries whose right key has the lowest energy.
        public let accuracy: Double
    }

    /// The loss of a batch of pairs, row i with row i.
    ///
    /// - Parameters:
    ///   - queries: Shape `[n, width]`.
    ///   - keys: Shape `[n, width]`.
    ///   - inverseTemperature: 1/τ, one number.
    ///   - candidates: What else is known of the batch.
    /// - Throws: `GibbsError` with code `.usage` for a batch of one, which has nobody to be told from; `.shapeMismatch` for sides that do not fit.
    /// - Complexity: One product of `n × candidates × width` each way.
    public func loss(queries: Tensor, keys: Tensor, inverseTemperature: Tensor, candidates: Candidates = Candidates()) throws -> Result {
        guard queries.shape.count == 2, queries.shape == keys.shape else {
            throw GibbsError(.shapeMismatch, "queries of the shape \(queries.shape) and keys of \(keys.shape)", advice: "give as many rows and columns of both")
        }
        let n = queries.shape[0]
        guard n >= 2 || candidates.keyQueue != nil else { throw GibbsError(.usage, "InfoNCE in a batch of \(n): the right pair has no other to be told from", advice: "take batches of two pairs at least") }
        let (q, k) = try (prepared(queries), prepared(keys)), right = try Tensor(indices: Array(0 ..< n), shape: [n]).moved(to: queries.device)
        let across = try inverseTemperature * q.matmul(k.permuted([1, 0]))
        let forward = try [negatives(across, candidates.keyGroups, candidates.keyLogQ)] + side(q, inverseTemperature, candidates.queryGroups, candidates.queryLogQ, candidates.keyQueue)
        let scores = try forward.count == 1 ? forward[0] : Tensor.concatenating(forward, along: 1)
        var loss = try scores.crossEntropy(right)
        if isSymmetric {
            let back = try [negatives(across.permuted([1, 0]), candidates.queryGroups, candidates.queryLogQ)] + side(k, inverseTemperature, candidates.keyGroups, candidates.keyLogQ, candidates.queryQueue)
            loss = try 0.5 * (loss + (back.count == 1 ? back[0] : Tensor.concatenating(back, along: 1)).crossEntropy(right))
        }
        let width = scores.shape[1], values = try scores.floats()
        let hits = (0 ..< n).count { row in values[row * width ..< (row + 1) * width].allSatisfy { $0 <= values[row * width + row] } }
        return Result(loss: loss, ceiling: ceiling(n, candidates), accuracy: Double(hits) / Double(n))
    }

    /// ⟨ln(candidates)⟩ of the queries, and of both ways where there are two.
    private func ceiling(_ n: Int, _ candidates: Candidates) -> Double {
        func way(_ other: [Int]?, _ own: [Int]?, _ queue: Tensor?) -> Double {
            func allowed(_ groups: [Int]?, _ i: Int) -> Int { groups.map { groups in groups.count { $0 != groups[i] } } ?? n - 1 }
            return (0 ..< n).reduce(0.0) { $0 + log(Double(1 + allowed(other, $1) + (usesOwnSide ? allowed(own, $1) : 0) + (queue?.shape[0] ?? 0))) } / Double(n)
        }
        let there = way(candidates.keyGroups, candidates.queryGroups, candidates.keyQueue)
        return isSymmetric ? (there + way(candidates.queryGroups, candidates.keyGroups, candidates.queryQueue)) / 2 : there
    }

    /// Rows of length one where the similarity is an angle.
    private func prepared(_ x: Tensor) throws -> Tensor {
        guard similarity == .cosine else { return x }
        return try x / (x.squared().sum(over: [1]) + 1e-12).squareRoot().reshaped([x.shape[0], 1])
    }

    /// −E of the batch, with ln Q taken off and pairs of one group, but for the right one, forbidden.
    private func negatives(_ scores: Tensor, _ groups: [Int]?, _ logQ: [Float]?, forbidsRight: Bool = false) throws -> Tensor {
        let n = scores.shape[0]
        guard groups?.count ?? n == n, logQ?.count ?? n == n else { throw GibbsError(.shapeMismatch, "\(groups?.count ?? n) groups and \(logQ?.count ?? n) values of ln Q for \(n) pairs", advice: "give one a pair") }
        if groups == nil && logQ == nil && !forbidsRight { return scores }
        var shift = [Float](repeating: 0, count: n * n)
        for i in 0 ..< n {
            for j in 0 ..< n {
                let isForbidden = i == j ? forbidsRight : groups.map { $0[i] == $0[j] } ?? false
                shift[i * n + j] = isForbidden ? -Self.forbidden : -(logQ?[j] ?? 0)
            }
        }
        return try scores + Tensor(shift, shape: [n, n]).moved(to: scores.device)
    }

    /// Candidates beside the other side of the batch: the own side, and a queue.
    private func side(_ x: Tensor, _ inverseTemperature: Tensor, _ groups: [Int]?, _ logQ: [Float]?, _ queue: Tensor?) throws -> [Tensor] {
        let own = usesOwnSide ? [try negatives(inverseTemperature * x.matmul(x.permuted([1, 0])), groups, logQ, forbidsRight: true)] : []
        return try own + (queue.map { [try inverseTemperature * x.matmul(prepared($0).permuted([1, 0]))] } ?? [])
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
