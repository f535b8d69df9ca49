import Foundation
import GibbsData
import GibbsEvents
import GibbsLogs
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Lines on their way to a batch, from a file or from anything else, and what a fit makes of the same lines.
@Suite struct StreamSourceTests {
    let place: WatchPlace

    init() throws { place = try WatchPlace() }

    /// Messages of a queue give what the lines of a file give.
    @Test(arguments: ["ndjson", "csv"]) func messages(format: String) throws {
        let events = SmallLog.attack.prefix(200)
        let text = format == "ndjson" ? WatchPlace.lines(events) : "time,what,who,file\n" + events.map { "\($0.time),\($0.what),\($0.who),\($0.file)\n" }.joined()
        try place.write(text, "log")
        var feed = try StreamFeed(place.watchdog, monitor: place.watchdog.monitor(), path: place.path("log")), inFile = [StreamMonitor.EventScore]()
        while try feed.step(waiting: 0, each: { inFile.append($1) }).step != .end {}
        var source = try StreamSource(place.watchdog), batch = source.batch, monitor = place.watchdog.monitor(), found = [StreamMonitor.EventScore]()
        for (number, line) in text.split(separator: "\n").enumerated() { source.append(line.utf8, line: number + 1, to: &batch) }
        _ = monitor.observe(batch) { found.append($0) }
        #expect(found == inFile && found.count == 200 && source.counters.malformed == 0)
    }

    @Test func unreadableMessages() throws {
        var source = try StreamSource(place.watchdog), batch = source.batch
        for text in ["", "{\"who\":\"a\"", "{\"who\":\"a\",\"time\":1}", "{\"who\":\"a\",\"file\":\"" + String(repeating: "x", count: LineFollower.usualLimit) + "\"}"] {
            source.append(text.utf8, line: 1, to: &batch)
        }
        #expect(batch.count == 1 && source.counters.lines == 4 && source.counters.tooLong == 1 && source.counters.malformed == 2)
    }

    /// A line beyond the limit teaches a fit nothing, as it tells a watch nothing.
    @Test func linesBeyondTheLimit() throws {
        func line(_ number: Int, _ user: String) -> String { "Mar 27 13:\(10 + number / 60):\(10 + number % 50) h sshd[7]: Failed password for \(user) from 10.0.0.\(number % 9) port 22 ssh2\n" }
        let lines = (0 ..< 60).map { line($0, "u\($0 % 4)") }, long = line(61, String(repeating: "x", count: LineFollower.usualLimit))
        try place.write(lines.joined(), "short.log")
        try place.write(lines[..<30].joined() + long + lines[30...].joined(), "long.log")
        let short = try EventLog.raw(place.path("short.log"), preset: .sshd, year: 2026, columns: ["event", "user"])
        let whole = try EventLog.raw(place.path("long.log"), preset: .sshd, year: 2026, columns: ["event", "user"])
        #expect(short.log.count == 60 && whole.log.count == 60 && whole.log.codes == short.log.codes && whole.log.names == short.log.names)
        #expect(whole.log.lines.max() == 61 && !whole.log.lines.contains(31))
        #expect(whole.parser.templates.all.map(\.count) == short.parser.templates.all.map(\.count))
        try place.write("{\"who\":\"a\",\"time\":1,\"what\":\"" + String(repeating: "x", count: LineFollower.usualLimit) + "\"}\n", "long.ndjson")
        #expect(checkRefusal([.limitExceeded], "a long line") {
            _ = try EventLog(table: place.path("long.ndjson"), options: TableOptions(), entity: "who", time: "time", columns: ["what"])
        } == [])
    }

    /// A state belongs to all that scores depend on, and to no calibration.
    @Test func fingerprints() throws {
        let watchdog = place.watchdog, own = watchdog.fingerprint
        #expect(try watchdog.alerting(at: 0.2).fingerprint == own)
        try watchdog.write(to: place.path("m"))
        #expect(try StreamWatchdog(contentsOf: place.path("m")).fingerprint == own)
        for (old, new) in [("\"temperature\":2", "\"temperature\":3"), ("\"entity\":\"who\"", "\"entity\":\"whom\"")] {
            var archive = watchdog.archive()
            let text = try archive.text("gibbs.schema"), changed = text.replacing(old, with: new)
            #expect(changed != text)
            archive.metadata["gibbs.schema"] = changed
            #expect(try StreamWatchdog(archive: archive).fingerprint != own, "\(new)")
        }
    }
}
