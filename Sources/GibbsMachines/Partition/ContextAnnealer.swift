import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// Chains of the machines of a few contexts, on one thread: the same W, biases of their own. Contexts stand one after another, the chains
/// of each together; see `ConditionalRBM.logPartitions`.
struct ContextAnnealer {
    /// Sweeps of the chains that give the base rates, and those of them that count.
    private static let baseSweeps = 40, baseCounted = 20

    private let machine: RBM, chains: Int, keys: [Key]
    /// b and c of every context, and b₀.
    private let visible: Matrix, hidden: Matrix
    private var base: Matrix
    /// b(β) of every context at the β last asked for.
    private var current: [Float]
    private var states: VisibleStates
    /// Inputs of the hidden units, then those that are on; inputs of the visible units.
    private var x: [Float], h: [Float], y: [Float]
    private var weights: [Double]

    init(_ machine: RBM, visible: Matrix, hidden: Matrix, keys: [Key], chains: Int) {
        (self.machine, self.visible, self.hidden, self.keys, self.chains) = (machine, visible, hidden, keys, chains)
        let rows = chains * visible.rows
        base = visible
        current = visible.values
        states = VisibleStates(rows: rows, layout: machine.layout)
        x = [Float](repeating: 0, count: rows * machine.hiddenCount)
        h = x
        y = [Float](repeating: 0, count: rows * machine.layout.width)
        weights = [Double](repeating: 0, count: rows)
    }

    /// Both estimates of every context.
    mutating func brackets(by method: MachineAnnealing) -> [PartitionBracket] {
        let betas = method.betas, clock = ContinuousClock(), begin = clock.now
        setBase()
        mix(at: 0)
        for index in h.indices { h[index] = 0 }
        drawVisible(step: 0, stream: 1)
        anneal(along: betas, stream: 2)
        let middle = clock.now, lower = estimates(.lower, seconds: (middle - begin).inSeconds)
        resample()
        for sweep in 0 ..< method.sweeps {
            drawHidden(from: 1, to: 1, step: sweep, stream: 4)
            drawVisible(step: sweep, stream: 5)
        }
        for chain in weights.indices { weights[chain] = 0 }
        anneal(along: betas.reversed(), stream: 6)
        return zip(lower, estimates(.upper, seconds: (clock.now - middle).inSeconds)).map(PartitionBracket.init)
    }

    /// b₀: the log-odds, or means, of the visible units under each context, by short chains from its own biases.
    private mutating func setBase() {
        let width = machine.layout.width, real = machine.layout.realCount
        var means = Matrix(rows: visible.rows, columns: width)
        for index in h.indices { h[index] = 0 }
        mix(at: 1)
        drawVisible(step: 0, stream: 8)
        for sweep in 0 ..< Self.baseSweeps {
            drawHidden(from: 1, to: 1, step: sweep, stream: 9)
            let counts = sweep >= Self.baseSweeps - Self.baseCounted
            drawVisible(step: sweep, stream: 10, means: counts ? { row, y in
                for unit in 0 ..< width { means.values[row * width + unit] += unit < real ? y[unit] : 1 / (1 + exp(-y[unit])) }
            } : nil)
        }
        let count = Float(Self.baseCounted * chains)
        for row in 0 ..< visible.rows {
            for unit in 0 ..< width {
                let mean = means[row, unit] / count
                base[row, unit] = unit < real ? mean : min(max(log(mean) - log1p(-min(mean, 1 - 1e-6)), -7), 7)
            }
        }
        for chain in weights.indices { weights[chain] = 0 }
    }

    private mutating func anneal(along betas: [Float], stream: Int) {
        for index in 1 ..< betas.count {
            let (old, new) = (betas[index - 1], betas[index])
            addVisibleDifference(from: old, to: new)
            drawHidden(from: old, to: new, step: index, stream: stream)
            if new > 0 {
                mix(at: new)
                drawVisible(step: index, stream: stream + 1)
            }
        }
    }

    /// b(β) of every context becomes `current`.
    private mutating func mix(at beta: Float) {
        for index in current.indices { current[index] = (1 - beta) * base.values[index] + beta * visible.values[index] }
    }

    /// Adds ln p*_new(v) − ln p*_old(v), the visible units' part.
    private mutating func addVisibleDifference(from old: Float, to new: Float) {
        let width = machine.layout.width, real = machine.layout.realCount, change = new - old
        for chain in weights.indices {
            let row = chain / chains * width
            var sum: Float = 0
            for entry in Int(states.starts[chain]) ..< Int(states.stops[chain]) {
                let unit = row + Int(states.units[entry])
                sum += visible.values[unit] - base.values[unit]
            }
            weights[chain] += Double(change * sum)
            for unit in 0 ..< real {
                let v = states.real.values[chain * real + unit], b = visible.values[row + unit], b0 = base.values[row + unit]
                let a = v - ((1 - old) * b0 + old * b), c = v - ((1 - new) * b0 + new * b)
                weights[chain] += Double((a * a - c * c) / 2 * exp(-machine.logVariance[unit]))
            }
        }
    }

