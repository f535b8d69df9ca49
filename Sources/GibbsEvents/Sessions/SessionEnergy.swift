import Foundation
import GibbsCore
import GibbsNumerics

/// How strange a whole session is: what its events cost and how often each came, as one sum.
///
///     workflow   E = maxₜ −ln p(xₜ | history) + E_counts(n)      sessions that repeat: one wrong step, or one too many or too few
///     trace      E = (1/L) Σₜ −ln p(xₜ | history)                 sessions that wander: the cost of an event on average
public struct SessionEnergy: Sendable {
    /// Which sum.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// The largest surprise and the counts.
        case workflow
        /// The mean surprise.
        case trace
    }

    /// The parts of a session's energy, nats.
    public struct Parts: Sendable, Hashable {
        /// The largest surprise of an event, and its place in the session.
        public var largest: Float, at: Int
        /// The mean surprise of its events.
        public var mean: Float
        /// The energy of its counts.
        public var counts: Float
    }

    /// What comes next.
    public let model: EventModel
    /// How often each event comes.
    public let counts: CountEnergy
    /// Which sum is the energy.
    public let kind: Kind

    /// The parts of every session; a session without events has no surprise.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public func parts(of sequences: EventSequences) throws -> [Parts] {
        let surprises = try model.surprises(of: sequences), energies = try counts.energies(of: CountEnergy.levels(of: sequences, model: model))
        return zip(surprises, energies).map { session, counts in
            let events = session.map { $0.reduce(0, +) }
            let at = events.indices.max { events[$0] < events[$1] } ?? 0
            return Parts(largest: events.isEmpty ? 0 : events[at], at: at, mean: events.isEmpty ? 0 : events.reduce(0, +) / Float(events.count), counts: counts)
        }
    }

    /// The energy of these parts, nats.
    public func energy(_ parts: Parts) -> Float {
        switch kind {
        case .workflow: parts.largest + parts.counts
        case .trace: parts.mean
        }
    }

    /// E of every session, nats.
    ///
    /// - Throws: As `parts(of:)`.
    public func energies(of sequences: EventSequences) throws -> [Float] { try parts(of: sequences).map(energy) }

    /// The energy that suits sessions, fitted to some of them.
    ///
    /// - Parameters:
    ///   - held: Sessions that the model has not seen.
    ///   - kind: Which sum; told from the sessions where `nil`.
    /// - Returns: The energy, and why it is of its kind, in words.
    static func fitted(to fit: EventSequences, held: EventSequences, model: EventModel, kind: Kind?, key: Key) throws -> (SessionEnergy, choice: String) {
        let levels = try CountEnergy.levels(of: fit, model: model), known = Set((0 ..< levels.rows).map { Array(levels.row($0)) })
        let others = try CountEnergy.levels(of: held, model: model), repeated = (0 ..< others.rows).count { known.contains(Array(others.row($0))) }
        let told = 2 * repeated >= others.rows ? Kind.workflow : .trace
        let choice = kind == nil ? "\(repeated) of \(others.rows) held-out sessions have counts that another one had" : "on request"
        return (SessionEnergy(model: model, counts: try CountEnergy(fitting: levels, key: key), kind: kind ?? told), choice)
    }
}

// MARK: - Storage

extension SessionEnergy {
    /// Reads the parts `model` and `counts`.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    init(archive: Archive, kind: Kind) throws {
        let model = try EventModel(archive: archive.nested("model")), counts = try CountEnergy(archive: archive.nested("counts"))
        guard counts.memory.variables.count == model.vocabularies[0].names.count + 1 else {
            throw GibbsError(.unsuitableModel, "the remembered counts do not fit the names of the events", advice: "the file is damaged")
        }
        self.init(model: model, counts: counts, kind: kind)
    }

    func archive() -> Archive {
        var result = Archive()
        result.nest(model.archive(), under: "model")
        result.nest(counts.archive(), under: "counts")
        return result
    }
}
