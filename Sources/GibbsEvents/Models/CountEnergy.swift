import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics

/// How often each event came in a whole session, as an energy: low where some session remembered had the same counts.
///
///     E(n) = −ln (1/M) Σᵢ Πₖ q(nₖ | nᵢₖ),   q = 1 / (1 + (L − 1) e^{−w}) where the levels agree, e^{−w} times that where not
///
/// Counts are taken as levels: 0, 1, 2, 3, then a level each doubling. w is the one under which sessions are most probable given the
/// others (leave-one-out). Names never seen have a level of their own. Nats, normalised.
///
/// - Source: kernels for categories: Aitchison & Aitken, *Multivariate binary discrimination by the kernel method*, Biometrika 1976.
public struct CountEnergy: Sendable {
    /// Levels a column.
    static let levels = 28

    /// The sessions remembered.
    public let memory: MemoryEnergy
    /// w, nats a column that differs.
    public let mismatch: Float

    /// The level of a count.
    static func level(_ count: Int) -> Int { count < 4 ? count : min(levels - 1, 2 + Int.bitWidth - 1 - count.leadingZeroBitCount) }

    /// Remembers sessions, at most `limit` of them.
    ///
    /// - Parameters:
    ///   - levels: Shape `[sessions, names + 1]`; see `levels(of:model:)`.
    ///   - limit: The most sessions remembered; more are drawn from at random.
    ///   - key: Feeds the draws.
    /// - Throws: `GibbsError` with code `.unsuitableData` without a session.
    /// - Complexity: About a thousand sessions against all.
    public init(fitting levels: Matrix, limit: Int = 8_192, key: Key) throws {
        let patterns = levels.rows > limit ? levels.selecting(rows: key.folding(0).choose(limit, of: levels.rows)) : levels
        let variables = [Variable](repeating: .categorical(Self.levels), count: levels.columns)
        func memory(_ w: Float) throws -> MemoryEnergy {
            try MemoryEnergy(patterns: patterns, variables: variables, precisions: [Float](repeating: 1, count: patterns.rows),
                             mismatch: [Float](repeating: w, count: variables.count))
        }
        let probes = key.folding(1).choose(min(1_000, patterns.rows), of: patterns.rows)
        var best: (figure: Double, w: Float) = (.infinity, 4)
        if patterns.rows > 1 {
            for w in stride(from: Float(1), through: 12, by: 1) {
                let found = try memory(w).surprise(of: patterns.selecting(rows: probes), excluding: probes)
                let figure = Statistics.mean(found) + Double(Self.normaliser(w, columns: variables.count))
                if figure < best.figure { best = (figure, w) }
            }
        }
        self.memory = try memory(best.w)
        mismatch = best.w
    }

    private static func normaliser(_ w: Float, columns: Int) -> Float { Float(columns) * log1p(Float(levels - 1) * exp(-w)) }

    /// E of every session, nats.
    public func energies(of levels: Matrix) throws -> [Float] {
        let constant = Self.normaliser(mismatch, columns: memory.variables.count)
        return try memory.surprise(of: levels).map { $0 + constant }
    }

    /// The levels of every session's counts of the first field, the last column for names never seen; shape `[sessions, names + 1]`.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    static func levels(of sequences: EventSequences, model: EventModel) throws -> Matrix {
        let coded = try model.coded(sequences)[0], names = model.vocabularies[0].names.count
        var result = Matrix(rows: sequences.sessions.count, columns: names + 1)
        for (row, session) in sequences.sessions.enumerated() {
            var counts = [Int](repeating: 0, count: names + 1)
            for event in session.events where coded[event] != Examples.missing { counts[coded[event] < 0 ? names : Int(coded[event])] += 1 }
            for (column, count) in counts.enumerated() { result[row, column] = Float(level(count)) }
        }
        return result
    }
}
