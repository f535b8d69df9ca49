import ArgumentParser
import Foundation
import Gibbs

@main
struct GibbsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gibbs",
        abstract: "Energy-based models: learn what is normal, measure surprise in nats, decide with calibrated p-values.",
        discussion: """
            p(x) = exp(−E(x)/T) / Z. Low energy: expected. High energy: surprising.

            A watchdog in five commands:
              gibbs fit table normal.csv --out watchdog.gibbs
              gibbs calibrate watchdog.gibbs fresh.csv --false-alarms 0.001
              gibbs score watchdog.gibbs today.csv --alerts --explain
              gibbs evaluate watchdog.gibbs labelled.csv --label label --normal normal
              gibbs inspect watchdog.gibbs

            The same on sessions of events, a session a line:
              gibbs fit events normal.txt --out sessions.gibbs
              gibbs score sessions.gibbs today.txt --alerts --explain

            The same on a live log, an event a line, whose entity is an address:
              gibbs fit events logins.ndjson --entity address --event outcome --fields country,device --about user --out logins.gibbs
              gibbs watch logins.gibbs today.ndjson --follow

            Who in this log is strangest? Without a model, each judged by the others:
              gibbs rank auth.log --trusted 'Accepted publickey' --text

            From raw log lines to events with parameters:
              gibbs parse auth.log --out events.ndjson --templates templates.txt

            From a 4 to a 9 in two:
              gibbs fit images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --out digits.gibbs
              gibbs blend digits.gibbs --from 4 --to 9 --out strip.png

            Does it compute what it says?
              gibbs verify                    on this machine, against sums over all states
              gibbs verify watchdog.gibbs     a model: dead units, collapsed scores, drift

            Files: .csv .tsv .ndjson .jsonl .npy .npz .sqlite and IDX, each also with .gz; - is standard input (with --format).
            """,
        version: "0.1.0",
        subcommands: [Fit.self, Calibrate.self, Score.self, Evaluate.self, Watch.self, Rank.self, Inspect.self, Parse.self, Sample.self, Blend.self, RecallCommand.self, Complete.self, Novelty.self, AttentionCommand.self, Embed.self, Recommend.self, Similar.self, Partition.self, PlotCommand.self, Verify.self, Simulate.self, Serve.self])

    /// Runs the command and leaves with the exit code that sysexits.h gives the kind of failure.
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            try CommandWords.check(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot()
            defer { CutTexts.tell() }
            try command.run()
        } catch let error as GibbsError {
            Console.clearProgress()
            // As after `gibbs score … | head`: whoever read has had enough, which is no error.
            if error.code == .cannotWrite, Console.outputIsUnread { Foundation.exit(0) }
            Console.error("gibbs: \(error)")
            Foundation.exit(error.exitCode)
        } catch is Interrupted {
            Console.clearProgress()
            Console.error("gibbs: interrupted; nothing was written")
            Foundation.exit(130)
        } catch {
            exit(withError: error)
        }
    }
}

/// Ctrl-C, seen between two steps of the work.
struct Interrupted: Error {}
