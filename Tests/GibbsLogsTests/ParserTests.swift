import Foundation
import GibbsData
import GibbsLogs
import GibbsNumerics
import Testing

/// What a parser has learned serves other parsers; bytes that are no text harm nobody.
@Suite struct ParserTests {
    static let lines = (0 ..< 400).map { index in
        let second = String(format: "Mar 27 13:%02d:%02d web ", index / 60, index % 60), address = "203.0.113.\(index % 7)"
        return switch index % 4 {
        case 0: second + "sshd[\(index)]: Failed password for user\(index % 5) from \(address) port \(index) ssh2"
        case 1: second + "sshd[\(index)]: Accepted password for user\(index % 5) from \(address) port \(index) ssh2"
        case 2: second + "su: Failed password for user\(index % 5) from \(address) port \(index) ssh2"
        default: second + "CRON[\(index)]: job took \(index)ms for \(["one", "two", "three"][index % 3])"
        }
    }

    @Test func storedParsersParseAlike() throws {
        var learner = try LogParser(preset: .sshd, clock: LogClock(year: 2026)), silent = learner
        for (index, line) in Self.lines.enumerated() {
            _ = learner.learn(line, number: index + 1)
            Array(line.utf8).withUnsafeBytes { silent.study($0) }
        }
        #expect(learner.templates.all == silent.templates.all)
        #expect(Set(learner.templates.all.map(\.text)) == ["sshd: Failed password for <*> from <IP> port <NUM> ssh2", "sshd: Accepted password for <*> from <IP> port <NUM> ssh2",
                                                             "su: Failed password for <*> from <IP> port <NUM> ssh2", "CRON: job took <NUM>ms for <*>"])
        let data = try JSONEncoder().encode(learner.stored)
        var a = try LogParser(learner.stored, clock: LogClock(year: 2026)), b = try LogParser(JSONDecoder().decode(LogParser.Stored.self, from: data), clock: LogClock(year: 2026))
        for (index, line) in Self.lines.enumerated() {
            let found = a.parse(line, number: index)
            #expect(found == b.parse(line, number: index) && found.event != nil && found.entity != nil)
        }
        let unseen = b.parse("Mar 27 13:06:56 web sshd[1]: Something else from 203.0.113.7", number: 9)
        #expect(unseen.event == nil && unseen.template == nil && unseen.masked == "sshd: Something else from <IP>" && unseen.entity == "203.0.113.7")
        #expect(unseen.json == #"{"line":9,"time":"2026-03-27T13:06:56Z","host":"web","process":"sshd","entity":"203.0.113.7","masked":"sshd: Something else from <IP>"}"#)
        #expect(a.templates.all == learner.templates.all)
    }

    /// From where a process was addressed, and which year it is, go on with another parser.
    @Test func goesOnWithWhatWasRemembered() throws {
        var first = try LogParser(preset: .sshd, clock: LogClock(year: 2025))
        _ = first.learn("Dec 31 23:59:59 web sshd[7]: Invalid user a from 203.0.113.7", number: 1)
        _ = first.learn("Jan  1 00:00:01 web sshd[8]: Invalid user a from 203.0.113.8", number: 2)
        let memory = try JSONDecoder().decode(LogParser.Memory.self, from: JSONEncoder().encode(first.memory))
        var next = try LogParser(first.stored, clock: LogClock(year: 2025)), other = next, fresh = next
        #expect(next.resume(memory, keepsClock: true) && other.resume(memory, keepsClock: false))
        let line = "Jan  1 00:00:02 web sshd[7]: Too many authentication failures"
        let expected = first.parse(line, number: 3), found = next.parse(line, number: 3), elsewhere = other.parse(line, number: 3)
        #expect(found == expected && found.entity == "203.0.113.7" && elsewhere.entity == "203.0.113.7")
        #expect(try #require(found.time) - #require(elsewhere.time) == 365 * 86_400)
        #expect(fresh.parse(line, number: 3).entity == "sshd")
    }

    @Test func storedPartsMustBelongTogether() throws {
        var stored = try LogParser(preset: .sshd).stored
        stored.preset = .apache
        #expect(throws: GibbsError.self) { try LogParser(stored) }
        stored.preset = .sshd
        stored.entityPattern = "("
        let error = #expect(throws: GibbsError.self) { try LogParser(stored) }
        #expect(error?.code == .unsuitableModel)
    }

    @Test func entityPattern() throws {
        func entity(_ pattern: String, _ line: String) throws -> String? {
            var options = LogParser.Options()
            options.entityPattern = pattern
            var parser = try LogParser(preset: .plain, options: options)
            return parser.learn(line, number: 1).entity
        }
        #expect(try entity("user=(\\w+)", "a user=bob b") == "bob" && entity("b[0-9]+", "a b17") == "b17" && entity("x", "a") == nil && entity("a|(b)", "a") == nil)
        #expect(try entity("é(.)", "né👩x") == "👩")
        for bad in ["(", "", String(repeating: "a", count: 5000)] { #expect(throws: GibbsError.self) { try entity(bad, "a") } }
    }

    @Test func bytesThatAreNoText() throws {
        var parser = try LogParser(preset: .sshd, clock: LogClock(year: 2026))
        func learn(_ bytes: [UInt8]) -> ParsedLine { bytes.withUnsafeBytes { parser.learn($0, number: 1) } }
        let head = Array("Mar 27 13:06:56 web sshd[1]: ".utf8)
        #expect(learn(head + Array("Invalid user ".utf8) + [0xFF, 0xC3] + Array(" from 203.0.113.7".utf8)).user == "\u{FFFD}\u{FFFD}")
        #expect(learn([0xEF, 0xBB, 0xBF] + head + Array("hello\r".utf8)).event == "sshd: hello")
        let zero = learn(head + [0x61, 0, 0x1B, 0x22, 0x5C, 0x62])
        #expect(zero.event == "sshd: a\0\u{1B}\"\\b" && zero.json.contains(#"sshd: a\u0000\u001b\"\\b"#))
        // Any bytes at all: no crash, valid JSON, and found again.
        var state: UInt64 = 3
        for _ in 0 ..< 3000 {
            let bytes = (0 ..< Int(state >> 58)).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet = Array(" :/.-[]<*>=\"'01fxMar".utf8)
                return state >> 62 == 0 ? UInt8(truncatingIfNeeded: state >> 40) : alphabet[Int(state >> 33) % alphabet.count]
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for line in [bytes, head + bytes] {
                let found = learn(line)
                #expect(found.event != nil && (try? JSONSerialization.jsonObject(with: Data(found.json.utf8))) != nil, "\(bytes)")
                #expect(line.withUnsafeBytes { parser.parse($0, number: 1) }.template != nil, "\(bytes)")
            }
        }
    }
}

