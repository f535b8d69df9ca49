import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

// The two conditionals of a machine as in-place passes over buffers that training reuses.

extension Matrix {
    /// self = sigmoid(self + bias), row by row.
    mutating func biasSigmoid(_ bias: [Float]) {
        let (rows, columns) = (self.rows, self.columns)
        values.withUnsafeMutableBufferPointer { x in
            bias.withUnsafeBufferPointer { b in
                let x = SharedPointer(x.baseAddress)
                nonisolated(unsafe) let b = b.baseAddress!
                parallelRanges(rows, minimum: max(1, 16_384 / max(1, columns))) { range in
                    gk_bias_sigmoid(x.pointer! + range.lowerBound * columns, b, range.count, columns)
                }
            }
        }
    }

    /// self = 1 with probability sigmoid(self + bias), else 0; `means` receives the probabilities where given.
    mutating func biasSigmoidSample(_ bias: [Float], key: Key, means: UnsafeMutablePointer<Float>? = nil) {
        let (rows, columns) = (self.rows, self.columns), key = key.raw
        values.withUnsafeMutableBufferPointer { x in
            bias.withUnsafeBufferPointer { b in
                let x = SharedPointer(x.baseAddress), means = SharedPointer(means)
                nonisolated(unsafe) let b = b.baseAddress!
                parallelRanges(rows, minimum: max(1, 16_384 / max(1, columns))) { range in
                    let first = range.lowerBound * columns
                    gk_bias_sigmoid_sample(x.pointer! + first, b, means.pointer.map { $0 + first }, range.count, columns, key,
                                           UInt64(range.lowerBound * gk_padded(columns)))
                }
            }
        }
    }
}

extension RBM {
    /// result += Σᵢ (vᵢ / σᵢ²) Wᵢⱼ for `result` of shape `[rows, hiddenCount]` that holds zeros.
    func addHiddenInput(_ states: VisibleStates, into result: inout Matrix) {
        let rows = states.rows, hidden = hiddenCount
        if layout.denseCount > 0 {
            var dense = states.dense
            divideByVariance(&dense)
            sgemm(dense.values, rows, layout.denseCount, weights.values, hidden, &result.values)
        }
        guard layout.groupCount > 0 else { return }
        let groups = layout.groupCount
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            weights.values.withUnsafeBufferPointer { table in
                nonisolated(unsafe) let table = table.baseAddress!
                parallelRanges(rows, minimum: 32) { range in
                    states.codes.withUnsafeBufferPointer { codes in
                        layout.groupOffsets.withUnsafeBufferPointer { offsets in
                            gk_lookup_add(out.pointer! + range.lowerBound * hidden, hidden, table,
                                          codes.baseAddress! + range.lowerBound * groups, offsets.baseAddress!, groups, range.count)
                        }
                    }
                }
            }
        }
    }

    /// Divides the real columns by σ².
    func divideByVariance(_ dense: inout Matrix) {
        for (index, unit) in layout.realUnits.enumerated() {
            let precision = exp(-logVariance[index])
            for row in 0 ..< dense.rows { dense.values[row * dense.columns + unit] *= precision }
        }
    }

    /// Draws p(v | h) into `states`, whose shapes are reused.
    func sampleVisible(given hidden: Matrix, key: Key, into states: inout VisibleStates) {
        let rows = hidden.rows, (denseKey, groupKey) = key.split()
        if layout.denseCount > 0 {
            sgemmTransposedTable(hidden.values, rows, hiddenCount, weights.values, layout.denseCount, &states.dense.values)
            if layout.realUnits.count == layout.denseCount {
                addRealNoise(&states.dense, key: denseKey)
            } else if layout.realUnits.isEmpty {
                states.dense.biasSigmoidSample(visibleBias, key: denseKey)
            } else {
                let inputs = states.dense
                states.dense.biasSigmoidSample(visibleBias, key: denseKey)
                replaceReal(&states.dense, inputs: inputs, key: denseKey.folding(1))
            }
        }
        if layout.groupCount > 0 { sampleGroups(given: hidden, key: groupKey, into: &states.codes) }
    }

    /// v = b + Σⱼ Wᵢⱼ hⱼ + σ ε for machines whose dense units are all real.
    private func addRealNoise(_ dense: inout Matrix, key: Key) {
        let noise = key.normals(dense.values.count), columns = dense.columns
        let deviation = logVariance.map { exp($0 / 2) }
        for row in 0 ..< dense.rows {
            for unit in 0 ..< columns {
                let index = row * columns + unit
                dense.values[index] += visibleBias[unit] + deviation[unit] * noise[index]
            }
        }
    }

    private func replaceReal(_ dense: inout Matrix, inputs: Matrix, key: Key) {
        let noise = key.normals(dense.rows * layout.realUnits.count)
        for (index, unit) in layout.realUnits.enumerated() {
            let deviation = exp(logVariance[index] / 2)
            for row in 0 ..< dense.rows {
                dense[row, unit] = inputs[row, unit] + visibleBias[unit] + deviation * noise[row * layout.realUnits.count + index]
            }
        }
    }

    private func sampleGroups(given hidden: Matrix, key: Key, into codes: inout [Int32]) {
        let rows = hidden.rows, groups = layout.groupCount, first = layout.denseCount
        let width = layout.width - first, key = key.raw
        var inputs = [Float](repeating: 0, count: rows * width)
        weights.values.withUnsafeBufferPointer { table in
            let tail = UnsafeBufferPointer(rebasing: table[(first * hiddenCount)...])
            sgemmTransposedTable(hidden.values, rows, hiddenCount, tail, width, &inputs)
        }
        let offsets = layout.groupOffsets.map { $0 - Int32(first) }
        let widest = (0 ..< groups).map { layout.rows(ofGroup: $0).count }.max()!
        codes.withUnsafeMutableBufferPointer { codes in
            let codes = SharedPointer(codes.baseAddress)
            inputs.withUnsafeBufferPointer { x in
                visibleBias.withUnsafeBufferPointer { bias in
                    nonisolated(unsafe) let (x, bias) = (x.baseAddress!, bias.baseAddress! + first)
                    parallelRanges(rows, minimum: 32) { range in
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: widest) { scratch in
                            gk_softmax_sample(x + range.lowerBound * width, bias, width, offsets, groups,
                                              codes.pointer! + range.lowerBound * groups, range.count, key,
                                              UInt64(range.lowerBound * gk_padded(groups)), scratch.baseAddress!)
                        }
                    }
                }
            }
        }
    }
}
