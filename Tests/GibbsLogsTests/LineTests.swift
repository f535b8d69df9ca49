import Foundation
import GibbsLogs
import GibbsNumerics
import Testing

/// Headers, times, users and entities of single lines.
@Suite struct LineTests {
    private static func parsed(_ line: String, _ preset: LogPreset = .sshd, year: Int? = 2026) throws -> ParsedLine {
        var parser = try LogParser(preset: preset, clock: LogClock(year: year))
        return parser.learn(line, number: 1)
    }

    /// A message of sshd.
    private static func login(_ message: String) throws -> ParsedLine { try parsed("Mar 27 13:06:56 web sshd[1361]: " + message) }

    // MARK: - Headers

    @Test func syslogHeaders() throws {
        for line in ["Mar 27 13:06:56 web sshd[1361]: hello you", "<38>Mar 27 13:06:56 web sshd[1361]: hello you", "2026-03-27T13:06:56Z web sshd[1361]: hello you",
                     "2026-03-27T15:06:56.000+02:00 web sshd[1361]: hello you", "2026-03-27T08:06:56-0500 web sshd[1361]: hello you",
                     "<38>1 2026-03-27T13:06:56Z web sshd 1361 - - hello you", "<38>1 2026-03-27T13:06:56Z web sshd 1361 ID1 [a b=\"]\\\"\"][c] hello you"] {
            let found = try Self.parsed(line)
            #expect(found.host == "web" && found.process == "sshd" && found.pid == 1361 && found.event == "sshd: hello you", "\(line): \(found)")
            #expect(found.time == 1_774_616_816, "\(line): \(found.json)")
        }
        #expect(try Self.parsed("Mar  7 03:06:56 web sudo:   bob : TTY=pts/0 ; COMMAND=/bin/ls -l x").json
            == #"{"line":1,"time":"2026-03-07T03:06:56Z","host":"web","process":"sudo","entity":"bob","user":"bob","event":"sudo: <*> : TTY=pts/<NUM> ; COMMAND=<*>","template":0,"parameters":["bob","0","/bin/ls -l x"]}"#)
    }

    @Test(arguments: ["", " ", "hello", "Mar 27", "Mar 27 13:06:56", "Mar 27 13:06:56 ", "Mar 27 13:06:56 web", "Mar 27 13:06:56 web -- MARK --", "Mar 99 13:06:56 web a: b",
                      "Mar 27 25:06:56 web a: b", "<38>1", "<38>1 - - - - - -", "<999", "Mar 27 13:06:56 web a[: b", "Mar 27 13:06:56 web a[1", "2026-13-01T00:00:00Z a b: c",
                      "<1>1 2026-03-27T13:06:56Z h a 1 - [unclosed \"", "Mar 27 13:06:56 web sshd[1]:", "Mar 27 13:06:56 web sshd[1]: Invalid user", "Mar 27 13:06:56 web sudo: a : COMMAND=",
                      "Mar 27 13:06:56 web sshd[1]: message repeated 3 times: [", "Mar 27 13:06:56 web sshd[1]: message repeated 3 times: []", "Mar 27 13:06:56 web sshd[1]: Failed for  from ",
                      "Mar 27 13:06:56 web sshd[1]: x session opened for user ", "Mar 27 13:06:56 web sshd[1]: Disconnected from user  port ", "Mar 27 13:06:56 web sshd[1]:  rhost=",
                      "Mar 27 13:06:56 web sshd[1]: New session 1 of user ", "Mar 27 13:06:56 web sshd[1]: Received disconnect from : ", "Mar 27 13:06:56 web sshd[1]: Bad protocol version identification '' from "])
    func oddLines(line: String) throws {
        for preset in LogPreset.allCases {
            var parser = try LogParser(preset: preset)
            let found = parser.learn(line, number: 3)
            #expect(found.event != nil && found.number == 3 && parser.parse(line, number: 4).template == found.template, "\(preset): \(found)")
            #expect(try JSONSerialization.jsonObject(with: Data(found.json.utf8)) is [String: Any])
        }
    }

