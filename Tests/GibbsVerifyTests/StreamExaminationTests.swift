import Foundation
import Gibbs
import GibbsTestSupport
import GibbsVerify
import Testing

/// Watchdogs on streams, sound and damaged; and each check of their sums fails when what it looks at is a little wrong.
@Suite struct StreamExaminationTests {
    /// Entities who go round five kinds of events, on files of their own, about users who keep to a place.
    static func events(_ count: Int, from day: Double = 0, key: Key) -> [[String]] {
        let u = key.uniforms(4 * count)
        var state = [Int](repeating: 0, count: 40), time = 1_772_323_200.0 + 86_400 * day
        return (0 ..< count).map { row in
            let who = Int(u[4 * row] * 40), lot = u[4 * row + 3]
            state[who] = u[4 * row + 1] < 0.85 ? (state[who] + 1) % 5 : Int(u[4 * row + 1] * 997) % 5
            time += 600 * pow(Double(u[4 * row + 2]), 3)
            return ["e\(who)", "\(time)", "kind \(state[who])", "f\(who)-\(Int(lot * lot * 5))", "place \((who + (lot > 0.9 ? 1 : 0)) % 7)"]
        }
    }

    static func log(_ events: [[String]]) throws -> EventLog {
        let names = ["who", "time", "kind", "file", "place"]
        return try EventLog(Table(columns: names.indices.map { column in Column(name: names[column], texts: events.map { $0[column] }) }), entity: "who", time: "time", columns: ["kind", "file", "place"])
    }

