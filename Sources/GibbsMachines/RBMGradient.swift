import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The states of one gradient step: the data's rows, then the model's.
package struct PhasePair: Sendable {
    let dataRows: Int
    let modelRows: Int
    package var visible: VisibleStates
    /// p(h = 1 | v) of every row.
    package var hidden: Matrix
    /// What a row counts: 1 / dataRows for the data's, −1 / modelRows for the model's.
    let weights: [Float]

    package init(dataRows: Int, modelRows: Int, machine: RBM) {
        self.dataRows = dataRows
        self.modelRows = modelRows
        visible = VisibleStates(rows: dataRows + modelRows, layout: machine.layout)
        hidden = Matrix(rows: dataRows + modelRows, columns: machine.hiddenCount)
        weights = [Float](repeating: 1 / Float(dataRows), count: dataRows) + [Float](repeating: -1 / Float(modelRows), count: modelRows)
    }

    var data: Range<Int> { 0 ..< dataRows }
    var model: Range<Int> { dataRows ..< dataRows + modelRows }

    /// Mean hidden probabilities of the data's or the model's rows.
    func hiddenMeans(_ rows: Range<Int>) -> [Float] {
        var sums = [Float](repeating: 0, count: hidden.columns)
        let share = [Float](repeating: 1 / Float(rows.count), count: rows.count)
        hidden.values.withUnsafeBufferPointer {
            gk_add_weighted_rows(&sums, $0.baseAddress! + rows.lowerBound * hidden.columns, share, rows.count, hidden.columns)
        }
        return sums
    }

    /// Mean of each visible unit in weight order: of a real unit's values, else of its share among the rows.
    func visibleMeans(_ rows: Range<Int>) -> [Float] {
        let layout = visible.layout, share = 1 / Float(rows.count)
        var means = [Float](repeating: 0, count: layout.width)
        for row in rows {
            for unit in 0 ..< layout.realCount { means[unit] += share * visible.real[row, unit] }
            for entry in Int(visible.starts[row]) ..< Int(visible.stops[row]) { means[Int(visible.units[entry])] += share * visible.values[entry] }
        }
        return means
    }
}

