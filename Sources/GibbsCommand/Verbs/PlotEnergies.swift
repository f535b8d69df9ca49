import ArgumentParser
import Foundation
import Gibbs

struct PlotEnergies: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energies", abstract: "Histograms of the energies of records under a watchdog, with its threshold.",
        discussion: "The calibration records are drawn beside those of the files. With --label and --normal every file is split in two.")

    @Argument(help: "Model file, a watchdog.")
    var model: String

    @Argument(help: "Files of records; none draws the calibration records alone.")
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
    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        let target = try PlotTarget(out, source: model, what: "energies", ending: "svg")
        var watchdog = try (data.isEmpty ? AnyModel.read(model) : ModelArgument.read(model, data: data[0], verb: "plot energies")).watchdog(model)
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        var samples = watchdog.calibration.map { [EnergySample("calibration", $0.energies)] } ?? []
        for path in data { samples += try self.samples(of: path, watchdog) }
        Console.clearProgress()
        guard !samples.isEmpty else { throw GibbsError(.usage, "the watchdog is not calibrated, and no records are given", advice: "name files of records") }
        let title = URL(fileURLWithPath: model).lastPathComponent + (watchdog.calibration.map { ": \(Summary.percent($0.falseAlarmRate)) false alarms promised" } ?? "")
        let threshold = watchdog.calibration.map { (energy: $0.threshold, name: "alert above \(Double($0.threshold).shortText) nats") }
        let told = samples.map { sample -> EnergySample in
            let rate = rate(sample, watchdog)
            return EnergySample(sample.name + (rate.map { ": \(Summary.percent($0)) alert" } ?? ""), sample.energies)
        }
        try Plot.energies(told, threshold: threshold, title: title, isLogarithmic: log, bins: bins).write(to: target.path)
        for sample in samples { print(line(sample, watchdog)) }
        if !json { print("wrote \(target.path)") }
    }

    private func samples(of path: String, _ watchdog: Watchdog) throws -> [EnergySample] {
        Console.progress("reading \(path)")
        let table = try input.reader(path, for: watchdog).readAll(), name = path == "-" ? "standard input" : URL(fileURLWithPath: path).lastPathComponent
        do {
            let energies = try watchdog.energies(of: table)
            guard let flags = try labels.normalFlags(of: table, file: path) else { return [try Self.checked(EnergySample(name, energies))] }
            let parts = [("\(labels.normal!), \(name)", true), ("others, \(name)", false)].map { title, isNormal in EnergySample(title, energies.indices.filter { flags[$0] == isNormal }.map { energies[$0] }) }
            return try parts.filter { !$0.energies.isEmpty }.map(Self.checked)
        } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    private static func checked(_ sample: EnergySample) throws -> EnergySample {
        guard sample.energies.count >= 2 else { throw GibbsError(.unsuitableData, "\(sample.name): \(sample.energies.count) energies have no spread", advice: "give at least two records") }
        return sample
    }

    private func rate(_ sample: EnergySample, _ watchdog: Watchdog) -> Double? {
        watchdog.calibration.map { calibration in Double(sample.energies.count { calibration.alerts(on: $0) }) / Double(sample.energies.count) }
    }

    private func line(_ sample: EnergySample, _ watchdog: Watchdog) -> String {
        let median = Double(Statistics.median(sample.energies)), rate = rate(sample, watchdog)
        if json {
            return JSONValue.object([("name", .string(sample.name)), ("records", .int(sample.energies.count)), ("median", .number(median)), ("alertRate", rate.map { .number($0) } ?? .null),
                                     ("threshold", watchdog.calibration.map { .number(Double($0.threshold)) } ?? .null)]).text
        }
        return sample.name.oneLine.padded(28) + " \(sample.energies.count) records, median \(median.shortText) nats" + (rate.map { ", \(Summary.percent($0)) alert" } ?? "")
    }
}

