import Foundation
import Gibbs

extension Score {
    /// A line a session.
    func scoreSessions(_ watchdog: EventWatchdog) throws {
        Interruption.watch()
        try input.checkForSessions()
        guard id == nil else { throw GibbsError(.usage, "--id is for columns of records", advice: "leave it out: every session is printed with its name") }
        guard chunk > 0 else { throw GibbsError(.usage, "chunks of \(chunk) sessions", advice: "give at least 1") }
        let watchdog = try falseAlarms.map { try watchdog.alerting(at: $0.share) } ?? watchdog
        let output = try OutputFile(path: out)
        do {
            let reader = try SessionReader(path: data)
            var done = 0, alerts = 0, strongest = Strongest(limit: top ?? 0)
            while let sessions = try reader.next(chunk) {
                let scores = try GibbsError.naming(data) { try watchdog.scores(of: sessions) }
                for (number, score) in scores.enumerated() {
                    alerts += score.alert ? 1 : 0
                    if alertsOnly && !score.alert || top != nil && !strongest.admits(score.energy) { continue }
                    let text = try line(score, sessions, number, watchdog) + "\n"
                    if top == nil { try output.write(text) } else { strongest.add(text, energy: score.energy) }
                }
                done += scores.count
                Console.progress("\(done) sessions, \(alerts) alerts")
                try output.flush()
                try Interruption.check()
            }
            for text in strongest.texts { try output.write(text) }
            try output.commit()
            Console.clearProgress()
            if text { Console.note("\(alerts) alert\(alerts == 1 ? "" : "s") in \(done) sessions") }
            if done == 0 { Console.note("gibbs: \(data == "-" ? "standard input" : data) holds no sessions, so there are no scores") }
            if watchdog.calibration == nil { Console.note("gibbs: the model is not calibrated, so no session raised an alert; run gibbs calibrate") }
        } catch {
            output.discard()
            throw error
        }
    }

    private func line(_ score: SessionScore, _ sessions: EventSequences, _ number: Int, _ watchdog: EventWatchdog) throws -> String {
        let explanation = explainAll || explain && score.alert
            ? try watchdog.energy.explanations(of: sessions.selecting([number]), limit: reasons)[0] : nil
        return text ? SessionText.lines(score, explanation) : score.json(explanation).text
    }
}