/// The gradient of the log-likelihood with respect to a machine's parameters, per row.
///
/// The one place where sufficient statistics are summed: workers that share a batch add their gradients here.
package struct RBMGradient: Sendable {
    /// Shape `[width, hiddenCount]`, as the weights.
    package var weights: Matrix
    package var visibleBias: [Float]
    package var hiddenBias: [Float]
    package var logVariance: [Float]
    /// Scratch of `fill`: the hidden means, each row times what it counts.
    private var weighed: [Float] = []

    package init(layout: UnitLayout, hidden: Int) {
        weights = Matrix(rows: layout.width, columns: hidden)
        visibleBias = [Float](repeating: 0, count: layout.width)
        hiddenBias = [Float](repeating: 0, count: hidden)
        logVariance = [Float](repeating: 0, count: layout.realCount)
    }

    var norm: Float { weights.values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

/// What is subtracted from the units before the products of the gradient are formed: μ of the visible, λ of the hidden ones.
package struct Offsets: Sendable {
    var visible: [Float]
    var hidden: [Float]

    package init(visible: [Float], hidden: [Float]) {
        self.visible = visible
        self.hidden = hidden
    }
}

extension RBMGradient {
    /// Units a task sums: their rows of the gradient stay in cache.
    private static let block = 64

    /// gradient = ⟨∂(−E)⟩_data − ⟨∂(−E)⟩_model; without offsets the plain gradient, with them the centred one:
    ///
    ///     ∇W = Σᵣ wᵣ (vᵣ − μ)/σ² (hᵣ − λ),   ∇b = Σᵣ wᵣ vᵣ/σ² − ∇W λ,   ∇c = Σᵣ wᵣ hᵣ − ∇Wᵀ μ/σ²
    ///     ∇ ln σ² = Σᵣ wᵣ (½ (vᵣ − b)² − vᵣ W hᵣ) / σ²
    ///
    /// with wᵣ = 1/rows for the data's rows and −1/rows for the model's.
    package mutating func fill(_ phases: PhasePair, machine: RBM, offsets: Offsets?, learnsVariance: Bool) {
        let rows = phases.hidden.rows, hidden = machine.hiddenCount, width = machine.layout.width, real = machine.layout.realCount
        if weighed.count != rows * hidden { weighed = [Float](repeating: 0, count: rows * hidden) }
        hiddenBias = [Float](repeating: 0, count: hidden)
        let precision = machine.logVariance.map { exp(-$0) } + [Float](repeating: 1, count: width - real)
        // Weights sum to zero, so that λ does not change the sum over rows.
        let pull = offsets.map { zip($0.visible, precision).map { $0 * $1 } } ?? []
        let scaledReal = machine.scaledReal(phases.visible, rows: 0 ..< rows)
        // Blocks of units: the real ones', then the listed ones'.
        let blocks = [0 ..< real, real ..< width].flatMap { range in
            stride(from: range.lowerBound, to: range.upperBound, by: Self.block).map { $0 ..< min(range.upperBound, $0 + Self.block) }
        }
        var corrections = [Float](repeating: 0, count: offsets == nil ? 0 : blocks.count * hidden)
        weighed.withUnsafeMutableBufferPointer { weighed in
            let scratch = SharedPointer(weighed.baseAddress)
            hiddenBias.withUnsafeMutableBufferPointer { sums in
                let sums = SharedPointer(sums.baseAddress), tiles = (hidden + 63) / 64
                parallelRanges(tiles, minimum: max(1, 256 / rows)) { part in
                    let first = part.lowerBound * 64, count = min(hidden, part.upperBound * 64) - first
                    phases.hidden.values.withUnsafeBufferPointer { h in
                        withOptionalPointer(offsets?.hidden) { lambda in
                            gk_weigh_rows(h.baseAddress! + first, lambda.map { $0 + first }, phases.weights, hidden, rows, count,
                                          scratch.pointer! + first, sums.pointer! + first)
                        }
                    }
                }
            }
            let sums = hiddenBias
            weights.values.withUnsafeMutableBufferPointer { gradient in
                visibleBias.withUnsafeMutableBufferPointer { bias in
                    corrections.withUnsafeMutableBufferPointer { corrections in
                        let gradient = SharedPointer(gradient.baseAddress), bias = SharedPointer(bias.baseAddress)
                        let corrections = SharedPointer(corrections.baseAddress)
                        nonisolated(unsafe) let weighed = UnsafePointer(weighed.baseAddress!)
                        parallelRanges(blocks.count, minimum: max(1, 20_000 / (Self.block * hidden))) { part in
                            for index in part {
                                let units = blocks[index], out = gradient.pointer! + units.lowerBound * hidden
                                if offsets != nil { // The term −μ/σ² Σ w h
                                    gk_outer_rows(out, units.map { -pull[$0] }, sums, units.count, hidden)
                                } else {
                                    out.update(repeating: 0, count: units.count * hidden)
                                }
                                if units.upperBound <= real {
                                    addReal(units, scaledReal, phases, weighed, to: gradient.pointer!, bias: bias.pointer!, hidden: hidden)
                                }
                            }
                            let listed = max(real, blocks[part.lowerBound].lowerBound) ..< max(real, blocks[part.upperBound - 1].upperBound)
                            addListed(listed, phases, weighed, to: gradient.pointer! + listed.lowerBound * hidden,
                                      bias: bias.pointer! + listed.lowerBound, hidden: hidden)
                            guard let offsets else { return }
                            for index in part {
                                let units = blocks[index], out = gradient.pointer! + units.lowerBound * hidden
                                var dots = [Float](repeating: 0, count: units.count)
                                gk_row_dots(out, hidden, offsets.hidden, 0, units.count, hidden, &dots)
                                for (unit, dot) in zip(units, dots) { bias.pointer![unit] -= dot }
                                gk_add_weighted_rows(corrections.pointer! + index * hidden, out, Array(pull[units]), units.count, hidden)
                            }
                        }
                    }
                }
            }
        }
        if learnsVariance && real > 0 { fillLogVariance(phases, machine: machine, scaledReal: scaledReal, offsets: offsets, pull: pull) }
        for block in 0 ..< corrections.count / hidden {
            for unit in 0 ..< hidden { hiddenBias[unit] -= corrections[block * hidden + unit] }
        }
    }

    /// ∂(−E)/∂ ln σ² = (½ (v − b)² − v W h) / σ². Its last term, summed over rows, is W times the gradient of W without offsets.
    private mutating func fillLogVariance(_ phases: PhasePair, machine: RBM, scaledReal: [Float], offsets: Offsets?, pull: [Float]) {
        let real = machine.layout.realCount, rows = phases.hidden.rows
        for unit in 0 ..< real {
            let weight = machine.weights.row(unit), precision = exp(-machine.logVariance[unit])
            func dot(_ other: some Sequence<Float>) -> Float { zip(weight, other).reduce(0) { $0 + $1.0 * $1.1 } }
            var product = dot(weights.row(unit)), squares: Float = 0, sum: Float = 0
            for row in 0 ..< rows {
                let d = phases.visible.real[row, unit] - machine.visibleBias[unit]
                squares += phases.weights[row] * d * d / 2
                sum += phases.weights[row] * scaledReal[row * real + unit]
            }
            if let offsets { product += pull[unit] * dot(hiddenBias) + sum * dot(offsets.hidden) }
            logVariance[unit] = squares * precision - product
        }
    }
}

/// Real units' rows: a dense product. `gradient` and `bias` begin at the first unit.
private func addReal(_ units: Range<Int>, _ scaled: [Float], _ phases: PhasePair, _ weighed: UnsafePointer<Float>,
                     to gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, hidden: Int) {
    let real = phases.visible.layout.realCount, rows = phases.hidden.rows
    scaled.withUnsafeBufferPointer { scaled in
        Product(rows: real, columns: hidden, inner: rows, left: scaled.baseAddress!, leftStride: real, transposeLeft: true,
                right: weighed, rightStride: hidden, beta: 1)
            .serial(rows: units, columns: 0 ..< hidden, into: gradient, stride: hidden)
        for unit in units {
            bias[unit] = (0 ..< rows).reduce(0) { $0 + phases.weights[$1] * scaled[$1 * real + unit] }
        }
    }
}

/// Listed units' rows: a sum over the rows in which each is on. `gradient` and `bias` begin at the first of these units.
private func addListed(_ units: Range<Int>, _ phases: PhasePair, _ weighed: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>,
                       bias: UnsafeMutablePointer<Float>, hidden: Int) {
    if units.isEmpty { return }
    let visible = phases.visible, rows = phases.hidden.rows, room = rows * min(visible.capacity, units.count)
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: 3 * units.count + rows) { places in
        let starts = places.baseAddress!, stops = starts + units.count, cursor = stops + units.count
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: room) { index in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: room) { value in
                let index = index.baseAddress!, value = value.baseAddress!
                gk_transpose_lists(visible.units, visible.values, visible.starts, visible.stops, rows, units.lowerBound, units.upperBound,
                                   index, value, starts, stops, cursor)
                gk_list_sums(gradient, hidden, weighed, rows, index, value, starts, stops, cursor, units.count, 0, hidden)
                gk_list_dots(index, value, starts, stops, units.count, phases.weights, bias)
            }
        }
    }
}

private func withOptionalPointer(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void) {
    if let values { values.withUnsafeBufferPointer { body($0.baseAddress) } } else { body(nil) }
}
