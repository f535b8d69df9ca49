import ArgumentParser
import Foundation
import Gibbs

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch a stream of events: alerts as NDJSON, as they happen.",
        discussion: """
            Every event is scored given what its entity did before; each entity has a running score, and an alert is raised when that \
            crosses the threshold, and again at two, four and eight times it. The model never changes.

            What entities did is kept in a state file, beside the model unless told, which is read at the start and written every ten \
            seconds and at the end; the first watch begins with what the fit has seen. A watcher that was killed goes on where the state file ends: no alert is lost, and those after the \
            last write come again with the same id, or not at all where --out names a file that holds them already.

            With --follow the file is read on as it grows, over log rotation and truncation. Without, the watch ends with the file.
            """)

    @Argument(help: "Model file, made by gibbs fit events.")
    var model: String

    @Argument(help: "Log to watch; standard input unless told.")
    var data = "-"

    @Flag(help: "Wait for more at the end of the file, as tail -F does.")
    var follow = false

    @Option(help: "State file; the model's name and .state unless told.")
    var state: String?

    @Flag(help: "Begin without a past: every entity is new.")
    var cold = false

    @Flag(help: "Write no state.")
    var dryRun = false

    @Option(help: "Where alerts go; appended to a file, standard output unless told.")
    var out = "-"

    @Flag(help: "Print for people instead of machines.")
    var text = false

    @Flag(help: "Print every event's surprise as well, before the alerts that it raises.")
    var events = false

    @Option(help: "Share of normal entity-days that may raise an alert, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Option(help: "Entities remembered at once; beyond, those seen least recently are forgotten and counted.")
    var entities = StreamMonitor.usualLimit

    @Flag(help: "Leave out events that repeat their entity's last one in time and every value, as a shipper that sends twice does.")
    var dropDuplicates = false

    @Flag(help: "Let frequencies of names follow the stream, and nothing else; kept in the state, never in the model.")
    var learn = false

    @Option(help: "Events after which a count is worth half, with --learn.")
    var halfLife = 100_000.0

    @Flag(help: "Drop what --learn has learned, and go on without.")
    var unlearn = false

    @Option(help: "Seconds between two writes of the state.")
    var every = 10.0

    @Option(help: "Year of the first raw line, for stamps that have none; inferred from today unless told.")
    var year: Int?

    func run() throws {
        Interruption.watch()
        Interruption.watchTermination()
        guard entities > 0, every > 0 else { throw GibbsError(.usage, "room for \(entities) entities, the state written every \(every) seconds", advice: "give positive numbers") }
        guard !(learn && unlearn) else { throw GibbsError(.usage, "--learn and --unlearn", advice: "give one of them") }
        let found = try AnyModel.read(model)
        guard case .stream(var watchdog) = found else { throw found.unfit(model, needed: "a watchdog on a stream of events", maker: "gibbs fit events --entity, or of raw log lines") }
        guard watchdog.calibration != nil else { throw GibbsError(.unsuitableModel, "is not calibrated, so it could raise no alert", at: .init(file: model), advice: "run gibbs calibrate with normal events") }
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        try DistinctFiles.check(out, apartFrom: data, model, statePath, StreamState.past(of: model))
        try DistinctFiles.check(statePath, option: "--state", apartFrom: data, model, StreamState.past(of: model))
        try run(watchdog)
    }

    /// The file of the state.
    var statePath: String { state ?? StreamState.path(beside: model) }
}
