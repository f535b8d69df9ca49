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

    @Option(help: ArgumentHelp("Column of sentences, such as log messages, to be read by what they mean; may be given again. Needs scripts/setup --text.", valueName: "column"))
    var embed: [String] = []

    @OptionGroup var texts: TextModelOption

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
        let declared = try input.options().types, textModel = try embedding(declared)
        Console.progress("reading \(data)")
        let whole = try reader().readAll()
        let settled = Set(declared.keys).union(embed).union(ignore.list).union(labels.label.map { [$0] } ?? [])
        let remarks = FitRemarks.strays(in: whole, settled: settled) + [FitRemarks.decimalCommas(in: whole, settled: settled)].compactMap { $0 }
            + (input.noHeader ? [] : [FitRemarks.header(of: whole, file: data)].compactMap { $0 })
        for remark in remarks + FitRemarks.numbersAsTexts(in: whole, embedded: embed) { Console.note("gibbs: " + remark) }
        let rows = try labels.normalRows(of: whole, file: data)
        var table = rows.count == whole.rowCount ? whole : whole.selecting(rows: rows)
        if let label = labels.label { table = table.dropping(columns: [label]) }
        table.digest = whole.digest
        let ignored = Set(ignore.list)
        for name in ignored where whole[name] == nil { _ = try located { try whole.column(name) } }
        var lastEpoch: Int?
        let watchdog = try located {
            try Watchdog.fitted(to: table, options: options(ignoring: ignored, keeping: Set(declared.keys), textModel)) { progress in
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

    /// The encoder of the columns to embed, where there are any.
    private func embedding(_ declared: [String: FieldType]) throws -> TextModel? {
        guard !embed.isEmpty else {
            if texts.textModel != nil { throw GibbsError(.usage, "--text-model, and no column to read by it", advice: "name one with --embed") }
            return nil
        }
        for name in embed {
            let type = declared[name].flatMap { $0 == .category ? nil : "--types \(name)=\($0.rawValue)" }
            if let other = ignore.list.contains(name) ? "--ignore" : labels.label == name ? "--label" : type { throw GibbsError(.usage, "--embed and \(other) both name the column", at: .init(field: name), advice: "give one of them") }
        }
        return try texts.model()
    }

    /// Reads texts as they are written, numbers among them too.
    private func reader() throws -> TableReader {
        var options = try input.options()
        for name in embed {
            options.types[name] = .category
            options.mustOccur.insert(name)
        }
        return try TableReader(path: data, options: options)
    }

    private func options(ignoring ignored: Set<String>, keeping kept: Set<String>, _ textModel: TextModel?) -> WatchdogOptions {
        var options = WatchdogOptions(model: model, ignoring: ignored, calibrationShare: calibrationShare, falseAlarmRate: falseAlarms?.share,
                                      seed: key, hidden: hidden, epochs: epochs, keepsLastOnInterrupt: keepOnInterrupt)
        options.keeping = kept
        (options.embedding, options.textModel) = (Set(embed), textModel)
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
