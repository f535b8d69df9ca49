import Foundation
import Gibbs
import GibbsTestSupport

/// What the article on sampling quotes.
func printSampling() throws {
    print("# Sampling")
    let banana = Banana()
    print("gradient failures", try checkGradient(banana, rows: Matrix([[0, 0], [1, 2], [-1.5, 0.5]])))

    let start = try ChainStart.noise(chains: 16).positions(for: banana.variables, key: Key(1))
    let tuned = try HamiltonianMonteCarlo(on: banana).warmedUp(from: start, steps: 500, key: Key(2))
    let samples = try tuned.kernel.sample(1_000, from: .positions(tuned.positions), key: Key(3))
    report("HMC", samples)
    print("step size", show([tuned.kernel.stepSize]), "divergences", samples.divergenceCount)

    let slow = try MetropolisLangevin(on: banana).warmedUp(from: start, steps: 500, key: Key(2))
    report("MALA", try slow.kernel.sample(1_000, from: .positions(slow.positions), key: Key(3)))
    for share in [1, 0.05] as [Float] {
        let plain = Langevin(on: banana, stepSize: share * slow.kernel.stepSize, scales: slow.kernel.scales)
        report("Langevin at \(share) of its step", try plain.sample(1_000, from: .positions(slow.positions), key: Key(3)))
    }

    // A chain is a lazy sequence.
    let chain = try tuned.kernel.chain(from: .positions(tuned.positions), key: Key(4))
    let far = chain.lazy.filter { $0.positions.column(1).max()! > 9 }.first { _ in true }!
    print("first step with y > 9:", far.number)

    try PlotPanels.chains(samples.series(column: 1), of: "y", title: "banana by HMC").write(to: NSTemporaryDirectory() + "/chains.svg")
    try Plot.landscape(of: banana, x: -3.5 ... 3.5, y: -2 ... 9, points: samples.last, title: "banana").write(to: NSTemporaryDirectory() + "/banana.svg")

    // AND, OR and NOT are energies again.
    let hill = try GaussianEnergy(mean: [2, 4], covariance: SymmetricMatrix(size: 2, values: [0.25, 0, 0, 0.25]))
    let both = banana + hill, foot = try both.minimum(from: Matrix([[0, 0]]))
    print("lowest point of banana AND hill:", show(foot.positions.values), foot.endings[0])
    let without = try banana + Excluded(hill, ceiling: 4), hmc = HamiltonianMonteCarlo(on: without, stepSize: 0.15)
    let draws = try hmc.sample(1_000, from: .positions(tuned.positions), burnIn: 200, key: Key(5)).positions
    func share(_ positions: Matrix) throws -> Double { Double(try hill.energies(of: positions).count { $0 < 4 }) / Double(positions.rows) }
    print("share of draws on the hill: banana", show([try share(samples.positions)]), "NOT hill", show([try share(draws)]))

    // Two modes that no local step joins.
    let left = try GaussianEnergy(mean: [-6], covariance: SymmetricMatrix(size: 1, values: [1]))
    let right = try GaussianEnergy(mean: [6], covariance: SymmetricMatrix(size: 1, values: [1]))
    let modes = try Mixture([left, right], shares: [0.25, 0.75], logPartitions: [left.logPartition, right.logPartition])
    let begin = ChainStart.positions(Matrix(rows: 8, columns: 1, repeating: -6))
    let stuck = try HamiltonianMonteCarlo(on: modes, stepSize: 0.5).sample(1_000, from: begin, key: Key(6))
    let ladder = ParallelTempering(temperatures: .ladder(from: 1, to: 20, count: 8)) { HamiltonianMonteCarlo(on: modes.tempered($0), stepSize: 0.5) }
    let mixed = try ladder.sample(4_000, from: begin, burnIn: 500, key: Key(6))
    func onTheRight(_ samples: Samples) -> Double { Double(samples.positions.values.count { $0 > 0 }) / Double(samples.positions.rows) }
    print("share on the right (0.75): HMC", show([onTheRight(stuck)]), "R̂", show([stuck.energyDiagnostics().splitRHat]), "tempered", show([onTheRight(mixed)]), "swaps", show(mixed.swapRates, digits: 2))

    // Bits: block Gibbs where there are hidden units, flips along the gradient elsewhere.
    let machine = RBM(visible: Array(repeating: .binary, count: 12), hidden: 6, spread: 0.8, key: Key(7))
    for (name, bits) in [("block Gibbs", try BlockGibbs(on: machine).sample(1_000, from: .noise(chains: 16), burnIn: 100, key: Key(8))),
                         ("flips", try GibbsWithGradients(on: machine, flips: 4).sample(1_000, from: .noise(chains: 16), burnIn: 100, key: Key(8)))] {
        let energy = bits.energyDiagnostics()
        print(name, "mean energy", show([Statistics.mean(bits.energies)]), "ESS", Int(energy.effectiveSampleSize), "R̂", show([energy.splitRHat]))
    }
}

private func report(_ name: String, _ samples: Samples) {
    let y = samples.positions.column(1), worst = samples.columnDiagnostics().map(\.effectiveSampleSize).min()!
    print(name, "⟨y⟩", short(Statistics.mean(y)), "sd", short(Statistics.standardDeviation(y)), "divergences", samples.divergenceCount, "acceptance", samples.acceptance.map { show([$0], digits: 2) } ?? "–",
          "ESS", Int(worst), "of", samples.energies.count, "R̂", show([samples.columnDiagnostics().map(\.splitRHat).max()!]))
}

private func short(_ value: Double) -> String { abs(value) < 1e6 ? String(format: "%.3f", value) : String(format: "%.0e", value) }
