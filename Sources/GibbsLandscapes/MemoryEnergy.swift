import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// A memory of stored patterns as an energy: low near anything remembered.
///
///     E(x) = −ln (1/n) Σᵢ (βᵢ/β)^{d/2} exp(−βᵢ · d(x, xᵢ)),   d(x, y) = Σ_real (xₖ − yₖ)² + Σ_binary wₖ (xₖ − yₖ)² + Σ_categorical wₖ [xₖ ≠ yₖ]
///
/// in nats at T = 1, β the geometric mean of the βᵢ. Of two binary values wₖ (xₖ − yₖ)² is wₖ [xₖ ≠ yₖ] too; a mean of patterns, which holds fractions, is near those that it is a mean of.
///
/// With one β for all patterns and the quadratic kernel this is β times the modern Hopfield energy, which the literature measures in squared lengths;
/// for real columns p(x) ∝ exp(−E) is the kernel density estimate with bandwidth σ² = 1/2β.
///
/// The heavy-tailed kernel puts ln(1 + w d) in place of every column's squared distance d: a product of Cauchy kernels at
/// β = 1. One wild column then costs a logarithm, and records that disagree with every memory in many columns stand out.
///
/// - Source: Ramsauer et al., *Hopfield Networks Is All You Need*, ICLR 2021; kernel densities with a bandwidth a pattern:
///   Breiman, Meisel, Purcell, Technometrics 1977.
public struct MemoryEnergy: Sendable {
    /// What each column can hold.
    public let variables: [Variable]
    /// The patterns, shape `[count, variables.count]`.
    public let patterns: Matrix
    /// βᵢ, inverse squared lengths; one a pattern.
    public let precisions: [Float]
    /// β, the geometric mean of the βᵢ.
    public let meanPrecision: Float
    /// wₖ: the squared distance between two different categories of column k; 0 for real columns.
    public let mismatch: [Float]
    /// How a column's squared distance enters the energy.
    public let kernel: Kernel
    /// As the kernels take them: negative where a binary column's difference is squared.
    private let costs: [Float]
    private let packed: [Float]
    private let paddedPrecisions: [Float]
    private let paddedOffsets: [Float]

    /// How a column's squared distance d enters the energy.
    public enum Kernel: Sendable, Hashable {
        /// d itself: Gaussian bumps.
        case quadratic
        /// ln(1 + w d), w > 0: bumps with power-law tails. 1 + w d of a real column saturates at 10⁹, so that no column costs
        /// more than 20.7 nats. With some βᵢ ≤ ½ a bump has no finite integral, and missing real values cannot be summed out.
        case heavyTailed(width: Float)
    }

