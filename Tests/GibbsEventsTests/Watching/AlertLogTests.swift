import Foundation
import GibbsData
import GibbsEvents
import Testing

/// A file of alerts: each line whole, each alert once.
@Suite struct AlertLogTests {
    let place: WatchPlace, alerts: [StreamAlert]

    init() throws {
        place = try WatchPlace()
        var monitor = place.watchdog.monitor()
        alerts = monitor.observe(SmallLog.batch(SmallLog.attack))
    }

    private func append(_ alerts: some Sequence<StreamAlert>) throws {
        let log = try AlertLog(path: place.path("alerts"))
        for alert in alerts { log.append(alert, line: alert.json { _ in nil }.text) }
        try log.flush()
    }

    @Test func onceEach() throws {
        try append(alerts.prefix(2))
        try append(alerts)
        try append(alerts)
        #expect(try alerts.count > 2 && place.ids() == alerts.map(\.id))
    }

    /// The id is found wherever it stands in the line, and not in what is none.
    @Test func wherever() throws {
        let id = alerts[0].id
        try place.write("ALERT by hand\n{\"id\":\n{\"line\":4,\"text\":\"\\\"id\\\":\\\"\(alerts[1].id)\\\"\"}\n{ \"entity\" : \"a\\\"b\", \"reasons\":[{\"id\":\"\(alerts[1].id)\"}], \"id\" : \"\(id)\" }\n", "alerts")
        let before = try place.text("alerts")
        try append([alerts[0]])
        #expect(try place.text("alerts") == before)
        try append([alerts[1]])
        #expect(try place.text("alerts") == before + alerts[1].json { _ in nil }.text + "\n")
    }

    @Test func unfinishedLine() throws {
        try append(alerts)
        let whole = try place.text("alerts")
        for cut in [1, 30, whole.count / 2, whole.count - 1] {
            try place.write(String(whole.prefix(cut)), "alerts")
            try append(alerts)
            #expect(try place.text("alerts") == whole, "cut at \(cut)")
        }
    }

    /// The last line of a file that another wrote stays, whatever it lacks.
    @Test(arguments: ["dear diary", "{\"note\": 1}", "{", "A", "      indented", "a,b\n1,2"]) func linesOfOthers(text: String) throws {
        try place.write(text, "alerts")
        try append([])
        #expect(try text == "{" || place.text("alerts") == text)
        try append([alerts[0]])
        let rest = alerts[0].json { _ in nil }.text + "\n"
        #expect(try place.text("alerts") == (text == "{" ? rest : text + "\n" + rest))
    }

    /// Behind a snapshot's place every line is known, whatever it says; with what was new again, repeated lines are kept.
    @Test func onceEachBehindASnapshot() throws {
        let path = place.path("alerts"), texts = ["ALERT one\n      +1.0  reason\n             raw", "{\"line\":1,\"x\":2}", "ALERT two\n      +1.0  reason\n             raw", "ALERT end"]
        let first = try AlertLog(path: path)
        first.append("before")
        try first.flush()
        let start = try #require(first.place)
        for text in texts { first.append(text) }
        try first.synchronise()
        let whole = try place.text("alerts"), kept = start.length
        #expect(whole == (["before"] + texts).map { $0 + "\n" }.joined())
        for cut in kept ... whole.utf8.count {
            try place.write(String(whole.prefix(cut)), "alerts")
            let again = try AlertLog(path: path, from: start)
            #expect(again.goesOn)
            for text in texts { again.append(text) }
            try again.flush()
            #expect(try place.text("alerts") == whole, "cut at \(cut)")
        }
        let again = try AlertLog(path: path, from: start)
        again.catchUp()
        again.append(texts[3])
        try again.flush()
        #expect(try place.text("alerts") == whole + "ALERT end\n")
        // Cut short since, or another file of the name: nothing is known of it.
        try place.write("", "alerts")
        #expect(try !AlertLog(path: path, from: start).goesOn)
    }

    /// What one try could not write waits for the next.
    @Test func nothingLost() throws {
        #expect(mkfifo(place.path("alerts"), 0o600) == 0)
        let log = try AlertLog(path: place.path("alerts"))
        let line = String(repeating: "x", count: 200)
        for _ in 0 ..< 200 { log.append(line) }
        try log.flush()
        let reader = open(place.path("alerts"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        #expect(read(reader, &bytes, bytes.count) == 200 * 201)
    }
}