    static let watchdog = Result {
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.subject, options.falseAlarmRate) = (2, 8, 6, "who", 0.05)
        options.encodings = ["kind": .name, "file": .change, "place": .name]
        return StreamWatchdog(try StreamFit.fitted(to: StreamExaminationTests.log(StreamExaminationTests.events(6_000, key: Key(1))), entity: "who", time: "time", options: options), source: .table, options: options)
    }

    static let trial = Result { StreamTrial(of: try watchdog.get().measure.schema, names: try watchdog.get().measure.model.vocabularies.map(\.names), count: 400, key: Key(3)) }

    @Test func sound() throws {
        let watchdog = try Self.watchdog.get(), found = try StreamExamination(of: watchdog, key: Key(2)).findings()
        #expect(Set(watchdog.measure.schema.fields.map(\.encoding)) == Set(EventSchema.Encoding.allCases), "a trial of every encoding")
        #expect(found.odd == [], "\(found)")
        for subject in ["thresholds", "what comes next", "what a day counts", "surprises", "blame", "batches", "energy gap"] { #expect(found.contains { $0.subject == subject }, "\(subject)") }
        // The days after those of the fit, by a monitor that saw them.
        var past = watchdog.monitor(), batch = EventBatch(columns: watchdog.measure.schema.columns)
        for (line, event) in Self.events(6_000, key: Key(1)).enumerated() {
            let values = ["kind": event[2], "file": event[3], "place": event[4]]
            batch.append(entity: event[0], time: Double(event[1]), values: batch.columns.map { values[$0] }, line: line)
        }
        _ = past.observe(batch)
        let fresh = try StreamExamination(of: watchdog, log: Self.log(Self.events(3_000, from: 12, key: Key(4))), past: past, key: Key(2)).findings()
        #expect(fresh.odd == [] && fresh.contains { $0.subject == "false alarms" }, "\(fresh.filter(\.isWarning))")
    }

    /// Without a calibration there are no thresholds to look at, and no blame; a sound model is not odd for that.
    @Test func uncalibrated() throws {
        var archive = try Self.watchdog.get().archive()
        archive.metadata["gibbs.calibration"] = nil
        #expect(try StreamExamination(of: StreamWatchdog(archive: archive), key: Key(2)).findings().odd == [])
    }

    @Test func damaged() throws {
        func odd(_ change: (inout Archive) -> Void) throws -> [String] {
            var archive = try Self.watchdog.get().archive()
            change(&archive)
            return try StreamExamination(of: StreamWatchdog(archive: archive), key: Key(2)).findings().odd
        }
        let name = try #require(try Self.watchdog.get().archive().tensors.keys.first { $0.hasPrefix("model") && $0.hasSuffix("hiddenWeights") })
        #expect(try odd { $0.tensors[name]!.values[0] = 80 }.contains { $0.hasPrefix("weights") })
        #expect(try odd { $0.tensors["calibration"]!.values = $0.tensors["calibration"]!.values.map { _ in 1 } }.contains("scores of calibration"))
    }

    @Test func thresholds() {
        func odd(_ energies: [Float], _ thresholds: [Float], _ pValues: [Double]) -> Bool { StreamExamination.ascending(energies, thresholds, pValues).isWarning }
        #expect(!odd([1, 2, 2], [1, 2], [1, 0.75, 0.75]))
        #expect(odd([2, 1, 2], [1, 2], [1, 0.75, 0.75]) && odd([1, 2, 2], [2, 1], [1, 0.75, 0.75]) && odd([1, 2, 2], [1, 2], [0.75, 1, 0.75]) && odd([1, 2, 2], [1, 2], [1, 0.75, 0.5]))
        #expect(odd([1, 2, .nan], [1, 2], [1, 0.75, 0.5]))
    }

    // MARK: - Broken mathematics

    @Test func brokenChoices() throws {
        let measure = try Self.watchdog.get().measure
        func failures(_ change: @escaping (inout [ChoiceScorer.Cost]) -> Void, temperature: Float = 2) throws -> [CheckFailure] {
            try measure.model.choices.flatMap { choice in
                try ChoiceChecks.enumerated(choice, temperature: temperature, unseen: 0.02, contexts: 10, name: "choice", key: Key(5)) {
                    var costs = try ChoiceChecks.scored($0, $1, $2, $3, $4)
                    change(&costs)
                    return costs
                }
            }
        }
        for temperature: Float in [1.2, 2, 30] { #expect(try failures({ _ in }, temperature: temperature) == []) }
        #expect(try failures { costs in for index in costs.indices { costs[index].surprise += 1e-4 } } != [])
        #expect(try failures { costs in for index in costs.indices { costs[index].gain += 1e-4 } } != [])
        #expect(try failures { costs in (costs[0].surprise, costs[1].surprise) = (costs[1].surprise, costs[0].surprise) } != [], "two categories in each other's place")
        #expect(try failures { $0[$0.count - 1].gain = 0 } != [], "new names that bring no evidence")
        #expect(try failures { $0[0].surprise = .nan } != [])
    }

    @Test func brokenMonitor() throws {
        let watchdog = try Self.watchdog.get(), trial = try Self.trial.get()
        func told(_ change: @escaping (inout StreamChecks.Told, _ size: Int) -> Void) -> StreamChecks.Run {
            { watchdog, trial, size in
                var told = StreamChecks.watched(watchdog, trial, size)
                change(&told, size)
                return told
            }
        }
        #expect(try StreamChecks.surprises(watchdog, on: trial) == [] && StreamChecks.blame(watchdog, on: trial) == [] && StreamChecks.batches(watchdog, on: trial) == [])
        #expect(try StreamChecks.surprises(watchdog, on: trial, by: told { told, _ in told.scores[77].surprise += 1e-3 }) != [])
        #expect(try StreamChecks.surprises(watchdog, on: trial, by: told { told, _ in told.scores.removeLast() }) != [])
        #expect(StreamChecks.watched(watchdog, trial, 256).alerts.contains { $0.reasons.count > 1 })
        #expect(try StreamChecks.blame(watchdog, on: trial, by: told { told, _ in for index in told.alerts.indices { for place in told.alerts[index].reasons.indices { told.alerts[index].reasons[place].gain *= 1.001 } } }) != [])
        #expect(try StreamChecks.blame(watchdog, on: trial, by: told { told, _ in for index in told.alerts.indices { for place in told.alerts[index].reasons.indices { told.alerts[index].reasons[place].line += 1 } } }) != [])
        #expect(try StreamChecks.batches(watchdog, on: trial, by: told { told, size in if size == 7 { told.scores[300].score = told.scores[300].score.nextUp } }) != [])
        #expect(try StreamChecks.batches(watchdog, on: trial, by: told { told, size in if size > 7 { told.alerts.removeLast() } }) != [])
        #expect(try StreamChecks.batches(watchdog, on: trial, by: told { told, size in if size > 7 { told.alerts[0].events += 1 } }) != [])
    }

    /// A monitor with other numbers than the model's.
    @Test func otherModel() throws {
        let watchdog = try Self.watchdog.get(), trial = try Self.trial.get()
        var archive = watchdog.archive()
        for name in archive.tensors.keys where name.hasSuffix("hiddenWeights") { archive.tensors[name]!.values = archive.tensors[name]!.values.map { 1.01 * $0 } }
        let other = try StreamWatchdog(archive: archive)
        #expect(try StreamChecks.surprises(watchdog, on: trial) { _, trial, size in StreamChecks.watched(other, trial, size) } != [])
    }
}
