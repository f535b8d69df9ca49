import Foundation
import Gibbs

/// Events a second of a stream's monitor, from memory and from NDJSON, its memory for a million entities, and the time one event takes.
///
/// The stream is drawn from a Markov chain of 50 kinds of events by a key; the model is a real fit on such a stream, with the day
/// profile. Run it by `taskset -c 0` for the figures of one core; every line says how many processors there were.
enum Streams {
    static let kinds = 50, history = 3, hidden = 64

    /// - Parameters:
    ///   - only: The figures to make: `library`, `lines`, `memory`, `latency`; all where empty.
    ///   - hasGap: Whether the time since an entity's last event is a second field.
    static func run(events: Int, entities: Int, hasGap: Bool, only: Set<String>) throws {
        let fit = try fitted(hasGap: hasGap)
        func wants(_ figure: String) -> Bool { only.isEmpty || only.contains(figure) }
        if wants("library") { library(fit, events: events, entities: entities, size: 4_096) }
        if wants("lines") { try lines(fit, events: events, entities: entities) }
        if wants("latency") { latency(fit, events: min(events, 200_000), entities: entities) }
        if wants("memory") { memory(fit, entities: 1_000_000) }
    }

    /// A fit on 1,000 entities of a hundred events each.
    static func fitted(hasGap: Bool) throws -> StreamFit {
        let path = NSTemporaryDirectory() + "gibbs-bench-stream.ndjson"
        try write(path, SyntheticStream(entities: 1_000, key: Key(1)), events: 100_000)
        var table = TableOptions(types: ["time": .category, "entity": .category, "event": .category])
        table.missing = [""]
        let log = try EventLog(TableReader(path: path, options: table).readAll(), entity: "entity", time: "time", columns: ["event"])
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs) = (history, hidden, 3)
        var fit: StreamFit!
        let time = try seconds { fit = try StreamFit.fitted(to: log, entity: "entity", time: hasGap ? "time" : nil, options: options) }
        note("fit", "seconds", time, ["fields": fit.measure.schema.fields.count, "surprise": fit.surprise, "baseline": fit.baselineSurprise,
                                      "profileColumns": fit.measure.profile.columns.count])
        return fit
    }

    static func library(_ fit: StreamFit, events: Int, entities: Int, size: Int) {
        var stream = SyntheticStream(entities: entities, key: Key(2)), monitor = StreamMonitor(fit.measure, calibration: fit.calibration), times = [Double](), alerts = 0
        // The first round meets the entities.
        for _ in 0 ..< 4 {
            let batches = stream.batches(events, of: size)
            times.append(processorSeconds { for batch in batches { alerts += monitor.observe(batch).count } })
        }
        note("library", "events/processor-s", Double(events) / times.dropFirst().sorted()[1], ["fields": fit.measure.schema.fields.count, "entities": entities, "batch": size, "alerts": alerts])
    }

    static func lines(_ fit: StreamFit, events: Int, entities: Int) throws {
        let path = NSTemporaryDirectory() + "gibbs-bench-stream-\(events).ndjson"
        try write(path, SyntheticStream(entities: entities, key: Key(3)), events: events)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int
        var alerts = 0, read = 0
        let times = try (0 ..< 3).map { _ in
            var monitor = StreamMonitor(fit.measure, calibration: fit.calibration)
            return try processorSeconds { (read, alerts) = try observe(path, by: &monitor) }
        }.sorted()
        note("ndjson", "events/processor-s", Double(read) / times[1], ["fields": fit.measure.schema.fields.count, "bytesALine": bytes / events, "alerts": alerts])
    }

    private static func observe(_ path: String, by monitor: inout StreamMonitor) throws -> (events: Int, alerts: Int) {
        let follower = try LineFollower(path: path), values = LineValues(["entity", "time", "event"], format: .json)
        var batch = EventBatch(columns: ["event"]), events = 0, alerts = 0
        func hand() {
            alerts += monitor.observe(batch).count
            events += batch.count
            batch.removeAll()
        }
        while true {
            let step = try follower.read { line in
                try values.read(line.bytes)
                batch.append(entity: values.values[0], time: values.values[1].flatMap(TimeStamp.seconds), values: values.values[2...], line: line.number, offset: line.offset)
                if batch.count == 4_096 { hand() }
            }
            if step == .end { break }
        }
        hand()
        return (events, alerts)
    }

    static func latency(_ fit: StreamFit, events: Int, entities: Int) {
        var stream = SyntheticStream(entities: entities, key: Key(4)), monitor = StreamMonitor(fit.measure, calibration: fit.calibration)
        for batch in stream.batches(events, of: 4_096) { _ = monitor.observe(batch) }
        let clock = ContinuousClock()
        var times = [Double](), count = 0
        for batch in stream.batches(events, of: 1) {
            let elapsed = clock.measure { count += monitor.observe(batch).count }
            times.append(Double(elapsed.components.attoseconds) * 1e-12)
        }
        times.sort()
        note("one event", "p99 µs", times[times.count * 99 / 100], ["median": times[times.count / 2], "p99.9": times[times.count * 999 / 1_000], "alerts": count,
                                                                     "fields": fit.measure.schema.fields.count])
    }

    /// Three events of every entity, then events of a name never seen until all scores are above zero.
    static func memory(_ fit: StreamFit, entities: Int) {
        let before = residentMemory()
        var stream = SyntheticStream(entities: entities, key: Key(5)), monitor = StreamMonitor(fit.measure, calibration: fit.calibration, limit: entities)
        for _ in 0 ..< 3 { stream.everyEntity(batchSize: 4_096) { monitor.observe($0) { _ in } } }
        note("memory", "MiB", Double(residentMemory()) / 1_048_576, ["before": Double(before) / 1_048_576, "entities": monitor.entityCount, "dropped": monitor.droppedEntities])
        var above = 0
        for _ in 0 ..< 2 {
            above = 0
            stream.everyEntity(event: "never", batchSize: 4_096) { monitor.observe($0) { above += $0.score > 0 ? 1 : 0 } }
        }
        note("memory of scores above 0", "MiB", Double(residentMemory()) / 1_048_576, ["above": above, "entities": monitor.entityCount, "dropped": monitor.droppedEntities])
    }

    private static func note(_ task: String, _ figure: String, _ value: Double, _ more: [String: Any]) {
        report("stream " + task, figure, value, more.merging(["processors": parallelWidth]) { one, _ in one })
    }

    private static func write(_ path: String, _ stream: SyntheticStream, events: Int) throws {
        var stream = stream, text = "", session = UInt32(7)
        for _ in 0 ..< events {
            let event = stream.next()
            session = session &* 1_664_525 &+ 1_013_904_223
            text += "{\"time\":\"\(TimeStamp.text(event.time))\",\"entity\":\"user-\(event.entity)\",\"event\":\"\(SyntheticStream.names[event.kind])\",\"session\":\"\(session)\",\"status\":200,\"bytes\":\(session % 9_999)}\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

/// Events of entities that each follow the same Markov chain: four kinds likely after every kind, and all others now and then.
struct SyntheticStream {
    static let names = (0 ..< Streams.kinds).map { "service.action-\($0)" }
    private let next: [[Int]], entities: Int
    private var states: [Int], state: UInt64, time = 1_772_323_200.0
    /// So that an entity has 50 events a day.
    private let step: Double

    init(entities: Int, key: Key) {
        let chain = Key(99).uniforms(Streams.kinds * 4)
        next = (0 ..< Streams.kinds).map { kind in (0 ..< 4).map { Int(chain[kind * 4 + $0] * Float(Streams.kinds)) } }
        self.entities = entities
        states = [Int](repeating: 0, count: entities)
        state = UInt64(key.uniforms(1)[0] * 0x1p24)
        step = 86_400 / (50 * Double(entities))
    }

    /// Splitmix64; benchmark streams need speed, not keys.
    private mutating func draw(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) >> 11) % limit
    }

    mutating func next(of entity: Int? = nil) -> (entity: Int, kind: Int, time: Double) {
        let who = entity ?? draw(below: entities)
        states[who] = draw(below: 10) == 0 ? draw(below: Streams.kinds) : next[states[who]][draw(below: 4)]
        time += step
        return (who, states[who], time)
    }

    mutating func batches(_ count: Int, of size: Int) -> [EventBatch] {
        stride(from: 0, to: count, by: size).map { first in
            var batch = EventBatch(columns: ["event"])
            for line in first ..< min(count, first + size) {
                let event = next()
                batch.append(entity: "user-\(event.entity)", time: event.time, values: [Self.names[event.kind]], line: line + 1)
            }
            return batch
        }
    }

    /// One event of every entity, in order.
    mutating func everyEntity(event name: String? = nil, batchSize: Int, _ body: (EventBatch) -> Void) {
        var batch = EventBatch(columns: ["event"])
        for entity in 0 ..< entities {
            let event = next(of: entity)
            batch.append(entity: "user-\(entity)", time: event.time, values: [name ?? Self.names[event.kind]], line: entity + 1)
            if batch.count == batchSize || entity == entities - 1 {
                body(batch)
                batch.removeAll()
            }
        }
    }
}
