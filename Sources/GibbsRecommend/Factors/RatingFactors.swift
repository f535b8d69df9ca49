import Foundation
import GibbsCore
import GibbsNumerics

/// Explicit ratings as biases and factors, by least squares that know how sure they are.
///
///     r̂(u, i) = μ + b_u + b_i + U_uᵀV_i,   r ~ N(r̂, σ_u²),   (U_u, b_u) ~ N(0, Λ⁻¹),   (V_i, b_i) ~ N(0, Λ'⁻¹)
///
/// Each side has a normal posterior given the other. Of the items it is kept, mean and covariance, and nothing of the people: a person's
/// posterior is a ridge regression on what the person rated, in which an item's covariance adds to the ridge, so that an uncertain item says
/// little. People of the fit and new ones are therefore answered alike, from their histories. The energy of a rating is quadratic,
///
///     E(r | u, i) = (r − m)² / 2s²,   s² = σ_u² + Var[b_u + b_i + U_uᵀV_i]
///
/// with m such that the mean of exp(−E) over the scale is r̂, moved a little inside the scale where it lies at or beyond its ends.
///
/// - Source: Koren, Bell & Volinsky, *Matrix Factorization Techniques for Recommender Systems*, IEEE Computer 42, 2009; the posteriors: Lim & Teh,
///   *Variational Bayesian Approach to Movie Rating Prediction*, KDD Cup 2007, with full covariances, biases, and a noise for each person.
public struct RatingFactors: Sendable {
    /// The ratings there are.
    public let scale: RatingScale
    /// μ.
    public let mean: Double
    /// What is known of (V_i, b_i).
    let items: Posterior
    /// The diagonal of Λ: precisions of a person's factors and bias.
    let precision: [Double]
    /// σ², the usual noise, and how many ratings it counts as when a person's own is told.
    let noise: Double, noisePrior: Double

    /// Mean and second moment of each of some vectors.
    struct Posterior: Sendable, Hashable {
        /// Numbers in a vector, the bias last.
        let width: Int
        /// Shapes [count, width] and [count, width, width].
        var means: [Double], seconds: [Double]

        init(count: Int, width: Int) {
            (self.width, means, seconds) = (width, [Double](repeating: 0, count: count * width), [Double](repeating: 0, count: count * width * width))
        }
        var count: Int { means.count / width }
    }

    init(scale: RatingScale, mean: Double, items: Posterior, precision: [Double], noise: Double, noisePrior: Double) {
        precondition(precision.count == items.width, "\(precision.count) precisions for vectors of \(items.width)")
        (self.scale, self.mean, self.items, self.precision, self.noise, self.noisePrior) = (scale, mean, items, precision, noise, noisePrior)
    }

    /// The items it knows.
    public var itemCount: Int { items.count }
    /// Factors of a person or item, the bias not counted.
    public var rank: Int { items.width - 1 }
}

// MARK: - People and targets

extension RatingFactors {
    /// What is known of one person: a posterior of one vector, and σ_u².
    struct Person: Sendable {
        var taste: Posterior, noise: Double
    }

    /// The person's posterior and noise given a history, each in turn until they agree; the ratings need not lie on the scale.
    ///
    /// - Complexity: A few times ratings × rank² and rank³.
    func fold(_ history: SparseRows, row: Int) -> Person {
        var person = Person(taste: Posterior(count: 1, width: items.width), noise: noise)
        for _ in 0 ..< (history.range(row).isEmpty ? 1 : 4) {
            Regression(sources: items, precision: precision, mean: mean).solve(history, row, weight: { _ in 1 / person.noise }, into: &person.taste, at: 0)
            person.noise = noiseOf(person.taste, 0, history, row)
        }
        return person
    }

    /// (ν σ² + Σ E (r − r̂)²) / (ν + n)
    func noiseOf(_ people: Posterior, _ u: Int, _ history: SparseRows, _ row: Int) -> Double {
        var sum = noisePrior * noise
        for place in history.range(row) {
            let f = people.interaction(u, with: items, Int(history.indices[place])), error = Double(history.values[place]) - mean - f.mean
            sum += error * error + f.variance
        }
        return sum / (noisePrior + Double(history.range(row).count))
    }
}

