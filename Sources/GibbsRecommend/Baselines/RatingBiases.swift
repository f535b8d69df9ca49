import Foundation
import GibbsCore
import GibbsNumerics

/// The plain baseline: r̂(u, i) = μ + b_u + b_i, and one noise for everybody.
///
///     b_i = Σ_u (r_ui − μ − b_u) / (λ_i + n_i),   b_u = Σ_i (r_ui − μ − b_i) / (λ_u + n_u)
///
/// in turn until they stay. λ = σ² / Var[b], learned: how many ratings it takes until somebody's own mean counts half. A person's bias is told
/// from the history, so that people of the fit and new ones are answered alike. E(r | u, i) = (r − m)² / 2σ² as in `RatingFactors`.
///
/// - Source: Koren, *Factor in the Neighbors*, ACM TKDD 4, 2010, section 2.1; there λ is chosen.
public struct RatingBiases: Sendable {
    /// The ratings there are.
    public let scale: RatingScale
    /// μ and σ².
    public let mean: Double, noise: Double
    /// b_i.
    public let items: [Double]
    /// λ_u.
    public let shrinkage: Double

    /// Such biases.
    public init(scale: RatingScale, mean: Double, noise: Double, items: [Double], shrinkage: Double) {
        (self.scale, self.mean, self.noise, self.items, self.shrinkage) = (scale, mean, noise, items, shrinkage)
    }

    /// Biases fitted to ratings.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` without ratings.
    /// - Complexity: Thirty times the entries.
    public static func fitted(to ratings: SparseRows, scale: RatingScale) throws -> RatingBiases {
        guard ratings.entries > 0 else { throw GibbsError(.unsuitableData, "there are no ratings to learn from") }
        let mean = Statistics.mean(ratings.values), byItem = ratings.transposed()
        var people = [Double](repeating: 0, count: ratings.rows), items = [Double](repeating: 0, count: ratings.columns)
        var shrinkage = (people: 5.0, items: 5.0), noise = 1.0
        for _ in 0 ..< 30 {
            items = means(of: byItem, less: people, mean, shrinkage.items)
            people = means(of: ratings, less: items, mean, shrinkage.people)
            noise = 0
            for u in 0 ..< ratings.rows { for place in ratings.range(u) { noise += pow(Double(ratings.values[place]) - mean - people[u] - items[Int(ratings.indices[place])], 2) } }
            noise = max(1e-6, noise / Double(ratings.entries))
            shrinkage = (noise / variance(people, ratings, noise, shrinkage.people), noise / variance(items, byItem, noise, shrinkage.items))
        }
        return RatingBiases(scale: scale, mean: mean, noise: noise, items: items.map { Double(Float($0)) }, shrinkage: shrinkage.people)
    }

    private static func means(of rows: SparseRows, less others: [Double], _ mean: Double, _ shrinkage: Double) -> [Double] {
        (0 ..< rows.rows).map { row in
            rows.range(row).reduce(0.0) { $0 + Double(rows.values[$1]) - mean - others[Int(rows.indices[$1])] } / (shrinkage + Double(rows.range(row).count))
        }
    }

    /// E b² of those with ratings, the posterior's variance included.
    private static func variance(_ biases: [Double], _ rows: SparseRows, _ noise: Double, _ shrinkage: Double) -> Double {
        var sum = 0.0, met = 0.0
        for row in 0 ..< rows.rows where !rows.range(row).isEmpty {
            sum += biases[row] * biases[row] + noise / (shrinkage + Double(rows.range(row).count))
            met += 1
        }
        return max(sum / max(1, met), noise * 1e-6)
    }

    /// b_u of one person.
    func bias(of history: SparseRows, row: Int) -> Double {
        history.range(row).reduce(0.0) { $0 + Double(history.values[$1]) - mean - items[Int(history.indices[$1])] } / (shrinkage + Double(history.range(row).count))
    }
}

extension RatingBiases: RatingModel, ItemModel {
    /// The items it knows.
    public var itemCount: Int { items.count }

    /// (r − m)² / 2σ² of every rating of some pairs. Cost: histories + targets × K.
    public func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix {
        precondition(targets.rows == people.count, "targets of \(targets.rows) people, histories of \(people.count)")
        try check(targets, people.histories)
        var result = Matrix(rows: targets.entries, columns: scale.count)
        for row in 0 ..< targets.rows where !targets.range(row).isEmpty {
            let bias = bias(of: people.histories, row: row)
            for place in targets.range(row) {
                let energies = scale.energies(mean: mean + bias + items[Int(targets.indices[place])], variance: noise)
                for (k, energy) in energies.enumerated() { result[place, k] = Float(energy) }
            }
        }
        return result
    }

    /// −r̂(u, i): the same order of items for everybody, best means first.
    public func itemEnergies(for people: People) throws -> Matrix {
        try check(people.histories)
        var result = Matrix(rows: people.count, columns: itemCount)
        for row in 0 ..< people.count {
            let bias = mean + bias(of: people.histories, row: row)
            for i in 0 ..< itemCount { result[row, i] = -Float(bias + items[i]) }
        }
        return result
    }

    private func check(_ rows: SparseRows...) throws {
        for rows in rows where rows.columns != itemCount {
            throw GibbsError(.shapeMismatch, "ratings of \(rows.columns) items for biases of \(itemCount)", advice: "number them as the model does, by Ratings.numbered(users:items:)")
        }
    }
}
