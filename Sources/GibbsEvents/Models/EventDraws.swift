import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

extension EventModel {
    /// Sessions drawn from the model, event by event, each until it ends or has `limit` events.
    ///
    /// - Parameters:
    ///   - count: Sessions.
    ///   - limit: The most events of a session.
    ///   - key: Feeds the draws.
    /// - Throws: `GibbsError` with code `.unsuitableData` for a model without names.
    /// - Complexity: `count × limit` choices at most, in parallel over the sessions.
    public func drawn(_ count: Int, limit: Int, key: Key) throws -> EventSequences {
        guard vocabularies.allSatisfy({ !$0.names.isEmpty }) else {
            throw GibbsError(.unsuitableData, "a model that knows no names draws no sessions", advice: "fit it to sessions with events")
        }
        var events = [[[Int]]](repeating: [], count: count), open = Array(0 ..< count)
        for step in 0 ..< limit where !open.isEmpty {
            var drawn = [[Int]](repeating: [], count: open.count)
            for field in fields.indices {
                let columns = fields.count * history + field
                var contexts = Matrix(rows: open.count, columns: columns, values: [Float](repeating: .nan, count: open.count * columns))
                for (row, session) in open.enumerated() {
                    for (back, event) in events[session].suffix(history).reversed().enumerated() {
                        for (other, code) in event.enumerated() { contexts[row, back * fields.count + other] = Float(code) }
                    }
                    // An end has no further fields; what is drawn for it is dropped.
                    for (earlier, code) in drawn[row].enumerated() where code < vocabularies[earlier].names.count { contexts[row, fields.count * history + earlier] = Float(code) }
                }
                let scores = try choices[field].logProbabilities(given: contexts), uniforms = key.folding(step).folding(field).uniforms(open.count)
                for row in open.indices { drawn[row].append(Self.choice(scores.row(row), at: uniforms[row])) }
            }
            var rest = [Int]()
            for (row, session) in open.enumerated() where !(hasEnd && drawn[row][0] == endCode) {
                events[session].append(drawn[row])
                rest.append(session)
            }
            open = rest
        }
        var result = EventSequences(fields: fields)
        for (number, session) in events.enumerated() {
            result.add(id: String(number + 1), line: number + 1, events: session.map { event in zip(event, vocabularies).map { $1.names[$0] } }, lines: session.map { _ in number + 1 })
        }
        return result
    }

    /// The choice at which the probabilities summed so far exceed `u`.
    private static func choice(_ logProbabilities: ArraySlice<Float>, at u: Float) -> Int {
        var sum: Float = 0
        for (place, value) in logProbabilities.enumerated() {
            sum += exp(value)
            if u < sum { return place }
        }
        return logProbabilities.count - 1
    }

    /// p(hⱼ = 1 | event, history) of a field's machine over all known events of sessions, at most `limit` of them; shape `[events, hidden]`.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public func hiddenMeans(of sequences: EventSequences, field: Int, limit: Int) throws -> Matrix {
        let examples = Examples(try coded(sequences), of: sequences, model: self, field: field)
        let rows = Array(examples.choices.indices.filter { examples.choices[$0] >= 0 }.prefix(limit))
        let batch = Matrix(rows: rows.count, columns: 1, values: rows.map { Float(examples.choices[$0]) })
        return try choices[field].hiddenMeans(of: batch, given: examples.contexts(rows))
    }
}
