import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Testing

/// Those who follow a stream over a connection.
@Suite(.apart) struct FollowTests {
    private static let path = "/streams/logins/alerts"

    /// Asks to follow, behind an alert or from now on.
    private func follow(_ connection: RawConnection, behind last: Int64?) {
        connection.send(Array("GET \(Self.path) HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\(last.map { "Last-Event-ID: \($0)\r\n" } ?? "")\r\n".utf8))
    }

    /// The numbers of the alerts in what was told.
    private func numbers(_ text: String) -> [Int64] { text.matches(of: /id: (\d+)\nevent: alert\n/).compactMap { Int64($0.output.1) } }

    /// Who was away hears of every alert in between, however many, and then of those that come.
    @Test func missedAlerts() async throws {
        let service = try await ServiceFolder("logins").service(), old = try service.store.keep((1 ... 1_500).map { .sample($0) }, stream: "logins").map(\.number)
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port)), fresh = try RawConnection(port: try #require(client.port))
            follow(connection, behind: old[6])
            follow(fresh, behind: nil)
            let missed = connection.text { $0.contains("id: \(old[1_499])\n") && $0.hasSuffix("\n\n\r\n") }, begun = fresh.text { $0.contains("retry: ") }
            #expect(numbers(missed) == Array(old[7...]) && numbers(begun).isEmpty)
            let new = try #require(try await client.send("/streams/logins/events", ServiceOffice.attackDay()).json["alerts"] as? [Int]).map(Int64.init), last = try #require(new.last)
            for follower in [connection, fresh] {
                let told = follower.text { $0.contains("id: \(last)\n") }
                #expect(numbers(told) == new && told.contains("\"severity\""))
            }
        }
    }

    /// Of more alerts at once than wait for a follower, and with as much else in between, none is lost.
    @Test func manyAtOnce() async throws {
        let service = try await ServiceFolder("logins").service(), stream = try service.streams.stream("logins")
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port))
            follow(connection, behind: nil)
            _ = connection.text { $0.contains("retry: ") }
            let kept = try service.store.keep((1 ... 900).map { .sample($0) }, stream: "logins").map(\.number), last = try #require(kept.last)
            for number in kept { stream.hub.tell(.alerts(number)) }
            for _ in 0 ..< 2_000 { stream.hub.tell(.message(kind: "pulse", data: "{}")) }
            #expect(numbers(connection.text { $0.contains("id: \(last)\n") }) == kept)
        }
    }

    /// Where nothing happens, a sign of life does.
    @Test func signsOfLife() async throws {
        let service = try await ServiceFolder("logins").service { $0.heartbeat = 0.1 }
        try await service.application().test(.live) { client in
            let connection = try RawConnection(port: try #require(client.port))
            follow(connection, behind: nil)
            #expect(connection.text { $0.matches(of: /\r\n:\n\n\r\n/).count >= 3 }.contains("\r\n:\n\n\r\n"))
        }
    }

    /// Who does not read is let go in the time that a request has, and does not keep the service from ending.
    @Test(arguments: [false, true]) func notReading(atEnd: Bool) throws {
        let folder = try ServiceFolder("logins")
        try FileManager.default.createDirectory(atPath: folder.models + "/service", withIntermediateDirectories: true)
        // More than the system takes in for somebody.
        _ = try Store(path: folder.models + "/service/service.sqlite").keep((1 ... 1_000).map { .sample($0, padding: 40_000) }, stream: "logins")
        let service = try RealService(folder, ["--patience", "1"]), connection = try RawConnection(port: service.port, buffer: 4_096), asking = try RawConnection(port: service.port)
        follow(connection, behind: 0)
        func followers() throws -> String? {
            let text = String(decoding: try #require(asking.ask("GET", "/metrics")).body, as: UTF8.self)
            return text.firstMatch(of: /gibbs_stream_followers\{stream="logins"\} (\d+)/).map { String($0.output.1) }
        }
        func waits(for count: String) throws -> Bool {
            let begin = Date()
            while try followers() != count { if Date().timeIntervalSince(begin) > Run.patience / 4 { return false } else { usleep(20_000) } }
            return true
        }
        #expect(try waits(for: "1"))
        if !atEnd { #expect(try waits(for: "0")) }
        #expect(service.terminate() == 0)
    }
}
