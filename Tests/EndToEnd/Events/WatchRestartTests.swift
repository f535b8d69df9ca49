import CommandDriver
import Foundation
import Testing

/// A watch that is killed, ended and started again, over files that grow, are rotated and cut short.
@Suite struct WatchRestartTests {
    let place: Workplace

    init() throws { place = try SmallStream.copy("attack.ndjson") }

    private func watch(_ name: String, _ more: String...) throws -> Run {
        try place.start(["watch", "m.gibbs", name, "--follow", "--state", "live.state", "--out", "alerts.ndjson", "--every", "0.2"] + more)
    }

    /// Events printed so far.
    private func seen() throws -> Int { place.exists("alerts.ndjson") ? try place.text("alerts.ndjson").split(separator: "\n").count { $0.hasPrefix("{\"line\"") } : 0 }

    /// Killed at several moments, while lines come in bursts that end within a line: no alert is lost, none comes twice.
    @Test func killedAndRestarted() throws {
        let whole = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--state", "whole.state", "--out", "whole.ndjson"), ids = try place.ids("whole.ndjson")
        #expect(whole.status == 0 && ids.count >= 8 && Set(ids).count == ids.count, "\(whole)")
        let bytes = try place.bytes("attack.ndjson"), bursts = 8
        try place.file("live.ndjson", "")
        for burst in 0 ..< bursts {
            let run = try watch("live.ndjson"), begin = bytes.count * burst / bursts, end = bytes.count * (burst + 1) / bursts, middle = (begin + end) / 2
            try place.append(bytes[begin ..< middle], to: "live.ndjson")
            usleep(UInt32([0, 30, 90, 250, 450][burst % 5]) * 1_000)
            try place.append(bytes[middle ..< end], to: "live.ndjson")
            usleep(UInt32([260, 10, 0, 120][burst % 4]) * 1_000)
            run.send(SIGKILL)
            #expect(try run.finish().signal == SIGKILL)
        }
        // All alerts may be there already: the last watch has read the rest when it has put a state of its own in place.
        func state() throws -> Int? { try FileManager.default.attributesOfItem(atPath: place.place("live.state"))[.systemFileNumber] as? Int }
        let before = try state(), last = try watch("live.ndjson")
        #expect(try place.wait { try place.ids("alerts.ndjson").count >= ids.count && state() != before })
        last.send(SIGTERM)
        let outcome = try last.finish()
        #expect(outcome.status == 0 && outcome.total("events") == whole.count("events") && outcome.total("alert") == ids.count, "\(outcome)")
        #expect(try place.ids("alerts.ndjson") == ids)
    }

    /// Nor is anything else written twice: scores, and alerts for people.
    @Test func killedWhilePrintingAll() throws {
        let whole = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--state", "whole.state", "--out", "whole.txt", "--text", "--events")
        #expect(whole.status == 0)
        let bytes = try place.bytes("attack.ndjson"), arguments = ["watch", "m.gibbs", "live.ndjson", "--follow", "--state", "live.state", "--out", "alerts.txt", "--text", "--events", "--every", "1000"]
        try place.file("live.ndjson", "")
        for part in 0 ..< 4 {
            let run = try place.start(arguments), before = place.lineCount("alerts.txt")
            try place.append(bytes[bytes.count * part / 4 ..< bytes.count * (part + 1) / 4], to: "live.ndjson")
            #expect(place.wait { place.lineCount("alerts.txt") > before + 20 })
            run.send(SIGKILL)
            #expect(try run.finish().signal == SIGKILL)
        }
        let total = place.lineCount("whole.txt"), last = try place.start(arguments)
        #expect(place.wait { place.lineCount("alerts.txt") >= total })
        usleep(500_000)
        last.send(SIGTERM)
        #expect(try last.finish().status == 0)
        // Scores stand before the alerts of what was read at once, which differs.
        func sorted(_ name: String) throws -> [Substring] { try place.text(name).split(separator: "\n").sorted() }
        #expect(try sorted("alerts.txt") == sorted("whole.txt") && total > place.lineCount("attack.ndjson"))
    }

    /// An archive of another day is read from its beginning, whatever the state.
    @Test func archives() throws {
        let lines = try place.text("attack.ndjson").split(separator: "\n").map { $0 + "\n" }, half = lines.count / 2
        try place.file("a", lines[..<half].joined())
        try place.file("b", lines[half...].joined())
        #expect(try place.shell("gzip a b").status == 0)
        let first = try place.gibbs("watch", "m.gibbs", "a.gz"), second = try place.gibbs("watch", "m.gibbs", "b.gz"), again = try place.gibbs("watch", "m.gibbs", "b.gz")
        #expect(first.count("events") == half && second.count("events") == lines.count - half && second.total("events") == lines.count, "\(second)")
        #expect(second.errors.contains("not the file that the state ends in") && again.count("events") == 0, "\(again)")
    }

    /// A log that nobody writes to yet is waited for.
    @Test func awaited() throws {
        let run = try watch("late.ndjson", "--events")
        #expect(place.wait { place.exists("live.state") || place.exists("alerts.ndjson") })
        usleep(300_000)
        try place.file("late.ndjson", SmallStream.login() + SmallStream.login(user: "bob"))
        #expect(try place.wait { try seen() == 2 })
        run.send(SIGTERM)
        let outcome = try run.finish()
        #expect(outcome.status == 0 && outcome.count("events") == 2 && outcome.errors.contains("there is no late.ndjson yet; it is waited for"), "\(outcome)")
    }

