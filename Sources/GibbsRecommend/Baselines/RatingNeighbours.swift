import Foundation
import GibbsCore
import GibbsNumerics

/// What a person gave to similar items, beyond the biases:
///
///     r̂(u, i) = μ + b_u + b_i + Σ_{j ∈ N(i, u)} s_ij (r_uj − μ − b_u − b_j) / (Σ_{j ∈ N(i, u)} s_ij + λ)
///
/// N(i, u) are the most similar of the items that u rated, s_ij the correlation of what the biases leave over the people who rated both,
/// shrunk by n_ij / (n_ij + λ_s); only positive ones count. E(r | u, i) = (r − m)² / 2σ² as in `RatingFactors`. All that is known of people is in
/// their histories.
///
/// - Source: Koren, *Factor in the Neighbors*, ACM TKDD 4, 2010, section 2.2.
public struct RatingNeighbours: Sendable {
    /// The biases, whose noise is that of this model.
    public let biases: RatingBiases
    /// s_ij, shape items × items, of the most similar items of each.
    public let similarities: SparseRows
    /// Items of a person that are asked, and λ.
    public let neighbours: Int, shrinkage: Double

    /// Similar items that are kept of each, and people who count half in a similarity.
    private static let kept = 300, similarityShrinkage = 100.0

    init(biases: RatingBiases, similarities: SparseRows, neighbours: Int, shrinkage: Double) {
        (self.biases, self.similarities, self.neighbours, self.shrinkage) = (biases, similarities, neighbours, shrinkage)
    }

    /// Neighbours fitted to ratings.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` without ratings.
    /// - Complexity: Twice Σ_u n_u², in parallel, and items × items to sort.
    public static func fitted(to ratings: SparseRows, scale: RatingScale, neighbours: Int = 40, shrinkage: Double = 0.3) throws -> RatingNeighbours {
        precondition(neighbours > 0 && shrinkage > 0, "\(neighbours) neighbours, shrinkage \(shrinkage)")
        // What is left of ratings that the similarities have not seen is the noise.
        let (kept, held) = ratings.holdingOut(0.1, key: Key(1)), trial = try similarities(kept, RatingBiases.fitted(to: kept, scale: scale), neighbours, shrinkage)
        let whole = try similarities(ratings, RatingBiases.fitted(to: ratings, scale: scale), neighbours, shrinkage)
        return held.entries > 0 ? whole.withNoise(trial.noise(of: held, given: kept)) : whole
    }

    private static func similarities(_ ratings: SparseRows, _ biases: RatingBiases, _ neighbours: Int, _ shrinkage: Double) -> RatingNeighbours {
        let left = biases.left(of: ratings), byItem = left.transposed(), rows = parallelMap(byItem.rows) { similar(to: $0, left, byItem) }
        let similarities = SparseRows(columns: ratings.columns, starts: rows.reduce(into: [0]) { $0.append($0.last! + $1.count) },
                                      indices: rows.flatMap { $0.map(\.item) }, values: rows.flatMap { $0.map(\.similarity) })
        return RatingNeighbours(biases: biases, similarities: similarities, neighbours: neighbours, shrinkage: shrinkage)
    }

    private static func similar(to i: Int, _ left: SparseRows, _ byItem: SparseRows) -> [(item: Int32, similarity: Float)] {
        var sums = [(product: Double, own: Double, other: Double, count: Double)](repeating: (0, 0, 0, 0), count: left.columns)
        for entry in byItem.range(i) {
            let x = Double(byItem.values[entry])
            for place in left.range(Int(byItem.indices[entry])) {
                let j = Int(left.indices[place]), y = Double(left.values[place])
                sums[j] = (sums[j].product + x * y, sums[j].own + x * x, sums[j].other + y * y, sums[j].count + 1)
            }
        }
        let found = sums.enumerated().compactMap { j, s -> (item: Int32, similarity: Float)? in
            guard j != i, s.product > 0, s.count > 1 else { return nil }
            return (Int32(j), Float(s.product / (s.own * s.other).squareRoot() * s.count / (s.count + similarityShrinkage)))
        }
        let best = found.sorted { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.item < $1.item }.prefix(kept)
        return best.filter { $0.similarity.isFinite }.sorted { $0.item < $1.item }
    }

