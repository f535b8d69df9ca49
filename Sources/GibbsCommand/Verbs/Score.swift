import ArgumentParser
import Foundation
import Gibbs

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score records: energy, p-value and alert as NDJSON, in bounded memory.",
        discussion: "Scoring never changes the model. 'row' is the record's line in its file.")

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Records to score; - for standard input.")
    var data: String

    @Flag(help: "Give the reasons of every alert: fields in nats, with the value that was expected.")
    var explain = false

    @Option(help: "Reasons a record at most.")
    var reasons = 3

    @Flag(name: [.customLong("alerts"), .customLong("alerts-only")], help: "Print alerts only.")
    var alertsOnly = false

    @Flag(help: "Explain every record, not only alerts.")
    var explainAll = false

    @Option(help: ArgumentHelp("Columns to repeat beside each score, such as an address or a transaction number.", valueName: "column,…"))
    var id: String?

    @Option(help: "Print only the N records of highest energy, strangest first.")
    var top: Int?

    @Flag(help: "Print for people instead of machines: a line a record, and one a reason.")
    var text = false

    @Option(help: "False-alarm rate of this run, such as 0.001 or 0.1%, in place of the model's own.")
    var falseAlarms: Rate?

    @Option(help: "Where to write; standard output unless told.")
    var out = "-"

    @Option(help: "Records a chunk.")
    var chunk = 20_000

    @OptionGroup var frames: FrameInput
    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        guard reasons > 0 else { throw GibbsError(.usage, "\(reasons) reasons a record", advice: "give at least 1, or leave out --explain") }
        if let top, top < 1 { throw GibbsError(.usage, "the top \(top) records", advice: "give at least 1") }
        if FrameVerbs.owns(model) {
            return try FrameScoring(alertsOnly: alertsOnly, explain: explain, explainAll: explainAll, reasons: reasons, text: text, top: top, falseAlarms: falseAlarms?.share)
                .run(model, data, out: out, frames: frames, input: input)
        }
        var watchdog = try ModelArgument.read(model, data: data, verb: "score")
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        let used = watchdog.encoder.usedFields.map(\.name)
        let columns = used + id.list.filter { !used.contains($0) }
        let output = try OutputFile(path: out)
        do {
            let chunks = try input.reader(data, for: watchdog).chunks(rows: chunk, columns: columns)
            var done = 0, alerts = 0, strongest = Strongest(limit: top ?? 0)
            while let table = try chunks.next() {
                let scores = try located { try watchdog.scores(of: table) }
                for (row, score) in scores.enumerated() {
                    alerts += score.alert ? 1 : 0
                    if alertsOnly && !score.alert || top != nil && !strongest.admits(score.energy) { continue }
                    let text = try line(score, table: table, row: row, watchdog: watchdog) + "\n"
                    if top == nil { try output.write(text) } else { strongest.add(text, energy: score.energy) }
                }
                done += scores.count
                Console.progress("\(done) records, \(alerts) alerts")
                try output.flush()
                try Interruption.check()
            }
            for text in strongest.texts { try output.write(text) }
            try output.commit()
            Console.clearProgress()
            if text { Console.note("\(alerts) alert\(alerts == 1 ? "" : "s") in \(done) records") }
            if done == 0 { Console.note("gibbs: \(data == "-" ? "standard input" : data) holds no records, so there are no scores") }
            if watchdog.calibration == nil { Console.note("gibbs: the model is not calibrated, so no record raised an alert; run gibbs calibrate") }
        } catch {
            output.discard()
            throw error
        }
    }

    private func line(_ score: RecordScore, table: Table, row: Int, watchdog: Watchdog) throws -> String {
        let explanation = explainAll || explain && score.alert ? try watchdog.explanation(of: table, row: row) : nil
        let identity = try id.list.map { ($0, try table.text(row: row, column: $0)) }
        if text { return AlertText.lines(score, identity: identity, explanation: explanation, reasons: reasons) }
        var pairs: [(String, JSONValue)] = [("row", .int(score.line))] + (identity.isEmpty ? [] : [("id", .object(identity.map { ($0.0, .optional($0.1)) }))])
        pairs += [("energy", .number(Double(score.energy), digits: 5)),
                                            ("pValue", score.pValue.map { .number($0, digits: 4) } ?? .null), ("alert", .bool(score.alert))]
        if let explanation { pairs += explanation.json(reasons: reasons) }
        return JSONValue.object(pairs).text
    }

    private func located<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
    }
}

/// The lines of the records of highest energy, at most `limit` of them.
private struct Strongest {
    let limit: Int
    private var kept: [(energy: Float, text: String)] = []

    init(limit: Int) { self.limit = limit }

    /// Whether a record of this energy would be kept.
    func admits(_ energy: Float) -> Bool { kept.count < limit || kept.last.map { energy > $0.energy } ?? false }

    mutating func add(_ text: String, energy: Float) {
        let at = kept.firstIndex { $0.energy < energy } ?? kept.count
        kept.insert((energy, text), at: at)
        if kept.count > limit { kept.removeLast() }
    }

    var texts: [String] { kept.map(\.text) }
}
