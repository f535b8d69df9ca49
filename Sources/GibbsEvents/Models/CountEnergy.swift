import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics

/// How often each event came in a whole session, as an energy: low where some session remembered had the same counts.
///
///     E(n) = −ln (1/M) Σᵢ Πₖ qₖ(nₖ | nᵢₖ),   qₖ = 1 / (1 + (L − 1) e^{−wₖ}) where the levels agree, e^{−wₖ} times that where not
///
/// Counts are taken as levels: 0, 1, 2, 3, then a level each doubling. The wₖ are those under which sessions are most probable given the
/// others (leave-one-out; see `CountKernel`). Names never seen have a column of their own. Nats, normalised.
///
/// - Source: kernels for categories: Aitchison & Aitken, *Multivariate binary discrimination by the kernel method*, Biometrika 1976.
public struct CountEnergy: Sendable {
    /// Levels a column.
    package static let levels = 28

    /// The sessions remembered.
    public let memory: MemoryEnergy
    /// wₖ, nats where column k differs.
    public var mismatch: [Float] { memory.mismatch }
    private let constant: Float

    /// The level of a count.
    static func level(_ count: Int) -> Int { count < 4 ? count : min(levels - 1, 2 + Int.bitWidth - 1 - count.leadingZeroBitCount) }

    /// Remembers sessions, at most `limit` of them.
    ///
    /// - Parameters:
    ///   - levels: Shape `[sessions, names + 1]`; see `levels(of:model:)`.
    ///   - limit: The most sessions remembered; more are drawn from at random.
    ///   - key: Feeds the draws.
    /// - Throws: `GibbsError` with code `.unsuitableData` without a session.
    /// - Complexity: About a thousand sessions against all, at most thirty times; see `CountKernel`.
    public init(fitting levels: Matrix, limit: Int = 8_192, key: Key) throws {
        let patterns = levels.rows > limit ? levels.selecting(rows: key.folding(0).choose(limit, of: levels.rows)) : levels
        let variables = [Variable](repeating: .categorical(Self.levels), count: levels.columns)
        let mismatch = CountKernel(patterns).mismatch(levels: Self.levels, key: key.folding(1))
        self.init(memory: try MemoryEnergy(patterns: patterns, variables: variables, precisions: [Float](repeating: 1, count: patterns.rows), mismatch: mismatch))
    }

    private init(memory: MemoryEnergy) {
        self.memory = memory
        constant = memory.mismatch.reduce(0) { $0 + log1p(Float(Self.levels - 1) * exp(-$1)) }
    }

    /// E of every session, nats.
    public func energies(of levels: Matrix) throws -> [Float] {
        try memory.energies(of: levels).map { $0 + constant }
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

// MARK: - Which count is off

extension CountEnergy {
    /// A count that another one would have made more probable, the other counts being as they are.
    struct Oddity {
        /// The column: a name, or the last for names never seen.
        var column: Int
        /// The most probable level.
        var usual: Int
        /// How much more probable the usual level is, nats.
        var excess: Float
    }

    /// The oddest counts of one session, oddest first: ln p(usual | the other counts) − ln p(nₖ | the other counts) > 0.
    ///
    /// - Parameter levels: Shape `[1, names + 1]`.
    /// - Complexity: As many energies as columns, and `levels` more for each of the `limit` oddest.
    func oddities(of levels: Matrix, limit: Int) throws -> [Oddity] {
        let width = levels.columns, own = try memory.energies(of: levels)[0]
        var without = Matrix(rows: width, columns: width, values: (0 ..< width).flatMap { _ in levels.values })
        for column in 0 ..< width { without[column, column] = .nan }
        // −ln p(nₖ | the rest): the names whose counts surprise most are the only ones worth trying others for.
        let conditional = try memory.energies(of: without).map { own - $0 }
        let tried = conditional.indices.sorted { (conditional[$1], $0) < (conditional[$0], $1) }.prefix(limit)
        return try tried.compactMap { column -> Oddity? in
            var others = Matrix(rows: Self.levels, columns: width, values: (0 ..< Self.levels).flatMap { _ in levels.values })
            for level in 0 ..< Self.levels { others[level, column] = Float(level) }
            let energies = try memory.energies(of: others), best = energies.indices.min { energies[$0] < energies[$1] }!
            return best == Int(levels[0, column]) || energies[best] >= own ? nil : Oddity(column: column, usual: best, excess: own - energies[best])
        }.sorted { $0.excess > $1.excess }
    }

    /// The counts of a level, for a message: `2`, or `8–15`.
    static func text(ofLevel level: Int) -> String {
        if level < 4 { return String(level) }
        return level == levels - 1 ? "\(1 << (level - 2)) or more" : "\(1 << (level - 2))–\((1 << (level - 1)) - 1)"
    }
}

// MARK: - Storage

extension CountEnergy: Storable {
    public static let kind = "counts"

    public init(archive: Archive) throws {
        let memory = try MemoryEnergy(archive: archive.nested("memory"))
        guard !memory.variables.isEmpty, memory.variables.allSatisfy({ $0 == .categorical(Self.levels) }) else {
            throw GibbsError(.unsuitableModel, "the remembered counts are no levels", advice: "the file is damaged")
        }
        self.init(memory: memory)
    }

    public func archive() -> Archive {
        var result = Archive()
        result.nest(memory.archive(), under: "memory")
        return result
    }
}
