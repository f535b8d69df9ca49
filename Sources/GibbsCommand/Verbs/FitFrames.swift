import ArgumentParser
import Foundation
import Gibbs

struct FitFrames: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frames", abstract: "Fit a model of what the next frame looks like, given those before it: sensors, switches, music.",
        discussion: """
            A frame is a row of numbers, in the order of time; columns that hold only 0 and 1 are taken as switches. The model is a conditional \
            RBM; the energy of a frame is −Σ ln p(column | the other columns, history), exact and a sum over columns. A file that ends with \
            .json or .json.gz is a piano roll: {"train": [[[60, 64], [60]], …], "test": …}.
            """)

    @Argument(help: "Frames: a table with a frame a row, or a piano roll; - for standard input.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "Frames that are remembered.")
    var history = FrameOptions().history

    @Option(help: "Hidden units.")
    var hidden = FrameOptions().hidden

    @Option(help: "Passes over the frames; the best of them by held-out frames is kept.")
    var epochs = FrameOptions().epochs

    @Option(name: .customLong("cd"), help: "Steps of contrastive divergence.")
    var steps = FrameOptions().steps

    @Option(help: "Learning rate at the start.")
    var rate = FrameOptions().rate

    @Option(help: "Decay of the weights.")
    var decay = FrameOptions().weightDecay

    @Option(help: "File of other normal frames that choose the epoch and calibrate; a share of DATA unless told.")
    var validation: String?

    @Option(help: "Part of the piano roll that chooses the epoch and calibrates.")
    var validationPart: String?

    @Option(help: "Share of normal frames that may raise an alert, such as 0.001 or 0.1%; 1% unless told, or what few frames bear.")
    var falseAlarms: Rate?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var frames: FrameInput
    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        try ModelTarget.check(out, apartFrom: data, validation)
        let normal = try frames.read(data, input: input), other = try heldOut()
        do {
            let model = try FrameModel.fitted(to: normal, validation: other, options: options) { progress in
                Console.bar(done: progress.epoch, of: progress.of, since: begin, unit: "epochs, \(progress.machine)")
                try Interruption.check()
            }
            Console.clearProgress()
            try model.write(to: out)
            print(json ? model.json(file: out).text : FrameSummary.fitted(model, path: out, seconds: Date().timeIntervalSince(begin)).printable)
        } catch let error as GibbsError { throw error.code == .usage || error.code == .cannotWrite ? error : error.located(at: .init(file: data)) }
    }

    private var options: FrameOptions {
        var options = FrameOptions()
        (options.history, options.hidden, options.epochs, options.steps, options.rate, options.weightDecay) = (history, hidden, epochs, steps, rate, decay)
        (options.falseAlarmRate, options.seed) = (falseAlarms?.share, key)
        return options
    }

    private func heldOut() throws -> FrameSequences? {
        guard validation != nil || validationPart != nil else { return nil }
        return try frames.read(validation ?? data, part: validationPart, input: input)
    }
}
