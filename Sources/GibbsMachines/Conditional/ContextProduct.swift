import CKernels
import GibbsNumerics

extension VisibleStates {
    /// bias + Σ over the row's units of value · table row; real units with `nan` add nothing. Shape `[rows, table.columns]`.
    ///
    /// - Complexity: A dense product over the real units, one row of the table for each other unit that is on; in parallel.
    func product(_ table: Matrix, plus bias: [Float]) -> Matrix {
        let width = table.columns, real = layout.realCount
        var result = Matrix(rows: rows, columns: width, values: (0 ..< rows).flatMap { _ in bias })
        if rows == 0 { return result }
        if real > 0 {
            var numbers = self.real
            for index in numbers.values.indices where numbers.values[index].isNaN { numbers.values[index] = 0 }
            Matrix.multiply(numbers, table.slice(0 ..< real), beta: 1, into: &result)
        }
        if capacity == 0 { return result }
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(rows, minimum: 32) { range in
                starts.withUnsafeBufferPointer { starts in
                    stops.withUnsafeBufferPointer { stops in
                        withUnsafeTemporaryAllocation(of: Int64.self, capacity: range.count) { cursor in
                            gk_list_sums(out.pointer! + range.lowerBound * width, width, table.values, layout.width, units, values,
                                         starts.baseAddress! + range.lowerBound, stops.baseAddress! + range.lowerBound, cursor.baseAddress!,
                                         range.count, 0, width)
                        }
                    }
                }
            }
        }
        return result
    }

    /// Σ over the rows of value · factor row, for every unit: the product of the transposed rows with `factors`, shape
    /// `[layout.width, factors.columns]`, into `out`, in parallel over the units.
    func transposedProduct(_ factors: Matrix, into out: inout Matrix) {
        let width = factors.columns, real = layout.realCount
        precondition(out.rows == layout.width && out.columns == width && factors.rows == rows, "a product of other shapes")
        for index in out.values.indices { out.values[index] = 0 }
        if real > 0 {
            var numbers = self.real
            for index in numbers.values.indices where numbers.values[index].isNaN { numbers.values[index] = 0 }
            var dense = Matrix(rows: real, columns: width)
            Matrix.multiply(numbers, factors, transposeA: true, into: &dense)
            out.values.replaceSubrange(0 ..< real * width, with: dense.values)
        }
        if capacity == 0 || rows == 0 { return }
        let listed = layout.width - real, room = rows * capacity
        out.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: 3 * listed + rows) { places in
                let starts = places.baseAddress!, stops = starts + listed, cursor = stops + listed
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: room) { index in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: room) { value in
                        gk_transpose_lists(units, values, self.starts, self.stops, rows, real, layout.width, index.baseAddress!, value.baseAddress!,
                                           starts, stops, cursor)
                        nonisolated(unsafe) let lists = (index: index.baseAddress!, value: value.baseAddress!, starts: starts, stops: stops)
                        parallelRanges(listed, minimum: 64) { range in
                            withUnsafeTemporaryAllocation(of: Int64.self, capacity: range.count) { cursor in
                                gk_list_sums(out.pointer! + (real + range.lowerBound) * width, width, factors.values, rows, lists.index, lists.value,
                                             lists.starts + range.lowerBound, lists.stops + range.lowerBound, cursor.baseAddress!, range.count, 0, width)
                            }
                        }
                    }
                }
            }
        }
    }
}
