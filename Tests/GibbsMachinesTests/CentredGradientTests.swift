import GibbsCore
import GibbsMachines
import GibbsNumerics
import Testing

/// The gradient's sums against its definition, at sizes that take several blocks and tiles.
@Suite struct CentredGradientTests {
    /// Seventy real units with means far from zero, binary and categorical ones; hidden units below, at and above a tile.
    @Test(arguments: [5, 64, 70]) func matchesItsDefinition(hidden: Int) {
        let variables = [Variable](repeating: .real, count: 70) + [.categorical(3)] + [Variable](repeating: .binary, count: 67) + [.categorical(5), .real]
        let machine = Small.machine(variables, hidden: hidden, spread: 0.1, key: Key(21)), key = Key(22)
        let (dataRows, modelRows) = (37, 23), rows = dataRows + modelRows, width = machine.layout.width
        var batch = Small.rows(variables, count: rows, key: key.folding(0))
        for row in 0 ..< rows { for column in machine.layout.realColumns { batch[row, column] += 3 - Float(column % 7) } }
        var phases = PhasePair(dataRows: dataRows, modelRows: modelRows, machine: machine)
        phases.visible = VisibleStates(batch, layout: machine.layout)
        phases.hidden = Matrix(rows: rows, columns: hidden, values: key.folding(1).uniforms(rows * hidden))
        let mu = (0 ..< width).map { $0 < machine.layout.realCount ? 3 - Float($0 % 7) : 0.3 }, lambda = key.folding(2).uniforms(hidden)
        let counts = (0 ..< rows).map { $0 < dataRows ? 1 / Double(dataRows) : -1 / Double(modelRows) }
        let reference = RBMReference(machine)
        for offsets in [Offsets(visible: mu, hidden: lambda), nil] {
            var gradient = RBMGradient(layout: machine.layout, hidden: hidden)
            gradient.fill(phases, machine: machine, offsets: offsets, learnsVariance: true)
            let found = gradient.weights.values + gradient.visibleBias + gradient.hiddenBias + gradient.logVariance
            let exact = reference.centredGradient(batch, hidden: phases.hidden, counts: counts,
                                                  visibleOffsets: offsets == nil ? [Double](repeating: 0, count: width) : mu.map(Double.init),
                                                  hiddenOffsets: offsets == nil ? [Double](repeating: 0, count: hidden) : lambda.map(Double.init))
            #expect(found.count == exact.count)
            // Sums of sixty products of numbers around ten, and of two hundred such sums in the biases, each rounded to 6e-8.
            let worst = zip(found, exact).map { abs(Double($0) - $1) / max(1, abs($1)) }.max()!
            #expect(worst < 2e-4, "\(worst) with \(hidden) hidden units, \(offsets == nil ? "plain" : "centred")")
        }
    }
}
