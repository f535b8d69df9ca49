import ArgumentParser
import Foundation
import Gibbs

/// How a log of events is read: whose events, when, and which columns tell what happened.
struct StreamOptionsGroup: ParsableArguments {
    @Option(help: ArgumentHelp("Column of whose events they are, such as an address: the file is then a log of events, a line each, to be watched live.", valueName: "column"))
    var entity: String?

    @Option(help: ArgumentHelp("Column that says what happened; 'event' unless told.", valueName: "column"))
    var event: String?

    @Option(help: ArgumentHelp("Column of times, ISO 8601 or seconds since 1970; found by its name (time, ts, timestamp, date or datetime), else by its ISO stamps, unless told.", valueName: "column"))
    var time: String?

    @Option(help: ArgumentHelp("Further columns that an event has.", valueName: "column,…"))
    var fields: String?

    @Option(help: ArgumentHelp("Column of whom an event is about, such as the user where addresses are watched: what that one is used to becomes part of every event.", valueName: "column"))
    var about: String?

    @Option(help: ArgumentHelp("Columns taken as changes (the same as before, recent, new) in place of their values; told from the data unless given.", valueName: "column,…"))
    var changes: String?

    @Option(help: "Raw log lines of this form: auto, sshd, hdfs, apache or plain; entity, time and event come from the lines. A file that ends in .log, or looks like one, needs no telling.")
    var preset: PresetChoice?

    @Option(help: ArgumentHelp("Finds the entity of a raw line in place of the preset: the first group, else all that matches.", valueName: "regex"))
    var entityPattern: String?

    @Option(help: ArgumentHelp("Learn from those entities alone that have an event in which this occurs, such as 'Accepted publickey' in raw lines, or outcome=success among the columns.", valueName: "regex"))
    var trusted: String?

    @Option(help: "Year of the first raw line, for stamps that have none; inferred from today unless told.")
    var year: Int?

    /// Whether the file is a log of events, not of sessions.
    func isLog(_ path: String) -> Bool { entity != nil || isRaw(path) }

    /// Whether the file holds raw lines: by the option, its name, or what most of its first lines look like.
    func isRaw(_ path: String) -> Bool { preset != nil || path.lowercased().hasSuffix(".log") || path.lowercased().hasSuffix(".log.gz") || EventLog.looksRaw(path) }
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
        let read = try stream.read(data, input: input), normal = read.normal
        let fit: StreamFit
        do {
            fit = try StreamFit.fitted(to: normal, entity: read.entity, time: read.time, options: settings) { field, epoch in
                Console.progress("learning '\(field)', epoch \(epoch.number)")
                try Interruption.check()
            }
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        let watchdog = StreamWatchdog(fit, source: read.source, digest: read.log.digest, options: settings)
        let monitor = fit.measure.monitor(after: normal, calibration: fit.calibration)
        // The past first: a service takes in the model as soon as it is there. It is not left alone where the model cannot be written.
        try OutputFile(path: out).discard()
        try StreamSnapshot(monitor).write(to: StreamState.past(of: out), model: watchdog.fingerprint)
        try watchdog.write(to: out)
        Console.clearProgress()
        if let remark = read.trustRemark { Console.note("gibbs: " + remark) }
        if read.time == nil { Console.note("gibbs: \(data) has no times that could be found, so pauses and days count for nothing; name their column with --time") }
        for remark in fit.remarks { Console.note("gibbs: " + remark.text) }
        print(json ? watchdog.json(file: out).text
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
        try stream.check(data)
    }
}
