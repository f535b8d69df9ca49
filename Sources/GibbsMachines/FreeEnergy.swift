import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension RBM {
    /// F of rows without missing values that fit the variables.
    func freeEnergy(complete v: Matrix) -> [Float] { checkedFreeEnergy(v).energies }

    /// F of every row, with what `VariableLimits` says of it: only where that is 0 the energy means something. `v` has the
    /// machine's columns.
    func checkedFreeEnergy(_ v: Matrix) -> (energies: [Float], states: [UInt8]) {
        var energies = [Float](repeating: 0, count: v.rows), states = [UInt8](repeating: 0, count: v.rows)
        let blocks = (v.rows + FreeEnergyBlock.rows - 1) / FreeEnergyBlock.rows
        energies.withUnsafeMutableBufferPointer { out in
            states.withUnsafeMutableBufferPointer { states in
                v.values.withUnsafeBufferPointer { batch in
                    let out = SharedPointer(out.baseAddress), states = SharedPointer(states.baseAddress)
                    nonisolated(unsafe) let batch = batch.baseAddress
                    // Few rows are not worth a second thread.
                    let minimum = v.rows * hiddenCount < 20_000 ? blocks : 1
                    parallelRanges(blocks, minimum: minimum) { range in
                        var block = FreeEnergyBlock(machine: self, rows: min(v.rows, FreeEnergyBlock.rows))
                        for index in range {
                            let first = index * FreeEnergyBlock.rows, count = min(FreeEnergyBlock.rows, v.rows - first)
                            block.fill(out.pointer! + first, states.pointer! + first, from: batch! + first * v.columns, count: count)
                        }
                    }
                }
            }
        }
        return (energies, states)
    }
}

/// The memory in which one thread computes free energies, a block of rows at a time.
///
/// A block is small enough for its activations to stay in cache. Each sum runs in the order of the units, so that a row's energy
/// does not depend, to the last bit, on its neighbours.
private struct FreeEnergyBlock {
    static let rows = 192

    let machine: RBM
    let columns: VisibleStates.Columns
    let limits: VariableLimits
    let precision: [Float]
    var states: VisibleStates
    var activations: [Float]
    var sums: [Float]
    var scaled: [Float]

    init(machine: RBM, rows: Int) {
        self.machine = machine
        columns = VisibleStates.Columns(machine.layout)
        limits = VariableLimits(machine.variables)
        precision = machine.logVariance.map { exp(-$0) }
        states = VisibleStates(rows: rows, layout: machine.layout)
        activations = [Float](repeating: 0, count: rows * machine.hiddenCount)
        sums = [Float](repeating: 0, count: rows)
        scaled = [Float](repeating: 0, count: rows * machine.layout.realCount)
    }

    /// F = Σ_real (v − b)² / 2σ² − Σ_other b v − Σⱼ ln(1 + exp(cⱼ + xⱼ)).
    mutating func fill(_ out: UnsafeMutablePointer<Float>, _ fits: UnsafeMutablePointer<UInt8>, from batch: UnsafePointer<Float>, count: Int) {
        let hidden = machine.hiddenCount, real = machine.layout.realCount
        // While the rows are in cache; an index outside its categories must not reach the weights.
        limits.check(batch, rows: count, into: fits)
        if (0 ..< count).contains(where: { fits[$0] == VariableLimits.unfit }) { return }
        states.setSerially(count, from: batch, columns: columns)
        for row in 0 ..< count { out[row] = 0 }
        activations.withUnsafeMutableBufferPointer { x in
            x.baseAddress!.update(repeating: 0, count: count * hidden)
            if real > 0 { Self.addReal(count, of: states, machine, precision, scaled: &scaled, to: x.baseAddress!, energies: out) }
            machine.listedSums(states, rows: 0 ..< count, columns: 0 ..< hidden, into: x.baseAddress!)
            gk_softplus_sums(x.baseAddress!, machine.hiddenBias, count, hidden, &sums)
        }
        for row in 0 ..< count { out[row] -= sums[row] }
        gk_list_dots(states.units, states.values, states.starts, states.stops, count, machine.visibleBias, &sums)
        for row in 0 ..< count { out[row] -= sums[row] }
    }

    private static func addReal(_ count: Int, of states: VisibleStates, _ machine: RBM, _ precision: [Float], scaled: inout [Float],
                                to x: UnsafeMutablePointer<Float>, energies: UnsafeMutablePointer<Float>) {
        let hidden = machine.hiddenCount, real = machine.layout.realCount
        scaled.withUnsafeMutableBufferPointer { scaled in
            states.real.values.withUnsafeBufferPointer { v in
                machine.visibleBias.withUnsafeBufferPointer { b in
                    precision.withUnsafeBufferPointer { precision in
                        for row in 0 ..< count {
                            var sum: Float = 0
                            for unit in 0 ..< real {
                                let value = v[row * real + unit], d = value - b[unit]
                                scaled[row * real + unit] = value * precision[unit]
                                sum += d * d * precision[unit] / 2
                            }
                            energies[row] = sum
                        }
                    }
                }
            }
            machine.weights.values.withUnsafeBufferPointer { table in
                addRowwiseProduct(scaled.baseAddress!, rows: count, inner: real, table: table.baseAddress!, columns: hidden, to: x)
            }
        }
    }
}