    /// A second watch on the state of the first is refused, and the state is free again when that has been killed.
    @Test func oneWatchAState() throws {
        let run = try watch("attack.ndjson", "--events")
        #expect(place.wait { place.lineCount("alerts.ndjson") > 50 })
        let second = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--state", "live.state", "--out", "second.ndjson")
        #expect(second.status == 73 && second.errors.contains("live.state") && second.errors.contains("another watch") && second.errors.contains("--state"), "\(second)")
        #expect(!place.exists("second.ndjson"))
        run.send(SIGKILL)
        _ = try run.finish()
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--state", "live.state", "--out", "alerts.ndjson").status == 0)
        #expect(!place.exists("live.state.lock"))
    }

    /// A state that has seen later events makes the pauses of earlier ones wrong, which is said.
    @Test func olderThanTheState() throws {
        try place.file("old.ndjson", (0 ..< 5).map { SmallStream.login(time: "2026-03-01T12:0\($0):00Z") }.joined())
        let old = try place.gibbs("watch", "m.gibbs", "old.ndjson", "--dry-run"), cold = try place.gibbs("watch", "m.gibbs", "old.ndjson", "--dry-run", "--cold")
        #expect(old.status == 0 && old.errors.contains("WARNING: the events begin at 2026-03-01T12:00:00Z") && !cold.errors.contains("WARNING"), "\(old)")
    }

    /// An alert of which a crash left half a line is written anew.
    @Test func unfinishedLine() throws {
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--dry-run", "--out", "alerts.ndjson").status == 0)
        let all = try place.bytes("alerts.ndjson"), ids = try place.ids("alerts.ndjson")
        try place.file("alerts.ndjson", Array(all.prefix(all.count * 2 / 3)))
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--dry-run", "--out", "alerts.ndjson").status == 0)
        #expect(try place.bytes("alerts.ndjson") == all && ids.count > 2)
    }

    @Test(arguments: [SIGTERM, SIGINT]) func endsInGoodOrder(signal: Int32) throws {
        let run = try watch("attack.ndjson", "--events"), total = place.lineCount("attack.ndjson")
        #expect(place.wait { place.lineCount("alerts.ndjson") > total })
        run.send(signal)
        let outcome = try run.finish()
        #expect(outcome.status == 0 && outcome.count("events") == total && place.exists("live.state"), "\(outcome)")
        // Nothing is left to see.
        let again = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--state", "live.state", "--out", "alerts.ndjson")
        #expect(again.status == 0 && again.count("events") == 0 && again.total("events") == total && again.errors.contains("nothing new: attack.ndjson ends where"), "\(again)")
    }

    /// Log rotation by renaming, with a last line that has no end yet, and by cutting the file short.
    @Test func rotation() throws {
        let lines = try place.text("attack.ndjson").split(separator: "\n").map(String.init), total = lines.count, (a, b) = (400, total - 150)
        try place.file("app.log.ndjson", lines[..<a].joined(separator: "\n"))
        let run = try watch("app.log.ndjson", "--events")
        #expect(try place.wait { try seen() == a - 1 })
        #expect(try place.shell("mv app.log.ndjson app.log.ndjson.1").status == 0)
        usleep(250_000)
        try place.file("app.log.ndjson", lines[a ..< b].joined(separator: "\n") + "\n")
        #expect(try place.wait { try seen() == b })
        #expect(try place.shell("cp app.log.ndjson copy && : > app.log.ndjson").status == 0)
        try place.append(Array((lines[b...].joined(separator: "\n") + "\n").utf8), to: "app.log.ndjson")
        #expect(try place.wait { try seen() == total })
        run.send(SIGTERM)
        let outcome = try run.finish()
        #expect(outcome.status == 0 && outcome.count("events") == total, "\(outcome)")
        #expect(outcome.errors.contains("was rotated") && outcome.errors.contains("was cut short"), "\(outcome)")
        // What a reason shows as its line is that line, or nothing where the file has gone.
        let alerts = try place.text("alerts.ndjson").split(separator: "\n").filter { $0.hasPrefix("{\"id\"") }
        #expect(alerts.count > 5)
        for alert in alerts {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(alert.utf8)) as? [String: Any]), entity = try #require(object["entity"] as? String)
            for reason in try #require(object["reasons"] as? [[String: Any]]) {
                if let raw = reason["raw"] as? String { #expect(lines.contains(raw) && raw.contains("\"\(entity)\""), "\(raw) for \(entity)") }
            }
        }
    }

    /// While the watch was down the file was renamed and another one begun: the renamed one is read to its end first.
    @Test func rotatedWhileDown() throws {
        let lines = try place.text("attack.ndjson").split(separator: "\n").map(String.init)
        func text(_ range: Range<Int>) -> String { lines[range].map { $0 + "\n" }.joined() }
        try place.file("app", text(0 ..< 300))
        #expect(try place.gibbs("watch", "m.gibbs", "app", "--state", "live.state").count("events") == 300)
        try place.append(Array(text(300 ..< 350).utf8), to: "app")
        #expect(try place.shell("mv app app.1").status == 0)
        try place.file("app", text(350 ..< 500))
        let run = try watch("app", "--events")
        #expect(try place.wait { try seen() == 200 })
        run.send(SIGTERM)
        let outcome = try run.finish()
        #expect(outcome.status == 0 && outcome.count("events") == 200 && outcome.total("events") == 500, "\(outcome)")
    }

    @Test func stateOfAnotherFile() throws {
        try place.file("other.ndjson", (0 ..< 50).map { SmallStream.login(user: "u\($0)") }.joined())
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson").status == 0)
        let other = try place.gibbs("watch", "m.gibbs", "other.ndjson")
        #expect(other.status == 0 && other.errors.contains("other.ndjson is not the file that the state ends in"), "\(other)")
        #expect(other.count("events") == 50 && other.total("events") == place.lineCount("attack.ndjson") + 50)
    }
}
