import CommandDriver
import Foundation
import GibbsServer
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

/// Who may ask, how often, and how long.
@Suite(.apart) struct GateTests {
    @Test func token() async throws {
        let token = "0123456789abcdef-secret", service = try await ServiceFolder("films").service { $0.token = token }
        try await service.application().test(.router) { client in
            for header in [nil, "Bearer ", "Bearer 0123456789abcdef-secreT", "Bearer 0123456789abcdef-secre", "Basic \(token)", token, "Bearer \(token)x"] as [String?] {
                let reply = try await client.ask("/models", headers: header.map { [.authorization: $0] } ?? [:])
                #expect(reply.status == 401 && reply.code == "forbidden" && reply.headers[.wwwAuthenticate] == "Bearer", "\(header ?? "none")")
            }
            for header in ["Bearer \(token)", "bearer \(token)"] { #expect(try await client.ask("/models", headers: [.authorization: header]).status == 200) }
            // The page has no data in it, and asks for the token itself.
            for path in ["/", "/page/page.js", "/healthz", "/readyz", "/openapi.json"] { #expect(try await client.ask(path).status == 200, "\(path)") }
            for path in ["/metrics", "/streams", "/models/films"] { #expect(try await client.ask(path).status == 401, "\(path)") }
        }
    }

    /// All bytes are compared, whatever the length.
    @Test func comparison() {
        let token = Token("correct horse battery")
        #expect(token.matches(Array("correct horse battery".utf8)))
        for other in ["", "c", "correct horse batterx", "xorrect horse battery", "correct horse battery ", "correct horse batterycorrect horse battery", String(repeating: "x", count: 277)] { #expect(!token.matches(Array(other.utf8)), "\(other)") }
    }

    /// Without a token the service answers by its own names alone, and to no other site's pages.
    @Test func otherSites() async throws {
        let service = try await ServiceFolder("films").service()
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port)), body = Array(#"{"item":"i2"}"#.utf8)
            for (host, origin, status) in [("evil.example", nil, 421), ("localhost:1234", nil, 200), ("localhost", "https://evil.example", 403), ("localhost", "null", 403), ("localhost", "http://localhost", 200)] {
                let reply = connection.ask("POST", "/models/films/similar", body: body, host: host, headers: origin.map { "Origin: \($0)\r\n" } ?? "")
                #expect(reply?.status == status, "\(host) \(origin ?? "")")
            }
        }
    }

    @Test func headers() async throws {
        let service = try await ServiceFolder("films").service()
        try await service.application().test(.router) { client in
            for path in ["/", "/models", "/no/such/path", "/models/nosuch"] {
                let headers = try await client.ask(path).headers, policy = try #require(headers[.contentSecurityPolicy], "\(path)")
                #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'") && !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"))
                #expect(headers[.xContentTypeOptions] == "nosniff" && headers[.referrerPolicy] == "no-referrer")
            }
        }
    }

    /// The page names nothing outside itself, and has no script or style of its own in its document.
    @Test func page() async throws {
        let service = try await ServiceFolder("films").service()
        try await service.application().test(.router) { client in
            for route in Routes.page {
                let reply = try await client.ask(route.path)
                #expect(reply.body.count > 80, "\(route.path)")
                for match in reply.text.matches(of: /(https?:)?\/\/[a-z0-9.]+\.[a-z]{2,}/) { #expect(match.output.0 == "http://www.w3.org", "\(route.path): \(match.output.0)") }
                #expect(!reply.text.contains("innerHTML") && !reply.text.contains("insertAdjacentHTML") && !reply.text.contains("eval("), "\(route.path)")
            }
            let document = try await client.ask("/").text
            #expect(!document.contains("<style") && !document.contains(" style=") && document.matches(of: /<script(?![^>]* src="\/page\/)/).isEmpty && document.matches(of: /\son[a-z]+=/).isEmpty)
        }
    }

    @Test func listensElsewhereOnlyWithAToken() async throws {
        let folder = try ServiceFolder("films")
        for host in ["0.0.0.0", "192.168.1.5", "::", "example.org"] { await #expect(throws: (any Error).self, "\(host)") { try await folder.service { $0.host = host } } }
        for token in ["short", "has a space in it and more", String(repeating: "x", count: 2_000)] { await #expect(throws: (any Error).self, "\(token)") { try await folder.service { $0.token = token } } }
        _ = try await folder.service { ($0.host, $0.token) = ("0.0.0.0", "0123456789abcdef") }
    }

    @Test func rate() {
        let limit = RateLimit(10), begin = ContinuousClock.now
        #expect((0 ..< 30).count { _ in limit.admits("a", at: begin) } == 10)
        #expect(limit.admits("b", at: begin))
        #expect((0 ..< 30).count { _ in limit.admits("a", at: begin + .milliseconds(500)) } == 5)
        #expect((0 ..< 30).count { _ in limit.admits("a", at: begin + .seconds(60)) } == 10)
        // One at a stroke there is at any rate.
        let slow = RateLimit(0.5)
        #expect(slow.admits("a", at: begin) && !slow.admits("a", at: begin + .seconds(1)) && slow.admits("a", at: begin + .seconds(3)))
        for address in 0 ..< 3 * RateLimit.addresses { _ = slow.admits("\(address)", at: begin + .seconds(4)) }
        #expect(slow.count <= RateLimit.addresses + 1)
        #expect(!slow.admits("a", at: begin + .seconds(4)) && slow.admits("new", at: begin + .seconds(60)) && slow.count < 10)
        let none = RateLimit(0)
        #expect((0 ..< 1_000).allSatisfy { _ in none.admits("a", at: begin) })
    }

    @Test func rateOverHTTP() async throws {
        let service = try await ServiceFolder("films").service { $0.limits.rate = 0.05 }
        try await service.application().test(.router) { client in
            var last = Reply?.none
            for _ in 0 ..< 20 { last = try await client.ask("/healthz") }
            #expect(last?.status == 429 && last?.headers[.retryAfter] == "20" && last?.code == "busy")
        }
    }

    /// A body that no handler reads has to come in time all the same, however often a byte of it comes: of a request that is refused, or should have none.
    @Test(arguments: ["POST /models/films/similar", "GET /healthz", "POST /no/such/path"]) func slowBodiesThatNobodyReads(head: String) async throws {
        let service = try await ServiceFolder("films").service { ($0.limits.patience, $0.token) = (2, "0123456789abcdef") }
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port))
            connection.send(Array("\(head) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".utf8))
            // An answer, or the end where this machine is too busy for one in time.
            let answer = String(decoding: connection.receive(), as: UTF8.self)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "))
            var sent = 0
            while sent < 400, connection.send([0x20]) {
                sent += 1
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(sent < 400, "the connection is still open")
        }
    }

    /// Of a body that is cut off nothing is taken in, though its first lines are whole.
    @Test(arguments: ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1000\r\n"]) func bodiesCutOff(head: String) async throws {
        let service = try await ServiceFolder("logins").service { $0.limits.patience = 2 }
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port))
            connection.send(Array("POST /streams/logins/events HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one\r\n\(head)".utf8) + Array(SmallStream.login().utf8))
            var sent = 0
            while sent < 400, connection.send([0x20]) {
                sent += 1
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(sent < 400, "the connection is still open")
        }
        let stream = try service.streams.stream("logins")
        #expect(await stream.monitor.counters.events == 0)
        #expect(await stream.end.lines == 0)
    }

    /// Nor is it taken in for ever.
    @Test func longBodiesThatNobodyReads() async throws {
        let service = try await ServiceFolder("films").service { $0.limits.body = 1 << 16 }
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port)), part = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 1 << 16) + Array("\r\n".utf8)
            connection.send(Array("POST /no/such/path HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
            var sent = 0
            while sent < 1_024, connection.send(part) { sent += 1 }
            #expect(sent < 1_024, "64 MiB were taken in")
            // Whose length is told is refused before it comes.
            let told = try RawConnection(port: try #require(client.port))
            told.send(Array("POST /models/films/similar HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(1 << 20)\r\n\r\n".utf8))
            #expect(String(decoding: told.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func deadlines() throws {
        let deadlines = Deadlines(patience: 5), late = EmbeddedChannel(), early = EmbeddedChannel()
        try late.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
        try early.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
        _ = deadlines.begin(late)
        let number = deadlines.begin(early)
        #expect(deadlines.sweep(at: .now + .seconds(4)) == 0)
        deadlines.end(number)
        #expect(deadlines.sweep(at: .now + .seconds(6)) == 1)
        #expect(!late.isActive && early.isActive)
    }

    /// Long work is bounded in number and in time.
    @Test func longWork() async throws {
        var limits = ServiceOptions.Limits()
        (limits.queue, limits.work) = (2, 60)
        let work = LongWork(limits), gate = DispatchSemaphore(value: 0)
        async let first: Int = work.run { gate.wait(); return 1 }
        async let second: Int = work.run { gate.wait(); return 2 }
        try await Self.wait { work.waiting == 2 }
        await #expect(throws: Refusal.self) { try await work.run { 3 } }
        gate.signal(); gate.signal()
        #expect(try await first + second == 3)
        limits.work = 0.05
        let short = LongWork(limits)
        await #expect(throws: (any Error).self) { try await short.run { while true { try LongWork.check() } } as Int }
        #expect(try await work.run { 4 } == 4)
    }

    /// Waits as long as for any program.
    private static func wait(until holds: () -> Bool) async throws {
        for _ in 0 ..< 6_000 where !holds() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(holds())
    }

    private final class Count: Sendable { let value = Mutex(0) }

    /// Time counts while work waits: what has waited too long is not begun.
    @Test func longWorkWaits() async throws {
        let workers = ProcessInfo.processInfo.activeProcessorCount, gate = DispatchSemaphore(value: 0)
        var limits = ServiceOptions.Limits()
        (limits.queue, limits.work) = (workers + 1, 2)
        let work = LongWork(limits), begun = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { for _ in 0 ..< workers { gate.signal() } }
            for _ in 0 ..< workers {
                group.addTask {
                    try await work.run {
                        begun.value.withLock { $0 += 1 }
                        gate.wait()
                    }
                }
            }
            try await Self.wait { begun.value.withLock { $0 } == workers }
            group.addTask { await #expect(throws: Refusal.self) { try await work.run { Issue.record("it was begun") } } }
            try await Self.wait { work.waiting == workers + 1 }
            try await Task.sleep(for: .seconds(2.1))
        }
    }

    /// Whoever goes away in the middle, or does not speak HTTP, is no failure of the service.
    @Test(arguments: ["Content-Length: 100000\r\n\r\n{\"item\":", "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello"]) func brokenOff(head: String) async throws {
        let service = try await ServiceFolder("films").service()
        try await service.application().test(.live) { client in
            for isReset in [false, true] {
                let connection = try RawConnection(port: try #require(client.port))
                connection.send(Array("POST /models/films/similar HTTP/1.1\r\nHost: localhost\r\n\(head)".utf8))
                try await Task.sleep(for: .milliseconds(100))
                connection.end(abruptly: isReset)
            }
            // Asked of the service itself, which answers the others before.
            try await Task.sleep(for: .milliseconds(500))
            let metrics = try await client.ask("/metrics").text
            #expect(!metrics.contains("status=\"500\""), "\(metrics.split(separator: "\n").filter { $0.contains("500") })")
        }
    }

    /// An answer that takes longer to fetch than a connection may be idle comes whole, as long as something of it is read.
    @Test func slowReaders() throws {
        let folder = try ServiceFolder("logins")
        try FileManager.default.createDirectory(atPath: folder.models + "/service", withIntermediateDirectories: true)
        _ = try Store(path: folder.models + "/service/service.sqlite").keep((1 ... 1_000).map { .sample($0, padding: 40_000) }, stream: "logins")
        // A machine that is busy may leave either side alone for a second or two.
        let service = try RealService(folder, ["--patience", "4"]), connection = try RawConnection(port: service.port, buffer: 4_096)
        connection.send(Array("GET /streams/logins/alerts?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        let text = connection.text { $0.contains("\r\n\r\n") }, begin = Date()
        var bytes = Array(text.utf8)
        let length = try #require(text.firstMatch(of: /[Cc]ontent-[Ll]ength: (\d+)/).flatMap { Int($0.output.1) }), end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        // More than the system takes in for somebody.
        #expect(length > 40_000_000)
        while bytes.count < end + length {
            let part = connection.receive()
            guard !part.isEmpty else { break }
            bytes += part
            // Some nine seconds for all of it.
            usleep(UInt32(9_000_000 * part.count / length))
        }
        #expect(bytes.count == end + length && Date().timeIntervalSince(begin) > 8, "\(bytes.count - end) of \(length) bytes in \(Date().timeIntervalSince(begin)) s")
    }

    /// Scores end between their parts when their time is over: they do not take as long as all of them would.
    @Test func longRows() async throws {
        let rows = Array(repeating: RouteTests.row, count: 1_200).joined(separator: ","), body = "{\"rows\":[\(rows)],\"explain\":\"all\"}"
        func seconds(_ limit: Double) async throws -> (status: Int, seconds: Double) {
            let service = try await ServiceFolder("office").service { $0.limits.work = limit }
            return try await service.application().test(.router) { client in
                let begin = ContinuousClock.now, status = try await client.ask("/models/office/score", body: body).status
                return (status, (.now - begin) / .seconds(1))
            }
        }
        let whole = try await seconds(600), cut = try await seconds(0.05)
        #expect(whole.status == 200 && [413, 503].contains(cut.status) && cut.seconds < 0.7 * whole.seconds, "\(cut) of \(whole)")
    }

    /// Many scores with reasons are long work too.
    @Test func longScores() async throws {
        let service = try await ServiceFolder("sessions").service { $0.limits.work = 0.02 }, sessions = (0 ..< 30_000).map { _ in #"{"events":["login","read","write","logout"]}"# }.joined(separator: ",")
        try await service.application().test(.router) { client in
            let reply = try await client.ask("/models/sessions/score", body: "{\"sessions\":[\(sessions)],\"explain\":\"all\"}")
            #expect([413, 503].contains(reply.status), "\(reply.text.prefix(300))")
        }
    }
}
