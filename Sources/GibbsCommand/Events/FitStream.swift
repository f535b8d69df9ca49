import ArgumentParser
import Foundation
import Gibbs

/// How a log of events is read: whose events, when, and which columns tell what happened.
struct StreamOptionsGroup: ParsableArguments {
    @Option(help: ArgumentHelp("Column of whose events they are, such as an address: the file is then a log of events, a line each, to be watched live.", valueName: "column"))
    var entity: String?

    @Option(help: ArgumentHelp("Column that says what happened; 'event' unless told.", valueName: "column"))
    var event: String?

    @Option(help: ArgumentHelp("Column of times, ISO 8601 or seconds since 1970; 'time' where there is one.", valueName: "column"))
    var time: String?

    @Option(help: ArgumentHelp("Further columns that an event has.", valueName: "column,…"))
    var fields: String?

    @Option(help: ArgumentHelp("Column of whom an event is about, such as the user where addresses are watched: what that one is used to becomes part of every event.", valueName: "column"))
    var about: String?

    @Option(help: ArgumentHelp("Columns taken as changes (the same as before, recent, new) in place of their values; told from the data unless given.", valueName: "column,…"))
    var changes: String?

    @Option(help: "Raw log lines of this form: auto, sshd, hdfs, apache or plain; entity, time and event come from the lines.")
    var preset: PresetChoice?

    @Option(help: ArgumentHelp("Finds the entity of a raw line in place of the preset: the first group, else all that matches.", valueName: "regex"))
    var entityPattern: String?

    @Option(help: "Year of the first raw line, for stamps that have none; inferred from today unless told.")
    var year: Int?

    /// Whether the file is a log of events, not of sessions.
    func isLog(_ path: String) -> Bool { entity != nil || isRaw(path) }

    /// Whether the file holds raw lines.
    func isRaw(_ path: String) -> Bool { preset != nil || path.lowercased().hasSuffix(".log") || path.lowercased().hasSuffix(".log.gz") }
}

extension FitEvents {
    /// Learns a log of events and calibrates on its last quarter.
    func fitStream() throws {
        let begin = Date()
        try checkForStream()
        var settings = StreamOptions()
        (settings.history, settings.hidden, settings.epochs) = (history ?? 3, hidden ?? 32, epochs)
        (settings.calibrationShare, settings.falseAlarmRate, settings.seed) = (calibrationShare ?? settings.calibrationShare, falseAlarms?.share, key)
        settings.subject = stream.about
        for column in stream.changes.list { settings.encodings[column] = .change }
        Console.progress("reading \(data)")
        let read = try readLog()
        let fit: StreamFit
        do {
            fit = try StreamFit.fitted(to: read.log, entity: read.entity, time: read.time, options: settings) { field, epoch in
                Console.progress("learning '\(field)', epoch \(epoch.number)")
                try Interruption.check()
            }
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        let watchdog = StreamWatchdog(fit, source: read.source, digest: read.log.digest, options: settings)
        let monitor = fit.measure.monitor(after: read.log, calibration: fit.calibration)
        try watchdog.write(to: out)
        try StreamSnapshot(monitor).write(to: StreamState.past(of: out), model: watchdog.fingerprint)
        Console.clearProgress()
        print(json ? StreamSummary.json(watchdog, path: out).text
            : StreamSummary.fitted(watchdog, path: out, entities: monitor.entityCount, seconds: Date().timeIntervalSince(begin)).printable)
    }

    private func checkForStream() throws {
        let given: [(Bool, String, String)] = [
            (kind != nil, "--kind", "a log of events has no kind of sessions; leave it out"),
            (folds != nil, "--folds", "a log is calibrated on days or entities kept from the fit; give --calibration-share"),
            (data == "-", "-", "a fit reads its log more than once; give a file"),
            (labels.label != nil, "--label", "give a log of normal events alone"),
        ]
        for (isGiven, name, advice) in given where isGiven { throw GibbsError(.usage, "\(name) with a log of events", advice: advice) }
        let raw = stream.isRaw(data), event = stream.event ?? "event"
        if !raw, event == stream.entity {
            throw GibbsError(.usage, "'\(event)' as entity and event", advice: "name two columns with --entity and --event")
        }
        var taken = ["event": "event"]
        if !raw { taken = Dictionary([(stream.entity!, "entity"), (event, "event"), (stream.time ?? "time", "time")]) { first, _ in first } }
        for field in stream.fields.list {
            if let role = taken[field] {
                throw GibbsError(.usage, "--fields names '\(field)', which is \(role == "field" ? "there twice" : "the \(role)")", advice: "leave it out there")
            }
            taken[field] = "field"
        }
        if raw, let about = stream.about, !(["event", "entity"] + (stream.fields == nil ? ["user"] : stream.fields.list)).contains(about) {
            throw GibbsError(.usage, "raw log lines have no '\(about)' among their fields", advice: "name one of --fields with --about, such as user")
        }
    }

    private func readLog() throws -> (log: EventLog, entity: String, time: String?, source: StreamWatchdog.Source) {
        if stream.isRaw(data) {
            for (name, value) in [("--entity", stream.entity), ("--time", stream.time), ("--event", stream.event)] where value != nil {
                throw GibbsError(.usage, "\(name) with raw log lines", advice: "leave it out: entity, time and event come from the lines; or run gibbs parse first")
            }
            var options = LogParser.Options()
            options.entityPattern = stream.entityPattern
            let columns = ["event"] + (stream.fields == nil ? ["user"] : stream.fields.list)
            for column in columns where !["event", "user", "process", "host"].contains(column) {
                throw GibbsError(.usage, "raw log lines have no '\(column)'", advice: "they have event, user, process and host")
            }
            let raw = try EventLog.raw(data, preset: stream.preset?.preset, options: options, year: stream.year, columns: columns)
            return (raw.log, "entity", raw.log.days > 0 ? "time" : nil, .log(raw.parser))
        }
        let entity = stream.entity!, event = stream.event ?? "event"
        let columns = [event] + stream.fields.list + [stream.about].compactMap { $0 }.filter { $0 != entity && !stream.fields.list.contains($0) && $0 != event }
        let beginning = (try? TableReader(path: data, options: input.options()).chunks(rows: 100).next()) ?? nil, time = stream.time ?? (beginning?["time"] == nil ? nil : "time")
        do {
            return (try EventLog(table: data, options: input.options(), entity: entity, time: time, columns: columns), entity, time, .table)
        } catch let error as GibbsError where error.code == .unsuitableData {
            // The reader of NDJSON knows the columns that were asked for alone; what else there is helps with one that is misspelt.
            do { for name in [entity, stream.time].compactMap({ $0 }) + columns { _ = try beginning?.column(name) } } catch let absent as GibbsError { throw absent.located(at: .init(file: data)) }
            throw error
        }
    }
}

/// Where what entities did is kept, beside the model unless told.
enum StreamState {
    /// What a watch has seen so far.
    static func path(beside model: String) -> String { model + ".state" }
    /// What the fit had seen at its end; never changed by a watch, so that scores and figures can be had again.
    static func past(of model: String) -> String { model + ".past" }
}
