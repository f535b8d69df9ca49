import ArgumentParser
import Foundation
import Gibbs

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Calibrate a watchdog on fresh normal records, sessions or images, so that its false-alarm rate holds.",
        discussion: "They must not be those it was fitted to. Writes the model file anew, or to --out.")

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Normal records, sessions or images, or all records with --label and --normal; - for standard input.")
    var data: String

    @Option(help: "Share of normal records that may raise an alert, such as 0.001 or 0.1%; the model's own unless told.")
    var falseAlarms: Rate?

    @Option(help: "Alerts a day that you are ready to read; records need --time for it, a log of events has its own.")
    var alertsPerDay: Double?

    @Option(help: "Column with the time of each record: seconds since 1970 or ISO 8601. Of events the model knows it.")
    var time: String?

    @Option(help: "Where to write; the model file itself unless told.")
    var out: String?

    @OptionGroup var labels: LabelOptions
    @OptionGroup var texts: TextModelOption
    @OptionGroup var frames: FrameInput
    @OptionGroup var input: InputOptions

    func run() throws {
        let found = try ModelArgument.read(model, data: data, verb: "calibrate")
        guard falseAlarms == nil || alertsPerDay == nil else {
            throw GibbsError(.usage, "--false-alarms and --alerts-per-day both set the rate", advice: "give one of them")
        }
        try ModelTarget.checkIsFile(out)
        if found.kind != Watchdog.kind { try texts.refuse("a model that is no watchdog on records") }
        switch found {
        case .records(let watchdog): try calibrateRecords(texts.reading(watchdog, model: model))
        case .events(let watchdog): try calibrateSessions(watchdog)
        case .stream(let watchdog): try calibrateStream(watchdog)
        case .frames(let frameModel): try FrameVerbs.calibrate(frameModel, data, falseAlarms: falseAlarms?.share, out: out ?? model, frames: frames, input: input)
        case .images(let images): try calibrateImages(images, path: model)
        case .ratings, .encoder: throw found.cannotWatch(model)
        }
    }
}