    @Test func years() throws {
        func seconds(_ stamps: [String], year: Int? = nil, now: Double) throws -> [String] {
            var parser = try LogParser(preset: .sshd, clock: LogClock(year: year, now: now))
            return try stamps.enumerated().map { index, stamp in
                let found = parser.learn(stamp + " 00:00:00 h a: b", number: index), time = try #require(found.time)
                return String(Date(timeIntervalSince1970: time).ISO8601Format().prefix(10))
            }
        }
        let february: Double = 1_771_200_000   // 2026-02-16
        #expect(try seconds(["Feb 15", "Mar  1"], now: february) == ["2026-02-15", "2026-03-01"])
        #expect(try seconds(["Nov 30", "Dec 31", "Jan  1", "Dec 31", "Jan  2"], now: february) == ["2025-11-30", "2025-12-31", "2026-01-01", "2025-12-31", "2026-01-02"])
        #expect(try seconds(["Feb 17"], now: february) == ["2026-02-17"], "clocks may differ by a day")
        #expect(try seconds(["Feb 20"], now: february) == ["2025-02-20"])
        #expect(try seconds(["Dec 31", "Jan  1"], year: 2016, now: february) == ["2016-12-31", "2017-01-01"])
        #expect(try seconds(["Feb 29", "Mar  1"], year: 2024, now: february) == ["2024-02-29", "2024-03-01"])
    }

    @Test func `stamps outside the years that four digits can write are none`() throws {
        for line in ["0000-01-01T00:00:00+14:00 web sshd[1]: x", "0001-01-01T00:00:00+14:00 web sshd[1]: x", "9999-12-31T23:59:59-14:00 web sshd[1]: x"] {
            let found = try Self.parsed(line)
            #expect(found.time == nil, "\(line): \(found.json)")
        }
        #expect(try Self.parsed("203.0.113.7 - - [01/Jan/0000:00:00:00 +2359] \"GET / HTTP/1.1\" 200 1", .apache).time == nil)
        #expect(try Self.parsed("0001-01-01T00:00:00Z web sshd[1]: x").json.contains("0001-01-01T00:00:00Z"))
        #expect(try Self.parsed("9999-12-31T23:59:59Z web sshd[1]: x").json.contains("9999-12-31T23:59:59Z"))
        #expect(try Self.parsed("Dec 31 23:59:59 web sshd[1]: x", year: 9999).json.contains("9999-12-31T23:59:59Z"))
    }

    // MARK: - Logins

    @Test(arguments: [
        ("Failed password for root from 203.0.113.7 port 22 ssh2", "root", "203.0.113.7", "Failed password for <*> from <IP> port <NUM> ssh2"),
        ("Failed password for invalid user bob from 2001:db8::7 port 22 ssh2", "bob", "2001:db8::7", "Failed password for invalid user <*> from <IP> port <NUM> ssh2"),
        ("Failed password for invalid user  from 203.0.113.7 port 22 ssh2", "", "203.0.113.7", "Failed password for invalid user <*> from <IP> port <NUM> ssh2"),
        ("Invalid user  from 203.0.113.7", "", "203.0.113.7", "Invalid user <*> from <IP>"),
        ("Invalid user from 203.0.113.7", "", "203.0.113.7", "Invalid user <*> from <IP>"),
        ("Invalid user a b from 203.0.113.7 port 5", "a b", "203.0.113.7", "Invalid user <*> from <IP> port <NUM>"),
        ("Invalid user root from 10.0.0.1 from 203.0.113.7 port 5", "root from 10.0.0.1", "203.0.113.7", "Invalid user <*> from <IP> port <NUM>"),
        ("Invalid user 10.0.0.1 from 203.0.113.7", "10.0.0.1", "203.0.113.7", "Invalid user <*> from <IP>"),
        ("input_userauth_request: invalid user  [preauth]", "", nil, "input_userauth_request: invalid user <*> [preauth]"),
        ("Accepted publickey for eve from gate.example port 5 ssh2: RSA SHA256:Kl8kPGZrTiz7g4FO1hyqHdsSBBb5Fge6NWOobN03XJg", "eve", "gate.example",
         "Accepted publickey for <*> from gate.example port <NUM> ssh2: RSA <KEY>"),
        ("Disconnected from authenticating user x y 203.0.113.7 port 5 [preauth]", "x y", "203.0.113.7", "Disconnected from authenticating user <*> <IP> port <NUM> [preauth]"),
        ("Connection closed by invalid user  203.0.113.7 port 5 [preauth]", "", "203.0.113.7", "Connection closed by invalid user <*> <IP> port <NUM> [preauth]"),
        ("Connection closed by 203.0.113.7 port 5 [preauth]", nil, "203.0.113.7", "Connection closed by <IP> port <NUM> [preauth]"),
        ("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root", "root", "203.0.113.7",
         "pam_unix(sshd:auth): authentication failure; logname= uid=<NUM> euid=<NUM> tty=ssh ruser= rhost=<IP> user=<*>"),
        ("pam_unix(sshd:session): session opened for user bob(uid=1000) by eve(uid=0)", "bob", nil, "pam_unix(sshd:session): session opened for user <*>(uid=<NUM>) by <*>(uid=<NUM>)"),
        ("pam_unix(sudo:session): session opened for user root(uid=0) by bob(uid=1000)", "bob", nil, "pam_unix(sudo:session): session opened for user <*>(uid=<NUM>) by <*>(uid=<NUM>)"),
        ("pam_unix(su:session): session opened for user root by bob(uid=1000)", "bob", nil, "pam_unix(su:session): session opened for user <*> by <*>(uid=<NUM>)"),
        ("pam_unix(sudo:session): session opened for user root by (uid=0)", "root", nil, "pam_unix(sudo:session): session opened for user <*> by (uid=<NUM>)"),
        ("pam_unix(su:auth): authentication failure; logname= uid=1000 euid=0 tty=pts/0 ruser=bob rhost=  user=root", "bob", nil,
         "pam_unix(su:auth): authentication failure; logname= uid=<NUM> euid=<NUM> tty=pts/<NUM> ruser=<*> rhost= user=<*>"),
        ("Received disconnect from 203.0.113.7 port 50122:11: Bye 10.0.0.1 [preauth]", nil, "203.0.113.7", "Received disconnect from <IP> port <NUM>:<NUM>: <*> [preauth]"),
        ("Received disconnect from 203.0.113.7 port 50122:11:  [preauth]", nil, "203.0.113.7", "Received disconnect from <IP> port <NUM>:<NUM>: <*> [preauth]"),
        ("Received disconnect from 203.0.113.7: 11: Bye Bye", nil, "203.0.113.7", "Received disconnect from <IP>: <NUM>: <*>"),
        ("Bad protocol version identification 'GET 10.0.0.1 x' from 203.0.113.7 port 5", nil, "203.0.113.7", "Bad protocol version identification '<*>' from <IP> port <NUM>"),
        ("Bad protocol version identification '' from 203.0.113.7 port 5", nil, "203.0.113.7", "Bad protocol version identification '<*>' from <IP> port <NUM>"),
        ("Server listening on 0.0.0.0 port 22.", nil, nil, "Server listening on <IP> port <NUM>."),
        ("New session 17 of user bob.", "bob", nil, "New session <NUM> of user <*>."),
    ] as [(String, String?, String?, String)]) func logins(message: String, user: String?, address: String?, event: String) throws {
        let found = try Self.login(message)
        #expect(found.user == user && found.event == "sshd: " + event, "\(found)")
        #expect(found.entity == address ?? (user ?? "" == "" ? "sshd" : user), "\(found)")
    }

