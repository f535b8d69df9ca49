import CommandDriver
import Foundation
import Testing

/// Logs that are given without saying what they are, and files that are no logs.
@Suite struct FitLogTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// Lines of sshd, of so many addresses.
    private static let sshd = (0 ..< 400).map { "Mar  \(1 + $0 / 60) \(String(format: "%02d:%02d:00", 8 + $0 / 10 % 6, $0 % 60)) gate sshd[\($0)]: Accepted password for u\($0 % 20) from 10.0.0.\($0 % 20) port 22 ssh2\n" }.joined()
    private static let access = (0 ..< 60).map { "10.0.0.\($0 % 9) - - [10/Oct/2026:13:\(10 + $0 % 50):36 +0000] \"GET /a HTTP/1.0\" 200 2326\n" }.joined()

    private func fit(_ name: String, _ more: String...) -> [String] { ["fit", "events", name, "--out", "x.gibbs", "--epochs", "1"] + more }

    /// A log is known by its lines, whatever its name; from standard input it is not taken for sessions.
    @Test func byContent() throws {
        for name in ["auth.log.1", "secure", "authlog.txt", "events.csv"] {
            try place.file(name, Self.sshd)
            let outcome = try place.gibbs(fit(name, "--year", "2026"))
            #expect(outcome.status == 0 && outcome.output.contains("whose events: entity"), "\(name): \(outcome)")
        }
        _ = try place.shell("rm x.gibbs x.gibbs.past")
        try place.expectRefusal(65, "standard input:1", "raw log (sshd)", "--preset sshd", by: fit("-"), input: "secure")
        try place.file("hits", Self.access)
        try place.expectRefusal(65, "raw log (apache)", by: fit("-"), input: "hits")
    }

    @Test func noForm() throws {
        try place.file("auth", Self.sshd)
        try place.file("access", Self.access)
        try place.file("empty.log", "")
        try place.file("words.log", (0 ..< 50).map { "nothing but words \($0)\n" }.joined())
        try place.expectRefusal(65, "auth", "none of 400 lines has the form of the preset apache", "--preset sshd", by: fit("auth", "--preset", "apache"))
        try place.expectRefusal(65, "access", "preset sshd", "--preset apache", by: fit("access", "--preset", "sshd"))
        try place.expectRefusal(65, "empty.log", "no line in it", by: fit("empty.log"))
        try place.expectRefusal(65, "words.log", "names an entity", "--entity-pattern", by: fit("words.log"))
        try place.expectRefusal(65, "matches none", by: fit("auth", "--preset", "sshd", "--entity-pattern", "nosuch=(.*)"))
    }

    /// An event a line wants the names of its columns.
    @Test func columnsUntold() throws {
        try place.file("web.ndjson", (0 ..< 50).map { SmallStream.login(user: "u\($0)") }.joined())
        try place.expectRefusal(65, "web.ndjson:1", "no array of events", "--entity", "--event", by: fit("web.ndjson"))
    }

    @Test func noText() throws {
        try place.file("wide.log", Self.sshd.utf8.flatMap { [$0, 0] as [UInt8] })
        try place.file("sessions.txt", Array("a b c\na \u{0}b\n".utf8))
        try place.expectRefusal(65, "wide.log", "no text", by: fit("wide.log"))
        try place.expectRefusal(65, "sessions.txt:2", "no text", by: fit("sessions.txt"))
    }

    /// Names from a log are shown in part, and steer no terminal.
    @Test func names() throws {
        let long = String(repeating: "x", count: 5_000)
        try place.file("long.ndjson", (0 ..< 400).map { SmallStream.login("10.0.0.\($0 % 40)", user: "u", outcome: ["\\u001b[2J\\nok", long, "no"][$0 % 3], time: "\(1_773_144_000 + $0 * 600)") }.joined())
        let outcome = try place.gibbs(fit("long.ndjson", "--entity", "address", "--event", "outcome"))
        #expect(outcome.status == 0 && !outcome.output.contains("\u{1B}") && outcome.output.split(separator: "\n").allSatisfy { $0.count < 400 } && outcome.output.contains("…"), "\(outcome)")
    }

    /// The column of times is found by its name where it holds times; without any, no day is promised anything.
    @Test func times() throws {
        func lines(_ name: String?) -> String {
            (0 ..< 600).map { number in
                "{\"who\":\"w\(number % 30)\",\"event\":\"e\(number * 7 % 4)\"" + (name.map { ",\"\($0)\":\"2026-03-0\(1 + number / 100)T\(10 + number / 10 % 10):00:00Z\"" } ?? "") + ",\"date\":\"soon\"}\n"
            }.joined()
        }
        for name in ["time", "ts", "timestamp", "@timestamp", "DateTime"] {
            try place.file("a.ndjson", lines(name))
            let outcome = try place.gibbs(fit("a.ndjson", "--entity", "who"))
            #expect(outcome.status == 0 && outcome.output.contains("whose events: who, when: \(name)\n") && outcome.output.contains(" a day, ") && outcome.errors == "", "\(outcome)")
        }
        try place.file("a.ndjson", lines(nil))
        let without = try place.gibbs(fit("a.ndjson", "--entity", "who"))
        #expect(without.status == 0 && without.output.contains("whose events: who, no times\n") && !without.output.contains(" a day") && !without.output.contains("entity-days"), "\(without)")
        #expect(without.errors.contains("a.ndjson has no times") && without.errors.contains("--time"), "\(without)")
    }
}
