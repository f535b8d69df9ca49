import ArgumentParser
import Foundation
import Gibbs

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Figures of a watchdog on labelled records, as one JSON object.",
        discussion: "Say what is normal with --label and --normal (or --positive for the value that means attack), or give a file of negatives: DATA then holds the positives.")

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Labelled records; - for standard input.")
    var data: String

    @OptionGroup var labels: LabelOptions

    @Option(help: "Value of the label column that means attack; every other is normal.")
    var positive: String?

    @Option(help: "File of normal records; DATA then holds positives only.")
    var negatives: String?

    @Option(help: "False-alarm rate of this run, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Flag(help: "Print for people instead of machines.")
    var text = false

    @OptionGroup var frames: FrameInput
    @OptionGroup var judging: FrameJudging
    @OptionGroup var input: InputOptions

    func run() throws {
        if FrameVerbs.owns(model) { return try FrameVerbs.evaluate(model, data, frames: frames, judging: judging, text: text, input: input) }
        var watchdog = try ModelArgument.read(model, data: data, verb: "evaluate")
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        Console.progress("reading \(data)")
        let table = try read(data, watchdog)
        var positives: [Bool]
        var scores = try located(data) { try watchdog.energies(of: table) }
        var plain = try watchdog.baselineEnergies(of: table)
        var kinds: [String?] = []
        if let negatives {
            let normal = try read(negatives, watchdog)
            positives = Array(repeating: true, count: scores.count) + Array(repeating: false, count: normal.rowCount)
            scores += try located(negatives) { try watchdog.energies(of: normal) }
            plain += try watchdog.baselineEnergies(of: normal)
        } else {
            (positives, kinds) = try flags(table, watchdog)
        }
        Console.clearProgress()
        guard positives.contains(true), positives.contains(false) else {
            throw GibbsError(.unsuitableData, "the records are all \(positives.contains(true) ? "positive" : "normal")", at: .init(file: data),
                             advice: "figures need both kinds")
        }
        let figures = Figures(scores: scores, baseline: plain, positives: positives, kinds: kinds, calibration: watchdog.calibration)
        print(text ? figures.text : figures.json.text)
    }

    private func read(_ path: String, _ watchdog: Watchdog) throws -> Table {
        try input.reader(path, for: watchdog).readAll()
    }

    /// Which rows are positive, and the label of each.
    private func flags(_ table: Table, _ watchdog: Watchdog) throws -> ([Bool], [String?]) {
        guard let label = labels.label else {
            throw GibbsError(.usage, "nothing says which records are normal", advice: "give --label and --normal, or --negatives")
        }
        let column = try located(data) { try table.column(label) }
        guard !watchdog.encoder.usedFields.contains(where: { $0.name == label }) else {
            throw GibbsError(.unsuitableData, "the model was fitted with the label as one of its fields", at: .init(file: model, field: label),
                             advice: "fit again with --label \(label) and --normal, so that the label stays out")
        }
        let kinds = (0 ..< table.rowCount).map { column.text($0) }
        if let positive {
            let flags = kinds.map { $0 == positive }
            guard flags.contains(true) else {
                throw GibbsError(.unsuitableData, "no row has the value '\(positive)'", at: .init(file: data, field: label),
                                 advice: "the values are \(LabelOptions.shown(kinds))")
            }
            return (flags, kinds)
        }
        return (try labels.normalFlags(of: table, file: data)!.map(!), kinds)
    }

    private func located<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as GibbsError { throw error.located(at: .init(file: file)) }
    }
}
