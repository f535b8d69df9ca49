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

    /// The kind that suits sessions, without a label: a workflow where most held-out sessions have counts that another session had.
    static func kind(fit: Matrix, held: Matrix) -> Kind {
        let known = Set((0 ..< fit.rows).map { Array(fit.row($0)) })
        let repeated = (0 ..< held.rows).count { known.contains(Array(held.row($0))) }
        return 2 * repeated >= held.rows ? .workflow : .trace
    }
}
