import Foundation
import Gibbs

extension Score {
    /// A line a record.
    func scoreRecords(_ watchdog: Watchdog) throws {
        Interruption.watch()
        let watchdog = try falseAlarms.map { try watchdog.alerting(at: $0.share) } ?? watchdog
        let used = watchdog.encoder.usedFields.map(\.name)
        let columns = used + id.list.filter { !used.contains($0) }
        let output = try OutputFile(path: out)
        do {
            let chunks = try input.reader(data, for: watchdog).chunks(rows: chunk, columns: columns)
            var done = 0, alerts = 0, strongest = Strongest(limit: top ?? 0)
            while let table = try chunks.next() {
                let scores = try GibbsError.naming(data) { try watchdog.scores(of: table) }
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
        let identity = try id.list.map { (column: $0, text: try table.text(row: row, column: $0)) }
        if text { return AlertText.lines(score, identity: identity, explanation: explanation, reasons: reasons) }
        return score.json(identity: identity, explanation: explanation, reasons: reasons).text
    }
}
