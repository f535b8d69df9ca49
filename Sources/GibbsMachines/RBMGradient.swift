import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The gradient of the log-likelihood with respect to a machine's parameters, per row.
///
/// The one place where sufficient statistics are summed: workers that share a batch add their gradients here.
struct RBMGradient: Sendable {
    /// Shape `[width, hiddenCount]`, as the weights.
    var weights: Matrix
    var visibleBias: [Float]
    var hiddenBias: [Float]
    var logVariance: [Float]

    init(layout: UnitLayout, hidden: Int) {
        weights = Matrix(rows: layout.width, columns: hidden)
        visibleBias = [Float](repeating: 0, count: layout.width)
        hiddenBias = [Float](repeating: 0, count: hidden)
        logVariance = [Float](repeating: 0, count: layout.realUnits.count)
    }

    var norm: Float { weights.values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

/// One side of the gradient: visible states, the means of the hidden units they cause, and their weight.
struct PhaseStates {
    var visible: VisibleStates
    /// p(h = 1 | v), shape `[rows, hiddenCount]`.
    var hidden: Matrix

    /// Mean of each visible unit in weight order (counts over rows for the groups).
    func visibleMeans(_ layout: UnitLayout) -> [Float] {
        let scale = 1 / Float(max(1, visible.rows)), groups = layout.groupCount
        var means = visible.dense.columnMeans + [Float](repeating: 0, count: layout.width - layout.denseCount)
        means.withUnsafeMutableBufferPointer { means in
            visible.codes.withUnsafeBufferPointer { codes in
                for row in 0 ..< visible.rows where groups > 0 {
                    for group in 0 ..< groups {
                        let code = codes[row * groups + group]
                        if code >= 0 { means[Int(layout.groupOffsets[group] + code)] += scale }
                    }
                }
            }
        }
        return means
    }

    var hiddenMeans: [Float] { hidden.columnMeans }
}

extension Matrix {
    /// The mean of each column. Cost: one pass.
    var columnMeans: [Float] {
        transposedTimesVector([Float](repeating: 1 / Float(max(1, rows)), count: rows))
    }
}

extension RBM {
    /// gradient = ⟨∂(−E)⟩_data − ⟨∂(−E)⟩_model, with the offsets μ of the visible and λ of the hidden units subtracted.
    ///
    ///     ∇W = ⟨(v/σ²)(h − λ)⟩ − μ ⟨h − λ⟩,   ∇b = ⟨v/σ²⟩ − ∇W λ,   ∇c = ⟨h⟩ − ∇Wᵀ μ     (each as data − model)
    ///
    /// With μ = λ = 0 it is the plain gradient. Reuses the memory of `gradient`.
    func fill(_ gradient: inout RBMGradient, data: PhaseStates, model: PhaseStates, visibleOffset mu: [Float],
              hiddenOffset lambda: [Float], learnsVariance: Bool) {
        let centred = !mu.isEmpty
        if layout.realUnits.count > 0 && learnsVariance { fillLogVariance(&gradient, data: data, model: model) }
        // The first product of the dense rows overwrites; the groups' rows are summed into zeros.
        gradient.weights.values.withUnsafeMutableBufferPointer { buffer in
            UnsafeMutableBufferPointer(rebasing: buffer[(layout.denseCount * hiddenCount)...]).update(repeating: 0)
        }
        accumulate(data, sign: 1, keep: 0, mu: mu, lambda: lambda, into: &gradient.weights)
        accumulate(model, sign: -1, keep: 1, mu: mu, lambda: lambda, into: &gradient.weights)

        let (vd, vm) = (data.visibleMeans(layout), model.visibleMeans(layout))
        let (hd, hm) = (data.hiddenMeans, model.hiddenMeans)
        for unit in 0 ..< layout.width { gradient.visibleBias[unit] = vd[unit] - vm[unit] }
        for (index, unit) in layout.realUnits.enumerated() { gradient.visibleBias[unit] *= exp(-logVariance[index]) }
        for hidden in 0 ..< hiddenCount { gradient.hiddenBias[hidden] = hd[hidden] - hm[hidden] }
        guard centred else { return }
        // The groups' offsets, as a rank-one term; the dense units' were subtracted before their product.
        gradient.weights.addOuterProduct(mu, gradient.hiddenBias, scale: -1, fromRow: layout.denseCount)
        let correction = gradient.weights.timesVector(lambda)
        for unit in 0 ..< layout.width { gradient.visibleBias[unit] -= correction[unit] }
        let precision = unitPrecision
        let scaledMu = zip(mu, precision).map { $0 * $1 }
        let hiddenCorrection = gradient.weights.transposedTimesVector(scaledMu)
        for hidden in 0 ..< hiddenCount { gradient.hiddenBias[hidden] -= hiddenCorrection[hidden] }
    }

    /// 1/σ² of each unit in weight order; 1 unless real.
    var unitPrecision: [Float] {
        var result = [Float](repeating: 1, count: layout.width)
        for (index, unit) in layout.realUnits.enumerated() { result[unit] = exp(-logVariance[index]) }
        return result
    }

    /// weights = keep · weights + sign / rows · Σ (v − μ)/σ² (h − λ) over the rows of a phase; the groups without μ and with
    /// keep = 1.
    private func accumulate(_ phase: PhaseStates, sign: Float, keep: Float, mu: [Float], lambda: [Float], into weights: inout Matrix) {
        let rows = phase.hidden.rows, hidden = hiddenCount, scale = sign / Float(max(1, rows))
        var h = phase.hidden
        if !lambda.isEmpty { h.subtractFromRows(lambda) }
        if layout.denseCount > 0 {
            var v = phase.visible.dense
            if !mu.isEmpty { v.subtractFromRows(mu) }
            divideByVariance(&v)
            sgemmAccumulate(v.values, layout.denseCount, h.values, hidden, rows: rows, scale: scale, keep: keep, into: &weights.values)
        }
        guard layout.groupCount > 0 else { return }
        weights.values.withUnsafeMutableBufferPointer { table in
            let table = SharedPointer(table.baseAddress)
            let codes = phase.visible.codes, offsets = layout.groupOffsets, groups = layout.groupCount
            let values = h.values
            // Threads own columns, so that rows may share a category.
            parallelRanges(hidden, minimum: max(16, 200_000 / max(1, rows * groups))) { range in
                gk_lookup_scatter(table.pointer!, hidden, values, codes, offsets, groups, rows, scale, range.lowerBound, range.upperBound)
            }
        }
    }

    /// ∂(−E)/∂ ln σ² = (½ (v − b)² − v Σⱼ Wᵢⱼ hⱼ) / σ², data minus model.
    private func fillLogVariance(_ gradient: inout RBMGradient, data: PhaseStates, model: PhaseStates) {
        for (index, unit) in layout.realUnits.enumerated() {
            let precision = exp(-logVariance[index]), weight = Array(weights.row(unit))
            var sums: [Float] = [0, 0]
            for (side, phase) in [data, model].enumerated() {
                let pull = phase.hidden.timesVector(weight)
                for row in 0 ..< phase.visible.rows {
                    let v = phase.visible.dense[row, unit], d = v - visibleBias[unit]
                    sums[side] += (d * d / 2 - v * pull[row]) / Float(phase.visible.rows)
                }
            }
            gradient.logVariance[index] = (sums[0] - sums[1]) * precision
        }
    }
}
