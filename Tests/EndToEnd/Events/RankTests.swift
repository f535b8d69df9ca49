import CommandDriver
import Foundation
import Testing

/// Who in a log is strangest, by the real binary.
@Suite struct RankTests {
    /// Thirty addresses that log in by key, and twelve that only fail.
    static func log() -> String {
        let attacks = (0 ..< 12).flatMap { who in (0 ..< 12).map { attempt in
            (String(format: "Mar %2d 03:%02d:%02d", 2 + who % 8, who, attempt), "Failed password for invalid user admin\(attempt) from 203.0.113.\(who + 1) port \(50_000 + attempt) ssh2")
        } }
        let lines = attacks.map { ($0, "\($0) gate sshd[9000]: \($1)") }
        let honest = WatchLogTests.normal(days: 0 ..< 8).split(separator: "\n").map { (String($0.prefix(15)), String($0).replacing("Accepted password", with: "Accepted publickey")) }
        return (lines + honest).enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map { $0.element.1 + "\n" }.joined()
    }

    @Test(arguments: ["entity", "day"]) func rawLines(fold: String) throws {
        let place = try Workplace()
        try place.file("auth.log", Self.log())
        let rank = try place.gibbs("rank", "auth.log", "--year", "2026", "--trusted", "Accepted publickey", "--by", fold, "--folds", "3", "--order", "surprise")
        let objects = try rank.objects
        #expect(rank.status == 0 && rank.errors.contains("30 of 42 entities are trusted"), "\(rank)")
        #expect(objects.count == 42 && objects.prefix(12).allSatisfy { ($0["entity"] as? String)?.hasPrefix("203.0.113.") == true && $0["trusted"] as? Bool == false }, "\(rank)")
        #expect(objects.compactMap { $0["rank"] as? Int } == Array(1 ... 42) && objects.allSatisfy { ($0["pValue"] as? Double).map { $0 > 0 && $0 <= 1 } == true })
        #expect((objects[0]["reasons"] as? [[String: Any]])?.isEmpty == false)
    }

    @Test func fittedToTheTrusted() throws {
        let place = try Workplace()
        try place.file("auth.log", Self.log())
        let fit = try place.gibbs("fit", "events", "auth.log", "--year", "2026", "--trusted", "Accepted publickey", "--epochs", "5", "--out", "m.gibbs")
        #expect(fit.status == 0 && fit.errors.contains("30 of 42 entities are trusted") && fit.output.contains("what 30 entities did last"), "\(fit)")
        let score = try place.gibbs("score", "m.gibbs", "auth.log", "--by-entity", "--top", "12")
        #expect(try score.objects.count == 12 && score.objects.allSatisfy { ($0["entity"] as? String)?.hasPrefix("203.0.113.") == true }, "\(score)")
        #expect(score.errors.contains("gibbs rank"), "\(score)")
        let text = try place.gibbs("score", "m.gibbs", "auth.log", "--by-entity", "--text", "--top", "2")
        #expect(text.lines.count == 3 && text.lines[0].hasPrefix("rank") && text.lines[1].contains("203.0.113."), "\(text)")
    }

    @Test func tables() throws {
        let place = try SmallStream.copy("attack.ndjson"), columns = ["--entity", "address", "--event", "outcome", "--fields", "user,country"]
        // A column that no event has may say whom to trust.
        let rank = try place.gibbs(["rank", "attack.ndjson", "--trusted", "label=normal", "--folds", "2", "--epochs", "2", "--top", "5", "--text"] + columns)
        #expect(rank.status == 0 && rank.lines.count == 6 && rank.errors.contains("entities are trusted"), "\(rank)")
    }

    @Test func refusals() throws {
        let place = try SmallStream.copy("attack.ndjson"), columns = ["--entity", "address", "--event", "outcome"]
        try place.file("a.log", "Mar  2 08:00:00 h sshd[1]: Accepted password for ann from 10.0.0.1 port 1 ssh2\n")
        for (status, words, more) in [(64, "regular expression", ["--trusted", "("]), (65, "occurs in no event", ["--trusted", "outcome=nothing"]), (64, "folds", ["--folds", "1"]), (64, "top", ["--top", "0"]),
                                      (64, "same command", ["--out", "attack.ndjson"]), (65, "of one day", ["--by", "day"])] as [(Int32, String, [String])] {
            let outcome = try place.gibbs(["rank", "attack.ndjson", "--epochs", "1"] + columns + more)
            #expect(outcome.status == status && outcome.errors.contains(words), "\(more): \(outcome)")
        }
        #expect(try place.gibbs("rank", "attack.ndjson").errors.contains("--entity"))
        #expect(try place.gibbs("rank", "a.log", "--trusted", "accepted").errors.contains("capital letters"))
        #expect(try place.gibbs("rank", "a.log").status == 65)
        #expect(try place.gibbs("rank", "-", "--preset", "sshd").status == 64)
        #expect(try place.gibbs("score", "m.gibbs", "attack.ndjson", "--by-entity", "--alerts").status == 64)
        try place.file("normal.txt", SmallSessions.plain(0 ..< 200))
        _ = try place.gibbs("fit", "events", "normal.txt", "--out", "s.gibbs", "--history", "2", "--hidden", "4", "--epochs", "2")
        #expect(try place.gibbs("score", "s.gibbs", "normal.txt", "--by-entity").errors.contains("logs of events"))
    }
}

/// A server's log of 25 days, where it is at hand: brute force and those who belong there.
@Suite struct KnownRankingTests {
    static let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("../shared/data/auth-logs/elastic_auth.log").standardizedFileURL.path

    @Test(.enabled(if: FileManager.default.fileExists(atPath: path), "the log of logins is not here")) func bruteForce() throws {
        let place = try Workplace()
        // Holders of a key are trusted, and whatever is not sshd; nobody is judged by a model that has learned from that day.
        let rank = try place.gibbs("rank", Self.path, "--preset", "sshd", "--year", "2017", "--by", "day", "--order", "surprise",
                                   "--trusted", #"Accepted publickey|^\S+ +\S+ \S+ \S+ (?!sshd\[)|Server listening"#)
        let order = try rank.objects.map { $0["entity"] as! String }
        #expect(order.count == 220, "\(rank.errors)")
        // Sources with many failed logins and no accepted one, counted by grep, against the three that log in.
        let benign = try ["85.245.107.41", "95.93.96.191", "127.0.0.1"].map { try #require(order.firstIndex(of: $0)) }
        for source in ["34.204.227.175", "91.197.232.109", "49.4.143.105", "201.178.81.113", "122.163.61.218", "181.26.186.35", "14.54.210.101", "221.194.44.190", "77.231.252.103", "122.189.198.238"] {
            #expect(order.firstIndex(of: source).map { $0 < benign.min()! } == true, "\(source)")
        }
    }
}
