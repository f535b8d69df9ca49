import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What carries a session's energy: its most surprising events, and the counts that are off.
public struct SessionExplanation: Sendable, Hashable {
    /// One event.
    public struct Event: Sendable, Hashable {
        /// Its place in the session, from 1; the end of a session stands one behind the last event.
        public var position: Int
        /// The line of the file.
        public var line: Int
        /// Whether it is the end of the session.
        public var isEnd: Bool
        /// Its surprise over all fields, nats.
        public var surprise: Float
        /// The field whose value surprised most.
        public var field: String
        /// That value; `nil` for a missing one and for the end of the session.
        public var value: String?
        /// Whether the value was never seen in the fit.
        public var isUnseen: Bool
        /// What was most probable in its place to the machine; `nil` for the end of the session.
        public var expected: String?
        /// Whether the end of the session was most probable.
        public var expectedEnd: Bool
        /// The probability of what was most probable.
        public var probability: Double
        /// What the events before it did to its surprise, the strongest first.
        public var blame: [Blame]
    }

    /// How much one past event adds to what a later one surprises the machine: −ln p(x | history) less −ln p(x | history without it), nats. Exact: what
    /// a context misses adds nothing to the biases. Below zero it made the later event more expected.
    public struct Blame: Sendable, Hashable {
        /// Its place in the session, from 1.
        public var position: Int
        /// What happened then.
        public var value: String?
        /// Nats.
        public var effect: Float
    }

    /// A count that is off.
    public struct Count: Sendable, Hashable {
        /// What was counted; `nil` for all names never seen together.
        public var name: String?
        /// How often it came.
        public var count: Int
        /// How often it usually comes in sessions that are otherwise like this one: a number, or a range such as `8–15`.
        public var usual: String
        /// How much more probable the usual count is, nats.
        public var excess: Float
    }

    /// The most surprising events, the most surprising first.
    public var events: [Event]
    /// The counts that are off, the oddest first.
    public var counts: [Count]
}

extension SessionEnergy {
    /// What carries the energy of every session, at most `limit` events and counts of each.
    ///
    /// - Throws: As `parts(of:)`.
    /// - Complexity: A session takes `limit · (history + 1)` choices, and some `names + 28 · limit` energies of counts.
    public func explanations(of sequences: EventSequences, limit: Int) throws -> [SessionExplanation] {
        let coded = try model.coded(sequences), surprises = try surprises(of: sequences), levels = try CountEnergy.levels(of: sequences, model: model)
        let examples = model.fields.indices.map { Examples(coded, of: sequences, model: model, field: $0) }
        return try sequences.sessions.indices.map { number in
            let totals = surprises[number].map { $0.reduce(0, +) }
            let chosen = totals.indices.sorted { (totals[$1], $0) < (totals[$0], $1) }.prefix(limit)
            let events = try chosen.map { at in
                try explained(at, in: number, surprises[number][at], sequences, examples)
            }
            return SessionExplanation(events: events, counts: try counts(of: sequences.sessions[number], levels.selecting(rows: [number]), coded[0], limit))
        }
    }

    private func explained(_ at: Int, in number: Int, _ surprise: EventModel.Surprises, _ sequences: EventSequences, _ examples: [Examples]) throws -> SessionExplanation.Event {
        let session = sequences.sessions[number], isEnd = at == session.events.count, place = session.events.lowerBound + at
        let field = surprise.indices.max { surprise[$0] < surprise[$1] }!, past = min(model.history, at)
        func name(_ event: Int) -> String? { sequences.codes[field][event] < 0 ? nil : sequences.names[field][Int(sequences.codes[field][event])] }
        // Under each context that lacks one past event, the whole one first.
        let scores = try examples[field].logProbabilities(at: at, in: number, without: [nil] + (1 ... max(1, past)).prefix(past).map { $0 }, model: model)
        let best = scores.row(0).enumerated().max { $0.element < $1.element }!, isBestEnd = field == 0 && best.offset == model.endCode
        let code = isEnd ? Int32(model.endCode) : examples[field].code(of: place)
        let blame = code < 0 ? [] : (0 ..< past).map { back -> SessionExplanation.Blame in
            .init(position: at - back, value: name(place - 1 - back), effect: scores[back + 1, Int(code)] - scores[0, Int(code)])
        }
        return .init(position: at + 1, line: isEnd ? sequences.lines[session.events].last ?? session.line : sequences.lines[place], isEnd: isEnd, surprise: surprise.reduce(0, +),
                     field: model.fields[field], value: isEnd ? nil : name(place), isUnseen: code == Examples.unseen,
                     expected: isBestEnd || model.vocabularies[field].names.isEmpty ? nil : model.vocabularies[field].names[best.offset],
                     expectedEnd: isBestEnd, probability: exp(Double(best.element - model.prices[field].known)), blame: blame.sorted { abs($0.effect) > abs($1.effect) })
    }

    private func counts(of session: EventSequences.Session, _ levels: Matrix, _ coded: [Int32], _ limit: Int) throws -> [SessionExplanation.Count] {
        let names = model.vocabularies[0].names
        return try counts.oddities(of: levels, limit: limit).map { odd in
            let isUnseen = odd.column == names.count, code = isUnseen ? Examples.unseen : Int32(odd.column)
            return .init(name: isUnseen ? nil : names[odd.column], count: session.events.count { coded[$0] == code }, usual: CountEnergy.text(ofLevel: odd.usual), excess: odd.excess)
        }
    }
}

extension Examples {
    /// ln p of every choice at one place of a session, under contexts that each lack one past event; shape `[absent.count, choices]`.
    ///
    /// - Parameter absent: How many events back the one left out stands; `nil` for none.
    func logProbabilities(at event: Int, in session: Int, without absent: [Int?], model: EventModel) throws -> Matrix {
        let whole = context(at: Place(session: session, event: event))
        var contexts = Matrix(rows: absent.count, columns: whole.count, values: absent.flatMap { _ in whole })
        let width = model.fields.count
        for (row, back) in absent.enumerated() {
            if let back { for column in (back - 1) * width ..< back * width { contexts[row, column] = .nan } }
        }
        return try model.choices[field].logProbabilities(given: contexts)
    }
}
