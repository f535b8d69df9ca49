import Foundation
import GibbsCore
import GibbsNumerics

/// Persistent chains with copies along an annealing path, β from 1 down to 0, whose neighbours change places.
///
/// At β = 0 the columns are independent, so that the hottest chains forget everything at each step.
package struct TemperedChains: Sendable {
    private let betas: [Float]
    private let base: [Float]
    private var rungs: [AnnealedChains]
    private var swapsFromEven = true

    /// Every copy starts from the same hidden states.
    package init(machine: RBM, hidden: Matrix, temperatures: Int) {
        betas = (0 ..< temperatures).map { 1 - Float($0) / Float(temperatures - 1) }
        base = machine.visibleBias
        var states = VisibleStates(rows: hidden.rows, layout: machine.layout), inputs = [Float]()
        machine.sampleVisible(given: hidden.values, key: Key(0), into: &states, rows: 0 ..< hidden.rows, inputs: &inputs)
        var chains = AnnealedChains(machine, count: hidden.rows)
        chains.set(states)
        rungs = betas.map { _ in chains }
    }

    /// A sweep of every copy, then exchanges; consumes `key`.
    package mutating func step(_ machine: RBM, key: Key) {
        let path = AnnealingPath(machine, base: base)
        var unused = [Double](repeating: 0, count: rungs[0].states.rows)
        for (rung, beta) in betas.enumerated() {
            let (hiddenKey, visibleKey) = key.folding(rung).split()
            rungs[rung].drawHidden(machine, from: beta, to: beta, on: path, adding: &unused, key: hiddenKey)
            rungs[rung].drawVisible(machine, at: beta, on: path, key: visibleKey)
        }
        for cold in stride(from: swapsFromEven ? 0 : 1, to: betas.count - 1, by: 2) {
            // x at β and y at β′ change places with p_β′(x) p_β(y) / p_β(x) p_β′(y).
            let ofCold = rungs[cold].differences(machine, from: betas[cold], to: betas[cold + 1], on: path)
            let ofHot = rungs[cold + 1].differences(machine, from: betas[cold], to: betas[cold + 1], on: path)
            let uniforms = key.folding(-1 - cold).uniforms(ofCold.count)
            // Taken out, so that nothing is copied while both change.
            var hot = rungs.remove(at: cold + 1)
            for chain in ofCold.indices where Double(uniforms[chain]) < exp(ofCold[chain] - ofHot[chain]) {
                rungs[cold].exchange(chain, with: &hot)
            }
            rungs.insert(hot, at: cold + 1)
        }
        swapsFromEven.toggle()
    }

    /// The states at β = 1; shape `[chains, columns]`.
    package var coldest: Matrix { rungs[0].states.batch() }

    /// The states at β = 1, into the rows of `states` from `row` on.
    func copyColdest(into states: inout VisibleStates, from row: Int) { states.copy(rungs[0].states, to: row) }
}
