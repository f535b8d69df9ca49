import ArgumentParser
import Foundation
import Gibbs

struct FitTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Fit a watchdog to a table of normal records and calibrate it on a share of them.")

    @Argument(help: "Table of normal records, or of all with --label and --normal; - for standard input.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "auto, rbm, gaussian, memory or categorical.")
    var model: WatchdogOptions.Model = .auto

    @OptionGroup var labels: LabelOptions

    @Option(help: ArgumentHelp("Columns left out of the model.", valueName: "column,…"))
    var ignore: String?

    @Option(help: "Share of normal records that may raise an alert, such as 0.001 or 0.1%; 1% unless told, or what few records bear.")
    var falseAlarms: Rate?

    @Option(help: "Share of the records kept for calibration.")
    var calibrationShare = 0.25

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Option(help: "Hidden units of the RBM.")
    var hidden = 64

    @Option(help: "Epochs of the RBM.")
    var epochs = 20

    @Flag(help: "On Ctrl-C during RBM training, keep the model of the last good epoch.")
    var keepOnInterrupt = false

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        guard (1 ... Self.hiddenLimit).contains(hidden) else {
            throw GibbsError(.usage, "an RBM of \(hidden) hidden units", advice: "give --hidden from 1 to \(Self.hiddenLimit)")
        }
        try ModelTarget.check(out, apartFrom: data)
        Console.progress("reading \(data)")
        let whole = try input.reader(data).readAll()
        let declared = try input.options().types
        let remarks = FitRemarks.strays(in: whole, settled: Set(declared.keys).union(ignore.list).union(labels.label.map { [$0] } ?? []))
            + (input.noHeader ? [] : [FitRemarks.header(of: whole, file: data)].compactMap { $0 })
        for remark in remarks { Console.note("gibbs: " + remark) }
        let rows = try labels.normalRows(of: whole, file: data)
        var table = rows.count == whole.rowCount ? whole : whole.selecting(rows: rows)
        if let label = labels.label { table = table.dropping(columns: [label]) }
        table.digest = whole.digest
        let ignored = Set(ignore.list)
        for name in ignored where whole[name] == nil { _ = try located { try whole.column(name) } }
        var lastEpoch: Int?
        let watchdog = try located {
            try Watchdog.fitted(to: table, options: options(ignoring: ignored, keeping: Set(declared.keys))) { progress in
                show(progress)
                if Interruption.wasRequested { try stop(at: progress, &lastEpoch) }
            }
        }
        Console.clearProgress()
        if falseAlarms == nil, let remark = FitRemarks.rate(of: watchdog, calibrationShare: calibrationShare) { Console.note("gibbs: " + remark) }
        try watchdog.write(to: out)
        print(json ? watchdog.json(file: out).text : Summary.fitted(watchdog, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }

    private static let hiddenLimit = 65_536

    private func options(ignoring ignored: Set<String>, keeping kept: Set<String>) -> WatchdogOptions {
        var options = WatchdogOptions(model: model, ignoring: ignored, calibrationShare: calibrationShare, falseAlarmRate: falseAlarms?.share,
                                      seed: key, hidden: hidden, epochs: epochs, keepsLastOnInterrupt: keepOnInterrupt)
        options.keeping = kept
        (options.labelColumn, options.normalValue) = (labels.label, labels.normal)
        return options
    }

    private func show(_ progress: Watchdog.Progress) {
        switch progress {
        case .stage(let text): Console.progress(text + " …")
        case .epoch(let epoch, let total, let start):
            Console.bar(done: epoch.number, of: total, since: start, unit: "epochs")
        }
    }

    /// What Ctrl-C stops: everything, or with --keep-on-interrupt only the training.
    ///
    /// A fit trains two machines, one to see how far energies of unseen records spread; the second stops at the first one's epoch.
    private func stop(at progress: Watchdog.Progress, _ lastEpoch: inout Int?) throws {
        guard keepOnInterrupt else { throw CancellationError() }
        switch progress {
        case .stage: if lastEpoch == nil { throw CancellationError() }
        case .epoch(let epoch, let total, _):
            if lastEpoch == nil { Console.note("gibbs: interrupted; keeping the machine of epoch \(epoch.number) of \(total)") }
            lastEpoch = lastEpoch ?? epoch.number
            if epoch.number >= lastEpoch! { throw CancellationError() }
        }
    }

    /// Runs `body`, naming the data file in its errors and turning cancellation into an interruption.
    private func located<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        catch is CancellationError { throw Interrupted() }
    }
}

extension WatchdogOptions.Model: ExpressibleByArgument {}