    /// The mean of (r − r̂)² over ratings that were held out.
    private func noise(of held: SparseRows, given histories: SparseRows) -> Double {
        let left = biases.left(of: histories)
        let squares = parallelMap(held.rows) { row in
            let base = biases.mean + biases.bias(of: histories, row: row)
            return held.range(row).reduce(0.0) { sum, place in
                let i = Int(held.indices[place])
                return sum + pow(Double(held.values[place]) - base - biases.items[i] - correction(i, left, row), 2)
            }
        }
        return squares.reduce(0, +) / Double(held.entries)
    }

    private func withNoise(_ noise: Double) -> RatingNeighbours {
        let judged = RatingBiases(scale: biases.scale, mean: biases.mean, noise: max(1e-6, noise), items: biases.items, shrinkage: biases.shrinkage)
        return RatingNeighbours(biases: judged, similarities: similarities, neighbours: neighbours, shrinkage: shrinkage)
    }

    /// What similar items say beyond the biases.
    private func correction(_ i: Int, _ left: SparseRows, _ row: Int) -> Double {
        var met = [(similarity: Float, left: Float, item: Int32)](), (a, b) = (similarities.starts[i], left.starts[row])
        let (lastA, lastB) = (similarities.starts[i + 1], left.starts[row + 1])
        while a < lastA, b < lastB {
            let (x, y) = (similarities.indices[a], left.indices[b])
            if x == y { met.append((similarities.values[a], left.values[b], x)) }
            if x <= y { a += 1 }
            if y <= x { b += 1 }
        }
        if met.count > neighbours { met.sort { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.item < $1.item } }
        var sum = 0.0, weight = shrinkage
        for other in met.prefix(neighbours) {
            sum += Double(other.similarity * other.left)
            weight += Double(other.similarity)
        }
        return sum / weight
    }
}

extension RatingBiases {
    /// r − μ − b_u − b_i of every rating.
    func left(of ratings: SparseRows) -> SparseRows {
        var values = ratings.values
        for row in 0 ..< ratings.rows {
            let bias = mean + bias(of: ratings, row: row)
            for place in ratings.range(row) { values[place] -= Float(bias + items[Int(ratings.indices[place])]) }
        }
        return SparseRows(columns: ratings.columns, starts: ratings.starts, indices: ratings.indices, values: values)
    }
}

extension RatingNeighbours: RatingModel, ItemModel {
    /// The ratings there are.
    public var scale: RatingScale { biases.scale }
    /// The items it knows.
    public var itemCount: Int { biases.itemCount }

    /// (r − m)² / 2σ² of every rating of some pairs; a target that is in the history does not speak for itself, but for the person's bias.
    /// Cost: for each target, the person's ratings and the item's similar items.
    public func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix {
        var result = try biases.ratingEnergies(of: targets, for: people)
        let left = biases.left(of: people.histories)
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(targets.rows) { rows in
                for row in rows where !targets.range(row).isEmpty {
                    let base = biases.mean + biases.bias(of: people.histories, row: row)
                    for place in targets.range(row) {
                        let i = Int(targets.indices[place]), energies = scale.energies(mean: base + biases.items[i] + correction(i, left, row), variance: biases.noise)
                        for (k, energy) in energies.enumerated() { out.pointer![place * scale.count + k] = Float(energy) }
                    }
                }
            }
        }
        return result
    }

    /// −r̂(u, i).
    public func itemEnergies(for people: People) throws -> Matrix {
        var result = try biases.itemEnergies(for: people)
        let left = biases.left(of: people.histories)
        for row in 0 ..< people.count { for i in 0 ..< itemCount { result[row, i] -= Float(correction(i, left, row)) } }
        return result
    }
}
