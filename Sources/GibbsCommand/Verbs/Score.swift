import ArgumentParser
import Foundation
import Gibbs

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score records, sessions or ratings: energies, p-values and alerts, or probabilities, as NDJSON.",
        discussion: """
            Scoring never changes the model. 'row' is the record's line in its file, 'line' that on which a session begins. Memory is bounded.

            A model of images scores images: −ln p of each in nats, of a network up to a constant, the likeliest class with its probability, and, once \
            gibbs calibrate has seen images that belong, p-values and alerts.

            A recommender scores pairs of a person and an item: the probability of the item among those that the person has not rated and, of a model \
            of ratings, that of every rating; 'surprise' is −ln p of what was given.
            """)

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Records, sessions of events, or ratings to score; - for standard input.")
    var data: String

    @Flag(help: "Give the reasons of every alert: fields, or events, in nats, with what was expected.")
    var explain = false

    @Option(help: "Reasons a record at most; of a session events, and as many counts.")
    var reasons = 3

    @Flag(name: [.customLong("alerts"), .customLong("alerts-only")], help: "Print alerts only.")
    var alertsOnly = false

    @Flag(help: "Explain every record or session, not only alerts.")
    var explainAll = false

    @Option(help: ArgumentHelp("Columns to repeat beside each score, such as an address or a transaction number.", valueName: "column,…"))
    var id: String?

    @Option(help: "Print only the N records, sessions or (with --by-entity) entities of highest energy, strangest first.")
    var top: Int?

    @Flag(help: "Rank the entities of a log of events, the strangest first, by the highest score of each.")
    var byEntity = false

    @Flag(help: "Print for people instead of machines: a line a record, and one a reason.")
    var text = false

    @Option(help: "False-alarm rate of this run, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Option(help: "Where to write; standard output unless told.")
    var out = "-"

    @Option(help: "Records or sessions a chunk.")
    var chunk = 20_000

    @OptionGroup var frames: FrameInput
    @OptionGroup(title: "Of a recommender") var pairs: RatingInput
    @OptionGroup var texts: TextModelOption
    @OptionGroup var device: DeviceOption
    @OptionGroup var input: InputOptions

    func run() throws {
        guard reasons > 0 else { throw GibbsError(.usage, "\(reasons) reasons a record", advice: "give at least 1, or leave out --explain") }
        if let top, top < 1 { throw GibbsError(.usage, "the top \(top) records", advice: "give at least 1") }
        let found = try ModelArgument.read(model, data: data, verb: "score")
        if byEntity {
            guard case .stream(let watchdog) = found else { throw GibbsError(.usage, "--by-entity is for logs of events", advice: "leave it out; --top N prints the strangest") }
            return try rankStream(watchdog)
        }
        if found.kind != Watchdog.kind { try texts.refuse("a model that is no watchdog on records") }
        if found.kind != ImageModel.kind { try device.refuse("a model that is none of images") }
        switch found {
        case .records(let watchdog): try scoreRecords(texts.reading(watchdog, model: model))
        case .events(let watchdog): try scoreSessions(watchdog)
        case .stream(let watchdog): try scoreStream(watchdog)
        case .ratings(let recommender): try scoreRatings(recommender)
        case .images(let images): try scoreImages(device.placing(images))
        case .encoder: throw found.cannotWatch(model)
        case .frames(let frameModel):
            try FrameScoring(alertsOnly: alertsOnly, explain: explain, explainAll: explainAll, reasons: reasons, text: text, top: top, falseAlarms: falseAlarms?.share)
                .run(frameModel, data, out: out, frames: frames, input: input)
        }
    }
}