    @Test func addressesAreInherited() throws {
        var parser = try LogParser(preset: .sshd, clock: LogClock(year: 2026))
        func entity(_ rest: String) -> String? { parser.learn("Mar 27 13:06:56 " + rest, number: 1).entity }
        #expect(entity("web sshd[7]: Invalid user a from 203.0.113.7") == "203.0.113.7")
        #expect(entity("web sshd[7]: PAM service(sshd) ignoring max retries; 6 > 3") == "203.0.113.7")
        #expect(entity("web sshd[8]: PAM service(sshd) ignoring max retries; 6 > 3") == "sshd")
        #expect(entity("db sshd[7]: PAM service(sshd) ignoring max retries; 6 > 3") == "sshd", "another machine")
        #expect(entity("web su[7]: Successful su") == "su", "another program")
        #expect(entity("web CRON[9]: pam_unix(cron:session): session closed for user root") == "root")
        // Memory is bounded: of 200,000 processes since, the first is forgotten and the last is not.
        for pid in 100 ..< 200_100 { _ = entity("web sshd[\(pid)]: Connection closed by 203.0.113.9 port 1") }
        #expect(entity("web sshd[7]: PAM service") == "sshd" && entity("web sshd[200099]: PAM service") == "203.0.113.9")
    }

    @Test func repeats() throws {
        let found = try Self.login("message repeated 5 times: [ Failed password for root from 203.0.113.7 port 22 ssh2]")
        #expect(found.repeated == 5 && found.event == "sshd: Failed password for <*> from <IP> port <NUM> ssh2" && found.user == "root" && found.entity == "203.0.113.7")
        #expect(found.json.hasSuffix(#""parameters":["root","203.0.113.7","22"],"repeated":5}"#))
        #expect(try Self.login("message repeated 999999999 times: [ a]").repeated == 1_000_000 && Self.login("message repeated x times: [ a]").repeated == 1)
    }

    // MARK: - Other presets

