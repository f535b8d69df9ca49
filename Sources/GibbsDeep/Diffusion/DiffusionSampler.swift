import GibbsCore
import GibbsNumerics

/// Draws from a diffusion: from noise at t = 1 down to data at t = 0, and at every time between, if asked for, some steps of a Markov chain on that time's landscape.
///
///     let draws = try DiffusionSampler(path: .flow, steps: 30).draw(100, from: energy, key: Key(1))
///     let exact = try DiffusionSampler(correction: .metropolis(steps: 3)).draw(100, from: product, key: Key(1))
///
/// - Source: Ho et al. 2020; Song, Meng & Ermon, *Denoising Diffusion Implicit Models*, ICLR 2021; Karras et al. 2022, algorithm 1 without its churn; Song et al. 2021,
///   section 4.2, and Du et al. 2023, section 4, for corrections.
public struct DiffusionSampler: Sendable, Hashable {
    /// How a row gets from one time to the next.
    public enum Path: String, Sendable, Hashable, CaseIterable {
        /// By a draw from the Gaussian that the noise seen leaves: noise at every step.
        case ancestral
        /// Along the noise seen, none added: what comes out depends on where it began alone.
        case ddim
        /// Along the probability flow, by Heun's steps, each twice the cost.
        case flow
    }

    /// What moves rows at a time, after they got there.
    public enum Correction: Sendable, Hashable {
        /// Nothing.
        case none
        /// Langevin steps that nothing accepts: x − r² σ ε + √2 r σ ξ. Serves scores without an energy.
        case langevin(steps: Int, ratio: Double = 0.15)
        /// Hamiltonian trajectories of so many leapfrog steps, accepted by the energy: exact at every time. One leapfrog step is MALA. The step size follows the
        /// acceptance from time to time, never within one.
        case metropolis(steps: Int, leapfrogs: Int = 1)
    }

    /// How a row gets from one time to the next.
    public var path: Path
    /// Steps of the path.
    public var steps: Int
    /// What moves rows at each time.
    public var correction: Correction
    /// Whether the little noise of t = 0 is taken out of what is drawn, as for images.
    public var denoises: Bool

    /// Settings; checked when rows are drawn.
    public init(path: Path = .ddim, steps: Int = 50, correction: Correction = .none, denoises: Bool = true) {
        self.path = path
        self.steps = steps
        self.correction = correction
        self.denoises = denoises
    }

    func check() throws {
        let fine = switch correction {
        case .none: true
        case .langevin(let steps, let ratio): (1 ... 1_000_000).contains(steps) && ratio > 0 && ratio.isFinite
        case .metropolis(let steps, let leapfrogs): (1 ... 1_000_000).contains(steps) && (1 ... 1_000_000).contains(leapfrogs)
        }
        guard fine else { throw GibbsError(.usage, "corrections by \(correction)", advice: "take at least one step, and a positive ratio") }
    }
}

/// Rows drawn from a diffusion, and what the corrections say of themselves.
public struct DiffusionDraws: Sendable {
    /// Shape `[count, features]`, in units of the data.
    public let rows: Matrix
    /// What happened at the times, from noise to data; empty without corrections.
    public let corrections: [Report]
    /// Time taken.
    public let seconds: Double

    /// The corrections at a time, means over all rows and steps.
    public struct Report: Sendable, Hashable {
        /// t.
        public let time: Double
        /// Probability of acceptance; `nil` where nothing is rejected.
        public var acceptance: Double?
        /// The step size in units of σ(t).
        public var stepSize: Double
        /// Trajectories that ran away.
        public var diverged: Int
    }

    /// The mean probability of acceptance over all times; `nil` where nothing is rejected.
    public var acceptance: Double? {
        let found = corrections.compactMap(\.acceptance)
        return found.isEmpty ? nil : Statistics.mean(found.map { Float($0) })
    }
}

extension DiffusionSampler {
    /// Draws rows, each a path of its own; consumes `key`.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - field: The diffusion.
    ///   - start: Standard normal noise to begin from, a row a draw, in place of what the key gives: the same noise in two landscapes shows how they differ.
    ///   - known: Numbers to be kept, `nan` where they are to be drawn: at every time they are put back with that time's noise. Corrections let what is drawn
    ///     come to terms with them.
    ///   - key: Feeds the noise.
    ///   - progress: Told the share done; may throw to stop.
    /// - Throws: `GibbsError` with code `.usage` for no row, a schedule of fewer than two steps, or acceptance where there is no energy; `.shapeMismatch` for a start or known
    ///   numbers of another shape; what the field throws. A trajectory that runs away is no error: it stays where it was, and the reports count it.
    /// - Complexity: `steps` times the field, twice for `.flow`, and a gradient for each correction.
    public func draw(_ count: Int, from field: any DiffusionField, start: Matrix? = nil, given known: Matrix? = nil, key: Key,
                     progress: (Double) throws -> Void = { _ in }) throws -> DiffusionDraws {
        try check()
        try field.checkField()
        guard count > 0 else { throw GibbsError(.usage, "\(count) draws from a diffusion", advice: "take at least one") }
        for given in [start, known].compactMap({ $0 }) where given.rows != count || given.columns != field.features {
            throw GibbsError(.shapeMismatch, "\(given.rows) × \(given.columns) numbers for \(count) draws of \(field.features)", advice: "give a row a draw")
        }
        if case .metropolis = correction, !(field is any DiffusionLandscape) {
            throw GibbsError(.usage, "acceptance without an energy", advice: "draw from a landscape, or correct by Langevin steps")
        }
        let clock = ContinuousClock(), begin = clock.now, times = try field.schedule.times(steps: steps)
        var rows = Matrix(rows: 0, columns: field.features), reports = [[DiffusionDraws.Report]]()
        let firsts = Array(stride(from: 0, to: count, by: field.rowsAtOnce))
        for (chunk, first) in firsts.enumerated() {
            let range = first ..< min(count, first + field.rowsAtOnce), own = key.folding(chunk), prior = field.prior
            let noise = start?.slice(range) ?? Matrix(rows: range.count, columns: field.features, values: own.folding(-1).normals(range.count * field.features))
            var begin = noise
            for index in begin.values.indices { begin.values[index] = prior.mean[index % begin.columns] + prior.deviation * noise.values[index] }
            var walker = DiffusionWalker(sampler: self, field: field, times: times, known: known?.slice(range), key: own)
            rows = rows.appending(try walker.walk(from: begin) { try progress((Double(chunk) + $0) / Double(firsts.count)) })
            reports.append(walker.reports)
        }
        let elapsed = clock.now - begin
        return DiffusionDraws(rows: rows, corrections: Self.merged(reports, weights: firsts.map { min(count, $0 + field.rowsAtOnce) - $0 }),
                              seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18)
    }

    private static func merged(_ reports: [[DiffusionDraws.Report]], weights: [Int]) -> [DiffusionDraws.Report] {
        let total = Double(weights.reduce(0, +))
        func mean(_ place: Int, _ value: (DiffusionDraws.Report) -> Double) -> Double { zip(reports, weights).reduce(0) { $0 + value($1.0[place]) * Double($1.1) } / total }
        return reports[0].indices.map { place in
            let first = reports[0][place]
            return .init(time: first.time, acceptance: first.acceptance == nil ? nil : mean(place) { $0.acceptance ?? 0 }, stepSize: mean(place) { $0.stepSize },
                         diverged: reports.reduce(0) { $0 + $1[place].diverged })
        }
    }
}
