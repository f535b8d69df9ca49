import ArgumentParser
import Foundation
import Gibbs

struct Novelty: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ood", abstract: "Compare energies on images that do not belong to what they learned.",
        discussion: """
            Each energy is fitted to the images of --in and judged on those of --test against each foreign set, and against constant, blank, noisy and \
            inverted images. A tenth of --in calibrates: 'caught' is the share of foreign images that alert at the false-alarm rate. The same settings serve \
            all data; nothing is tuned on foreign images.
            """)

    @Option(name: .customLong("in"), help: "Images that belong: IDX, or any table with an image a row.")
    var training: String

    @Option(help: "Fresh images that belong.")
    var test: String

    @Option(name: .customLong("out"), help: "Foreign images; may be given several times.")
    var foreign: [String] = []

    @Option(help: "File of labels of the images of --in, for classifiers.")
    var labels: String?

    @Option(help: ArgumentHelp("gaussian, rbm, vae, contrastive, joint, classifier, score; all that the labels allow unless told.", valueName: "model,…"))
    var models: String?

    @Option(help: "Images to learn from at most, drawn at random; all unless told.")
    var learn: Int?

    @Option(help: "Images of each set that are judged at most, drawn at random.")
    var count = 2_000

    @Option(help: "Passes over the images, of every model; their own unless told.")
    var epochs: Int?

    @Option(help: "False-alarm rate, such as 0.05 or 5%.")
    var falseAlarms: Rate?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the figures as JSON lines.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        guard count > 1, learn ?? 1 > 0 else { throw GibbsError(.usage, "\(count) images of each set, \(learn ?? 0) to learn from", advice: "give positive numbers") }
        let chosen = try models.list.map { name -> NoveltyModel in
            guard let model = NoveltyModel(rawValue: name) else { throw GibbsError(.usage, "there is no model '\(name)'", advice: "there are \(NoveltyModel.allCases.map(\.rawValue).joined(separator: ", "))") }
            return model
        }
        let base = Key(key).folding(-1), shown = try read(training, labels: labels), own = shown.selecting(some(shown.images.rows, learn ?? shown.images.rows, base.folding(0)))
        func images(_ path: String, _ key: Key) throws -> Matrix {
            let read = try read(path).fitting(own.shape, file: path).images
            return read.selecting(rows: some(read.rows, count, key))
        }
        let fresh = try images(test, base.folding(1))
        let sets = try foreign.enumerated().map { NoveltySet(Self.name($1), try images($1, base.folding(3 + $0))) } + NoveltySet.made(from: fresh, key: base.folding(2))
        var options = ImageOptions(seed: key)
        if let epochs { (options.epochs, options.deep.passes, options.deep.variationalPasses) = (epochs, epochs, epochs) }
        let trial = try NoveltyTrial(images: own.images, labels: own.labels, test: fresh, shape: own.shape, options: options, falseAlarmRate: falseAlarms?.share ?? 0.05)
        let wanted = chosen.isEmpty ? NoveltyModel.allCases.filter { !$0.needsLabels || own.labels != nil } : chosen
        if !json { print("model        images             AUROC   AUPR    FPR at 95 %  caught  false alarms") }
        for model in wanted {
            let begin = Date()
            let figures = try trial.figures(of: model, on: sets) { text, share in
                Console.bar(done: Int(1000 * share), of: 1000, since: begin, unit: "‰ \(model.rawValue): " + text)
                try Interruption.check()
            }
            Console.clearProgress()
            for figure in figures { print(json ? Self.json(figure).text : Self.line(figure).printable) }
            // A model may take half an hour, and its figures should not wait for the next.
            defer { fflush(nil) }
            if !json { print(String(format: "  fitted to %d images and judged in %.0f s", own.images.rows - Int(Double(own.images.rows) * NoveltyTrial.calibrationShare), Date().timeIntervalSince(begin))) }
        }
    }

    private func read(_ path: String, labels: String? = nil) throws -> LabelledImages {
        Console.progress("reading \(path)")
        return try LabelledImages(path: path, labelsPath: labels, options: input.options())
    }

    private func some(_ rows: Int, _ most: Int, _ key: Key) -> [Int] { rows <= most ? Array(0 ..< rows) : key.choose(most, of: rows).sorted() }

    /// The folder where data sets go by their folders, and the file.
    private static func name(_ path: String) -> String {
        let url = URL(fileURLWithPath: path), folder = url.deletingLastPathComponent().lastPathComponent
        return folder.isEmpty || folder == "/" ? url.lastPathComponent : folder
    }

    private static func line(_ figure: NoveltyTrial.Figure) -> String {
        figure.model.rawValue.padded(13) + figure.set.padded(19)
            + String(format: "%.3f   %.3f   %6.1f %%     %5.1f %%    %.1f %%", figure.auroc, figure.averagePrecision, 100 * figure.falsePositiveRate, 100 * figure.caught, 100 * figure.falseAlarms)
    }

    private static func json(_ figure: NoveltyTrial.Figure) -> JSONValue {
        .object([("model", .string(figure.model.rawValue)), ("set", .string(figure.set)), ("auroc", .number(figure.auroc)), ("averagePrecision", .number(figure.averagePrecision)),
                 ("falsePositiveRateAt95", .number(figure.falsePositiveRate)), ("caught", .number(figure.caught)), ("falseAlarmRate", .number(figure.falseAlarms))])
    }
}
