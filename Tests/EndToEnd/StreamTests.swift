import CommandDriver
import Foundation
import Testing

/// Results on standard output, everything else on standard error, progress only where a person looks on.
@Suite struct StreamTests {
    let place: Workplace

    init() throws { place = try Office.copy("office.gibbs", "today.csv") }

    @Test func progressOnATerminalOnly() throws {
        let arguments = ["fit", "table", "today.csv", "--model", "rbm", "--epochs", "3", "--ignore", "time,label", "--out", "m.gibbs"]
        let quiet = try place.gibbs(arguments)
        #expect(quiet.status == 0 && quiet.errors == "", "\(quiet)")
        #expect(!quiet.output.contains("\u{1B}") && !quiet.output.contains("\r"))
        let terminal = try #require(Terminal())
        let run = try place.start(arguments, errors: terminal.writer)
        terminal.writer.closeFile()
        let seen = terminal.wait(for: nil)
        let outcome = try run.finish()
        #expect(outcome.status == 0)
        #expect(seen.contains("3/3 epochs") && seen.contains("█"), "\(seen)")
        #expect(outcome.output.hasPrefix("fitted to 1500 records"), "\(outcome)")
    }

    @Test func closedOutputEndsQuietly() throws {
        for verb in ["score office.gibbs today.csv --explain-all", "simulate connections --count 100000"] {
            let outcome = try place.shell("{ \"$GIBBS\" \(verb); echo $? > status; } | head -n 1")
            #expect(outcome.lines.count == 1 && outcome.errors == "", "\(outcome)")
            #expect(try place.text("status") == "0\n")
        }
        #expect(try place.contents == ["office.gibbs", "today.csv", "status"])
    }

    @Test func errorsLeaveOutputEmpty() throws {
        let outcome = try place.gibbs("score", "office.gibbs", "nosuch.csv")
        #expect(outcome.status == 66 && outcome.output == "")
        #expect(outcome.errors == "gibbs: nosuch.csv: cannot be opened (No such file or directory); check the path and its permissions\n")
    }
}
