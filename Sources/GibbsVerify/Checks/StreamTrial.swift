import Foundation
import GibbsEvents
import GibbsNumerics

/// Random events for a stream's schema, and what each of their fields says, worked out the long way: lists of what came before in place of
/// the rows and hashes of a monitor.
package struct StreamTrial {
    /// An event as its source gives it.
    struct Event {
        let entity: String, time: Double
        /// By column of the schema.
        let values: [String: String]
    }

    let events: [Event]
    private let schema: EventSchema

    /// Events of twelve entities over some days: known names, each column's own few values an entity, now and then one that is new or missing.
    ///
    /// - Parameters:
    ///   - names: The names that the model knows, by field.
    ///   - key: Draws everything.
    package init(of schema: EventSchema, names: [[String]], count: Int, key: Key) {
        self.schema = schema
        var known = [String: [String]]()
        for (field, own) in zip(schema.fields, names) where field.encoding == .name { known[field.column] = own }
        let columns = schema.columns, width = columns.count * 2 + 2, draws = key.uniforms(count * width)
        var time = 1_772_323_200.0
        events = (0 ..< count).map { number in
            let u = Array(draws[number * width ..< (number + 1) * width]), who = Int(u[0] * u[0] * 12)
            // From moments to most of a day.
            time += pow(Double(u[1]), 12) * 60_000
            var values = [String: String]()
            for (place, column) in columns.enumerated() where u[2 + 2 * place] >= 0.04 {
                let lot = u[3 + 2 * place], pool = known[column] ?? []
                values[column] = u[2 + 2 * place] < 0.1 ? "never-\(number)" : pool.isEmpty ? "\(column)-\(who % 5)-\(Int(lot * lot * 11))" : pool[min(pool.count - 1, Int(lot * lot * Float(pool.count)))]
            }
            return Event(entity: "trial-\(who)", time: time, values: values)
        }
    }

    /// The events from `range`, as a monitor takes them; their lines are their places.
    func batch(_ range: Range<Int>) -> EventBatch {
        var batch = EventBatch(columns: schema.columns)
        for place in range {
            let event = events[place]
            batch.append(entity: event.entity, time: schema.time == nil ? nil : event.time, values: schema.columns.map { event.values[$0] }, line: place, offset: 100 * place)
        }
        return batch
    }

    /// What the fields of every event say, an entity's events a session, and the places of each session's events.
    func sessions() -> (sequences: EventSequences, places: [[Int]]) {
        var told = [[String?]](), subjects = [String: [String: Recent]](), entities = [String: Past]()
        for event in events {
            var past = entities[event.entity] ?? Past()
            told.append(schema.fields.map { field in
                let value = field.column == schema.entity ? event.entity : event.values[field.column]
                switch field.encoding {
                case .name: return value
                case .change: return value.map { past.columns[field.name, default: Recent()].change(to: $0) }
                case .familiar:
                    guard let value, let subject = schema.subject == schema.entity ? event.entity : event.values[schema.subject ?? ""] else { return nil }
                    return subjects[subject, default: [:]][field.name, default: Recent()].familiar(
                        value, day: schema.time == nil ? 0 : (event.time / 86_400).rounded(.down), keeps: schema.habitual == nil || event.values[schema.fields[0].column] == schema.habitual)
                case .gap: return Self.gap(past.time.map { event.time - $0 })
                }
            })
            past.time = event.time
            entities[event.entity] = past
        }
        var sequences = EventSequences(fields: schema.fields.map(\.name)), places = [[Int]]()
        for entity in entities.keys.sorted() {
            let own = events.indices.filter { events[$0].entity == entity }
            sequences.add(id: entity, events: own.map { told[$0] }, lines: own)
            places.append(own)
        }
        return (sequences, places)
    }

    /// What an entity did before.
    private struct Past {
        var time: Double?
        var columns: [String: Recent] = [:]
    }

    /// Eight different values, the last one first, and the day each came first.
    private struct Recent {
        var values: [(value: String, day: Double)] = []

        mutating func change(to value: String) -> String {
            let found = values.isEmpty ? "first" : values[0].value == value ? "same" : values.contains { $0.value == value } ? "recent" : "new"
            see(value, day: 0)
            return found
        }

        mutating func familiar(_ value: String, day: Double, keeps: Bool) -> String {
            let since = values.first { $0.value == value }?.day, found = values.isEmpty ? "first" : since.map { $0 < day ? "known" : "today" } ?? "new"
            if keeps { see(value, day: day) }
            return found
        }

        private mutating func see(_ value: String, day: Double) {
            let since = values.first { $0.value == value }?.day ?? day
            values = [(value, since)] + values.filter { $0.value != value }.prefix(7)
        }
    }

    private static func gap(_ seconds: Double?) -> String {
        guard let seconds else { return "first" }
        let steps: [(Double, String)] = [(1, "≤ 1 s"), (10, "≤ 10 s"), (60, "≤ 1 min"), (600, "≤ 10 min"), (3_600, "≤ 1 h"), (21_600, "≤ 6 h"), (86_400, "≤ 1 day")]
        return steps.first { seconds <= $0.0 }?.1 ?? "> 1 day"
    }
}
