import Foundation
import GibbsCore
import GibbsNumerics

/// Several models of ratings as one, their energies added:
///
///     E(r | u, i) = Σ_m w_m E_m(r | u, i) + s^r
///
/// a product of experts over the levels of one item, whose Z is a sum and therefore exact. The weights, which need not sum to one (their sum is
/// one over a temperature), and the bias s of each level are fitted to ratings that no expert has seen, by maximum likelihood.
///
/// - Source: Hinton, *Training Products of Experts by Minimizing Contrastive Divergence*, Neural Computation 14, 2002; over few choices its gradient
///   needs no sampling.
public struct CombinedRatings: Sendable {
    /// One of the models that can be combined, a closed set so that a file can name it.
    public enum Member: Sendable {
        /// A rating machine.
        case machine(RatingMachine)
        /// Factors.
        case factors(RatingFactors)
        /// Biases.
        case biases(RatingBiases)
        /// Item neighbours.
        case neighbours(RatingNeighbours)

        /// The model.
        public var model: any RatingModel & ItemModel {
            switch self {
            case .machine(let model): model
            case .factors(let model): model
            case .biases(let model): model
            case .neighbours(let model): model
            }
        }
    }

    /// The models.
    public let members: [Member]
    /// w, one a member.
    public let weights: [Double]
    /// s, one a level, which sum to zero.
    public let levelBiases: [Double]

    /// Such a sum. Traps unless there is a member, all share a scale and items, and the numbers fit.
    public init(members: [Member], weights: [Double], levelBiases: [Double]? = nil) {
        guard let first = members.first?.model else { preconditionFailure("nothing to combine") }
        precondition(members.allSatisfy { $0.model.scale == first.scale && $0.model.itemCount == first.itemCount }, "models of other scales or items")
        precondition(weights.count == members.count && (levelBiases?.count ?? first.scale.count) == first.scale.count, "\(weights.count) weights for \(members.count) models")
        (self.members, self.weights, self.levelBiases) = (members, weights, levelBiases ?? [Double](repeating: 0, count: first.scale.count))
    }
}

extension CombinedRatings: RatingModel, ItemModel {
    /// The ratings there are.
    public var scale: RatingScale { members[0].model.scale }
    /// The items it knows.
    public var itemCount: Int { members[0].model.itemCount }

    /// Σ_m w_m E_m + s of every rating of some pairs. Cost: that of all members.
    public func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix {
        var sum = Matrix(rows: targets.entries, columns: scale.count)
        for row in 0 ..< sum.rows { for k in 0 ..< sum.columns { sum[row, k] = Float(levelBiases[k]) } }
        for (member, weight) in zip(members, weights) where weight != 0 { add(try member.model.ratingEnergies(of: targets, for: people).values, to: &sum.values, times: Float(weight)) }
        return sum
    }

    /// Minus the expected rating. Cost: people × items × K, and that of all members.
    public func itemEnergies(for people: People) throws -> Matrix { try itemEnergiesByRating(for: people) }
}

// MARK: - Fitting

extension CombinedRatings {
    /// How the members are fitted and weighed.
    public struct Options: Sendable {
        /// Settings of the machine and the factors, and whether item neighbours join them.
        public var machine = RatingMachineOptions(), factors = RatingFactorsOptions(), usesNeighbours = true
        /// Share of the ratings on which the weights are found.
        public var share: Float = 0.1
        /// The key's number.
        public var seed: UInt64 = 1
        /// The defaults.
        public init() {}
    }

    /// A machine, factors and item neighbours, weighed on ratings that none of them has seen, then fitted again to all.
    ///
    /// - Parameter report: Told what is being done; what it throws ends the fit.
    /// - Throws: As `RatingMachine.fitted` and `RatingFactors.fitted`; `.usage` for a share outside 0 to 1.
    /// - Complexity: Twice that of the members.
    public static func fitted(to ratings: SparseRows, scale: RatingScale, options: Options = .init(), report: (String) throws -> Void = { _ in }) throws -> CombinedRatings {
        guard options.share > 0, options.share < 1 else { throw GibbsError(.usage, "weights cannot be found on \(options.share) of the ratings", advice: "hold out a tenth") }
        let (kept, held) = ratings.holdingOut(options.share, key: Key(options.seed).folding(9))
        guard kept.entries > 1, held.entries > 1 else { throw GibbsError(.unsuitableData, "\(ratings.entries) ratings are too few to weigh models on") }
        let trial = try members(kept, scale, options) { try report("trial: \($0)") }
        let (weights, biases) = try weighed(trial, on: held, for: People(histories: kept))
        return CombinedRatings(members: try members(ratings, scale, options) { try report($0) }, weights: weights, levelBiases: biases)
    }

