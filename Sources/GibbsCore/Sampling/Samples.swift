import GibbsNumerics

/// What a run of chains gave, and how far it can be trusted.
public struct Samples: Sendable {
    /// The kept positions, draw after draw: row `draw * chains + chain`.
    public let positions: Matrix
    /// E of every kept position, nats, in the same order.
    public let energies: [Float]
    /// Chains that ran side by side.
    public let chains: Int
    /// Mean probability of acceptance of the kept steps; `nil` for kernels that reject nothing.
    public let acceptance: Double?
    /// Share of exchanges accepted, for each pair of neighbouring temperatures; empty without tempering.
    public let swapRates: [Double]
    /// Chains that ran away, in the order they did; the first hundred.
    public let divergences: [Divergence]
    /// How often a chain ran away in all.
    public let divergenceCount: Int
    /// Wall time of the steps, without the energies of the draws.
    public let seconds: Double

    /// A trajectory that ran away; the chain stayed where it was.
    public struct Divergence: Sendable, Hashable, CustomStringConvertible {
        /// The step, counted from 1.
        public let step: Int
        /// The chain.
        public let chain: Int
        /// The step size in force.
        public let stepSize: Float

        public var description: String { "chain \(chain) diverged at step \(step) with step size \(stepSize); try a smaller one, or warm the kernel up" }
    }

    /// Draws of each chain.
    public var draws: Int { energies.count / chains }
    /// Where the chains ended; shape `[chains, features]`.
    public var last: Matrix { positions.slice(positions.rows - chains ..< positions.rows) }

    /// One column, a list a chain.
    public func series(column: Int) -> [[Float]] {
        (0 ..< chains).map { chain in (0 ..< draws).map { positions[$0 * chains + chain, column] } }
    }

    /// The energies, a list a chain.
    public var energySeries: [[Float]] {
        (0 ..< chains).map { chain in (0 ..< draws).map { energies[$0 * chains + chain] } }
    }

    /// Effective sample size and split R̂ of every column. Cost: some `draws² / 20` operations a chain and column.
    public func columnDiagnostics() -> [ChainDiagnostics] { parallelMap(positions.columns) { ChainDiagnostics(series(column: $0)) } }

    /// Effective sample size and split R̂ of the energy.
    public func energyDiagnostics() -> ChainDiagnostics { ChainDiagnostics(energySeries) }
}

extension TransitionKernel {
    /// Runs chains and keeps their positions; consumes `key`.
    ///
    /// - Parameters:
    ///   - draws: Positions kept of each chain.
    ///   - start: Where the chains begin.
    ///   - burnIn: Steps thrown away first.
    ///   - thinning: Steps a kept position.
    ///   - key: Feeds the start and the steps.
    ///   - progress: Told after every kept draw how many there are; false ends the run with what there is.
    /// - Throws: As `start(at:)`; `GibbsError` with code `.usage` for no draws. A diverging chain is no error: see `divergences`.
    /// - Complexity: `burnIn + draws · thinning` steps; memory for `draws · chains` positions.
    public func sample(_ draws: Int, from start: ChainStart, burnIn: Int = 0, thinning: Int = 1, key: Key,
                       progress: (Int) throws -> Bool = { _ in true }) throws -> Samples {
        guard draws > 0, burnIn >= 0, thinning > 0 else {
            throw GibbsError(.usage, "a run of \(draws) draws, \(thinning) steps each, after \(burnIn)", advice: "take at least one draw and one step")
        }
        var steps = try chain(from: start, key: key).makeIterator(), log = RunLog(), positions = [Float](), kept = 0, chains = 0
        let clock = ContinuousClock(), begin = clock.now
        run: for index in 0 ..< burnIn + draws * thinning {
            guard let draw = steps.next() else { throw steps.failure! }
            log.add(draw.report, step: draw.number, isKept: index >= burnIn)
            guard index >= burnIn, (index - burnIn + 1) % thinning == 0 else { continue }
            chains = draw.positions.rows
            positions.append(contentsOf: draw.positions.values)
            kept += 1
            if try !progress(kept) { break run }
        }
        let seconds = (clock.now - begin).inSeconds
        let all = Matrix(rows: kept * chains, columns: target.features, values: positions)
        return Samples(positions: all, energies: try target.energies(of: all), chains: chains, acceptance: log.acceptance,
                       swapRates: log.swapRates, divergences: log.divergences, divergenceCount: log.divergenceCount, seconds: seconds)
    }
}

extension Duration {
    /// Seconds as a number.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// Sums over the steps of a run.
private struct RunLog {
    private var acceptances = 0.0, accepted = 0, swaps: [(sum: Double, tries: Int)] = []
    var divergences = [Samples.Divergence](), divergenceCount = 0

    mutating func add(_ report: StepReport, step: Int, isKept: Bool) {
        divergenceCount += report.diverged.count
        for chain in report.diverged where divergences.count < 100 {
            divergences.append(.init(step: step, chain: chain, stepSize: report.stepSize ?? .nan))
        }
        guard isKept else { return }
        if let acceptance = report.acceptance { acceptances += acceptance; accepted += 1 }
        if swaps.isEmpty { swaps = report.swaps.map { _ in (0, 0) } }
        for (pair, share) in report.swaps.enumerated() where !share.isNaN { swaps[pair] = (swaps[pair].sum + share, swaps[pair].tries + 1) }
    }

    var acceptance: Double? { accepted > 0 ? acceptances / Double(accepted) : nil }
    var swapRates: [Double] { swaps.map { $0.tries > 0 ? $0.sum / Double($0.tries) : .nan } }
}
