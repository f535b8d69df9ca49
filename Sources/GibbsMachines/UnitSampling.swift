import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

// The two conditionals of a machine, over buffers that training reuses. Work is spread over rows or columns; the random numbers
// of an element depend on its place alone, and its sum runs in the order of its list, so no split changes a bit.

extension RBM {
    /// means[r] = p(h = 1 | v) for the rows of a range; `sample`, where given with a key, receives a draw from it.
    ///
    /// `means` and `sample` have shape `[states.rows, hiddenCount]`.
    func hiddenPhase(_ states: VisibleStates, rows: Range<Int>, into means: inout Matrix, sample: (UnsafeMutablePointer<Float>, Key)? = nil) {
        guard !rows.isEmpty else { return }
        let hidden = hiddenCount, rowTiles = gk_padded(hidden) / 128
        means.values.withUnsafeMutableBufferPointer { means in
            addRealInput(states, rows: rows, into: means.baseAddress!)
            let means = SharedPointer(means.baseAddress), sampled = SharedPointer(sample?.0), key = sample?.1.raw
            parallelBlocks(rows: rows, columns: hidden) { rows, columns in
                listedSums(states, rows: rows, columns: columns, into: means.pointer!)
                hiddenBias.withUnsafeBufferPointer { bias in
                    let first = rows.lowerBound * hidden + columns.lowerBound
                    if let target = sampled.pointer, let key {
                        gk_bias_sigmoid_sample(means.pointer! + first, bias.baseAddress! + columns.lowerBound, means.pointer! + first,
                                               target + first, hidden, rows.count, columns.count, key,
                                               UInt64(rows.lowerBound * rowTiles + columns.lowerBound / 128), UInt64(rowTiles))
                    } else {
                        gk_bias_sigmoid(means.pointer! + first, bias.baseAddress! + columns.lowerBound, hidden, rows.count, columns.count)
                    }
                }
            }
        }
    }

    /// Σᵢ (vᵢ / σᵢ²) Wᵢⱼ without the hidden biases; shape `[rows, hiddenCount]`.
    func hiddenInput(_ states: VisibleStates) -> Matrix {
        var result = Matrix(rows: states.rows, columns: hiddenCount)
        if states.rows == 0 { return result }
        result.values.withUnsafeMutableBufferPointer { out in
            addRealInput(states, rows: 0 ..< states.rows, into: out.baseAddress!)
            let out = SharedPointer(out.baseAddress)
            parallelBlocks(rows: 0 ..< states.rows, columns: hiddenCount) { rows, columns in
                listedSums(states, rows: rows, columns: columns, into: out.pointer!)
            }
        }
        return result
    }

    /// out[r] = the real units' part of the input, zero without any; `out` begins at row 0 of the states.
    private func addRealInput(_ states: VisibleStates, rows: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        let real = layout.realCount, target = out + rows.lowerBound * hiddenCount
        guard real > 0 else {
            target.update(repeating: 0, count: rows.count * hiddenCount)
            return
        }
        scaledReal(states, rows: rows).withUnsafeBufferPointer { scaled in
            weights.values.withUnsafeBufferPointer { table in
                Product(rows: rows.count, columns: hiddenCount, inner: real, left: scaled.baseAddress!, leftStride: real,
                        right: table.baseAddress!, rightStride: hiddenCount).run(into: target, stride: hiddenCount)
            }
        }
    }

    /// v / σ² of the real units, shape `[rows.count, layout.realCount]`.
    func scaledReal(_ states: VisibleStates, rows: Range<Int>) -> [Float] {
        let real = layout.realCount, precision = logVariance.map { exp(-$0) }
        return [Float](unsafeUninitializedCapacity: rows.count * real) { buffer, count in
            states.real.values.withUnsafeBufferPointer { v in
                for row in 0 ..< rows.count {
                    for unit in 0 ..< real { buffer[row * real + unit] = v[(rows.lowerBound + row) * real + unit] * precision[unit] }
                }
            }
            count = rows.count * real
        }
    }

    /// Adds the weight rows of the listed units to some rows and columns of `out`, which begins at row 0 of the states.
    func listedSums(_ states: VisibleStates, rows: Range<Int>, columns: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        guard states.capacity > 0 else { return }
        weights.values.withUnsafeBufferPointer { table in
            states.starts.withUnsafeBufferPointer { starts in
                states.stops.withUnsafeBufferPointer { stops in
                    withUnsafeTemporaryAllocation(of: Int64.self, capacity: rows.count) { cursor in
                        gk_list_sums(out + rows.lowerBound * hiddenCount, hiddenCount, table.baseAddress!, layout.width, states.units,
                                     states.values, starts.baseAddress! + rows.lowerBound, stops.baseAddress! + rows.lowerBound,
                                     cursor.baseAddress!, rows.count, columns.lowerBound, columns.upperBound)
                    }
                }
            }
        }
    }

