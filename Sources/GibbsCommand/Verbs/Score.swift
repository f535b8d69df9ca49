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

    @Option(help: "False-alarm rate of this run, in place of the model's own.")
    var falseAlarms: Double?

    @Option(help: "Where to write; standard output unless told.")
    var out = "-"

    @Option(help: "Records a chunk.")
    var chunk = 20_000

    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        var watchdog = try Watchdog(contentsOf: model)
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms) }
        let columns = watchdog.encoder.usedFields.map(\.name)
        let output = try OutputFile(path: out)
        do {
            let chunks = try input.reader(data).chunks(rows: chunk, types: watchdog.encoder.types, columns: columns)
            var done = 0, alerts = 0
            while let table = try chunks.next() {
                let scores = try located { try watchdog.scores(of: table) }
                for (row, score) in scores.enumerated() {
                    alerts += score.alert ? 1 : 0
                    if alertsOnly && !score.alert { continue }
                    try output.write(line(score, table: table, row: row, watchdog: watchdog) + "\n")
                }
                done += scores.count
                Console.progress("\(done) records, \(alerts) alerts")
                try output.flush()
                try Interruption.check()
            }
            try output.commit()
            Console.clearProgress()
            if watchdog.calibration == nil { Console.note("gibbs: the model is not calibrated, so no record raised an alert; run gibbs calibrate") }
        } catch {
            output.discard()
            throw error
        }
    }

    private func line(_ score: RecordScore, table: Table, row: Int, watchdog: Watchdog) throws -> String {
        var pairs: [(String, JSONValue)] = [("row", .int(score.line)), ("energy", .number(Double(score.energy), digits: 5)),
                                            ("pValue", score.pValue.map { .number($0, digits: 4) } ?? .null), ("alert", .bool(score.alert))]
        if explainAll || explain && score.alert {
            let explanation = try watchdog.explanation(of: table, row: row)
            pairs.append(("reasons", .array(explanation.reasons.prefix(max(1, reasons)).map(\.json))))
        }
        return JSONValue.object(pairs).text
    }

    private func located<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
    }
}
