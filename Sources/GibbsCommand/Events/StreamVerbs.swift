import Foundation
import Gibbs

extension Score {
    /// Scores a stream from its beginning: every event, or alerts alone. Nothing is remembered.
    func scoreStream(_ watchdog: StreamWatchdog) throws {
        Interruption.watch()
        guard top == nil, !explainAll, id == nil else { throw GibbsError(.usage, "--top, --explain-all and --id are not for streams", advice: "leave them out; --alerts prints alerts with their reasons") }
        var watchdog = watchdog
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        let monitor = try StreamState.known(of: watchdog, model: model)
        var feed = try StreamFeed(watchdog, monitor: monitor, path: data)
        let output = try OutputFile(path: out)
        do {
            var step = LineFollower.Step.more
            while step != .end {
                // What fails while events are counted is thrown behind them.
                var failure: (any Error)?
                let found = try feed.step { batch, score in
                    guard !alertsOnly, !text, failure == nil else { return }
                    do { try output.write(score.json(batch).text + "\n") } catch { failure = error }
                }
                if let failure { throw failure }
                for alert in found.alerts { try output.write((text ? alert.text(raw: feed.text) : alert.json(raw: feed.text).text) + "\n") }
                step = found.step
                Console.progress("\(feed.monitor.counters.events) events, \(feed.monitor.counters.alerts) alerts")
                if step == .idle { try output.flush() }
                try Interruption.check()
            }
            if let fault = feed.fault(atEnd: true) { throw fault.located(at: .init(file: data == "-" ? "standard input" : data)) }
            try output.commit()
            Console.clearProgress()
            Console.note(feed.summary)
        } catch {
            output.discard()
            throw error
        }
    }
}

extension StreamFeed {
    /// What came by in this run, in a line, and how much there was with what the state had seen.
    var summary: String {
        let seen = seen, all = monitor.counters, lines = source.counters
        func words(_ counters: StreamMonitor.Counters) -> String { "\(counters.events) events of \(monitor.entityCount) entities, \(counters.alerts) alert\(counters.alerts == 1 ? "" : "s")" }
        var parts = [words(seen)]
        if all != seen { parts = ["\(seen.events) events, \(seen.alerts) alert\(seen.alerts == 1 ? "" : "s"); with those before: " + words(all)] }
        if lines.malformed > 0 { parts.append("\(lines.malformed) lines could not be read (\(source.complaint ?? ""))") }
        if lines.tooLong > 0 { parts.append("\(lines.tooLong) lines were too long") }
        if seen.withoutEntity > 0 { parts.append("\(seen.withoutEntity) events without an entity") }
        if lines.withoutTime > 0 { parts.append("\(lines.withoutTime) events without a time") }
        if seen.backwards > 0 { parts.append("\(seen.backwards) events earlier than the one before") }
        if seen.duplicates > 0 { parts.append("\(seen.duplicates) repeated events left out") }
        if droppedEntities > 0 { parts.append("\(droppedEntities) entities made room for others") }
        return parts.joined(separator: "; ")
    }
}

extension Calibrate {
    /// Calibrates on a log of normal events.
    func calibrateStream(_ watchdog: StreamWatchdog) throws {
        guard labels.label == nil else { throw GibbsError(.usage, "--label with a log of events", advice: "give a log of normal events alone") }
        let log = try StreamLog.read(data, for: watchdog, input: input)
        if let digest = log.digest, digest == watchdog.training.digest {
            Console.note("gibbs: \(data) is the file that the model was fitted to, so the rate will not hold; calibrate with other events")
        }
        let perDay = Double(log.entityDays) / max(1, log.days)
        let rate = try falseAlarms?.share ?? alertsPerDay.map { alerts in
            guard alerts > 0, alerts < perDay / 2 else { throw GibbsError(.usage, "\(alerts) alerts a day", advice: "give a number between 0 and half of the \(perDay.shortText) entity-days a day") }
            return alerts / perDay
        } ?? watchdog.calibration?.falseAlarmRate ?? 0.01
        let start = try StreamState.known(of: watchdog, model: model), calibrated: StreamWatchdog
        calibrated = try GibbsError.naming(data) { try watchdog.calibrated(on: log, from: start, falseAlarmRate: rate) }
        Console.clearProgress()
        try calibrated.write(to: out ?? model)
        if let out, out != model { try StreamSnapshot(start).write(to: StreamState.past(of: out), model: calibrated.fingerprint) }
        print(StreamSummary.threshold(calibrated))
        print("rate        alert above (nats)")
        for (rate, _) in calibrated.calibration!.table { print(Summary.percent(rate).padded(12) + Double(calibrated.calibration!.tailThreshold(falseAlarmRate: rate)).shortText) }
        print("wrote \(out ?? model)")
    }
}

/// A whole log of events for a watchdog.
enum StreamLog {
    static func read(_ path: String, for watchdog: StreamWatchdog, input: InputOptions) throws -> EventLog {
        let schema = watchdog.measure.schema
        Console.progress("reading \(path)")
        switch watchdog.source {
        case .table: return try EventLog(table: path, options: input.options(), entity: schema.entity, time: schema.time, columns: schema.columns)
        case .log(let parser): return try EventLog.raw(path, preset: nil, learned: parser, columns: schema.columns).log
        }
    }
}