    /// Adds the hidden units' part of ln p*_new(v) − ln p*_old(v) and draws h ~ p_new(h | v), kept as β h.
    private mutating func drawHidden(from old: Float, to new: Float, step: Int, stream: Int) {
        let count = machine.hiddenCount, rows = states.rows, contexts = visible.rows, chains = chains, real = machine.layout.realCount
        x.withUnsafeMutableBufferPointer { x in
            x.update(repeating: 0)
            if real > 0 {
                let scaled = machine.scaledReal(states, rows: 0 ..< rows)
                Product(rows: rows, columns: count, inner: real, left: scaled, leftStride: real, right: machine.weights.values, rightStride: count)
                    .serial(rows: 0 ..< rows, columns: 0 ..< count, into: x.baseAddress!, stride: count)
            }
            machine.listedSums(states, rows: 0 ..< rows, columns: 0 ..< count, into: x.baseAddress!)
            h.withUnsafeMutableBufferPointer { h in
                weights.withUnsafeMutableBufferPointer { weights in
                    hidden.values.withUnsafeBufferPointer { bias in
                        for row in 0 ..< contexts {
                            gk_anneal_hidden(x.baseAddress! + row * chains * count, bias.baseAddress! + row * count, chains, count, old, new,
                                             weights.baseAddress! + row * chains, h.baseAddress! + row * chains * count,
                                             keys[row].folding(stream).folding(step).raw, 0)
                        }
                    }
                }
            }
        }
    }

    /// v ~ p(v | β h) under the biases `current`; `means` sees a chain's context and its units' inputs, biases included.
    private mutating func drawVisible(step: Int, stream: Int, means: ((Int, UnsafePointer<Float>) -> Void)? = nil) {
        let width = machine.layout.width, rows = states.rows, layout = machine.layout, real = layout.realCount, chains = chains
        y.withUnsafeMutableBufferPointer { y in
            Product(rows: rows, columns: width, inner: machine.hiddenCount, left: h, leftStride: machine.hiddenCount, right: machine.weights.values,
                    rightStride: machine.hiddenCount, transposeRight: true).serial(rows: 0 ..< rows, columns: 0 ..< width, into: y.baseAddress!, stride: width)
            let y = y.baseAddress!
            current.withUnsafeBufferPointer { bias in
                if let means {
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { sum in
                        for chain in 0 ..< rows {
                            for unit in 0 ..< width { sum[unit] = y[chain * width + unit] + bias[chain / chains * width + unit] }
                            means(chain / chains, sum.baseAddress!)
                        }
                    }
                }
                for row in 0 ..< visible.rows {
                    let key = keys[row].folding(stream).folding(step), first = row * chains, b = bias.baseAddress! + row * width
                    if real > 0 { Self.drawReal(&states, first, chains, machine, y, b, key: key.folding(0)) }
                    if layout.binaryCount > 0 {
                        let binary = y + first * width + real
                        gk_bias_sigmoid_sample(binary, b + real, nil, binary, width, chains, layout.binaryCount, key.folding(1).raw, 0, UInt64(gk_padded(layout.binaryCount) / 128))
                    }
                }
            }
            states.withPointers { gk_list_units(y, width, 0, rows, real, layout.binaryCount, $0.units, $0.values, $0.capacity, $0.stops) }
        }
    }

    private static func drawReal(_ states: inout VisibleStates, _ first: Int, _ chains: Int, _ machine: RBM, _ y: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, key: Key) {
        let width = machine.layout.width, real = machine.layout.realCount, noise = key.normals(chains * real)
        let deviation = machine.logVariance.map { exp($0 / 2) }
        for chain in 0 ..< chains {
            for unit in 0 ..< real {
                states.real.values[(first + chain) * real + unit] = y[(first + chain) * width + unit] + bias[unit] + deviation[unit] * noise[chain * real + unit]
            }
        }
    }

    /// The chains of each context, drawn again by their weights.
    private mutating func resample() {
        var picks = [Int]()
        for row in 0 ..< visible.rows {
            let own = row * chains ..< (row + 1) * chains, total = logSumExp(weights[own])
            picks += systematicPicks(weights[own].map { exp($0 - total) }, mark: keys[row].folding(3).uniform()).map { own.lowerBound + $0 }
        }
        states = VisibleStates(states.batch().selecting(rows: picks), layout: states.layout)
    }

    /// ln Z of every context from the weights.
    private func estimates(_ kind: PartitionEstimate.Kind, seconds: Double) -> [PartitionEstimate] {
        (0 ..< visible.rows).map { row in
            var own = machine
            own.visibleBias = Array(visible.row(row))
            own.hiddenBias = Array(hidden.row(row))
            return PartitionEstimate(base: AnnealingPath(own, base: Array(base.row(row))).baseLogPartition(own), logWeights: Array(weights[row * chains ..< (row + 1) * chains]),
                                     kind: kind, seconds: seconds / Double(visible.rows))
        }
    }
}

/// As many draws as there are shares, by one uniform for all: systematic resampling.
func systematicPicks(_ shares: [Double], mark uniform: some BinaryFloatingPoint) -> [Int] {
    var picks = [Int](), sum = 0.0, mark = Double(uniform) / Double(shares.count)
    for (index, share) in shares.enumerated() {
        sum += share
        while picks.count < shares.count, mark < sum || index == shares.count - 1 {
            picks.append(index)
            mark += 1 / Double(shares.count)
        }
    }
    return picks
}
