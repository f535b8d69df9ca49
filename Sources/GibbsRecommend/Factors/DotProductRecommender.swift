import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// Which item, by a dot product: E(u, i) = −β (U_uᵀ V_i + b_i) − c_i, so that p(i | u) = exp(−E(u, i)/τ) / Z.
///
/// Made by `ImplicitLeastSquares` or `SampledSoftmax`; how it was made decides how people it never saw are folded in.
/// - Source: Hu, Koren, Volinsky, *Collaborative Filtering for Implicit Feedback Datasets*, ICDM 2008; Rendle, *Factorization Machines*,
///   ICDM 2010, for the softmax see `SampledSoftmax`.
public struct DotProductRecommender: ItemModel {
    /// U, shape people × factors: the people it was fitted on.
    public let users: Matrix
    /// V, shape items × factors.
    public let items: Matrix
    /// b, one an item.
    public let itemBiases: [Float]
    /// c, one an item, nats: what is known of an item beside its score, and has no part in folding a person in.
    public let itemOffsets: [Float]
    /// β: what one unit of a score is worth, nats.
    public let scale: Float
    /// How the factors of a person it never saw are found.
    public let foldIn: FoldIn
    /// V and −βb − c as the kernel reads them.
    private let packed: [Float], offsets: [Float]

    /// The recommender of these parts. Traps when their shapes differ, or β is not positive.
    public init(users: Matrix, items: Matrix, itemBiases: [Float]? = nil, itemOffsets: [Float]? = nil, scale: Float = 1, foldIn: FoldIn) {
        let none = [Float](repeating: 0, count: items.rows), biases = itemBiases ?? none, others = itemOffsets ?? none
        precondition(users.columns == items.columns && biases.count == items.rows && others.count == items.rows && scale > 0,
                     "\(users.columns) factors of people, \(items.columns) of items, \(biases.count) biases and \(others.count) offsets of \(items.rows) items, scale \(scale)")
        (self.users, self.items, self.itemBiases, self.itemOffsets, self.scale, self.foldIn) = (users, items, biases, others, scale, foldIn)
        let block = Int(GK_BLOCK), padded = (items.rows + block - 1) / block * block
        packed = [Float](unsafeUninitializedCapacity: padded * items.columns) { buffer, count in
            if items.rows > 0 { gk_pack_rows(items.values, items.columns, items.rows, items.columns, buffer.baseAddress!) }
            count = padded * items.columns
        }
        offsets = zip(biases, others).map { -scale * $0 - $1 } + [Float](repeating: 0, count: padded - items.rows)
    }

    /// The numbers that describe a person or an item.
    public var factors: Int { items.columns }
    /// The items it knows.
    public var itemCount: Int { items.rows }

    /// This recommender with another β and, where given, other c. Traps unless β is positive and there is a c for every item.
    public func scaled(to scale: Float, itemOffsets: [Float]? = nil) -> DotProductRecommender {
        DotProductRecommender(users: users, items: items, itemBiases: itemBiases, itemOffsets: itemOffsets ?? self.itemOffsets, scale: scale, foldIn: foldIn)
    }

    /// E of every item for every person, nats; see `ItemModel`. A person's energies have the same bits whoever else is asked about.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`. A person without a history is no error.
    /// - Complexity: people × items × factors, in parallel; and a fold-in for each person it was not fitted on.
    public func itemEnergies(for people: People) throws -> Matrix {
        let vectors = try personFactors(for: people).values.map { -scale * $0 }, width = factors, count = itemCount
        let values = [Float](unsafeUninitializedCapacity: people.count * count) { buffer, initialised in
            let out = SharedPointer(buffer.baseAddress)
            parallelRanges(people.count, minimum: max(1, 100_000 / max(1, count * width))) { range in
                if count > 0 {
                    vectors.withUnsafeBufferPointer { x in
                        gk_scores(x.baseAddress! + range.lowerBound * width, width, range.count, packed, count, width, offsets,
                                  out.pointer! + range.lowerBound * count, count)
                    }
                }
            }
            initialised = people.count * count
        }
        return Matrix(rows: people.count, columns: count, values: values)
    }

    /// U of these people, shape `[people.count, factors]`: what was learned of those it was fitted on, a fold-in for others.
    ///
    /// - Throws: As `itemEnergies(for:)`.
    public func personFactors(for people: People) throws -> Matrix {
        try check(people)
        let strangers = (0 ..< people.count).filter { people.fitted?[$0] == nil }
        var result = Matrix(rows: people.count, columns: factors)
        for row in 0 ..< people.count {
            guard let index = people.fitted?[row] else { continue }
            guard index >= 0, index < users.rows else {
                throw GibbsError(.shapeMismatch, "the person \(index) where the model was fitted on \(users.rows)", advice: "ask about a person it knows, or give a history alone")
            }
            result.values.replaceSubrange(row * factors ..< (row + 1) * factors, with: users.row(index))
        }
        if strangers.isEmpty { return result }
        let found = folded(strangers.count == people.count ? people.histories : people.histories.selecting(rows: strangers))
        for (place, row) in strangers.enumerated() { result.values.replaceSubrange(row * factors ..< (row + 1) * factors, with: found.row(place)) }
        return result
    }
}
