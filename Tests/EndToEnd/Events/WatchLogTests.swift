import CommandDriver
import Foundation
import Testing

/// Raw log lines, from the fit to an alert on a brute force.
@Suite struct WatchLogTests {
    /// Logins of 30 addresses over eight days, each with a user of its own who mistypes now and then.
    static func normal(days: Range<Int>) -> String {
        var lines = [(String, String)]()
        for day in days {
            for who in 0 ..< 30 {
                for visit in 0 ..< 2 + (who + day) % 3 {
                    let time = String(format: "Mar %2d %02d:%02d:%02d", 2 + day, 7 + visit * 3, (who * 7 + day * 13) % 60, (who * 31 + visit * 17) % 60)
                    let head = "\(time) gate sshd[\(1_000 + who * 10 + visit)]: ", from = "from 10.0.0.\(who + 1) port \(40_000 + who * 13 + day) ssh2"
                    if (who * 3 + day + visit) % 9 == 0 { lines.append((time, head + "Failed password for user\(who) " + from)) }
                    lines.append((time, head + "Accepted password for user\(who) " + from))
                }
            }
        }
        return lines.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map { $0.element.1 + "\n" }.joined()
    }

    /// Ended and started again within a session of sshd and over New Year, every event costs what it costs in one go.
    @Test func goesOn() throws {
        let place = try Workplace()
        try place.file("auth.log", Self.normal(days: 0 ..< 8))
        #expect(try place.gibbs("fit", "events", "auth.log", "--out", "m.gibbs", "--epochs", "2", "--year", "2025").status == 0)
        let lines = (0 ..< 40).map { number in
            let time = number < 20 ? "Dec 31 23:59:\(10 + number)" : "Jan  1 00:00:\(10 + number)"
            return "\(time) gate sshd[\(4_000 + number % 5)]: " + (number < 5 ? "Failed password for root from 203.0.113.\(number) port 22 ssh2\n" : "error: maximum authentication attempts exceeded [preauth]\n")
        }
        try place.file("whole.log", lines.joined())
        try place.file("live.log", "")
        let options = ["--events", "--year", "2025"]
        let whole = try place.gibbs(["watch", "m.gibbs", "whole.log", "--dry-run", "--cold", "--out", "whole"] + options)
        #expect(try whole.status == 0 && place.text("whole").contains("\"line\":40,\"entity\":\"203.0.113.4\""), "\(whole)")
        for part in 0 ..< 4 {
            try place.append(Array(lines[part * 10 ..< part * 10 + 10].joined().utf8), to: "live.log")
            let run = try place.gibbs(["watch", "m.gibbs", "live.log", "--out", "parts"] + (part == 0 ? ["--cold"] : []) + options)
            #expect(run.status == 0 && run.count("events") == 10, "\(run)")
        }
        func sorted(_ name: String) throws -> [Substring] { try place.text(name).split(separator: "\n").sorted() }
        #expect(try sorted("parts") == sorted("whole"))
        // A stream of another form is no quiet one.
        try place.file("rows.ndjson", (0 ..< 120).map { SmallStream.login(user: "u\($0)") }.joined())
        let other = try place.gibbs("watch", "m.gibbs", "rows.ndjson", "--dry-run")
        #expect(other.status == 65 && other.errors.contains("none of 120 events has a time"), "\(other)")
    }

    @Test func bruteForce() throws {
        let place = try Workplace()
        try place.file("auth.log", Self.normal(days: 0 ..< 8))
        let attempts = (0 ..< 80).map { String(format: "Mar 10 23:%02d:%02d gate sshd[9999]: ", $0 / 60, $0 % 60) + "Failed password for invalid user admin\($0 % 7) from 203.0.113.9 port \(50_000 + $0) ssh2\n" }
        try place.file("attack.log", Self.normal(days: 8 ..< 9) + attempts.joined() + "Mar 10 23:59:01 gate sshd[1]: fatal: a template that nobody has seen <*> from 198.51.100.7 port 1\nno form at all\n\n")
        let fit = try place.gibbs("fit", "events", "auth.log", "--out", "m.gibbs", "--epochs", "5", "--year", "2026")
        #expect(fit.status == 0 && fit.output.contains("whose events: entity"), "\(fit)")
        let watch = try place.gibbs("watch", "m.gibbs", "attack.log", "--year", "2026"), alerts = try watch.objects
        #expect(watch.status == 0 && watch.count("events") + watch.count("events without an entity") >= place.lineCount("attack.log") - 1, "\(watch)")
        #expect(alerts.contains { $0["entity"] as? String == "203.0.113.9"}, "\(watch)")
        let first = try #require(alerts.first { $0["entity"] as? String == "203.0.113.9" })
        #expect(first["events"] as? Int ?? 99 <= 40 && (first["time"] as? String)?.hasPrefix("2026-03-10T23:") == true, "\(first)")
        #expect((first["reasons"] as? [[String: Any]])?.contains { ($0["raw"] as? String)?.contains("invalid user admin") == true } == true, "\(first)")
        #expect(alerts.count { ($0["entity"] as? String)?.hasPrefix("10.0.0.") == true } <= 2, "\(watch)")
    }
}
