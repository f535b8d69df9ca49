import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsMachines
import GibbsNumerics
import Testing

/// A watched stream beside its model: surprises are the model's, alerts the same in all their parts whatever the batches, memory limited.
@Suite struct MonitoredModelTests {
    /// An event as a source gives it.
    struct Event {
        let entity: String?
        let time: Double
        let kind: String?
        let host: String?
    }

    /// A chain of twelve kinds, hosts that mostly stay, now and then a missing value and, where `odd`, a kind never seen.
    static func events(_ count: Int, entities: Int, odd: Bool = false, key: Key) -> [Event] {
        let draws = key.uniforms(count * 6)
        var state = [Int](repeating: 0, count: entities), time = 1_772_323_200.0
        return (0 ..< count).map { number in
            let u = draws[number * 6 ..< number * 6 + 6].map { $0 }, who = Int(u[0] * Float(entities))
            state[who] = u[1] < 0.8 ? (state[who] + 1) % 12 : Int(u[1] * 60) % 12
            time += Double(pow(u[2], 8)) * 3_000
            let kind = u[4] < 0.03 ? nil : odd && u[4] < 0.06 ? "never" : "kind \(state[who])"
            return Event(entity: "e\(who)", time: time, kind: kind, host: u[5] < 0.05 ? nil : "h\(who)-\(Int(u[3] * u[3] * 12))")
        }
    }

