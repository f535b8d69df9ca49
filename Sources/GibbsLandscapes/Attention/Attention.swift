import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// Scaled dot-product attention as what it is: a Gibbs distribution over the keys, one for every head and query.
///
///     E_ij = −qᵢ·kⱼ / √d,   w_ij = exp(−E_ij/T) / Σⱼ exp(−E_ij/T),   outputᵢ = Σⱼ w_ij vⱼ
///
/// A key scores high where its energy is low; the usual softmax is this distribution at T = 1, and a mask an infinite energy. With the free energy
/// F(q) = −T ln Σⱼ exp(−E_j/T) the output for values v = k is −√d ∇F(q): attention looks down its own landscape, which
/// `MemoryEnergy` completes to one that it descends.
///
/// - Source: Vaswani et al., *Attention Is All You Need*, NeurIPS 2017, equation 1 and section 3.2.2; Ramsauer et al., *Hopfield Networks Is All
///   You Need*, ICLR 2021, for the energy.
public struct Attention: Sendable, Hashable {
    /// Heads; each looks at its own columns of queries and keys.
    public let heads: Int
    /// Queries a head.
    public let queries: Int
    /// E in nats at T = 1, shape `[heads · queries, keys]`, head after head; `+infinity` where masked.
    public let energies: Matrix
    /// T of each head, dimensionless.
    public let temperatures: [Float]

    /// Keys that a query chooses among.
    public var keys: Int { energies.columns }

    /// The attention of queries to keys.
    ///
    /// - Parameters:
    ///   - queries: Shape `[queries, heads · d]`, the columns of a head side by side.
    ///   - keys: Shape `[keys, heads · d]`.
    ///   - heads: Parts of the columns that attend on their own.
    ///   - temperature: T > 0 of all heads.
    ///   - mask: Which keys a query may look at, the same in every head.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for columns that differ or do not divide into heads, or marks of another number;
    ///   `.usage` for a temperature that is not positive; `.unsuitableData` for no keys, a row with all keys masked, which it names, or a score that
    ///   is not finite, be it by overflow, where the mask does not hide it. No queries are no error.
    /// - Complexity: One product of `queries × keys × columns`.
    public init(queries: Matrix, keys: Matrix, heads: Int = 1, temperature: Float = 1, mask: AttentionMask = .none) throws {
        guard queries.columns == keys.columns, heads > 0, queries.columns > 0, queries.columns % heads == 0 else {
            throw GibbsError(.shapeMismatch, "attention of queries with \(queries.columns) columns to keys with \(keys.columns), in \(heads) heads",
                             advice: "give both as many columns, a multiple of the heads")
        }
        let width = queries.columns / heads, count = queries.rows
        var energies = Matrix(rows: heads * count, columns: keys.rows)
        if count > 0 && keys.rows > 0 {
            energies.values.withUnsafeMutableBufferPointer { out in
                queries.values.withUnsafeBufferPointer { q in
                    keys.values.withUnsafeBufferPointer { k in
                        for head in 0 ..< heads {
                            Product(rows: count, columns: keys.rows, inner: width, left: q.baseAddress! + head * width, leftStride: queries.columns,
                                    right: k.baseAddress! + head * width, rightStride: keys.columns, transposeRight: true, alpha: -1 / Float(width).squareRoot())
                                .run(into: out.baseAddress! + head * count * keys.rows, stride: keys.rows)
                        }
                    }
                }
            }
        }
        try self.init(energies, heads, temperature, mask, areScores: true)
    }

    /// Attention with these energies, whatever they come from.
    ///
    /// - Parameters:
    ///   - energies: Shape `[heads · queries, keys]`, nats at T = 1; `+infinity` forbids a key.
    ///   - heads: Parts of the rows.
    ///   - temperature: T > 0 of all heads.
    ///   - mask: Further keys to forbid.
    /// - Throws: As `init(queries:keys:heads:temperature:mask:)`, but that `+infinity` is no error.
    public init(energies: Matrix, heads: Int = 1, temperature: Float = 1, mask: AttentionMask = .none) throws { try self.init(energies, heads, temperature, mask, areScores: false) }

    /// Energies that are scores of queries and keys are finite unless they overflowed; given ones may forbid a key by `+infinity`.
    private init(_ energies: Matrix, _ heads: Int, _ temperature: Float, _ mask: AttentionMask, areScores: Bool) throws {
        guard heads > 0, energies.rows % heads == 0 else {
            throw GibbsError(.shapeMismatch, "\(energies.rows) rows of energies in \(heads) heads", advice: "give a row for every head and query")
        }
        let queries = energies.rows / heads, keys = energies.columns
        guard keys > 0 else { throw GibbsError(.unsuitableData, "attention to no keys", advice: "give at least one") }
        if let (found, wanted) = mask.marks(queries: queries, keys: keys), found != wanted {
            throw GibbsError(.shapeMismatch, "a mask of \(found) marks for \(queries) queries and \(keys) keys", advice: "give \(wanted) marks")
        }
        try Self.check(temperature)
        var masked = energies
        for row in 0 ..< energies.rows {
            let query = row % queries
            if areScores, let key = (0 ..< keys).first(where: { !energies[row, $0].isFinite && mask.permits(query, $0, of: keys) }) {
                throw GibbsError(.unsuitableData, "the score of query \(query) and key \(key) in head \(row / queries) is not finite", advice: "give finite queries and keys, of numbers that are not as large")
            }
            if mask != .none { for key in 0 ..< keys where !mask.permits(query, key, of: keys) { masked[row, key] = .infinity } }
            let values = masked.row(row)
            guard values.allSatisfy({ $0 > -.infinity }) else {
                throw GibbsError(.unsuitableData, "the energies of query \(query) in head \(row / queries) hold a nan or -infinity", advice: "give finite queries and keys")
            }
            guard values.contains(where: { $0 < .infinity }) else {
                throw GibbsError(.unsuitableData, "query \(query) may look at none of its \(keys) keys", advice: "leave it at least one, or leave the query out")
            }
        }
        (self.heads, self.queries, self.energies) = (heads, queries, masked)
        temperatures = Array(repeating: temperature, count: heads)
    }

    private init(_ other: Attention, _ temperatures: [Float]) {
        (heads, queries, energies, self.temperatures) = (other.heads, other.queries, other.energies, temperatures)
    }

    private static func check(_ temperature: Float) throws {
        guard temperature > 0, temperature.isFinite else { throw GibbsError(.usage, "attention at the temperature \(temperature)", advice: "give a positive number; 1 is the usual softmax") }
    }

    /// The same energies at another temperature.
    ///
    /// - Throws: `GibbsError` with code `.usage` for one that is not positive.
    public func at(temperature: Float) throws -> Attention { try at(temperatures: Array(repeating: temperature, count: heads)) }

    /// The same energies, each head at its own temperature.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a temperature that is not positive, `.shapeMismatch` for another number than heads.
    public func at(temperatures: [Float]) throws -> Attention {
        guard temperatures.count == heads else { throw GibbsError(.shapeMismatch, "\(temperatures.count) temperatures of \(heads) heads", advice: "give one a head") }
        for temperature in temperatures { try Self.check(temperature) }
        return Attention(self, temperatures)
    }
}