    private static func members(_ ratings: SparseRows, _ scale: RatingScale, _ options: Options, report: (String) throws -> Void) throws -> [Member] {
        try report("machine")
        var members = [Member.machine(try RatingMachine.fitted(to: ratings, scale: scale, options: options.machine))]
        try report("factors")
        members.append(.factors(try RatingFactors.fitted(to: ratings, scale: scale, options: options.factors)))
        if options.usesNeighbours {
            try report("neighbours")
            members.append(.neighbours(try RatingNeighbours.fitted(to: ratings, scale: scale)))
        }
        return members
    }

    /// The weights and level biases under which ratings are likeliest; ratings off the scale are left out.
    ///
    /// Σ ln p is concave in them: Newton's method, with a ridge of a hundredth of a rating around w = 1/members and s = 0, and halved steps where it
    /// overshoots.
    /// - Parameters:
    ///   - members: The models, which must not have seen these ratings.
    ///   - held: The ratings, shape people × items.
    ///   - people: Whom the rows are.
    /// - Throws: What a member throws.
    public static func weighed(_ members: [Member], on held: SparseRows, for people: People) throws -> (weights: [Double], levelBiases: [Double]) {
        let energies = try members.map { try $0.model.ratingEnergies(of: held, for: people) }, scale = members[0].model.scale
        return LogLinear(energies: energies, levels: held.values.map { scale.level(of: $0) }).solved()
    }
}

/// p(k | row) ∝ exp(−Σ_m w_m E_m[row, k] − s_k), fitted.
private struct LogLinear {
    let energies: [Matrix], levels: [Int?]
    private var count: Int { energies.count }
    private var width: Int { count + energies[0].columns }

    func solved() -> (weights: [Double], levelBiases: [Double]) {
        let start = [Double](repeating: 1 / Double(count), count: count) + [Double](repeating: 0, count: width - count)
        var now = start, value = objective(now, start)
        for _ in 0 ..< 100 {
            let step = newton(now, start)
            var size = 1.0, next = now, better = value
            repeat {
                next = zip(now, step).map { $0 + size * $1 }
                better = objective(next, start)
                size /= 2
            } while better < value && size > 1e-6
            let gain = better - value
            if gain <= 0 { break }
            (now, value) = (next, better)
            if gain < 1e-9 * abs(value) { break }
        }
        let biases = now.suffix(width - count), mean = biases.reduce(0, +) / Double(width - count)
        return (Array(now.prefix(count)), biases.map { $0 - mean })
    }

    private func logits(_ row: Int, _ x: [Double]) -> [Double] {
        (0 ..< width - count).map { k in -x[count + k] - (0 ..< count).reduce(0.0) { $0 + x[$1] * Double(energies[$1][row, k]) } }
    }

    private func objective(_ x: [Double], _ start: [Double]) -> Double {
        var sum = -0.005 * zip(x, start).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        for (row, level) in levels.enumerated() {
            guard let level else { continue }
            let logits = logits(row, x)
            sum += logits[level] - logSumExp(logits)
        }
        return sum
    }

    /// The step to the maximum of the quadratic that touches the objective.
    private func newton(_ x: [Double], _ start: [Double]) -> [Double] {
        var gradient = zip(x, start).map { -0.01 * ($0 - $1) }, curvature = [Double](repeating: 0, count: width * width)
        for a in 0 ..< width { curvature[a * (width + 1)] = 0.01 }
        for (row, level) in levels.enumerated() {
            guard let level else { continue }
            let logits = logits(row, x), total = logSumExp(logits), p = logits.map { exp($0 - total) }
            // The derivatives of the logit of k: −E_m, and −1 by its own bias.
            func slope(_ k: Int, _ a: Int) -> Double { a < count ? -Double(energies[a][row, k]) : a - count == k ? -1 : 0 }
            let means = (0 ..< width).map { a in p.indices.reduce(0.0) { $0 + p[$1] * slope($1, a) } }
            for a in 0 ..< width {
                gradient[a] += slope(level, a) - means[a]
                for b in 0 ... a { curvature[a * width + b] += p.indices.reduce(0.0) { $0 + p[$1] * slope($1, a) * slope($1, b) } - means[a] * means[b] }
            }
        }
        for a in 0 ..< width { for b in 0 ..< a { curvature[b * width + a] = curvature[a * width + b] } }
        guard let inverse = SymmetricMatrix(size: width, values: curvature).inverseAndLogDeterminant()?.inverse else { return [Double](repeating: 0, count: width) }
        return (0 ..< width).map { a in (0 ..< width).reduce(0.0) { $0 + inverse[a, $1] * gradient[$1] } }
    }
}
