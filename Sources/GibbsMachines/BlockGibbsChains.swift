import GibbsCore
import GibbsNumerics

/// Chains of block Gibbs over the units of a machine, in buffers that sweeps reuse.
struct BlockGibbsChains {
    /// The visible units.
    private(set) var states: VisibleStates
    private var means: Matrix
    private var hidden: [Float]
    private var inputs: [Float] = []

    init(machine: RBM, states: VisibleStates) {
        self.states = states
        means = Matrix(rows: states.rows, columns: machine.hiddenCount)
        hidden = means.values
    }

    /// h ~ p(h | v), then v ~ p(v | h).
    mutating func sweep(_ machine: RBM, key: Key) {
        let (hiddenKey, visibleKey) = key.split(), rows = 0 ..< states.rows
        hidden.withUnsafeMutableBufferPointer {
            machine.hiddenPhase(states, rows: rows, into: &means, sample: ($0.baseAddress!, hiddenKey))
        }
        machine.sampleVisible(given: hidden, key: visibleKey, into: &states, rows: rows, inputs: &inputs)
    }
}
