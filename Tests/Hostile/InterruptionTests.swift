import CommandDriver
import Foundation
import Testing

/// Ctrl-C in the middle of the work, and two at work on one file.
@Suite struct InterruptionTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    private static let training = ["fit", "table", "data.csv", "--ignore", "label", "--model", "rbm", "--epochs", "1000000", "--out", "new.gibbs"]

    /// Presses Ctrl-C once the epochs run.
    private func interrupted(_ arguments: [String]) throws -> (outcome: Outcome, seen: String) {
        let terminal = try #require(Terminal())
        let run = try place.start(arguments, errors: terminal.writer)
        terminal.writer.closeFile()
        terminal.wait(for: "epochs")
        run.send(SIGINT)
        let seen = terminal.wait(for: nil)
        return (try run.finish(), seen)
    }

    @Test func trainingEndsWithoutAFile() throws {
        let before = try place.contents
        let (outcome, seen) = try interrupted(Self.training)
        #expect(outcome.status == 130 && outcome.output == "", "\(outcome)")
        #expect(seen.contains("interrupted; nothing was written"), "\(seen.suffix(400))")
        #expect(try place.contents == before)
    }

    @Test func trainingKeepsItsLastMachine() throws {
        let (outcome, seen) = try interrupted(Self.training + ["--keep-on-interrupt"])
        #expect(outcome.status == 0, "\(outcome) \(seen.suffix(400))")
        #expect(seen.contains("interrupted; keeping the machine of epoch"), "\(seen.suffix(400))")
        let scored = try place.expectSuccess("score", "new.gibbs", "data.csv")
        #expect(try scored.energies.count == 200)
        #expect(try scored.energies.allSatisfy { $0.isFinite })
    }

    @Test func scoringEndsWithoutAFile() throws {
        let text = try place.text("data.csv"), header = text.prefix { $0 != "\n" } + "\n"
        try place.file("large.csv", String(header) + String(repeating: String(text.dropFirst(header.count)), count: 5000))
        let before = try place.contents
        let terminal = try #require(Terminal())
        let run = try place.start(["score", "m.gibbs", "large.csv", "--chunk", "1000", "--out", "scores"], errors: terminal.writer)
        terminal.writer.closeFile()
        terminal.wait(for: "records")
        run.send(SIGINT)
        terminal.wait(for: nil)
        let outcome = try run.finish()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(try place.contents == before)
    }

    /// Work that writes nothing before its end ends at once.
    @Test func measuringEndsAtOnce() throws {
        let place = try SmallRatings.place()
        try place.expectSuccess("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--split", "user", "--test-out", "test.csv", "--out", "m.gibbs")
        let before = try place.contents, run = try place.start(["plot", "temperatures", "m.gibbs", "test.csv", "--draws", "10000"])
        Thread.sleep(forTimeInterval: 0.5)
        run.send(SIGINT)
        let outcome = try run.finish()
        #expect(outcome.signal == SIGINT && outcome.output == "", "\(outcome)")
        #expect(try place.contents == before)
    }

    @Test func manyWritersOneWholeFile() throws {
        let runs = try (1 ... 6).map { key in
            try place.start(["fit", "table", "data.csv", "--ignore", "label", "--key", "\(key)", "--out", "shared.gibbs"])
        }
        for run in runs { #expect(try run.finish().status == 0) }
        let shared = try place.bytes("shared.gibbs"), key = try #require(try place.expectSuccess("inspect", "shared.gibbs", "--json").object["key"] as? Int)
        try place.expectSuccess("fit", "table", "data.csv", "--ignore", "label", "--key", "\(key)", "--out", "alone.gibbs")
        #expect(try place.bytes("alone.gibbs") == shared)
        #expect(try place.contents == ["data.csv", "m.gibbs", "shared.gibbs", "alone.gibbs"])
    }
}
