import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension RBM {
    /// The most binary units, or as many states, that an exact ln Z sums over: 2²⁵.
    public static var enumerationBits: Int { 25 }

    /// ln Z = ln Σ exp(−F(v)), summed over the states of the smaller side: all hidden states, each with the visible units summed out
    /// in closed form, or all visible ones.
    ///
    /// - Throws: `GibbsError` with code `.limitExceeded` when both sides have more than 2^`enumerationBits` states.
    /// - Complexity: 2^hidden · width soft-plus sums, in parallel: about a second for 20 hidden units and 784 visible ones; or as many
    ///   free energies as there are visible states.
    public func exactLogPartition() throws -> PartitionEstimate {
        let clock = ContinuousClock(), begin = clock.now, limit = Double(Self.enumerationBits) + 1e-9
        let visibleBits = variables.reduce(0.0) { bits, variable in
            switch variable {
            case .real: .infinity
            case .binary: bits + 1
            case .categorical(let count): bits + log2(Double(count))
            }
        }
        guard min(visibleBits, Double(hiddenCount)) <= limit else {
            throw GibbsError(.limitExceeded, "\(hiddenCount) hidden units and 2^\(visibleBits.isFinite ? String(Int(visibleBits)) : "∞") visible states are too many to sum over",
                             advice: "estimate ln Z by annealed importance sampling, which takes any size")
        }
        let value = logPartition(summing: Double(hiddenCount) <= visibleBits ? .hidden : .visible)
        return .exact(value, seconds: (clock.now - begin).inSeconds)
    }

    /// The units whose states a sum runs over.
    package enum Side: Sendable { case hidden, visible }

    /// ln Z by the states of one side; traps on the visible states of a machine with columns that cannot be enumerated.
    package func logPartition(summing side: Side) -> Double {
        switch side {
        case .hidden: return HiddenStates(self).logSum()
        case .visible:
            let sizes = variables.compactMap(\.stateCount)
            precondition(sizes.count == variables.count, "the states of \(variables.count - sizes.count) columns cannot be enumerated")
            return logSumOverVisibleStates(sizes)
        }
    }

    /// ln Σᵥ exp(−F(v)), a block of states at a time.
    private func logSumOverVisibleStates(_ sizes: [Int]) -> Double {
        let total = sizes.reduce(1, *), block = 1 << 14
        var parts = [Double]()
        for first in stride(from: 0, to: total, by: block) {
            let count = min(block, total - first)
            var states = Matrix(rows: count, columns: sizes.count)
            for row in 0 ..< count {
                var rest = first + row
                for (column, size) in sizes.enumerated() {
                    states.values[row * sizes.count + column] = Float(rest % size)
                    rest /= size
                }
            }
            parts.append(logSumExp(freeEnergy(complete: states).map { -Double($0) }))
        }
        return logSumExp(parts)
    }
}

/// All hidden states of a machine: the sums of the weights of the units that are on, as a table over the low bits that is shifted by
/// the sum over the high ones.
private struct HiddenStates {
    private static let lowBits = 12

    private let machine: RBM
    private let low: Int
    /// Σⱼ Wᵢⱼ hⱼ of the low bits: of the real units, the binary ones and the groups; and Σⱼ cⱼ hⱼ.
    private let real: Matrix, binary: Matrix, groups: Matrix, bias: [Float]

    init(_ machine: RBM) {
        self.machine = machine
        low = min(Self.lowBits, machine.hiddenCount)
        let layout = machine.layout, sums = Self.subsetSums(machine.weights, bits: 0 ..< low)
        func part(_ range: Range<Int>) -> Matrix {
            Matrix(rows: sums.rows, columns: range.count, values: (0 ..< sums.rows).flatMap { sums.row($0).dropFirst(range.lowerBound).prefix(range.count) })
        }
        real = part(0 ..< layout.realCount)
        binary = part(layout.binaryRows)
        groups = part(layout.binaryRows.upperBound ..< layout.width)
        bias = Self.subsetSums(Matrix(rows: 1, columns: machine.hiddenCount, values: machine.hiddenBias), bits: 0 ..< low).values
    }

    /// The sums of the columns `bits` of `weights` over every subset; shape `[2^bits, weights.rows]`.
    private static func subsetSums(_ weights: Matrix, bits: Range<Int>) -> Matrix {
        var rows = [[Float](repeating: 0, count: weights.rows)]
        for bit in bits {
            let column = weights.column(bit)
            rows += rows.map { zip($0, column).map { $0 + $1 } }
        }
        return Matrix(rows: rows.count, columns: weights.rows, values: rows.flatMap { $0 })
    }

    /// ln Σₕ exp(c·h) Πᵢ (the sum over visible unit i).
    func logSum() -> Double {
        let high = machine.hiddenCount - low
        let constant = machine.logVariance.reduce(0.0) { $0 + (log(2 * .pi) + Double($1)) / 2 }
        return constant + logSumExp(parallelMap(1 << high) { pattern in logSumExp(self.block(pattern)) })
    }

    /// The logarithms of the terms of all low bits, for one setting of the high ones.
    private func block(_ pattern: Int) -> [Double] {
        var shift = [Float](repeating: 0, count: machine.layout.width), offset: Float = 0
        for bit in low ..< machine.hiddenCount where pattern >> (bit - low) & 1 == 1 {
            for unit in shift.indices { shift[unit] += machine.weights[unit, bit] }
            offset += machine.hiddenBias[bit]
        }
        let layout = machine.layout, rows = bias.count
        var sums = [Float](repeating: 0, count: rows)
        if layout.binaryCount > 0 {
            let inputs = layout.binaryRows.map { machine.visibleBias[$0] + shift[$0] }
            gk_softplus_sums(binary.values, inputs, rows, layout.binaryCount, &sums)
        }
        return (0 ..< rows).map { Double(sums[$0]) + Double(bias[$0] + offset) + realTerm($0, shift) + groupTerm($0, shift) }
    }

    /// Σ_real (2 b a + a²) / 2σ² with a = Σⱼ Wᵢⱼ hⱼ: what the integral over v is above that of a = 0.
    private func realTerm(_ row: Int, _ shift: [Float]) -> Double {
        var sum = 0.0
        for unit in 0 ..< real.columns {
            let a = Double(real[row, unit] + shift[unit]), b = Double(machine.visibleBias[unit])
            sum += (2 * b * a + a * a) / 2 * exp(-Double(machine.logVariance[unit]))
        }
        return sum
    }

    /// Σ_groups ln Σₖ exp(bₖ + aₖ).
    private func groupTerm(_ row: Int, _ shift: [Float]) -> Double {
        let layout = machine.layout, first = layout.binaryRows.upperBound
        return (0 ..< layout.groupCount).reduce(0.0) { sum, group in
            sum + logSumExp(layout.rows(ofGroup: group).map { machine.visibleBias[$0] + groups[row, $0 - first] + shift[$0] })
        }
    }
}

extension Duration {
    /// Seconds as a number.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