/// A server's log of 25 days, where it is at hand.
@Suite struct KnownLogTests {
    static let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("../shared/data/auth-logs/elastic_auth.log").standardizedFileURL.path

    @Test(.enabled(if: FileManager.default.fileExists(atPath: path), "the log of logins is not here")) func logins() throws {
        var parser = try LogParser(preset: .sshd, clock: LogClock(year: 2017)), found: [ParsedLine] = []
        let reader = try LineReader(path: Self.path)
        while let line = try reader.nextBytes({ bytes, number, _ in parser.learn(bytes, number: number) }) { found.append(line) }
        #expect(found.count == 7121 && found.allSatisfy { $0.time != nil && $0.host != nil && $0.entity != nil && $0.event != nil })
        // Counts by grep: lines with 'Failed password for', with it and 'invalid user', with 'Accepted password'.
        let counts = Dictionary(grouping: found) { $0.event ?? "" }.mapValues(\.count)
        #expect(counts["sshd: Failed password for <*> from <IP> port <NUM> ssh2"] == 382)
        #expect(counts["sshd: Failed password for invalid user <*> from <IP> port <NUM> ssh2"] == 331)
        #expect(counts["sshd: Accepted password for <*> from <IP> port <NUM> ssh2"] == 190)
        #expect(counts["sshd: Invalid user <*> from <IP>"] == 178 && found.contains { $0.user == "" && $0.event == "sshd: Invalid user <*> from <IP>" })
        #expect(parser.templates.count < 80, "\(parser.templates.count)")
    }
}