    static let fit = Result {
        let events = MonitoredModelTests.events(6_000, entities: 60, key: Key(1))
        let table = Table(columns: [Column(name: "entity", texts: events.map(\.entity)), Column(name: "time", texts: events.map { "\($0.time)" }),
                                    Column(name: "kind", texts: events.map(\.kind)), Column(name: "host", texts: events.map(\.host))])
        let log = try EventLog(table, entity: "entity", time: "time", columns: ["kind", "host"])
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs) = (2, 9, 2)
        return try StreamFit.fitted(to: log, entity: "entity", time: "time", options: options)
    }
    static let calibration = Result { try Calibration(energies: (0 ..< 99).map { Float($0) / 40 }, falseAlarmRate: 0.05) }

    static func batches(_ events: [Event], of size: Int) -> [EventBatch] {
        stride(from: 0, to: events.count, by: size).map { first in
            var batch = EventBatch(columns: ["kind", "host"])
            for line in first ..< min(events.count, first + size) {
                batch.append(entity: events[line].entity, time: events[line].time, values: [events[line].kind, events[line].host], line: line + 1, offset: 100 * line)
            }
            return batch
        }
    }

    /// Each entity's events as a session, their changes and gaps worked out the long way.
    static func sessions(_ events: [Event]) -> (sequences: EventSequences, order: [[Int]]) {
        var sequences = EventSequences(fields: ["kind", "host", "gap"]), order = [[Int]]()
        for entity in Set(events.map(\.entity!)).sorted() {
            let own = events.indices.filter { events[$0].entity == entity }
            var hosts = [String](), before: Double?, values = [[String?]]()
            for event in own.map({ events[$0] }) {
                var change: String?
                if let host = event.host {
                    change = hosts.isEmpty ? "first" : hosts[0] == host ? "same" : hosts.prefix(8).contains(host) ? "recent" : "new"
                    hosts = [host] + hosts.filter { $0 != host }
                }
                let gap = before.map { event.time - $0 }
                let steps: [(Double, String)] = [(1, "≤ 1 s"), (10, "≤ 10 s"), (60, "≤ 1 min"), (600, "≤ 10 min"), (3_600, "≤ 1 h"), (21_600, "≤ 6 h"), (86_400, "≤ 1 day")]
                values.append([event.kind, change, gap.map { gap in steps.first { gap <= $0.0 }?.1 ?? "> 1 day" } ?? "first"])
                before = event.time
            }
            sequences.add(id: entity, events: values, lines: own)
            order.append(own)
        }
        return (sequences, order)
    }

    @Test func surprisesAreTheModels() throws {
        let measure = try Self.fit.get().measure, events = Self.events(3_000, entities: 40, odd: true, key: Key(2))
        #expect(measure.schema.fields.map { $0.encoding } == [EventSchema.Encoding.name, .change, .gap])
        var monitor = StreamMonitor(measure, calibration: nil), found = [Float]()
        for batch in Self.batches(events, of: 700) { monitor.observe(batch) { found.append($0.surprise) } }
        let (sequences, order) = Self.sessions(events), expected = try measure.model.surprises(of: sequences)
        #expect(found.count == events.count && monitor.counters.events == events.count && monitor.entityCount == 40)
        var worst: Float = 0
        for (session, places) in order.enumerated() {
            for (number, place) in places.enumerated() { worst = max(worst, abs(found[place] - expected[session][number].reduce(0, +))) }
        }
        #expect(worst < 1e-3, "\(worst)")
    }

    /// Scores, alerts and their reasons to the last bit.
    @Test(arguments: [1_000, 20]) func batchesDoNotMatter(limit: Int) throws {
        let measure = try Self.fit.get().measure, events = Self.events(4_000, entities: 50, odd: true, key: Key(3))
        func run(_ size: Int) throws -> ([StreamMonitor.EventScore], [StreamAlert]) {
            var monitor = StreamMonitor(measure, calibration: try Self.calibration.get(), limit: limit), scores = [StreamMonitor.EventScore](), alerts = [StreamAlert](), first = 0
            for batch in Self.batches(events, of: size) {
                alerts += monitor.observe(batch) { var score = $0; score.index += first; scores.append(score) }
                first += batch.count
            }
            return (scores, alerts)
        }
        let one = try run(1), thousand = try run(1_000), all = try run(4_000)
        for (other, size) in [(thousand, 1_000), (all, 4_000)] {
            let apart = zip(one.0, other.0).first { $0 != $1 }
            #expect(apart == nil && other.0.count == events.count, "batches of \(size): \(String(describing: apart))")
            let unlike = zip(one.1, other.1).first { $0 != $1 }
            #expect(unlike == nil && other.1.count == one.1.count && other.1.count > 20, "batches of \(size): \(String(describing: unlike))")
        }
        #expect(one.1.allSatisfy { $0.score > $0.threshold && (1 ... 4).contains($0.level) && (1 ... 8).contains($0.reasons.count) || $0.reasons.isEmpty })
    }

    @Test func limitedMemoryForgetsTheOldest() throws {
        let measure = try Self.fit.get().measure
        func event(_ who: String, _ second: Double) -> Event { Event(entity: who, time: 1_772_323_200 + second, kind: "kind 3", host: "x") }
        func surprises(_ names: [String], limit: Int) -> ([Float], StreamMonitor) {
            var monitor = StreamMonitor(measure, calibration: nil, limit: limit), found = [Float]()
            for (number, who) in names.enumerated() { monitor.observe(Self.batches([event(who, Double(number))], of: 1)[0]) { found.append($0.surprise) } }
            return (found, monitor)
        }
        // c's coming drops b, which was used before a; b is then new again, and a is not.
        let names = ["a", "b", "a", "c", "a", "b"], few = surprises(names, limit: 2), many = surprises(names, limit: 9)
        #expect(few.1.entityCount == 2 && few.1.droppedEntities == 2 && few.1.counters.events == 6)
        #expect(many.1.entityCount == 3 && many.1.droppedEntities == 0)
        #expect(few.0.prefix(5) == many.0.prefix(5) && few.0[5] == few.0[0] && few.0[5] != many.0[5])
    }

    @Test func whatIsPassedOverIsCounted() throws {
        var monitor = StreamMonitor(try Self.fit.get().measure, calibration: nil)
        monitor.dropsDuplicates = true
        func event(_ second: Double, _ who: String? = "a", _ kind: String = "kind 1") -> Event { Event(entity: who, time: 1_772_323_200 + second, kind: kind, host: nil) }
        let events = [event(5), event(5), event(5, "b"), event(3), event(4, nil), event(6), event(6, "a", "kind 2")]
        var seen = [Int]()
        monitor.observe(Self.batches(events, of: 99)[0]) { seen.append($0.index) }
        #expect(seen == [0, 2, 3, 5, 6])
        let counters = monitor.counters
        #expect((counters.events, counters.duplicates, counters.backwards, counters.withoutEntity) == (5, 1, 1, 1))
    }

    /// A copy of a monitor goes its own way.
    @Test func monitorsAreValues() throws {
        let batches = Self.batches(Self.events(600, entities: 9, odd: true, key: Key(4)), of: 300)
        func scores(_ monitor: inout StreamMonitor) -> [Float] {
            var found = [Float]()
            monitor.observe(batches[1]) { found.append($0.score) }
            return found
        }
        var one = StreamMonitor(try Self.fit.get().measure, calibration: nil)
        one.observe(batches[0]) { _ in }
        var other = one
        let first = scores(&one), again = scores(&one)
        #expect(scores(&other) == first && first != again)
    }

    @Test func levelsOfCounts() {
        let counts = [0: "0", 1: "1", 3: "3", 4: "4–7", 7: "4–7", 8: "8–15", 1_000: "512–1023", 65_535: "32768–65535", 65_536: "65536 or more", 1 << 40: "65536 or more"]
        for (count, name) in counts { #expect(StreamProfile.levelNames[StreamProfile.level(count)] == name, "\(count)") }
        #expect((0 ..< 70_000).allSatisfy { $0 == 0 || StreamProfile.level($0) >= StreamProfile.level($0 - 1) })
    }
}
