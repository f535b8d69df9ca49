import ArgumentParser
import Foundation
import Gibbs

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Figures of a watchdog on labelled records or sessions, of a recommender on ratings it has not seen, or of the classes of images, as one JSON object.",
        discussion: """
            Say what is normal with --label and --normal (or --positive for the value that means attack), or give a file of negatives: DATA then holds the positives. \
            Images have their classes in a file, --labels, or in a column, --label.
            """)

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Labelled records, sessions or images; - for standard input.")
    var data: String

    @OptionGroup var labels: LabelOptions

    @Option(name: .customLong("labels"), help: "File of the classes of images, in their order: IDX, or a table whose first column they are.")
    var imageLabels: String?

    @Option(help: "Value of the label column that means attack; every other is normal.")
    var positive: String?

    @Option(help: "File of normal records or sessions; DATA then holds positives only.")
    var negatives: String?

    @Option(help: "False-alarm rate of this run, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Option(help: ArgumentHelp("How many normal and abnormal sessions the figures are to be for, where the files hold other shares, such as 553366:16838.", valueName: "normal:abnormal"))
    var mix: Mix?

    @Flag(help: "Print for people instead of machines.")
    var text = false

    @OptionGroup var ratingJudging: RatingJudging
    @OptionGroup var ratings: RatingInput
    @OptionGroup var frames: FrameInput
    @OptionGroup var judging: FrameJudging
    @OptionGroup var texts: TextModelOption
    @OptionGroup var device: DeviceOption
    @OptionGroup var input: InputOptions

    func run() throws {
        let found = try ModelArgument.read(model, data: data, verb: "evaluate")
        if imageLabels != nil, found.kind != ImageModel.kind { throw GibbsError(.usage, "--labels belongs to images", advice: "name the column with --label") }
        if found.kind != Watchdog.kind { try texts.refuse("a model that is no watchdog on records") }
        if found.kind != ImageModel.kind { try device.refuse("a model that is none of images") }
        switch found {
        case .records(let watchdog): try evaluateRecords(texts.reading(watchdog, model: model))
        case .events(let watchdog): try evaluateSessions(watchdog)
        case .stream(let watchdog): try evaluateStream(watchdog)
        case .images(let images): try evaluateImages(device.placing(images))
        case .encoder: throw found.cannotWatch(model)
        case .ratings(let recommender): try evaluateRatings(recommender)
        case .frames(let frameModel): try FrameVerbs.evaluate(frameModel, data, frames: frames, judging: judging, text: text, input: input)
        }
    }
}
