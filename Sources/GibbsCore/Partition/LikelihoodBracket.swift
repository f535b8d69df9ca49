import Foundation
import GibbsNumerics

/// How ln Z is to be found.
public enum PartitionMethod: String, Sendable, Hashable, CaseIterable {
    /// Summed over all states or in closed form, and refused where neither can be had.
    case exact
    /// By annealing, from below and from above.
    case ais
    /// By annealing, and exactly where that can be had.
    case both
}

/// The mean log-likelihood of some rows between two estimates of ln Z.
///
/// ln Z from below makes every row look more probable than it is, and ln Z from above less so: the truth lies between `atLeast` and
/// `atMost`, as surely as ln Z lies between its bounds. Where nothing bounds ln Z from below, `atMost` is +∞.
public struct LikelihoodBracket: Sendable, Hashable {
    /// With the best ln Z, with ln Z from above, and with ln Z from below; nats a row.
    public let best: Double, atLeast: Double, atMost: Double
    /// Standard error of `best` over the rows, nats; `nan` for a single row.
    public let standardError: Double
    /// Rows.
    public let count: Int

    /// The means of ln p of the same rows by three values of ln Z. Traps without a row, or where counts differ.
    public init(best: [Double], atLeast: [Double], atMost: [Double]) {
        precondition(!best.isEmpty && atLeast.count == best.count && atMost.count == best.count, "log-likelihoods of \(best.count) rows")
        (self.best, self.atLeast, self.atMost) = (Statistics.mean(best), Statistics.mean(atLeast), Statistics.mean(atMost))
        let n = Double(best.count), mean = Statistics.mean(best)
        standardError = n > 1 ? (best.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n).squareRoot() : .nan
        count = best.count
    }
}
