import Foundation
import GibbsServer
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// Requests that are wrong in every way: each is answered with an error that says so, and the service goes on.
@Suite(.apart) struct HostileTests {
    private static let corpus = [
        "", " ", "null", "[]", "1", "\"a\"", "{", "}", "{\"rows\"", "{\"rows\":}", "{\"rows\":[}", "{\"rows\":[{]}", "{\"rows\":[1]}", "{\"rows\":[[]]}", "{\"rows\":{}}", "{\"rows\":\"x\"}", "{\"rows\":[]}", "{\"rows\":null}", "{}", "{\"row\":[{}]}",
        "{\"rows\":[{}],\"rows\":[{}]}", "{\"rows\":[{\"port\":}]}", "{\"rows\":[{\"port\":1e999}]}", "{\"rows\":[{\"port\":\"x\"}]}", "{\"rows\":[{\"port\":[1]}]}", "{\"rows\":[{\"port\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}]}",
        "{\"rows\":[{\"port\":1,\"port\":2}]}", "{\"rows\":[{\"\\ud800\":1}]}", "{\"rows\":[{\"port\":NaN}]}", "{\"rows\":[{}],\"explain\":\"maybe\"}", "{\"rows\":[{}],\"explain\":7}", "{\"rows\":[{}],\"reasons\":-1}", "{\"rows\":[{}],\"reasons\":1e300}",
        "{\"rows\":[{}],\"falseAlarmRate\":0}", "{\"rows\":[{}],\"falseAlarmRate\":\"x\"}", "{\"images\":[[1,2]]}", "{\"images\":[[]]}", "{\"images\":[1]}", "{\"images\":[[\"a\"]]}", "{\"images\":[]}", "{\"count\":0}", "{\"count\":1e9}", "{\"count\":1.5}",
        "{\"classes\":[\"no\"]}", "{\"classes\":\"1\"}", "{\"steps\":0}", "{\"temperature\":-1}", "{\"temperature\":\"hot\"}", "{\"kernel\":\"rm -rf\"}", "{\"key\":-1}", "{\"from\":\"0\"}", "{\"from\":\"0\",\"to\":\"0\"}", "{\"from\":\"0\",\"to\":\"no\"}",
        "{\"path\":[\"0\"]}", "{\"user\":\"nobody\"}", "{\"user\":1}", "{\"user\":\"u1\",\"k\":0}", "{\"user\":\"u1\",\"temperature\":-1}", "{\"user\":\"u1\",\"explore\":2}", "{\"user\":\"u1\",\"temperature\":1,\"explore\":1}", "{\"ratings\":[{\"rating\":1}]}",
        "{\"ratings\":[{\"item\":\"i2\",\"rating\":1e39}]}", "{\"item\":\"no\"}", "{\"item\":[]}", "{\"sessions\":[{}]}", "{\"sessions\":[{\"events\":[1]}]}", "{\"sessions\":7}", "{\"pairs\":[{\"user\":\"u1\"}]}", "{\"pairs\":[{\"user\":\"u1\",\"item\":\"i1\",\"rating\":1},{\"user\":\"u1\",\"item\":\"i2\"}]}",
        "{\"verdict\":\"x\"}", "{\"falseAlarmRate\":5}", "{\"days\":0}", "{\"__proto__\":{}}", "{\"rows\":[{\"\":\"\"}],\"x\":\"" + String(repeating: "\\u0000", count: 100) + "\"}",
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 20_000), "{\"rows\":[" + String(repeating: "{},", count: 50_000) + "]}", "\u{0}\u{1}\u{2}", "<xml/>", "a=b&c=d", "{\"rows\":[{}]}garbage",
    ]
    private static let paths = ["/models/office/score", "/models/sessions/score", "/models/bars/score", "/models/films/score", "/models/logins/score", "/models/bars/sample", "/models/bars/blend", "/models/memory/blend", "/models/memory/recall", "/models/bars/recall", "/models/films/recommend",
                                "/models/films/similar", "/models/office/recommend", "/streams/logins/rate", "/streams/logins/calibration", "/alerts/1/verdict"]

    /// Those that are right for some of the paths all the same: an object without members, or none at all, asks for all as usual.
    private static let right: [String: Set<String>] = [
        "/models/bars/sample": ["", " ", "{}"],
    ]

    @Test func corpus() async throws {
        let service = try await ServiceFolder().service()
        try await service.application().test(.router) { client in
            // Some alerts to judge, and a day to calibrate by.
            _ = try await client.send("/streams/logins/events", ServiceOffice.attackDay())
            #expect(try await client.ask("/alerts/1").status == 200)
            for path in Self.paths {
                for body in Self.corpus {
                    let reply = try await client.ask(path, body: body), isRight = Self.right[path]?.contains(body) == true
                    #expect((reply.status == 200) == isRight, "\(path) \(body.prefix(80)): \(reply.status) \(reply.text.prefix(200))")
                    if reply.status == 200 { continue }
                    #expect((400 ..< 500).contains(reply.status), "\(path) \(body.prefix(80)): \(reply.status) \(reply.text.prefix(200))")
                    let error = try #require(reply.json["error"] as? [String: Any], "\(path) \(body.prefix(80)): \(reply.text.prefix(200))")
                    #expect((error["message"] as? String)?.isEmpty == false && error["code"] as? String != "internal")
                    #expect(!reply.text.contains("/models/service"), "a path of the machine is told")
                }
            }
            #expect(try await client.ask("/healthz").status == 200)
            #expect(try await client.ask("/models/office/score", body: #"{"rows":[{"port":443}]}"#).status == 200)
        }
    }

    /// Lines that are no events are counted, and nothing else comes of them.
    @Test func events() async throws {
        let service = try await ServiceFolder("logins").service(), bodies = Self.corpus + ["\n\n\n", "\r\n", "{}\n", "{\"time\":\"2026-03-10T12:00:00Z\",\"address\":7}\n", "{\"address\":\"a\",\"time\":\"no time\"}\n", "{\"address\":\"a\",\"time\":1e300}\n"]
        try await service.application().test(.router) { client in
            for body in bodies {
                let reply = try await client.ask("/streams/logins/events", body: body)
                #expect(reply.status == (body.isEmpty ? 400 : 202), "\(body.prefix(80)): \(reply.status) \(reply.text.prefix(200))")
                #expect(body.isEmpty || (reply.json["alerts"] as? [Any])?.isEmpty == true, "\(body.prefix(80)): \(reply.text.prefix(200))")
            }
            let stream = try await client.ask("/streams/logins").json
            #expect((stream["malformed"] as? Int ?? 0) > 10 && (stream["withoutEntity"] as? Int ?? 0) > 10, "\(stream)")
        }
    }

    /// Random changes of a request that is right.
    @Test func changed() async throws {
        let service = try await ServiceFolder("office").service(), right = Array(#"{"rows":[{"bytes_in":500,"protocol":"tcp","port":443,"logged_in":true},{"bytes_in":1e3}],"explain":"all","reasons":2}"#.utf8)
        var state: UInt64 = 1
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        var bodies = [[UInt8]]()
        for _ in 0 ..< 1_500 {
            var body = right
            for _ in 0 ... next() % 3 {
                let place = next() % body.count
                switch next() % 4 {
                case 0: body[place] = UInt8(next() & 0xFF)
                case 1: body.remove(at: place)
                case 2: body.insert(Array("{}[],:\"\\ 0e-\n".utf8)[next() % 13], at: place)
                default: body.replaceSubrange(place ..< min(body.count, place + next() % 12), with: body[(next() % body.count)...].prefix(next() % 12))
                }
            }
            bodies.append(body)
        }
        let sent = bodies
        try await service.application().test(.router) { client in
            var refused = 0
            for body in sent {
                let reply = try await client.send("/models/office/score", body)
                #expect(reply.status == 200 || (400 ..< 500).contains(reply.status), "\(String(decoding: body, as: UTF8.self)): \(reply.text)")
                refused += reply.status == 200 ? 0 : 1
            }
            #expect(refused > 300 && refused < 1_500)
        }
    }

    @Test func sizes() async throws {
        let service = try await ServiceFolder("office").service { ($0.limits.body, $0.limits.rows) = (1 << 16, 100) }
        try await service.application().test(.live) { client in
            let large = try await client.ask("/models/office/score", body: "{\"rows\":[" + String(repeating: " ", count: 1 << 17) + "{}]}")
            #expect(large.status == 413 && large.code == "limitExceeded")
        }
        try await service.application().test(.router) { client in
            let many = try await client.ask("/models/office/score", body: "{\"rows\":[{}" + String(repeating: ",{}", count: 100) + "]}")
            #expect(many.status == 413, "\(many.text)")
        }
    }

    /// What a client writes comes back as text, never as a part of the document it stands in.
    @Test func escapes() async throws {
        let service = try await ServiceFolder("films", "logins").service(), name = "</script><script>alert(1)</script>\"'&\n\ndata: {}\u{1}\u{7F}"
        try await service.application().test(.router) { client in
            let reply = try await client.ask("/models/films/similar", body: #"{"item":"</script>\"\u0001"}"#)
            #expect(reply.status == 422 && reply.headers[.contentType] == "application/json" && !reply.text.contains("\u{1}"))
            // One address tries many names: an alert.
            let events = try (0 ..< 60).map { attempt in
                try String(decoding: JSONSerialization.data(withJSONObject: ["time": "2026-03-10T12:00:00Z", "address": name, "user": "\(name)\(attempt)", "outcome": "unknown-user", "country": name]), as: UTF8.self) + "\n"
            }
            var numbers = [Int]()
            for event in events { numbers += try await client.ask("/streams/logins/events", body: event).json["alerts"] as? [Int] ?? [] }
            #expect(!numbers.isEmpty)
            let alerts = try await client.ask("/streams/logins/alerts"), found = try #require((alerts.json["alerts"] as? [[String: Any]])?.first, "\(alerts.text.prefix(300))")
            #expect(found["entity"] as? String == name && (found["recent"] as? [String])?.last.map { line in events.contains { $0.hasPrefix(line) } } == true, "\(found["recent"] ?? "none")")
            // Without a line feed it cannot end an event of the live stream and begin one of its own.
            #expect(alerts.headers[.contentType] == "application/json" && !alerts.text.contains("\u{1}") && !alerts.text.contains("\n"))
            let judged = try await client.ask("/alerts/\(found["number"] as? Int ?? 0)/verdict", body: #"{"verdict":"falseAlarm","quietDays":1,"note":"</script>\n\n\u0001"}"#)
            #expect(judged.status == 200 && ((judged.json["rule"] as? [String: Any])?["entity"] as? String) == name && !judged.text.contains("\u{1}"), "\(judged.text)")
            let metrics = try await client.ask("/metrics")
            #expect(metrics.status == 200 && !metrics.text.contains("script"))
        }
    }
}
