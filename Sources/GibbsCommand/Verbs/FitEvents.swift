import ArgumentParser
import Foundation
import Gibbs

struct FitEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Fit a watchdog to normal sessions of events, or to a log of events to be watched live, and calibrate it on a share of them.",
        discussion: """
            A file has a session a line: names of events parted by blanks, after a name and a comma or tab where there is one, or a JSON object \
            with an array of events, such as {"id": "s1", "events": ["login", "read"]}.

            A log has an event a line, of many entities at once: name the column of the entity with --entity, of what happened with \
            --event, and further columns with --fields; or give raw log lines (a file ending in .log, or --preset). Then gibbs watch.
            """)

    @Argument(help: "Normal sessions, or all with --label and --normal; - for standard input.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "workflow, for sessions that repeat: the largest surprise and the counts; or trace, for sessions that wander: the mean of the middle half of the surprises. Told from the sessions unless given.")
    var kind: SessionEnergy.Kind?

    @Option(help: "Events that the model remembers: 5 of a session, 3 of an entity unless told.")
    var history: Int?

    @Option(help: "Hidden units: 64 for sessions, 32 a field for logs unless told.")
    var hidden: Int?

    @Option(help: "Passes over the events; 20 unless told, more where the events are few.")
    var epochs: Int?

    @OptionGroup var labels: LabelOptions

    @OptionGroup var stream: StreamOptionsGroup

    @OptionGroup var input: InputOptions

    @Option(help: "Share of normal sessions that may raise an alert, such as 0.001 or 0.1%; 1% unless told, or what few sessions bear.")
    var falseAlarms: Rate?

    @Option(help: ArgumentHelp("Share of the sessions, or of the days of a log (a quarter unless told, in whole weeks where it has two), kept from the fit and for calibration alone.", discussion: """
        Sessions are cross-fitted unless told, or unless a quarter of them is plenty: each of --folds parts is scored by a fit to the others, so that all \
        calibrate and all teach. A share keeps the promised rate whatever the model; cross-fitting keeps it as far as fits to different parts agree.
        """))
    var calibrationShare: Double?

    @Option(help: "Parts of cross-fitting: as many fits, and one more; 5 unless told.")
    var folds: Int?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    func run() throws {
        let begin = Date()
        Interruption.watch()
        guard 1 ... Self.hiddenLimit ~= hidden ?? 64 else {
            throw GibbsError(.usage, "a machine of \(hidden!) hidden units", advice: "give --hidden from 1 to \(Self.hiddenLimit)")
        }
        try ModelTarget.check(out, apartFrom: data)
        if stream.isLog(data) { return try fitStream() }
        try input.checkForSessions()
        guard folds == nil || calibrationShare == nil else {
            throw GibbsError(.usage, "--folds with --calibration-share", advice: "leave one out: either all sessions calibrate by cross-fitting, or a share does")
        }
        let sessions = try LabelledSessions(data, label: labels.label).normal(by: labels)
        let watchdog: EventWatchdog
        do {
            watchdog = try EventWatchdog.fitted(to: sessions, options: options) { step in
                Console.bar(done: step.done, of: step.total, since: begin, unit: "epochs")
                try Interruption.check()
            }
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        Console.clearProgress()
        if falseAlarms == nil, let remark = SessionSummary.rateRemark(watchdog, calibrationShare: calibrationShare) { Console.note("gibbs: " + remark) }
        try watchdog.write(to: out)
        print(json ? watchdog.json(file: out).text
            : SessionSummary.fitted(watchdog, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }

    private static let hiddenLimit = 4_096

    private var options: SessionOptions {
        var options = SessionOptions()
        (options.kind, options.history, options.hidden, options.epochs) = (kind, history ?? 5, hidden ?? 64, epochs)
        (options.calibrationShare, options.folds, options.falseAlarmRate, options.seed) = (calibrationShare, folds ?? options.folds, falseAlarms?.share, key)
        (options.labelColumn, options.normalValue) = (labels.label, labels.normal)
        return options
    }
}

extension SessionEnergy.Kind: ExpressibleByArgument {}