    /// Draws p(v | h) for the hidden rows `hidden[0 ..< rows.count]` into the rows of a range; `inputs` is scratch.
    func sampleVisible(given hidden: UnsafePointer<Float>, key: Key, into states: inout VisibleStates, rows: Range<Int>, inputs: inout [Float]) {
        guard !rows.isEmpty else { return }
        let width = layout.width, layout = layout, offset = rows.lowerBound
        let (realKey, binaryKey, groupKey) = (key.folding(0), key.folding(1).raw, key.folding(2).raw)
        if inputs.count < rows.count * width { inputs = [Float](repeating: 0, count: rows.count * width) }
        let noise = realKey.normals(rows.count * layout.realCount), deviation = logVariance.map { exp($0 / 2) }
        inputs.withUnsafeMutableBufferPointer { inputs in
            weights.values.withUnsafeBufferPointer { table in
                Product(rows: rows.count, columns: width, inner: hiddenCount, left: hidden, leftStride: hiddenCount,
                        right: table.baseAddress!, rightStride: hiddenCount, transposeRight: true).run(into: inputs.baseAddress!, stride: width)
            }
            let inputs = SharedPointer(inputs.baseAddress)
            states.withPointers { states in
                parallelRanges(rows.count, minimum: max(1, 4_096 / width)) { part in
                    visibleBias.withUnsafeBufferPointer { bias in
                        let x = inputs.pointer!, bias = bias.baseAddress!
                        for row in part {
                            for unit in 0 ..< layout.realCount {
                                states.real![(offset + row) * layout.realCount + unit] = x[row * width + unit] + bias[unit]
                                    + deviation[unit] * noise[row * layout.realCount + unit]
                            }
                        }
                        // Positions in `states` are those of the range's first row and on.
                        let first = states.advanced(byRows: offset)
                        let binary = x + part.lowerBound * width + layout.realCount, tiles = gk_padded(layout.binaryCount) / 128
                        gk_bias_sigmoid_sample(binary, bias + layout.realCount, nil, binary, width, part.count, layout.binaryCount,
                                               binaryKey, UInt64(part.lowerBound * tiles), UInt64(tiles))
                        gk_list_units(x, width, part.lowerBound, part.upperBound, layout.realCount, layout.binaryCount, first.units,
                                      first.values, first.capacity, first.stops)
                        if layout.groupCount > 0 {
                            withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 16) { scratch in
                                gk_softmax_sample(x, bias, width, layout.groupOffsets, layout.groupCount, first.units, first.values,
                                                  first.stops, part.lowerBound, part.upperBound, groupKey, scratch.baseAddress!)
                            }
                        }
                        for row in part { first.stops[row] += Int64(offset * first.capacity) }
                    }
                }
            }
        }
    }
}

extension VisibleStates {
    /// The buffers of all rows, for threads that each write their own rows.
    struct Pointers: @unchecked Sendable {
        /// `nil` without real units.
        let real: UnsafeMutablePointer<Float>?
        let units: UnsafeMutablePointer<Int32>
        let values: UnsafeMutablePointer<Float>
        let stops: UnsafeMutablePointer<Int64>
        let capacity: Int

        func fill(_ rows: Range<Int>, from batch: UnsafePointer<Float>, columns: Columns, offsets: [Int32], pick: [Int64]?) {
            gk_list_rows(batch, columns.count, pick, rows.lowerBound, rows.upperBound, columns.real, columns.real.count, columns.binary,
                         columns.binary.count, columns.group, offsets, columns.group.count, real, units, values, stops)
        }

        /// Lists counted from a later row.
        func advanced(byRows rows: Int) -> Pointers {
            Pointers(real: real, units: units + rows * capacity, values: values + rows * capacity, stops: stops + rows, capacity: capacity)
        }
    }

    mutating func withPointers(_ body: (Pointers) -> Void) {
        let capacity = capacity
        real.values.withUnsafeMutableBufferPointer { real in
            units.withUnsafeMutableBufferPointer { units in
                values.withUnsafeMutableBufferPointer { values in
                    stops.withUnsafeMutableBufferPointer { stops in
                        body(Pointers(real: real.baseAddress, units: units.baseAddress!, values: values.baseAddress!,
                                      stops: stops.baseAddress!, capacity: capacity))
                    }
                }
            }
        }
    }
}

/// Runs `body` on parts of a block of rows and columns at once: columns in tiles of 128 where there are enough, else rows.
func parallelBlocks(rows: Range<Int>, columns: Int, _ body: @Sendable (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    let tiles = (columns + 127) / 128
    if tiles >= 2 * Parallelism.current {
        parallelRanges(tiles, minimum: max(1, 8_192 / (128 * rows.count))) { part in
            body(rows, part.lowerBound * 128 ..< min(columns, part.upperBound * 128))
        }
    } else {
        parallelRanges(rows.count, minimum: max(8, 2_048 / columns)) { part in
            body(rows.lowerBound + part.lowerBound ..< rows.lowerBound + part.upperBound, 0 ..< columns)
        }
    }
}
