import Foundation
import GibbsNumerics

/// How good foretold ratings are: of the expected rating, and of the whole distribution over the scale.
public struct RatingFigures: Sendable, Hashable {
    /// Ratings that were foretold.
    public let count: Int
    /// √ mean (r − E r)², and mean |r − E r|; in the unit of the ratings.
    public let rmse: Double, mae: Double
    /// Mean ln p(r), nats a rating; −ln K is what guessing gives.
    public let logLikelihood: Double
    /// The mean of |share of ratings − mean probability| over ten equal bands of probability, weighted by how many of the `count` × K
    /// probabilities each band holds: 0 where a probability means what it says.
    public let calibrationError: Double
    /// The bands of probability that hold any: the mean probability, how often such a rating was given, and how many there are.
    public let bands: [Band]

    /// One band of the calibration of probabilities.
    public struct Band: Sendable, Hashable {
        /// The mean probability, and the share of them whose rating was given.
        public let probability: Double, share: Double
        /// How many probabilities.
        public let count: Int
    }

    /// The figures of energies as `RatingModel.ratingEnergies(of:for:)` gives them, and the ratings that were given.
    ///
    /// A rating off the scale counts for the errors, and as the nearest level for the probabilities. Without ratings everything is zero.
    /// Traps when there are not as many ratings as rows.
    public init(energies: Matrix, ratings: [Float], scale: RatingScale) {
        precondition(energies.rows == ratings.count && energies.columns == scale.count, "\(energies.rows) × \(energies.columns) energies for \(ratings.count) ratings of \(scale.count) levels")
        let values = scale.values
        var squares = 0.0, absolutes = 0.0, likelihood = 0.0, sums = [(p: Double, hits: Double, count: Int)](repeating: (0, 0, 0), count: 10)
        for row in 0 ..< energies.rows {
            let (p, logPartition) = RatingScale.law(of: energies.row(row))
            let error = Double(ratings[row]) - zip(p, values).reduce(0.0) { $0 + $1.0 * $1.1 }
            squares += error * error
            absolutes += abs(error)
            let level = Int(((scale.clamped(Double(ratings[row])) - scale.lowest) / scale.step).rounded())
            likelihood += -Double(energies[row, level]) - logPartition
            for (k, probability) in p.enumerated() {
                let band = min(9, Int(probability * 10))
                sums[band] = (sums[band].p + probability, sums[band].hits + (k == level ? 1 : 0), sums[band].count + 1)
            }
        }
        let n = Double(max(1, ratings.count)), all = max(1.0, n * Double(scale.count))
        (count, rmse, mae, logLikelihood) = (ratings.count, (squares / n).squareRoot(), absolutes / n, likelihood / n)
        calibrationError = sums.reduce(0.0) { $0 + abs($1.p - $1.hits) } / all
        bands = sums.filter { $0.count > 0 }.map { Band(probability: $0.p / Double($0.count), share: $0.hits / Double($0.count), count: $0.count) }
    }
}

extension RatingModel {
    /// The figures of this model on ratings whose rows are these people.
    ///
    /// - Throws: As `ratingEnergies(of:for:)`, and as `People.check(areApartFrom:)` when the model would be given what it is asked.
    public func figures(on test: SparseRows, for people: People) throws -> RatingFigures {
        try people.check(areApartFrom: test)
        return RatingFigures(energies: try ratingEnergies(of: test, for: people), ratings: test.values, scale: scale)
    }
}