extension RatingFactors.Posterior {
    /// Mean and variance of b + b' + UᵀV for a vector of each posterior, which are independent of one another.
    func interaction(_ u: Int, with others: RatingFactors.Posterior, _ i: Int) -> (mean: Double, variance: Double) {
        let d = width - 1, (a, b) = (u * width, i * width), (aa, bb) = (a * width, b * width)
        return means.withUnsafeBufferPointer { m in
            others.means.withUnsafeBufferPointer { n in
                seconds.withUnsafeBufferPointer { s in
                    others.seconds.withUnsafeBufferPointer { t in
                        var mean = m[a + d] + n[b + d], square = s[aa + d * width + d] + t[bb + d * width + d] + 2 * m[a + d] * n[b + d]
                        for c in 0 ..< d {
                            mean += m[a + c] * n[b + c]
                            square += 2 * (s[aa + d * width + c] * n[b + c] + t[bb + d * width + c] * m[a + c])
                            var sum = 0.0
                            for e in 0 ..< d { sum += s[aa + c * width + e] * t[bb + c * width + e] }
                            square += sum
                        }
                        return (mean, max(0, square - mean * mean))
                    }
                }
            }
        }
    }
}

extension RatingFactors: RatingModel {
    /// (r − m)² / 2s² of every rating of some pairs, less its smallest; see `RatingFactors`.
    ///
    /// A target that is also in the history speaks for itself, as any other rating of the person does.
    /// - Complexity: (histories + targets) × rank², and people × rank³; people in parallel.
    public func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix {
        try check(targets, people)
        var result = Matrix(rows: targets.entries, columns: scale.count)
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(targets.rows) { rows in
                for row in rows where !targets.range(row).isEmpty {
                    let person = fold(people.histories, row: row)
                    for place in targets.range(row) {
                        let f = person.taste.interaction(0, with: items, Int(targets.indices[place]))
                        for (k, energy) in scale.energies(mean: mean + f.mean, variance: person.noise + f.variance).enumerated() { out.pointer![place * scale.count + k] = Float(energy) }
                    }
                }
            }
        }
        return result
    }

    private func check(_ targets: SparseRows, _ people: People) throws {
        precondition(targets.rows == people.count, "targets of \(targets.rows) people, histories of \(people.count)")
        for rows in [targets, people.histories] where rows.columns != itemCount {
            throw GibbsError(.shapeMismatch, "ratings of \(rows.columns) items for factors of \(itemCount)", advice: "number them as the model does, by Ratings.numbered(users:items:)")
        }
    }
}

extension RatingFactors: ItemModel {
    /// −r̂(u, i), not confined to the scale.
    ///
    /// - Complexity: people × items × rank.
    public func itemEnergies(for people: People) throws -> Matrix {
        try check(people.histories, people)
        var result = Matrix(rows: people.count, columns: itemCount)
        let items = items, mean = mean
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(people.count) { rows in
                for row in rows {
                    let taste = fold(people.histories, row: row).taste.means, d = items.width - 1
                    for i in 0 ..< items.count {
                        let own = i * items.width
                        out.pointer![row * items.count + i] = -Float((0 ..< d).reduce(mean + taste[d] + items.means[own + d]) { $0 + taste[$1] * items.means[own + $1] })
                    }
                }
            }
        }
        return result
    }
}

extension RatingScale {
    /// (r − m)² / 2s² for every rating of the scale, less the smallest, with the m for which exp of minus that has a given mean; one that is nearer
    /// to an end than a fiftieth of a step is moved there.
    func energies(mean: Double, variance: Double) -> [Double] {
        let values = values, margin = 0.02 * step, wanted = min(max(mean, lowest + margin), highest - margin), s = max(variance, 0.01 * step * step)
        let width = highest - lowest
        var m = wanted, low = lowest - 50 * s / step - width, high = highest + 50 * s / step + width
        func weights(_ m: Double) -> [Double] {
            let logits = values.map { -($0 - m) * ($0 - m) / (2 * s) }, top = logits.max() ?? 0
            return logits.map { exp($0 - top) }
        }
        // The mean grows with m, by its own variance over s²: Newton between bounds.
        for _ in 0 ..< 50 {
            let w = weights(m), total = w.reduce(0, +), found = zip(w, values).reduce(0.0) { $0 + $1.0 * $1.1 } / total
            let spread = zip(w, values).reduce(0.0) { $0 + $1.0 * ($1.1 - found) * ($1.1 - found) } / total
            if abs(found - wanted) < 1e-7 * step { break }
            if found < wanted { low = m } else { high = m }
            let next = m + (wanted - found) * s / max(spread, 1e-12)
            m = next > low && next < high ? next : (low + high) / 2
        }
        let energies = values.map { ($0 - m) * ($0 - m) / (2 * s) }, least = energies.min() ?? 0
        return energies.map { $0 - least }
    }
}
