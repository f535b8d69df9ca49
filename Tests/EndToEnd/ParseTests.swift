import CommandDriver
import Foundation
import Testing

/// From raw log lines to events, as a person does it.
@Suite struct ParseTests {
    let place: Workplace
    static let log = """
        Dec 31 23:59:58 web sshd[7]: Invalid user bob from 203.0.113.7 port 50122
        Dec 31 23:59:59 web sshd[7]: PAM service(sshd) ignoring max retries; 6 > 3
        Jan  1 00:00:00 web sshd[8]: message repeated 3 times: [ Failed password for root from 203.0.113.9 port 50123 ssh2]
        Jan  1 00:00:01 web app: job took 5ms for alpha
        Jan  1 00:00:02 web app: job took 17ms for beta

        """

    init() throws {
        place = try Workplace()
        try place.file("auth.log", Self.log)
    }

    @Test func wholeFile() throws {
        let outcome = try place.gibbs("parse", "auth.log", "--year", "2025", "--out", "events.ndjson", "--templates", "templates.txt")
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors.contains("5 lines (sshd), 4 templates, 3 entities"), "\(outcome)")
        let lines = try place.text("events.ndjson").split(separator: "\n").map(String.init)
        #expect(lines == [
            #"{"line":1,"time":"2025-12-31T23:59:58Z","host":"web","process":"sshd","entity":"203.0.113.7","user":"bob","event":"sshd: Invalid user <*> from <IP> port <NUM>","template":0,"parameters":["bob","203.0.113.7","50122"]}"#,
            #"{"line":2,"time":"2025-12-31T23:59:59Z","host":"web","process":"sshd","entity":"203.0.113.7","event":"sshd: PAM service(sshd) ignoring max retries; <NUM> > <NUM>","template":1,"parameters":["6","3"]}"#,
            #"{"line":3,"time":"2026-01-01T00:00:00Z","host":"web","process":"sshd","entity":"203.0.113.9","user":"root","event":"sshd: Failed password for <*> from <IP> port <NUM> ssh2","template":2,"parameters":["root","203.0.113.9","50123"],"repeated":3}"#,
            #"{"line":4,"time":"2026-01-01T00:00:01Z","host":"web","process":"app","entity":"app","event":"app: job took <NUM>ms for <*>","template":3,"parameters":["5","alpha"]}"#,
            #"{"line":5,"time":"2026-01-01T00:00:02Z","host":"web","process":"app","entity":"app","event":"app: job took <NUM>ms for <*>","template":3,"parameters":["17","beta"]}"#,
        ])
        #expect(try place.text("templates.txt").contains("       2         3  app: job took <NUM>ms for <*>\n"))
        let untold = try place.gibbs("parse", "auth.log", "--out", "x", "--templates", "templates.json")
        #expect(untold.status == 0 && untold.errors.contains("no year in the stamps") && !outcome.errors.contains("no year"), "\(untold)")
        let table = try JSONSerialization.jsonObject(with: Data(place.bytes("templates.json"))) as? [[String: Any]]
        #expect(table?.count == 4 && table?.first?["count"] as? Int == 2)
    }

    /// A stream is printed as it comes: the early line has the template as it was then.
    @Test func stream() throws {
        let whole = try place.gibbs("parse", "auth.log", "--year", "2025"), piped = try place.shell("cat auth.log | \"$GIBBS\" parse - --year 2025")
        #expect(piped.status == 0 && piped.lines.count == 5, "\(piped)")
        #expect(piped.lines[3].contains("app: job took <NUM>ms for alpha\"") && piped.lines[4] == whole.lines[4] && piped.lines[0] == whole.lines[0])
        // Line by line, not at the end.
        let live = try place.shell("""
            mkfifo in; : > live.out
            (cat auth.log; exec sleep 100) > in & writer=$!
            "$GIBBS" parse in --year 2025 > live.out & reader=$!
            tries=0; while [ $(wc -l < live.out) -lt 5 ] && [ $tries -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
            kill $reader $writer; cat live.out
            """)
        #expect(live.lines.count == 5, "\(live)")
    }

    @Test func compressedAndWithCarriageReturns() throws {
        let expected = try place.gibbs("parse", "auth.log", "--year", "2025").output
        Containers.gzip(Array(Self.log.utf8), to: place.place("auth.log.gz"))
        try place.file("windows.log", Self.log.replacing("\n", with: "\r\n"))
        for name in ["auth.log.gz", "windows.log"] { #expect(try place.gibbs("parse", name, "--year", "2025").output == expected, "\(name)") }
        #expect(try place.gibbs("parse", "-", "--year", "2025", input: "auth.log.gz").lines.count == 5)
    }

    @Test func entityPattern() throws {
        let outcome = try place.gibbs("parse", "auth.log", "--entity-pattern", "for (\\w+)$")
        #expect(try outcome.objects.map { $0["entity"] as? String } == [nil, nil, nil, "alpha", "beta"], "\(outcome)")
    }

    @Test func presetIsTold() throws {
        let outcome = try place.gibbs("parse", "auth.log", "--preset", "plain")
        #expect(try outcome.errors.contains("(plain)") && outcome.objects.allSatisfy { $0["process"] == nil && $0["entity"] == nil }, "\(outcome)")
        #expect(try place.gibbs("parse", "auth.log", "--preset", "cisco").status == 64)
    }
}
