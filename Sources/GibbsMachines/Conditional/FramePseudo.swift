import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension ConditionalRBM {
    /// −ln p(vᵢ | v without i, u) of every column of every row, nats; shape `[rows, variables.count]`. Exact, without ln Z:
    ///
    ///     binary:  p(vᵢ | rest, u) = 1 / (1 + exp(F(v | u) − F(v with vᵢ flipped | u)))
    ///     real:    p(vᵢ | rest, u) = exp(−F(v | u)) / ∫ exp(−F) dvᵢ
    ///
    /// Given the rest, a real unit is a mixture of normals of its own σ, over which the trapezoid rule at steps of 0.8 σ is exact to
    /// rounding. A row's sum is its pseudo-likelihood: what each column costs, knowing all others and the context.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`; no missing values, binary ones 0 or 1.
    ///   - context: Shape `[rows, contextVariables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`; `.usage` for a categorical column.
    /// - Complexity: `rows × visible × hidden` soft-plus terms for binary units; some twenty to fifty times that for real ones.
    /// - Source: Besag, *Statistical analysis of non-lattice data*, The Statistician 1975.
    public func pseudoSurprises(of batch: Matrix, given context: Matrix) throws -> Matrix {
        let layout = machine.layout
        guard layout.groupCount == 0 else { throw GibbsError(.usage, "frames with a categorical column", advice: "take surprises(of:given:) where it is the only one") }
        let biases = try biases(given: context), states = try machine.completeStates(batch)
        try check(rows: batch.rows, of: context)
        var sums = machine.hiddenInput(states)
        sums.add(biases.hidden, times: 1)
        let inputs = sums, flipped = [1, -1].map { (sign: Float) in machine.weights.values.map { sign * $0 } }
        let rows = parallelMap(batch.rows) { row -> [Float] in
            let input = Array(inputs.row(row)), shift = Array(biases.visible.row(row))
            var result = [Float](repeating: 0, count: batch.columns)
            let soft = Self.softPlusSums(input, [Float](repeating: 0, count: input.count), rows: 1)[0]
            for (unit, column) in layout.realColumns.enumerated() {
                result[column] = Float(realSurprise(unit, value: batch[row, column], bias: shift[unit], input))
            }
            for (unit, column) in zip(layout.binaryRows, layout.binaryColumns) {
                let isOn = batch[row, column] == 1, sign: Float = isOn ? -1 : 1, first = unit * input.count
                // F(v) − F(flipped).
                let gap = sign * shift[unit] + Self.softPlusSums(input, flipped[isOn ? 1 : 0][first ..< first + input.count], rows: 1)[0] - soft
                result[column] = gap > 20 ? gap : log1p(exp(gap))
            }
            return result
        }
        return Matrix(rows: batch.rows, columns: batch.columns, values: rows.flatMap { $0 })
    }
}

extension ConditionalRBM {
    /// Σⱼ ln(1 + exp(xⱼ + tⱼ)) for every row t of `shifts`.
    fileprivate static func softPlusSums(_ x: [Float], _ shifts: some Collection<Float>, rows: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows) { out, count in
            shifts.withContiguousStorageIfAvailable { gk_softplus_sums($0.baseAddress!, x, rows, x.count, out.baseAddress!) }
            count = rows
        }
    }

    /// −ln p of a real unit's value given all else; `input` holds the value's own part.
    private func realSurprise(_ unit: Int, value: Float, bias: Float, _ input: [Float]) -> Double {
        let sigma = exp(machine.logVariance[unit] / 2), precision = exp(-machine.logVariance[unit]), w = machine.weights.row(unit)
        // The normals' means lie between these; beyond eight deviations there is nothing.
        let low = bias + w.reduce(0) { $0 + min($1, 0) } - 8 * sigma, high = bias + w.reduce(0) { $0 + max($1, 0) } + 8 * sigma
        let points = min(Self.quadratureLimit, Int(((high - low) / (0.8 * sigma)).rounded(.up))), step = (high - low) / Float(points)
        let places = [value] + (0 ... points).map { low + Float($0) * step }
        let sums = Self.softPlusSums(input, places.flatMap { place in w.map { (place - value) * precision * $0 } }, rows: places.count)
        let terms = zip(places, sums).map { place, sum in Double(sum) - Double((place - bias) / sigma * (place - bias) / sigma) / 2 }
        return logSumExp(terms.dropFirst()) + log(Double(step)) - terms[0]
    }

    /// Points of one integral at most; weights that ask for more are those of no standardised column.
    private static var quadratureLimit: Int { 2_000 }
}