    /// A memory of these patterns.
    ///
    /// - Parameters:
    ///   - patterns: Shape `[count, variables.count]`, without missing values.
    ///   - variables: What each column can hold.
    ///   - precisions: βᵢ > 0, one a pattern.
    ///   - mismatch: wₖ > 0 for columns that are not real; 2 unless told, the squared distance of two one-hot vectors.
    ///   - kernel: How a column's squared distance enters.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` when there is no pattern, or a pattern misses a
    ///   value or does not fit the variables. Traps unless there is one positive precision a pattern.
    public init(patterns: Matrix, variables: [Variable], precisions: [Float], mismatch: [Float]? = nil,
                kernel: Kernel = .quadratic) throws {
        try patterns.check(against: variables)
        guard patterns.rows > 0, !patterns.values.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableData, "a memory needs at least one pattern, and patterns without missing values")
        }
        precondition(precisions.count == patterns.rows && precisions.allSatisfy { $0 > 0 && $0.isFinite }, "a precision is not positive")
        self.patterns = patterns
        self.variables = variables
        self.precisions = precisions
        self.mismatch = variables.enumerated().map { $1.stateCount == nil ? 0 : mismatch?[$0] ?? 2 }
        self.kernel = kernel
        costs = zip(variables, self.mismatch).map { $0 == .binary ? -$1 : $1 }
        let meanLog = precisions.reduce(0.0) { $0 + log(Double($1)) } / Double(precisions.count)
        meanPrecision = Float(exp(meanLog))
        packed = PatternBlocks.packed(patterns)
        // Bumps of different width are each normalised; a heavy tail's integral hardly depends on its exponent.
        let dimension = kernel == .quadratic ? Double(variables.count { $0 == .real }) : 0
        let offsets = precisions.map { Float(dimension / 2 * (log(Double($0)) - meanLog) - log(Double(patterns.rows))) }
        paddedPrecisions = PatternBlocks.padded(precisions)
        paddedOffsets = PatternBlocks.padded(offsets)
    }

    /// E, nats at T = 1: −ln of the mixture of kernels, which `logPartition` makes a density.
    ///
    /// Missing values are summed out: they leave the distance, and each adds −ln of its kernel's mass. That is exact where all βᵢ are equal, and for
    /// real columns also where they differ under the quadratic kernel; else β stands in place of βᵢ in the missing columns' mass.
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`.
    ///   - excluded: For each row the index of a pattern to leave out (−1 for none): leave-one-out energies.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: `rows · count · variables.count` differences, in parallel over rows.
    public func energies(of batch: Matrix, excluding excluded: [Int]?) throws -> [Float] {
        try batch.check(against: variables)
        let rows = batch.rows, features = variables.count
        var result = [Float](repeating: 0, count: rows)
        let skip = excluded.map { $0.map(Int64.init) }, width = kernel.width, tables = offsetTables(batch)
        result.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(rows, minimum: 4) { range in
                batch.values.withUnsafeBufferPointer { x in
                    func call(_ rows: Range<Int>, _ offsets: [Float], _ exclude: UnsafePointer<Int64>?) {
                        gk_memory_energies(x.baseAddress! + rows.lowerBound * features, rows.count, packed, patterns.rows, features, costs, width,
                                           paddedPrecisions, offsets, exclude.map { $0 + rows.lowerBound }, out.pointer! + rows.lowerBound)
                    }
                    func calls(_ exclude: UnsafePointer<Int64>?) {
                        if tables.isEmpty { return call(range, paddedOffsets, exclude) }
                        for row in range { call(row ..< row + 1, tables[realValues(batch.row(row))] ?? paddedOffsets, exclude) }
                    }
                    if let skip { skip.withUnsafeBufferPointer { calls($0.baseAddress!) } } else { calls(nil) }
                }
            }
        }
        for row in 0 ..< rows where batch.row(row).contains(where: \.isNaN) { result[row] -= missingMass(batch.row(row)) }
        return result
    }

    /// The offsets of rows with missing real values, where bumps differ in width, by the number of real values that are there: a narrow
    /// bump's height counts for those alone.
    private func offsetTables(_ batch: Matrix) -> [Int: [Float]] {
        let real = variables.count { $0 == .real }
        guard kernel == .quadratic, real > 0, !precisions.allSatisfy({ $0 == precisions[0] }), batch.values.contains(where: \.isNaN) else { return [:] }
        let counts = Set((0 ..< batch.rows).map { realValues(batch.row($0)) }).filter { $0 < real }
        return Dictionary(uniqueKeysWithValues: counts.map { count in
            (count, zip(paddedOffsets, paddedPrecisions).map { $0 - Float(real - count) / 2 * log($1 / meanPrecision) })
        })
    }

    /// Real columns of a row that hold a value.
    func realValues(_ row: ArraySlice<Float>) -> Int { zip(row, variables).count { !$0.isNaN && $1 == .real } }

    /// ln ∫ exp(−E), nats: exact for the quadratic kernel and where all βᵢ are equal.
    public var logPartition: Double { variables.indices.reduce(0) { $0 + logMass(ofColumn: $1) } }

    /// Σ over the missing columns of ln of the kernel's integral or sum over that column.
    private func missingMass(_ row: ArraySlice<Float>) -> Float {
        row.enumerated().reduce(0) { $1.element.isNaN ? $0 + Float(logMass(ofColumn: $1.offset)) : $0 }
    }

    /// ln of the integral (or sum) of the kernel over all values of a column, at β = `meanPrecision`.
    ///
    /// Quadratic: √(π/β). Heavy-tailed: √(π/w) Γ(β − ½) / Γ(β), finite for β > ½. Categorical: 1 + (K − 1) exp(−β cost).
    func logMass(ofColumn k: Int) -> Double {
        let beta = Double(meanPrecision)
        switch (variables[k], kernel) {
        case (.real, .quadratic): return 0.5 * log(.pi / beta)
        case (.real, .heavyTailed(let width)): return 0.5 * log(.pi / Double(width)) + lgamma(beta - 0.5) - lgamma(beta)
        case (.binary, _): return log1p(exp(-beta * cost(ofMismatch: k)))
        case (.categorical(let count), _): return log1p(Double(count - 1) * exp(-beta * cost(ofMismatch: k)))
        }
    }

    private func cost(ofMismatch k: Int) -> Double {
        kernel == .quadratic ? Double(mismatch[k]) : log1p(Double(kernel.width) * Double(mismatch[k]))
    }
}

extension MemoryEnergy.Kernel {
    /// w, and 0 for the quadratic kernel.
    var width: Float {
        if case .heavyTailed(let width) = self { width } else { 0 }
    }
}

extension MemoryEnergy: MarginalEnergy {
    /// E of every row with no pattern left out: `energies(of:excluding:)`.
    public func energies(of batch: Matrix) throws -> [Float] { try energies(of: batch, excluding: nil) }
}

extension MemoryEnergy: Storable {
    public static let kind = "memory"

    public init(archive: Archive) throws {
        let variables = try [Variable](text: archive.text("variables"))
        let patterns = try archive.matrix("patterns", columns: variables.count)
        let precisions = try archive.vector("precisions", count: patterns.rows)
        guard precisions.allSatisfy({ $0 > 0 }) else {
            throw GibbsError(.unsuitableModel, "a precision of the memory is not positive", advice: "the file is damaged")
        }
        let width = try archive.vector("kernelWidth", count: 1)[0]
        guard width >= 0 else {
            throw GibbsError(.unsuitableModel, "the memory's kernel has a width of \(width)", advice: "the file is damaged")
        }
        let mismatch = try archive.vector("mismatch", count: variables.count)
        guard zip(variables, mismatch).allSatisfy({ $0.stateCount == nil || $1 > 0 }) else {
            throw GibbsError(.unsuitableModel, "a mismatch of the memory is not positive", advice: "the file is damaged")
        }
        do {
            try self.init(patterns: patterns, variables: variables, precisions: precisions, mismatch: mismatch,
                          kernel: width > 0 ? .heavyTailed(width: width) : .quadratic)
        } catch let error as GibbsError {
            throw GibbsError(.unsuitableModel, error.message, advice: "the file is damaged")
        }
    }

    public func archive() -> Archive {
        Archive(tensors: ["patterns": .init(patterns), "precisions": .init(precisions), "mismatch": .init(mismatch),
                          "kernelWidth": .init([kernel.width])],
                metadata: ["variables": variables.text])
    }
}

/// The layout in which the kernels read patterns: blocks of 64, feature by feature.
enum PatternBlocks {
    static let size = Int(GK_BLOCK)

    static func packed(_ patterns: Matrix) -> [Float] {
        let blocks = (patterns.rows + size - 1) / size, features = patterns.columns
        var result = [Float](repeating: 0, count: blocks * size * features)
        for row in 0 ..< patterns.rows {
            let base = row / size * size * features + row % size
            for k in 0 ..< features { result[base + k * size] = patterns.values[row * features + k] }
        }
        return result
    }

    /// Repeats the last value up to a whole block.
    static func padded(_ values: [Float]) -> [Float] {
        values + [Float](repeating: values.last ?? 0, count: (size - values.count % size) % size)
    }
}

/// Nearest neighbours among stored patterns, by exhaustive search.
public enum Neighbours {
    /// The `count` smallest squared distances of each row to the patterns, ascending, row after row; infinite where there
    /// are fewer patterns. Distances as in `MemoryEnergy`.
    ///
    /// Traps when the two differ in columns or `count` is not positive. Missing values are left out of the distance.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, features]`.
    ///   - patterns: Shape `[patterns, features]`.
    ///   - mismatch: Squared distance between two categories of each column, 0 for real ones; all real unless told.
    ///   - count: Distances a row.
    ///   - excluded: For each row a pattern to leave out (−1 for none).
    /// - Complexity: `rows · patterns · features` differences, in parallel over rows.
    public static func squaredDistances(of batch: Matrix, to patterns: Matrix, mismatch: [Float]? = nil, count: Int,
                                        excluding excluded: [Int]? = nil) -> [Float] {
        precondition(batch.columns == patterns.columns && count > 0, "neighbours in spaces of different size")
        let packed = PatternBlocks.packed(patterns), features = batch.columns
        let mismatch = mismatch ?? [Float](repeating: 0, count: features), skip = excluded.map { $0.map(Int64.init) }
        var result = [Float](repeating: .infinity, count: batch.rows * count)
        if patterns.rows == 0 { return result }
        result.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(batch.rows, minimum: 4) { range in
                batch.values.withUnsafeBufferPointer { x in
                    let from = range.lowerBound
                    func call(_ exclude: UnsafePointer<Int64>?) {
                        gk_nearest(x.baseAddress! + from * features, range.count, packed, patterns.rows, features, mismatch,
                                   exclude, count, out.pointer! + from * count)
                    }
                    if let skip { skip.withUnsafeBufferPointer { call($0.baseAddress! + from) } } else { call(nil) }
                }
            }
        }
        return result
    }
}
