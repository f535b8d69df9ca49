import Foundation
import GibbsServer
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
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
                #expect(reply.body.count > 400, "\(route.path)")
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
        let none = RateLimit(0)
        #expect((0 ..< 1_000).allSatisfy { _ in none.admits("a", at: begin) })
    }

    @Test func rateOverHTTP() async throws {
        let service = try await ServiceFolder("films").service { $0.limits.rate = 5 }
        try await service.application().test(.router) { client in
            var last = Reply?.none
            for _ in 0 ..< 20 { last = try await client.ask("/healthz") }
            #expect(last?.status == 429 && last?.headers[.retryAfter] == "1" && last?.code == "busy")
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
        (limits.queue, limits.work) = (2, 0.05)
        let work = LongWork(limits), gate = DispatchSemaphore(value: 0)
        async let first: Int = work.run { _ in gate.wait(); return 1 }
        async let second: Int = work.run { _ in gate.wait(); return 2 }
        while work.waiting < 2 { await Task.yield() }
        await #expect(throws: Refusal.self) { try await work.run { _ in 3 } }
        gate.signal(); gate.signal()
        #expect(try await first + second == 3)
        await #expect(throws: (any Error).self) { try await work.run { check in while true { try check() } } as Int }
        #expect(try await work.run { _ in 4 } == 4)
    }
}
