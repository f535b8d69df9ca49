import ArgumentParser
import Foundation
import Gibbs

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Calibrate a watchdog on fresh normal records, so that its false-alarm rate holds.",
        discussion: "The records must not be those it was fitted to. Writes the model file anew, or to --out.")

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Normal records, or all with --label and --normal; - for standard input.")
    var data: String

    @Option(help: "Share of normal records that may raise an alert.")
    var falseAlarms: Double?

    @Option(help: "Alerts a day that you are ready to read; needs --time.")
    var alertsPerDay: Double?

    @Option(help: "Column with the time of each record: seconds since 1970 or ISO 8601.")
    var time: String?

    @Option(help: "Where to write; the model file itself unless told.")
    var out: String?

    @OptionGroup var labels: LabelOptions
    @OptionGroup var input: InputOptions

    func run() throws {
        let watchdog = try Watchdog(contentsOf: model)
        guard falseAlarms == nil || alertsPerDay == nil else {
            throw GibbsError(.usage, "--false-alarms and --alerts-per-day both set the rate", advice: "give one of them")
        }
        guard out != "-" else {
            throw GibbsError(.usage, "a model cannot go to standard output, where the summary goes", advice: "name a file with --out")
        }
        Console.progress("reading \(data)")
        let whole = try input.reader(data, for: watchdog).readAll()
        if let digest = whole.digest, digest == watchdog.training.digest {
            Console.note("gibbs: \(data) is the file that the model was fitted to, so the rate will not hold; calibrate with other records")
        }
        let rows = try labels.normalRows(of: whole, file: data)
        let table = rows.count == whole.rowCount ? whole : whole.selecting(rows: rows)
        let calibrated: Watchdog
        do {
            let rate = try falseAlarms ?? alertsPerDay.map { try RecordRate.falseAlarmRate(alertsPerDay: $0, of: table, timeColumn: time) }
                ?? watchdog.calibration?.falseAlarmRate ?? 0.01
            calibrated = try watchdog.calibrated(on: table, falseAlarmRate: rate)
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        Console.clearProgress()
        try calibrated.write(to: out ?? model)
        print(Summary.alarm(calibrated))
        print("rate        alert above (nats)")
        for (rate, threshold) in calibrated.calibration!.table {
            print(Summary.percent(rate).padding(toLength: 12, withPad: " ", startingAt: 0) + String(format: "%.4g", threshold))
        }
        print("wrote \(out ?? model)")
    }
}
