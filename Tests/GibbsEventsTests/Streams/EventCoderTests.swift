import Foundation
import GibbsData
import GibbsEvents
import GibbsNumerics
import Testing

/// Events of a fit and events of a watch are coded alike, whatever they lack: the model says the same of both.
@Suite struct EventCoderTests {
    /// Fields of every encoding.
    private static func schema(subject: String) -> EventSchema {
        EventSchema(entity: "who", time: "time", subject: subject, fields: [
            .init(name: "what", column: "what", encoding: .name), .init(name: "place", column: "place", encoding: .change),
            .init(name: "place to \(subject)", column: "place", encoding: .familiar), .init(name: "who to \(subject)", column: "who", encoding: .familiar),
            .init(name: "gap", column: "", encoding: .gap),
        ])
    }

    /// Events of few entities over ten days with gaps of all lengths; some lack a value, a time or an entity, and some clocks go backwards.
    private static func log(_ count: Int, columns: [String], key: Key) throws -> EventLog {
        let draws = key.uniforms(count * 8)
        var time = 1_772_323_200.0
        let events = (0 ..< count).map { number -> [String?] in
            let u = Array(draws[number * 8 ..< number * 8 + 8])
            time += Double(pow(u[0], 9)) * 86_400
            return [u[1] < 0.02 ? nil : "w\(Int(u[2] * 7))", u[1] > 0.95 ? nil : String(time - (u[3] < 0.05 ? Double(u[3]) * 40_000 : 0)),
                    u[4] < 0.04 ? nil : "a\(Int(u[5] * u[5] * 5))", u[4] > 0.93 ? nil : "p\(Int(u[6] * u[6] * 14))", u[1] > 0.5 && u[1] < 0.54 ? nil : "u\(Int(u[7] * 9))"]
        }
        let names = ["who", "time", "what", "place", "user"], table = Table(columns: names.indices.map { column in Column(name: names[column], texts: events.map { $0[column] }) })
        return try EventLog(table, entity: "who", time: "time", columns: columns)
    }

    @Test(arguments: ["user", "who"]) func fitAndWatchAgree(subject: String) throws {
        let schema = Self.schema(subject: subject), columns = schema.columns, log = try Self.log(4_000, columns: columns, key: Key(7)), all = log.sequences(schema) { _ in true }
        #expect(all.eventCount > 3_800 && all.names.allSatisfy { $0.count >= 3 })
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.subject) = (1, 6, 2, subject)
        options.encodings["place"] = .change
        let learned = try Self.log(3_000, columns: columns, key: Key(8))
        let measure = try StreamFit.fitted(to: learned, entity: "who", time: "time", options: options).measure
        let expected = try measure.model.surprises(of: log.sequences(measure.schema) { _ in true }).flatMap { $0 }.map { $0.reduce(0, +) }
        var monitor = StreamMonitor(measure, calibration: nil), found = [Int32: [Float]]()
        log.selecting(measure.schema.columns).batches(of: 333) { batch, events in
            monitor.observe(batch) { found[log.entity[events[$0.index]], default: []].append($0.surprise) }
        }
        let seen = log.entities.indices.flatMap { found[Int32($0)] ?? [] }
        #expect(seen.count == expected.count && Set(expected.map { Int($0 * 100) }).count > 100)
        for (event, pair) in zip(seen, expected).enumerated() where !(abs(pair.0 - pair.1) < 1e-3) {
            Issue.record("event \(event) costs \(pair.0) in the watch and \(pair.1) in the fit")
            break
        }
    }
}
