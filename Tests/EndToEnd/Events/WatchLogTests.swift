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
