import CKernels
import GibbsNumerics

/// One side of alternating least squares: the rows whose factors are sought, and what each has of the other side.
package struct LeastSquaresSide: Sendable {
    private let starts: [Int64], indices: [Int32], weights: [Float]?, ridges: [Float]
    private let stride: Int, unobservedWeight: Float

    package init(_ rows: SparseRows, method: ImplicitLeastSquares, stride: Int) {
        starts = rows.starts.map(Int64.init)
        indices = rows.indices
        let isEqual = method.confidence == .equal || method.confidence == .counted && rows.values.allSatisfy { $0 <= 1 }
        weights = isEqual ? nil : rows.values.map { method.confidence.weight(of: $0) }
        ridges = (0 ..< rows.rows).map { method.ridge(entries: rows.range($0).count, opposite: rows.columns) }
        (self.stride, unobservedWeight) = (stride, method.unobservedWeight)
    }

    /// Moves the rows' factors towards their least-squares solution given the other side's; both `stride` apart.
    package func improve(_ x: inout [Float], given other: [Float], steps: Int, tolerance: Float = 0) {
        let gramian = Gramian.of(other, rows: other.count / stride, stride: stride).map { $0 * unobservedWeight }
        let parts = 8 * parallelWidth, bounds = (0 ... parts).map { bound(part: $0, of: parts) }, stride = stride
        x.withUnsafeMutableBufferPointer { x in
            let x = SharedPointer(x.baseAddress)
            parallelRanges(parts) { range in
                let first = bounds[range.lowerBound], last = bounds[range.upperBound]
                if first == last { return }
                withUnsafeTemporaryAllocation(byteCount: 16 * stride * 4, alignment: 64) { scratch in
                    let scratch = scratch.bindMemory(to: Float.self).baseAddress!
                    weights.withOptionalPointer { weights in
                        gk_least_squares(starts, indices, weights, ridges, first, last, other, stride, gramian, x.pointer!, Int32(steps), tolerance, scratch)
                    }
                }
            }
        }
    }

    /// The first row of a part, so that parts have about as much work: an entry's is two rows of factors, a row's own is `stride` of them for
    /// four rows at once.
    private func bound(part: Int, of parts: Int) -> Int {
        let rows = starts.count - 1, own = Int64(max(1, stride / 8))
        let goal = (starts[rows] + own * Int64(rows)) * Int64(part) / Int64(parts)
        var low = 0, high = rows
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] + own * Int64(middle) < goal { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Optional<[Float]> {
    /// Calls `body` with the values, or with nil.
    func withOptionalPointer<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
        switch self {
        case .none: body(nil)
        case .some(let values): values.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