    @Test func hadoop() throws {
        var parser = try LogParser(preset: .hdfs)
        let lines = ["081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating",
                     "081109 203807 222 INFO dfs.DataNode$PacketResponder: PacketResponder 0 for block blk_-6952295868487656571 terminating",
                     "081109 204005 35 INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: 10.251.73.220:50010 is added to blk_7128370237687728475 size 67108864",
                     "081109 204106 329 INFO dfs.DataNode$DataXceiver: Receiving block blk_8 src: /10.250.14.224:42420 dest: /10.250.14.224:50010",
                     "081110 103616 19 INFO dfs.FSNamesystem: BLOCK* ask 10.250.14.224:50010 to delete  blk_-1 blk_2 blk_3",
                     "081110 103616 19 INFO dfs.FSNamesystem: BLOCK* ask 10.250.14.225:50010 to delete  blk_4"]
        let found = lines.map { parser.learn($0, number: 1) }
        #expect(found.map(\.entity) == ["blk_38865049064139660", "blk_-6952295868487656571", "blk_7128370237687728475", "blk_8", "blk_-1", "blk_4"])
        #expect(found.map(\.template) == [0, 0, 1, 2, 3, 3] && found[0].time == 1_226_262_975 && found[0].pid == 148)
        #expect(parser.templates.all.map(\.text) == [
            "dfs.DataNode$PacketResponder: PacketResponder <NUM> for block <BLOCK> terminating",
            "dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: <IP>:<NUM> is added to <BLOCK> size <NUM>",
            "dfs.DataNode$DataXceiver: Receiving block <BLOCK> src: /<IP>:<NUM> dest: /<IP>:<NUM>",
            "dfs.FSNamesystem: BLOCK* ask <IP>:<NUM> to delete <BLOCK>"])
        #expect(found[4].parameters == ["10.250.14.224", "50010", "blk_-1", "blk_2", "blk_3"])
    }

    @Test func accessLogs() throws {
        var parser = try LogParser(preset: .apache)
        func line(_ request: String, _ status: Int, _ client: String = "203.0.113.7", user: String = "-") -> ParsedLine {
            parser.learn("\(client) - \(user) [10/Oct/2000:13:55:36 -0700] \"\(request)\" \(status) 2326 \"http://a/\" \"Mozilla/5.0 (\\\"x)\"", number: 1)
        }
        let first = line("GET /users/17/profile?tab=1 HTTP/1.1", 200, user: "frank")
        #expect(first.entity == "203.0.113.7" && first.user == "frank" && first.time == 971_211_336)
        #expect(first.event == "GET /users/<NUM>/profile?<*> 2xx", "\(first)")
        #expect(first.parameters == ["17", "tab=1"])
        #expect(line("GET /users/18/profile?x HTTP/1.1", 206).template == first.template)
        #expect(line("GET /users/18/profile?x HTTP/1.1", 404).event?.hasSuffix(" 4xx") == true)
        #expect(line("POST /users/18/profile HTTP/1.1", 200).event == "POST /users/<NUM>/profile 2xx")
        #expect(line("GET / HTTP/1.0", 200).event == "GET / 2xx" && line("GET", 400).event == "- GET 4xx")
        #expect(line("\\x16\\x03", 400).event?.hasPrefix("- ") == true && line("", 408).event == "- 4xx" && line("GET  HTTP/1.0", 200).event == "GET 2xx")
        // A scan for a thousand names is at most so many templates as a node has children, and one more.
        for index in 0 ..< 1000 { _ = line("GET /name\(String(UnicodeScalar(UInt8(97 + index % 26))))\(String(repeating: "z", count: index / 26)) HTTP/1.1", 404) }
        #expect(parser.templates.all.count { $0.text.hasPrefix("GET /name") } == 100 && parser.templates.all.contains { $0.text == "GET /<*> 4xx" && $0.count == 900 })
        for index in 0 ..< 1000 { _ = line("GET /x\(index)y.html HTTP/1.1", 200) }
        #expect(parser.templates.all.contains { $0.text == "GET /<*> 2xx" && $0.count == 900 })
        #expect(parser.learn("no access line", number: 1).entity == nil)
    }

    @Test func detection() {
        #expect(LogPreset.detected(in: ["", "Mar 27 13:06:56 h a: b"]) == .sshd && LogPreset.detected(in: ["2026-03-27T13:06:56Z h a: b"]) == .sshd)
        #expect(LogPreset.detected(in: ["081109 203615 148 INFO dfs.X: y", "junk", "081109 203616 148 WARN dfs.X: y"]) == .hdfs)
        #expect(LogPreset.detected(in: ["1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5"]) == .apache)
        #expect(LogPreset.detected(in: []) == .plain && LogPreset.detected(in: ["a", "Mar 27 13:06:56 h a: b"]) == .plain)
    }
}
