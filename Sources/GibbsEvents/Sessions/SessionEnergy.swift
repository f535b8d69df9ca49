import Foundation
import GibbsCore
import GibbsNumerics

/// How strange a whole session is: what its events cost and how often each came, as one sum.
///
///     workflow   E = maxₜ −ln p(xₜ | history) + E_counts(n)      sessions that repeat: one wrong step, or one too many or too few
///     trace      E = mean of the middle half of −ln p(xₜ | past)   sessions that wander: what an event costs as a rule
///
/// The interquartile mean is steadier than the mean: of two interleaved halves of a normal trace it says more nearly the same, since a single event never seen
/// moves a mean by many nats. A strange stretch of less than a quarter of a trace moves it little, however; the largest surprise is told beside.
///
/// The p of a trace is a mixture of the machine, the n-gram and the session's own past; see `EventMixture`.
public struct SessionEnergy: Sendable {
    /// Which sum.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// The largest surprise and the counts.
        case workflow
        /// The mean of the middle half of the surprises.
        case trace
    }

    /// The parts of a session's energy, nats.
    public struct Parts: Sendable, Hashable {
        /// The largest surprise of an event, and its place in the session.
        public var largest: Float, at: Int
        /// The mean surprise of its events.
        public var mean: Float
        /// The mean of the middle half of its surprises: a quarter of the events left out at either end.
        public var middle: Float
        /// The energy of its counts.
        public var counts: Float
    }

    /// What comes next.
    public let model: EventModel
    /// How often each event comes.
    public let counts: CountEnergy
    /// Which sum is the energy.
    public let kind: Kind
    /// How often what followed what: the plain baseline, and a part of the energy of traces.
    public let baseline: NGramModel
    /// Whose probabilities events have in a trace; not used in a workflow.
    public let mixture: EventMixture

    /// −ln p of every event of every session, nats, by field: the machine's in a workflow, the mixture's in a trace.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public func surprises(of sequences: EventSequences) throws -> [[EventModel.Surprises]] {
        let own = try model.surprises(of: sequences)
        return kind == .workflow ? own : try mixture.mixed(own, of: sequences, model: model, baseline: baseline)
    }

    /// The parts of every session; a session without events has no surprise.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public func parts(of sequences: EventSequences) throws -> [Parts] {
        let surprises = try surprises(of: sequences), energies = try counts.energies(of: CountEnergy.levels(of: sequences, model: model))
        return zip(surprises, energies).map { session, counts in
            let events = session.map { $0.reduce(0, +) }
            guard let at = events.indices.max(by: { events[$0] < events[$1] }) else { return Parts(largest: 0, at: 0, mean: 0, middle: 0, counts: counts) }
            return Parts(largest: events[at], at: at, mean: events.reduce(0, +) / Float(events.count), middle: Self.middle(events), counts: counts)
        }
    }

    /// The interquartile mean. Traps on an empty list.
    static func middle(_ surprises: [Float]) -> Float {
        let cut = surprises.count / 4, kept = surprises.sorted()[cut ..< surprises.count - cut]
        return kept.reduce(0, +) / Float(kept.count)
    }

    /// The energy of these parts, nats.
    public func energy(_ parts: Parts) -> Float {
        switch kind {
        case .workflow: parts.largest + parts.counts
        case .trace: parts.middle
        }
    }

    /// E of every session, nats.
    ///
    /// - Throws: As `parts(of:)`.
    public func energies(of sequences: EventSequences) throws -> [Float] { try parts(of: sequences).map(energy) }

    /// The energies of sessions under the n-gram baseline; see `EventWatchdog.baselineEnergies(of:)`.
    func baselineEnergies(of sequences: EventSequences) throws -> [Float] {
        try baseline.surprises(of: sequences, like: model).map { surprises in
            switch kind {
            case .workflow: surprises.max() ?? 0
            case .trace: surprises.isEmpty ? 0 : surprises.reduce(0, +) / Float(surprises.count)
            }
        }
    }

    /// The kind that suits sessions, without a label: a workflow where of m = 100 of them at least half have counts that another of the hundred has,
    /// on average over all ways to draw them. Of all sessions the share would rise with their number, whatever they are.
    ///
    ///     share = Σ_g (g/n) (1 − C(n − g, m − 1) / C(n − 1, m − 1))     over the groups of g sessions with equal counts, n in all
    ///
    /// - Parameter levels: Shape `[sessions, names + 1]`; see `CountEnergy.levels(of:model:)`.
    /// - Returns: The kind, and why, in words.
    package static func kind(levels: Matrix) -> (kind: Kind, choice: String) {
        let n = levels.rows, m = min(100, n)
        var groups = [[Float]: Int]()
        for row in 0 ..< n { groups[Array(levels.row(row)), default: 0] += 1 }
        let share = groups.values.sorted().reduce(0.0) { sum, group in
            let alone = (0 ..< max(0, m - 1)).reduce(1.0) { $0 * Double(max(0, n - group - $1)) / Double(n - 1 - $1) }
            return sum + Double(group) / Double(n) * (1 - alone)
        }
        return (share >= 0.5 ? .workflow : .trace, "of \(m) sessions some \(Int((share * Double(m)).rounded())) have counts that another one has")
    }
}

// MARK: - Storage

extension SessionEnergy {
    /// Reads the parts `model`, `counts` and `baseline`, and the weights of the mixture.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    init(archive: Archive, kind: Kind) throws {
        let model = try EventModel(archive: archive.nested("model")), counts = try CountEnergy(archive: archive.nested("counts"))
        let baseline = try NGramModel(archive: archive.nested("baseline")), weights = try archive.vector("weights", count: 3)
        guard weights.allSatisfy({ $0 >= 0 }), abs(weights.reduce(0, +) - 1) < 1e-3, baseline.size == NGramModel.size(model), baseline.order == model.history + 1 else {
            throw GibbsError(.unsuitableModel, "the baseline does not fit the model, or the weights do not sum to one", advice: "the file is damaged")
        }
        guard counts.memory.variables.count == model.vocabularies[0].names.count + 1 else {
            throw GibbsError(.unsuitableModel, "the remembered counts do not fit the names of the events", advice: "the file is damaged")
        }
        self.init(model: model, counts: counts, kind: kind, baseline: baseline, mixture: EventMixture(weights: weights))
    }

    func archive() -> Archive {
        var result = Archive()
        result.nest(model.archive(), under: "model")
        result.nest(counts.archive(), under: "counts")
        result.nest(baseline.archive(), under: "baseline")
        result.tensors["weights"] = .init(mixture.weights)
        return result
    }
}
