import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What comes next in a sequence, given what came before: one conditional RBM a field, chained, so that the probability of a whole
/// event is exact.
///
///     −ln p(event | history) = Σ_f −ln p(x_f | x_1 … x_{f−1}, the last N events)
///     p(x_f | …) = (1 − m) softmax of the field's machine for a known name and the end, m for all names never seen together
///
/// m is the Good–Turing share of names met once, at most 0.99. The history enters as one-hot fields of the last N events; before a session begins
/// they are missing and add nothing. Where sessions end, the end is one more event, so that breaking off early has a price.
///
/// - Source: the machine: `ConditionalRBM`; unseen names: Good, Biometrika 1953.
public struct EventModel: Sendable {
    /// The fields' names; the first says what happened.
    public let fields: [String]
    /// The names known of every field.
    public let vocabularies: [Vocabulary]
    /// N, the events that are remembered.
    public let history: Int
    /// Whether the end of a session is an event.
    public let hasEnd: Bool
    /// A machine a field: its choice given the history and the fields before it.
    public let choices: [ConditionalRBM]

    /// The code of the end of a session in the first field.
    var endCode: Int { vocabularies[0].names.count }

    /// What each machine can choose: the names, and in the first field the end.
    static func categories(_ vocabularies: [Vocabulary], hasEnd: Bool) -> [Int] {
        vocabularies.enumerated().map { max(1, $1.names.count + ($0 == 0 && hasEnd ? 1 : 0)) }
    }

    /// The columns of the context of field `f`: the last event's fields, the one's before it, …, then this event's earlier fields.
    static func context(_ vocabularies: [Vocabulary], history: Int, field: Int) -> [Variable] {
        let names = vocabularies.map { Variable.categorical(max(1, $0.names.count)) }
        return (0 ..< history).flatMap { _ in names } + names.prefix(field)
    }
}

extension EventModel {
    /// What one event cost, nats: a value a field.
    public typealias Surprises = [Float]

    /// −ln p of every event of every session, nats, by field; the end of a session, where it is an event, is a last one with the
    /// other fields 0.
    ///
    /// - Returns: For each session its events' surprises in order.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ. Names never seen and missing values are no error:
    ///   a missing value costs nothing.
    /// - Complexity: `events × names × hidden`, in parallel.
    public func surprises(of sequences: EventSequences) throws -> [[Surprises]] {
        let coded = try coded(sequences)
        var result = sequences.sessions.map { session in
            [Surprises](repeating: Surprises(repeating: 0, count: fields.count), count: session.events.count + (hasEnd ? 1 : 0))
        }
        for field in fields.indices {
            let (priceOfNew, priceOfKnown) = prices[field]
            let examples = Examples(coded, of: sequences, model: self, field: field)
            for (row, place) in examples.places.enumerated() where examples.choices[row] == Examples.unseen {
                result[place.session][place.event][field] = priceOfNew
            }
            let known = examples.choices.indices.filter { examples.choices[$0] >= 0 }
            // In stretches, so that contexts of a large file are not all held at once.
            for first in stride(from: 0, to: known.count, by: 16_384) {
                let rows = Array(known[first ..< min(known.count, first + 16_384)])
                let batch = Matrix(rows: rows.count, columns: 1, values: rows.map { Float(examples.choices[$0]) })
                let found = try choices[field].surprises(of: batch, given: examples.contexts(rows))
                for (row, surprise) in zip(rows, found) {
                    let place = examples.places[row]
                    result[place.session][place.event][field] = surprise + priceOfKnown
                }
            }
        }
        return result
    }

    /// −ln m and −ln (1 − m), by field.
    var prices: [(new: Float, known: Float)] {
        vocabularies.map { vocabulary in
            let m = ChoiceScorer.share(ofUnseen: vocabulary.unseenProbability)
            return (Float(-log(m)), Float(-log(1 - m)))
        }
    }

    /// The events in the model's codes: −1 for a missing value, −2 for a name never seen.
    func coded(_ sequences: EventSequences) throws -> [[Int32]] {
        guard sequences.fields == fields else {
            throw GibbsError(.shapeMismatch, "the events have the fields \(sequences.fields.joined(separator: ", ")) where the model has \(fields.joined(separator: ", "))",
                             advice: "give events with the fields that the model was fitted to")
        }
        return fields.indices.map { field in
            let codes = Dictionary(uniqueKeysWithValues: vocabularies[field].names.enumerated().map { ($1, Int32($0)) })
            let table = sequences.names[field].map { codes[$0] ?? Examples.unseen }
            return sequences.codes[field].map { $0 < 0 ? Examples.missing : table[Int($0)] }
        }
    }
}

/// The rows from which one field's machine learns or is asked: choices and what came before them.
struct Examples {
    static let missing: Int32 = -1, unseen: Int32 = -2

    /// Where an example stands.
    struct Place { var session: Int, event: Int }

    let places: [Place]
    let choices: [Int32]
    private let coded: [[Int32]], starts: [Int]
    let field: Int
    private let history: Int, columns: Int

    init(_ coded: [[Int32]], of sequences: EventSequences, model: EventModel, field: Int) {
        self.init(coded, of: sequences, vocabularies: model.vocabularies, history: model.history, hasEnd: model.hasEnd, field: field)
    }

    init(_ coded: [[Int32]], of sequences: EventSequences, vocabularies: [Vocabulary], history: Int, hasEnd: Bool, field: Int) {
        self.coded = coded
        (self.history, self.field) = (history, field)
        columns = coded.count * history + field
        starts = sequences.sessions.map(\.events.lowerBound)
        var places = [Place](), choices = [Int32]()
        for (number, session) in sequences.sessions.enumerated() {
            for event in session.events {
                places.append(Place(session: number, event: event - session.events.lowerBound))
                choices.append(coded[field][event])
            }
            if hasEnd && field == 0 {
                places.append(Place(session: number, event: session.events.count))
                choices.append(Int32(vocabularies[0].names.count))
            }
        }
        self.places = places
        self.choices = choices
    }

    /// The place among all events of what a row is about; `nil` for the end of a session.
    func event(at row: Int) -> Int? {
        let event = starts[places[row].session] + places[row].event, end = places[row].session + 1 < starts.count ? starts[places[row].session + 1] : coded[field].count
        return event < end ? event : nil
    }

    /// The code at a place of the columns.
    func code(of event: Int) -> Int32 { coded[field][event] }

    /// The contexts of some examples, shape `[rows.count, columns]`.
    func contexts(_ rows: [Int]) -> Matrix {
        var result = Matrix(rows: rows.count, columns: columns, values: [Float](repeating: .nan, count: rows.count * columns))
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(rows.count, minimum: 1_024) { range in
                for row in range { fill(UnsafeMutableBufferPointer(start: out.pointer! + row * columns, count: columns), at: places[rows[row]]) }
            }
        }
        return result
    }

    /// The context at one place.
    func context(at place: Place) -> [Float] {
        var result = [Float](repeating: .nan, count: columns)
        result.withUnsafeMutableBufferPointer { fill($0, at: place) }
        return result
    }

    private func fill(_ row: UnsafeMutableBufferPointer<Float>, at place: Place) {
        let first = starts[place.session]
        func set(_ column: Int, _ code: Int32) { if code >= 0 { row[column] = Float(code) } }
        for back in 1 ... history where back <= place.event {
            for other in coded.indices { set((back - 1) * coded.count + other, coded[other][first + place.event - back]) }
        }
        for earlier in 0 ..< field { set(coded.count * history + earlier, coded[earlier][first + place.event]) }
    }
}
