import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The distributions of attention, and what thermodynamics reads off them. Lists are `[heads · queries]`, head after head.
extension Attention {
    /// The distribution of one query over the keys. Traps on a head or query that there is not.
    public func law(head: Int, query: Int) -> GibbsDistribution {
        precondition((0 ..< heads).contains(head) && (0 ..< queries).contains(query), "query \(query) of head \(head)")
        return GibbsDistribution(energies: Array(energies.row(head * queries + query)), temperature: temperatures[head])
    }

    /// w, shape `[heads · queries, keys]`; rows sum to one, and a masked key has weight 0.
    ///
    /// - Complexity: One pass; single precision, to 3e-7 of each weight.
    public var weights: Matrix {
        var result = energies
        result.values.withUnsafeMutableBufferPointer { w in
            let w = SharedPointer(w.baseAddress)
            parallelRanges(heads * queries, minimum: max(1, 4096 / keys)) { rows in
                for row in rows { gk_softmax_rows(w.pointer! + row * keys, keys, 1, keys, -1 / temperatures[row / queries]) }
            }
        }
        return result
    }

    /// Σⱼ w_ij vⱼ of every query, the heads' columns side by side: shape `[queries, values.columns]`.
    ///
    /// - Parameter values: Shape `[keys, heads · width]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for another number of rows, or columns that do not divide into heads.
    /// - Complexity: One product of `queries × keys × columns`.
    public func output(_ values: Matrix) throws -> Matrix {
        guard values.rows == keys, values.columns % heads == 0 else {
            throw GibbsError(.shapeMismatch, "values of \(values.rows) × \(values.columns) for \(keys) keys in \(heads) heads", advice: "give a row a key, and columns for every head")
        }
        let width = values.columns / heads, weights = weights
        var result = Matrix(rows: queries, columns: values.columns)
        guard queries > 0, width > 0 else { return result }
        result.values.withUnsafeMutableBufferPointer { out in
            weights.values.withUnsafeBufferPointer { w in
                values.values.withUnsafeBufferPointer { v in
                    for head in 0 ..< heads {
                        Product(rows: queries, columns: width, inner: keys, left: w.baseAddress! + head * queries * keys, leftStride: keys,
                                right: v.baseAddress! + head * width, rightStride: values.columns)
                            .run(into: out.baseAddress! + head * width, stride: values.columns)
                    }
                }
            }
        }
        return result
    }

    /// F = −T ln Σⱼ exp(−E_j/T), nats.
    public var freeEnergies: [Float] { laws(\.freeEnergy) }
    /// U = Σⱼ wⱼ E_j, nats.
    public var meanEnergies: [Float] { laws(\.meanEnergy) }
    /// S = −Σⱼ wⱼ ln wⱼ, nats; 0 for a query that looks at one key, ln n for one that looks at n alike.
    public var entropies: [Float] { laws(\.entropy) }
    /// exp(S): as many keys, looked at alike, would leave the query as undecided.
    public var effectiveKeys: [Float] { laws { exp($0.entropy) } }
    /// C = dU/dT = Var(E)/T², dimensionless: how strongly the query's choice answers to temperature.
    public var heatCapacities: [Float] { laws(\.heatCapacity) }

    /// A number of each distribution, in parallel.
    private func laws(_ number: @Sendable (GibbsDistribution) -> Float) -> [Float] {
        parallelMap(heads * queries) { number(law(head: $0 / queries, query: $0 % queries)) }
    }

    /// `count` keys for every head and query, drawn by the weights with replacement: shape `[heads · queries][count]`; consumes `key`.
    ///
    /// Hard attention: the mean of the values drawn is an unbiased guess of the output.
    public func sample(count: Int, key: Key) -> [[Int]] {
        (0 ..< heads * queries).map { law(head: $0 / queries, query: $0 % queries).sample(count: count, key: key.folding($0)) }
    }
}
