import Foundation
import GibbsNumerics

/// Factors of implicit data by weighted alternating least squares: the minimum of
///
///     Σ_{(u,i) seen} w(r_ui) (1 − U_uᵀV_i)²  +  w₀ Σ_{u,i} (U_uᵀV_i)²  +  Σ_u λ_u ‖U_u‖² + Σ_i λ_i ‖V_i‖²
///
/// over one side at a time, with λ_u = λ (n_u + w₀ m)^ν for a person of n_u items among m, and alike for items. Each side is a linear system
/// a row, solved by some steps of conjugate gradients from the last iteration's solution: a step costs entries × factors where Cholesky's
/// factorisation costs entries × factors² + factors³.
///
/// - Source: Hu, Koren, Volinsky, ICDM 2008; Takács, Pilászy, Tikk, *Applications of the Conjugate Gradient Method for Implicit Feedback
///   Collaborative Filtering*, RecSys 2011; the scaled regularisation and w₀ as in Rendle, Krichene, Zhang, Koren, *Revisiting the
///   Performance of iALS on Item Recommendation Benchmarks*, RecSys 2022, equation 5.
public struct ImplicitLeastSquares: Sendable, Hashable, Codable {
    /// How much an observed pair counts.
    public enum Confidence: Sendable, Hashable, Codable {
        /// 1, whatever the value.
        case equal
        /// 1 + ln(max(1, value)), so that an event that occurred once counts 1.
        case counted
        /// 1 + slope · value.
        case linear(slope: Float)
        /// 1 + slope · ln(1 + value / unit).
        case logarithmic(slope: Float, unit: Float)

        /// w of a value; a negative one counts as 0.
        public func weight(of value: Float) -> Float {
            switch self {
            case .equal: 1
            case .counted: 1 + log(max(1, value))
            case .linear(let slope): 1 + slope * max(0, value)
            case .logarithmic(let slope, let unit): 1 + slope * log(1 + max(0, value) / unit)
            }
        }
    }

    /// The numbers that describe a person or an item.
    public var factors = 64
    /// Times that both sides are solved.
    public var iterations = 10
    /// λ.
    public var regularisation: Float = 0.018
    /// ν: 0 for the same ridge in every row, 1 for one in proportion to what is known.
    public var exponent: Float = 1
    /// w₀, what a pair that was not seen counts.
    public var unobservedWeight: Float = 0.2
    /// w, what a pair that was seen counts.
    public var confidence = Confidence.equal
    /// Steps of conjugate gradients a row and iteration.
    public var steps = 3
    /// √factors times the standard deviation of the items' factors at the start.
    public var spread: Float = 0.1

    /// The defaults.
    public init() {}

    /// λ_u for a row with `entries` of `opposite` columns.
    package func ridge(entries: Int, opposite: Int) -> Float { regularisation * pow(Float(entries) + unobservedWeight * Float(opposite), exponent) }

    func check() throws {
        let weights: Bool = switch confidence {
        case .equal, .counted: true
        case .linear(let slope): slope >= 0 && slope.isFinite
        case .logarithmic(let slope, let unit): slope >= 0 && slope.isFinite && unit > 0 && unit.isFinite
        }
        let rules: [(Bool, String)] = [
            ((1 ... 4_096).contains(factors), "\(factors) factors"), (1 ... 100_000 ~= iterations, "\(iterations) iterations"), (regularisation > 0 && regularisation.isFinite, "a regularisation of \(regularisation)"),
            (0 ... 2 ~= exponent, "an exponent of \(exponent)"), (unobservedWeight >= 0 && unobservedWeight.isFinite, "an unobserved weight of \(unobservedWeight)"), (weights, "the confidence \(confidence)"),
            (1 ... 10_000 ~= steps, "\(steps) steps"), (spread > 0 && spread.isFinite, "a spread of \(spread)"),
        ]
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "factors cannot be fitted with \(text)", advice: "gibbs fit ratings --help tells the defaults") }
    }
}

extension DotProductRecommender {
    /// Where a fit stands.
    public struct Progress: Sendable {
        /// The iteration or epoch done, of how many.
        public let done: Int, of: Int
        /// The mean loss of an event, nats, where it is known.
        public let loss: Double?
        /// The mean of ln(candidates) of an event, where they are those of its batch. `ceiling` − `loss` is a lower bound, that cannot exceed `ceiling`, on what a person
        /// tells of the item, nats: by the events that are learned from, which by heart are told more easily than others.
        ///
        /// - Source: van den Oord, Li & Vinyals, 2018, section 2.3.
        public let ceiling: Double?
        /// Seconds since the fit began.
        public let seconds: Double

        init(done: Int, of: Int, loss: Double?, ceiling: Double? = nil, seconds: Double) {
            (self.done, self.of, self.loss, self.ceiling, self.seconds) = (done, of, loss, ceiling, seconds)
        }
    }

    /// Learns the factors of people and items by weighted alternating least squares.
    ///
    /// At the end U is solved to five digits given V, so that folding in a fitted person's history gives U_u.
    ///
    /// - Parameters:
    ///   - histories: Who has seen what, shape people × items.
    ///   - method: The settings.
    ///   - key: Where the items' factors start.
    ///   - report: Sees every iteration; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage`, `.unsuitableData` without any entry; what `report` throws.
    /// - Complexity: iterations × (steps + 1) × 2 × (2 · entries + (people + items) · factors) × factors products and sums, in parallel; the same bits
    ///   on any number of processors. Memory: 16 bytes an entry and 8 · factors a person and an item beside the histories.
    public static func fitted(to histories: SparseRows, by method: ImplicitLeastSquares, key: Key, report: (Progress) throws -> Void = { _ in }) throws -> DotProductRecommender {
        try method.check()
        guard histories.entries > 0 else { throw GibbsError(.unsuitableData, "nobody has a history", advice: "give at least one person with an item") }
        let begin = Date(), stride = (method.factors + 15) / 16 * 16
        let byUser = LeastSquaresSide(histories, method: method, stride: stride), byItem = LeastSquaresSide(histories.transposed(), method: method, stride: stride)
        var users = [Float](repeating: 0, count: histories.rows * stride), items = Self.start(histories.columns, method, stride: stride, key: key)
        for iteration in 1 ... method.iterations {
            byUser.improve(&users, given: items, steps: method.steps)
            byItem.improve(&items, given: users, steps: method.steps)
            try report(Progress(done: iteration, of: method.iterations, loss: nil, seconds: Date().timeIntervalSince(begin)))
        }
        byUser.improve(&users, given: items, steps: 2 * stride, tolerance: 1e-5)
        return DotProductRecommender(users: trimmed(users, stride: stride, to: method.factors), items: trimmed(items, stride: stride, to: method.factors),
                                     foldIn: .leastSquares(method))
    }

    private static func start(_ count: Int, _ method: ImplicitLeastSquares, stride: Int, key: Key) -> [Float] {
        let normals = key.normals(count * method.factors), spread = method.spread / Float(method.factors).squareRoot()
        var values = [Float](repeating: 0, count: count * stride)
        for row in 0 ..< count { for k in 0 ..< method.factors { values[row * stride + k] = spread * normals[row * method.factors + k] } }
        return values
    }

    /// Rows `stride` apart without what pads them.
    package static func trimmed(_ values: [Float], stride: Int, to width: Int) -> Matrix {
        let rows = stride == 0 ? 0 : values.count / stride
        if stride == width { return Matrix(rows: rows, columns: width, values: values) }
        return Matrix(rows: rows, columns: width, values: (0 ..< rows).flatMap { values[$0 * stride ..< $0 * stride + width] })
    }
}
