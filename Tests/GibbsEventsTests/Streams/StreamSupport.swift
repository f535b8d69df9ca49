import Foundation
import GibbsData
import GibbsEvents
import GibbsNumerics

/// Days of entities who work alike: open, some of read and write, a pause each, close.
enum SmallLog {
    struct Event: Sendable { var who: String, time: Double, what: String, file: String }

    /// The day of one entity; `strange` ones do what nobody does.
    static func day(_ who: String, start: Double, key: Key, strange: Bool = false) -> [Event] {
        let u = key.uniforms(64), steps = 6 + Int(u[0] * 14)
        var time = start + Double(u[1]) * 3_600
        return (0 ..< steps).map { step in
            time += -Foundation.log(1 - Double(u[2 + step])) * 200
            let lot = u[24 + step], what = step == 0 ? "open" : step == steps - 1 ? "close" : lot < 0.55 ? "read" : lot < 0.9 ? "write" : lot < 0.97 ? "skip" : "fail"
            return Event(who: who, time: time, what: strange ? (step % 2 == 0 ? "fail" : "wipe") : what, file: strange ? "x\(step)" : "f\(Int(u[44 + step] * 3))")
        }
    }

    /// Days of so many entities each, in the order of time.
    static func events(_ entities: Int, days: Int = 1, prefix: String = "e", key: Key) -> [Event] {
        (0 ..< days).flatMap { day in (0 ..< entities).flatMap { Self.day("\(prefix)\($0)", start: Double(20_000 + day) * 86_400, key: key.folding(day).folding($0)) } }
            .sorted { $0.time < $1.time }
    }

    static func log(_ events: [Event], labels: [String]? = nil) throws -> EventLog {
        var columns = [Column(name: "who", texts: events.map(\.who)), Column(name: "time", texts: events.map { String($0.time) }), Column(name: "what", texts: events.map(\.what)),
                       Column(name: "file", texts: events.map(\.file))]
        if let labels { columns.append(Column(name: "label", texts: labels)) }
        return try EventLog(Table(columns: columns), entity: "who", time: "time", columns: ["what", "file"] + (labels == nil ? [] : ["label"]))
    }

    static func batch(_ events: ArraySlice<Event>) -> EventBatch {
        var batch = EventBatch(columns: ["what", "file"])
        for (index, event) in zip(events.indices, events) { batch.append(entity: event.who, time: event.time, values: [event.what, event.file], line: index + 1, offset: index * 10) }
        return batch
    }

    static func batch(_ events: [Event]) -> EventBatch { batch(events[...]) }

    static func fitted(key: UInt64 = 1) throws -> StreamWatchdog {
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.seed, options.falseAlarmRate) = (2, 8, 4, key, 0.05)
        options.encodings["file"] = .change
        let log = try log(events(60, days: 6, key: Key(key)))
        return StreamWatchdog(try StreamFit.fitted(to: log, entity: "who", time: "time", options: options), source: .table, options: options)
    }

    static let watchdog = Result { try fitted() }

    /// A calm day with three strange entities in it.
    static let attack = (events(80, prefix: "n", key: Key(9)) + (0 ..< 3).flatMap { day("bad\($0)", start: 20_000 * 86_400 + 7_200, key: Key(UInt64(50 + $0)), strange: true) }).sorted { $0.time < $1.time }
}
