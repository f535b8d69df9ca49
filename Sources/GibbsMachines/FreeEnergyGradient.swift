import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension RBM: DifferentiableEnergy {
    /// F and its gradient: for real columns ((vᵢ − bᵢ) − Σⱼ Wᵢⱼ pⱼ) / σᵢ², for binary ones −bᵢ − Σⱼ Wᵢⱼ pⱼ, with pⱼ = p(hⱼ = 1 | v);
    /// nats per unit of the column.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for a missing value and for a machine
    ///   with a categorical column, which has no gradient.
    /// - Complexity: Two products `rows × visible × hidden`.
    public func energiesAndGradients(of batch: Matrix) throws -> (energies: [Float], gradients: Matrix) {
        if isAllReal(batch) { return realGradient(batch, withEnergies: true) }
        return try slopes(differentiableStates(batch))
    }

    /// F and its slopes: those of the gradient, and −bᵢ − Σⱼ Wᵢⱼ pⱼ for unit i of a categorical column.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`, the latter also for a missing value.
    /// - Complexity: Two products `rows × visible × hidden`.
    public func energiesAndSlopes(of batch: Matrix) throws -> (energies: [Float], slopes: Matrix) {
        layout.groupCount == 0 ? try energiesAndGradients(of: batch) : slopes(try completeStates(batch))
    }

    private func slopes(_ states: VisibleStates) -> ([Float], Matrix) {
        var means = hiddenInput(states), energies = visibleEnergies(states)
        means.values.withUnsafeMutableBufferPointer { x in
            energies.withUnsafeMutableBufferPointer { out in
                let x = SharedPointer(x.baseAddress), out = SharedPointer(out.baseAddress), hidden = hiddenCount
                parallelRanges(states.rows, minimum: max(1, 20_000 / hidden)) { range in
                    var sums = [Float](repeating: 0, count: range.count)
                    let first = x.pointer! + range.lowerBound * hidden
                    gk_softplus_sums(first, hiddenBias, range.count, hidden, &sums)
                    for (row, sum) in zip(range, sums) { out.pointer![row] -= sum }
                    gk_bias_sigmoid(first, hiddenBias, hidden, range.count, hidden)
                }
            }
        }
        return (energies, slopes(states, means: means))
    }

    public func gradients(of batch: Matrix) throws -> Matrix {
        if isAllReal(batch) { return realGradient(batch, withEnergies: false).gradients }
        let states = try differentiableStates(batch)
        var means = Matrix(rows: states.rows, columns: hiddenCount)
        hiddenPhase(states, rows: 0 ..< states.rows, into: &means)
        return slopes(states, means: means)
    }

    /// Whether every column is a number, and the batch complete: then nothing need be taken apart.
    private func isAllReal(_ batch: Matrix) -> Bool {
        layout.realCount == variables.count && batch.columns == variables.count && batch.rows > 0 && batch.isFinite
    }

    /// The gradient of the free energy in matrix products alone, and the free energies where they are wanted, else none.
    private func realGradient(_ batch: Matrix, withEnergies: Bool) -> (energies: [Float], gradients: Matrix) {
        let rows = batch.rows, columns = batch.columns, precision = logVariance.allSatisfy { $0 == 0 } ? nil : logVariance.map { exp(-$0) }
        func scaled(_ matrix: Matrix) -> Matrix {
            guard let precision else { return matrix }
            var result = matrix
            result.scaleColumns(by: precision)
            return result
        }
        var means = Matrix.product(scaled(batch), weights), gradients = batch, energies = [Float]()
        gradients.subtractFromRows(visibleBias)
        if withEnergies {
            var sums = [Float](repeating: 0, count: rows), squares = sums
            gk_softplus_sums(means.values, hiddenBias, rows, hiddenCount, &sums)
            gk_row_dots(gradients.values, columns, scaled(gradients).values, columns, rows, columns, &squares)
            energies = zip(squares, sums).map { $0 / 2 - $1 }
        }
        means.values.withUnsafeMutableBufferPointer { gk_bias_sigmoid($0.baseAddress!, hiddenBias, hiddenCount, rows, hiddenCount) }
        Matrix.multiply(means, weights, transposeB: true, alpha: -1, beta: 1, into: &gradients)
        return (energies, scaled(gradients))
    }

    private func differentiableStates(_ batch: Matrix) throws -> VisibleStates {
        if let column = layout.groupColumns.first {
            throw GibbsError(.unsuitableData, "column \(column) is categorical and has no gradient", advice: "sample the machine by block Gibbs")
        }
        return try completeStates(batch)
    }

    /// Σ_real (vᵢ − bᵢ)² / 2σᵢ² − Σ_other bᵢ vᵢ.
    func visibleEnergies(_ states: VisibleStates) -> [Float] {
        var energies = [Float](repeating: 0, count: states.rows)
        gk_list_dots(states.units, states.values, states.starts, states.stops, states.rows, visibleBias, &energies)
        let real = layout.realCount, precision = logVariance.map { exp(-$0) }
        for row in 0 ..< states.rows {
            var sum: Float = 0
            for unit in 0 ..< real {
                let d = states.real.values[row * real + unit] - visibleBias[unit]
                sum += d * d * precision[unit]
            }
            energies[row] = sum / 2 - energies[row]
        }
        return energies
    }

    /// A slope a unit, in the order of the columns.
    private func slopes(_ states: VisibleStates, means: Matrix) -> Matrix {
        let real = layout.realCount, width = layout.width, precision = logVariance.map { exp(-$0) }
        var places = [0]
        for variable in variables { places.append(places.last! + variable.expandedWidth) }
        let targets = layout.binaryColumns.map { places[$0] } + layout.groupColumns.flatMap { places[$0] ..< places[$0 + 1] }
        let pull = Matrix.product(means, weights, transposeB: true)
        var result = Matrix(rows: states.rows, columns: width)
        for row in 0 ..< states.rows {
            for (unit, column) in layout.realColumns.enumerated() {
                let d = states.real.values[row * real + unit] - visibleBias[unit]
                result.values[row * width + places[column]] = (d - pull.values[row * width + unit]) * precision[unit]
            }
            for (unit, place) in zip(real ..< width, targets) {
                result.values[row * width + place] = -visibleBias[unit] - pull.values[row * width + unit]
            }
        }
        return result
    }
}
