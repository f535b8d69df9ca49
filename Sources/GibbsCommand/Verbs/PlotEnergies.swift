import ArgumentParser
import Foundation
import Gibbs

struct PlotEnergies: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energies", abstract: "Histograms of the energies of records, sessions, entity-days, frames or images, with the threshold of their model.",
        discussion: "Those of the calibration are drawn beside those of the files. With --label and --normal every file of records or sessions is split in two.")

    @Argument(help: "Model file, a watchdog, or a model of frames or images.")
    var model: String

    @Argument(help: "Files of what the model scores; none draws the calibration alone.")
    var data: [String] = []

    @Option(help: "Plot to write, .svg; MODEL-energies.svg unless told.")
    var out: String?

    @Option(help: "False-alarm rate whose threshold is drawn, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Flag(help: "Lay densities out by ratios, so that tails can be read.")
    var log = false

    @Option(help: "Bins of the histograms, 1 to 1000; what the data suggest unless told.")
    var bins: Int?

    @Flag(help: "Print the figures as JSON lines.")
    var json = false

    @OptionGroup var labels: LabelOptions
    @OptionGroup var texts: TextModelOption
    @OptionGroup var frames: FrameInput
    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        let target = try PlotTarget(out, source: model, what: "energies", ending: "svg")
        let found = try data.isEmpty ? AnyModel.read(model) : ModelArgument.read(model, data: data[0], verb: "plot energies")
        var source = try EnergySource(found, path: model, labels: labels, texts: texts, frames: frames, input: input)
        if let falseAlarms {
            guard let calibration = source.calibration else { throw GibbsError(.unsuitableData, "the model is not calibrated", at: .init(file: model), advice: "run gibbs calibrate with normal \(source.unit)") }
            source.calibration = try calibration.with(falseAlarmRate: falseAlarms.share)
        }
        var samples = source.calibration.map { [EnergySample("calibration", $0.energies)] } ?? []
        for path in data {
            do { samples += try source.samples(path) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
        }
        Console.clearProgress()
        guard !samples.isEmpty else { throw GibbsError(.usage, "the model is not calibrated, and no \(source.unit) are given", advice: "name files of them") }
        let title = URL(fileURLWithPath: model).lastPathComponent + (source.calibration.map { ": \(Summary.percent($0.falseAlarmRate)) false alarms promised" } ?? "")
        let threshold = source.calibration.map(source.threshold).map { (energy: $0, name: "alert above \(Double($0).shortText) nats") }
        let told = samples.map { sample -> EnergySample in
            let rate = rate(sample, source)
            return EnergySample(sample.name + (rate.map { ": \(Summary.percent($0)) alert" } ?? ""), sample.energies)
        }
        try Plot.energies(told, threshold: threshold, title: title, isLogarithmic: log, bins: bins).write(to: target.path)
        for sample in samples { print(line(sample, source)) }
        if !json { print("wrote \(target.path)") }
    }

    private func rate(_ sample: EnergySample, _ source: EnergySource) -> Double? {
        source.calibration.map(source.threshold).map { threshold in Double(sample.energies.count { $0 > threshold }) / Double(sample.energies.count) }
    }

    private func line(_ sample: EnergySample, _ source: EnergySource) -> String {
        let median = Double(Statistics.median(sample.energies)), rate = rate(sample, source)
        if json {
            return JSONValue.object([("name", .string(sample.name)), ("records", .int(sample.energies.count)), ("median", .number(median)), ("alertRate", rate.map { .number($0) } ?? .null),
                                     ("threshold", source.calibration.map { .number(Double(source.threshold($0))) } ?? .null)]).text
        }
        return sample.name.oneLine.padded(28) + " \(sample.energies.count) \(source.unit), median \(median.shortText) nats" + (rate.map { ", \(Summary.percent($0)) alert" } ?? "")
    }
}

