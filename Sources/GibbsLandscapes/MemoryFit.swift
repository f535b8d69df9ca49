import Foundation
import GibbsCore
import GibbsNumerics

extension MemoryEnergy {
    /// A memory of the rows, its one β chosen to make each of some rows most probable given all the others.
    ///
    ///     β = argmax Σ_probes [ ln Σ_{i ≠ row} exp(−β d(row, xᵢ)) + (d/2) ln β ]
    ///
    /// The search is over 25 values, evenly spaced in ln β around the median distance.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, variables.count]` without missing values; rows beyond `capacity` are left out at random.
    ///   - variables: What each column can hold.
    ///   - mismatch: As in the initialiser.
    ///   - capacity: Patterns at most.
    ///   - probes: Rows whose leave-one-out likelihood is measured.
    ///   - key: Chooses the patterns and the probes.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer than two rows or missing values.
    /// - Complexity: `25 · probes · capacity · variables.count`.
    /// - Source: Duin, *On the choice of smoothing parameters for Parzen estimators*, IEEE Trans. Computers 1976.
    public static func fitted(to data: Matrix, variables: [Variable], mismatch: [Float]? = nil, capacity: Int = 20_000,
                              probes: Int = 400, key: Key) throws -> MemoryEnergy {
        guard data.rows >= 2 else {
            throw GibbsError(.unsuitableData, "a memory chooses its bandwidth from at least two rows, and got \(data.rows)")
        }
        try data.check(against: variables)
        let patterns = data.rows > capacity ? data.selecting(rows: key.folding(0).choose(capacity, of: data.rows)) : data
        let chosen = key.folding(1).choose(probes, of: patterns.rows), probeRows = patterns.selecting(rows: chosen)
        let typical = medianDistance(probeRows, variables: variables, mismatch: mismatch)
        guard !typical.isInfinite else {
            throw GibbsError(.unsuitableData, "the rows are further apart than single precision can square", advice: "standardise the columns")
        }
        let dimension = Double(max(2, variables.count))
        var best = (score: -Double.infinity, beta: 1 / typical)
        for step in 0 ..< 25 {
            let share = Double(step) / 24
            let beta = min(greatestPrecision, exp((1 - share) * log(0.05 / typical) + share * log(500 * dimension / typical)))
            let memory = try MemoryEnergy(patterns: patterns, variables: variables,
                                          precisions: Array(repeating: Float(beta), count: patterns.rows), mismatch: mismatch)
            let surprise = try memory.energies(of: probeRows, excluding: chosen)
            let score = -Statistics.mean(surprise) + memory.logKernelPeak
            if score > best.score { best = (score, beta) }
        }
        return try MemoryEnergy(patterns: patterns, variables: variables,
                                precisions: Array(repeating: Float(best.beta), count: patterns.rows), mismatch: mismatch)
    }

    /// A heavy-tailed memory of the rows: Cauchy kernels, β = 1, of the given width.
    ///
    /// - Parameters:
    ///   - data: Shape `[rows, variables.count]` without missing values; rows beyond `capacity` are left out at random.
    ///   - variables: What each column can hold.
    ///   - mismatch: As in the initialiser.
    ///   - width: w; 1/√w is the half-width of a kernel in units of the columns.
    ///   - capacity: Patterns at most.
    ///   - key: Chooses the patterns when there are more rows than `capacity`.
    /// - Throws: `GibbsError` with code `.unsuitableData` when there is no row or a missing value.
    public static func heavyTailed(_ data: Matrix, variables: [Variable], mismatch: [Float]? = nil, width: Float = 5,
                                   capacity: Int = 20_000, key: Key) throws -> MemoryEnergy {
        let patterns = data.rows > capacity ? data.selecting(rows: key.folding(0).choose(capacity, of: data.rows)) : data
        return try MemoryEnergy(patterns: patterns, variables: variables, precisions: Array(repeating: 1, count: patterns.rows),
                                mismatch: mismatch, kernel: .heavyTailed(width: width))
    }

    /// The largest β that a fit may choose: kernels no narrower than a hundredth of a standardised column's deviation, so that
    /// rows that repeat exactly do not make every other row infinitely strange.
    static var greatestPrecision: Double { 5000 }

    /// ln of the kernel's height: minus the ln of its integral over all columns, so that kernels of different width compare.
    var logKernelPeak: Double {
        variables.indices.reduce(0.0) { $0 - logMass(ofColumn: $1) }
    }

    /// The median of the squared distances between different probe rows; a small positive number when most are equal.
    private static func medianDistance(_ rows: Matrix, variables: [Variable], mismatch: [Float]?) -> Double {
        let costs: [Float] = variables.enumerated().map { $1.stateCount == nil ? 0 : mismatch?[$0] ?? 2 }
        var distances = [Double]()
        for i in 0 ..< rows.rows {
            for j in stride(from: i + 1, to: rows.rows, by: max(1, rows.rows / 50)) {
                var sum: Float = 0
                for k in 0 ..< rows.columns {
                    let (a, b) = (rows[i, k], rows[j, k])
                    sum += costs[k] > 0 ? (a == b ? 0 : costs[k]) : (a - b) * (a - b)
                }
                distances.append(Double(sum))
            }
        }
        let median = distances.isEmpty ? 1 : Statistics.median(distances)
        return max(median, Statistics.mean(distances.isEmpty ? [1] : distances) * 1e-3, 1e-6)
    }
}
