import Foundation
import GibbsNumerics

/// Looks at whether an encoder tells things apart: over how many directions embeddings spread.
public enum EncoderExamination {
    /// Rows that tell enough.
    public static let enoughRows = 5_000
    /// Rows below which the directions cannot be counted.
    public static let fewestRows = 20
    /// Embeddings of less than this effective dimension have collapsed.
    public static let leastDimension = 2.0
    /// Embeddings whose variance is less than this share of their mean squared length are one point, to rounding.
    public static let leastSpread = 1e-8

    /// The effective dimension (Σλ)²/Σλ² = (tr C)²/tr C² of embeddings, λ being the eigenvalues of their covariance C: 1 where they lie on a line, their width where all directions
    /// have the same variance; and the share of their mean squared length that is variance.
    ///
    /// - Parameter embeddings: Shape `[rows, width]`, at least one row. A point without spread has the dimension 0.
    /// - Complexity: One product of `width × rows × width`.
    /// - Source: Garrido et al., *RankMe*, ICML 2023, for what an effective dimension tells of an encoder; theirs is from the entropy of singular values, this one the participation ratio.
    public static func dimension(of embeddings: Matrix) -> (dimension: Double, spread: Double) {
        let n = Double(embeddings.rows), width = embeddings.columns, means = (0 ..< width).map { Float(Statistics.mean(embeddings.column($0))) }
        let centred = Matrix(rows: embeddings.rows, columns: width, values: embeddings.values.enumerated().map { $1 - means[$0 % width] })
        let covariance = Matrix.product(centred, centred, transposeA: true).values.map { Double($0) / n }
        let trace = (0 ..< width).reduce(0.0) { $0 + covariance[$1 * width + $1] }, squares = covariance.reduce(0.0) { $0 + $1 * $1 }
        let length = embeddings.values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
        return (squares > 0 ? trace * trace / squares : 0, length > 0 ? trace / length : 0)
    }

    /// Whether embeddings are numbers, and spread over more than a line.
    ///
    /// - Parameters:
    ///   - embeddings: Shape `[rows, width]`.
    ///   - rows: What they are embeddings of, in words.
    public static func spread(of embeddings: Matrix, rows: String) -> Finding {
        let subject = "embeddings", width = embeddings.columns, over = "over \(embeddings.rows) \(rows)"
        guard embeddings.isFinite else { return Finding(subject, "some \(over) are infinite or no numbers", .warning(advice: "a weight is too large to compute with: the training ran away or the file is damaged; fit again")) }
        guard embeddings.rows >= fewestRows else { return Finding(subject, "too few to look at, \(over)", .unknown(need: "give at least \(fewestRows) \(rows), better some hundred")) }
        let found = dimension(of: embeddings)
        guard found.spread > leastSpread else {
            return Finding(subject, "one point \(over)", .warning(advice: "one embedding for all cannot tell anything apart: the training collapsed, or these \(rows) are all the same; fit again, for longer, or give others"))
        }
        // Of one or two numbers there are no more directions than that.
        return Finding(subject, String(format: "effective dimension %.1f of %d, ", found.dimension, width) + over, warnsIf: found.dimension < min(leastDimension, Double(width + 1) / 2),
                       advice: "nearly all that differs between them is one number: the training collapsed, or these \(rows) are all but the same; fit again, for longer, or give others")
    }
}
