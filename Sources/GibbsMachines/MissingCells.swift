import GibbsCore
import GibbsNumerics

/// The missing cells of the training rows; during training each is filled with a draw from the machine given the rest.
struct MissingCells: Sendable {
    private let incomplete: Set<Int>

    init(_ data: Matrix) {
        incomplete = Set((0 ..< data.rows).filter { data.row($0).contains { $0.isNaN } })
    }

    var isEmpty: Bool { incomplete.isEmpty }

    /// The named rows, missing cells filled by two steps of block Gibbs in which the known cells stay clamped.
    func filled(_ data: Matrix, _ rows: [Int], machine: RBM, key: Key) throws -> Matrix {
        var batch = data.selecting(rows: rows)
        let touched = rows.indices.filter { incomplete.contains(rows[$0]) }
        if touched.isEmpty { return batch }
        let known = batch.selecting(rows: touched)
        var current = known
        for step in 0 ..< 2 {
            // At first a missing unit is left out: not on, and zero where it is real.
            var states = VisibleStates(current, layout: machine.layout)
            for index in states.real.values.indices where states.real.values[index].isNaN { states.real.values[index] = 0 }
            var means = Matrix(rows: touched.count, columns: machine.hiddenCount), hidden = means
            hidden.values.withUnsafeMutableBufferPointer {
                machine.hiddenPhase(states, rows: touched.indices, into: &means, sample: ($0.baseAddress!, key.folding(2 * step)))
            }
            let drawn = try machine.sampleVisible(given: hidden, key: key.folding(2 * step + 1))
            for index in known.values.indices where known.values[index].isNaN { current.values[index] = drawn.values[index] }
        }
        for (position, row) in touched.enumerated() {
            for column in 0 ..< batch.columns { batch[row, column] = current[position, column] }
        }
        return batch
    }
}
