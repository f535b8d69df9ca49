import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import GRDB
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

/// Streams whose models are exchanged, and streams that cannot write.
@Suite(.apart) struct DeskTests {
    /// Two models of the same events.
    enum Model { case usual, other }

    /// Another model's file, and what its fit had seen.
    private static let other = Result<(model: [UInt8], past: [UInt8]), any Error> {
        let place = try Workplace()
        let fit = try place.gibbs(["fit", "events", SmallStream.shared.get().place.place("normal.ndjson"), "--out", "m.gibbs", "--epochs", "1"] + SmallStream.columns)
        precondition(fit.status == 0, "\(fit)")
        defer { place.remove() }
        return (try place.bytes("m.gibbs"), try place.bytes("m.gibbs.past"))
    }

    /// Puts a model in place of the one that is there, as a fit does.
    static func put(_ model: Model, in folder: ServiceFolder) throws {
        let usual = try ServiceOffice.shared.get().place, files = switch model {
        case .usual: (model: try usual.bytes("models/logins.gibbs"), past: try usual.bytes("models/logins.gibbs.past"))
        case .other: try other.get()
        }
        try folder.place.file("models/logins.gibbs.past", files.past)
        try folder.place.file("models/new", files.model)
        rename(folder.models + "/new", folder.models + "/logins.gibbs")
    }

    /// The attack day, so many lines a part.
    static func parts(_ lines: Int) throws -> [EventLines] {
        let all = try ServiceOffice.attackDay().split(separator: 0x0A)
        return stride(from: 0, to: all.count, by: lines).map { first in EventLines(all[first ..< min(all.count, first + lines)].flatMap { Array($0) + [0x0A] }) }
    }

    private func ids(_ service: GibbsService) throws -> Set<String> { Set(try service.store.read { try String.fetchAll($0, sql: "SELECT id FROM alerts") }) }

    private func journal(_ folder: ServiceFolder) throws -> StreamJournal { try StreamJournal(folder: folder.models + "/service/streams/logins", waitsForDisk: false) }

    private func wait(_ isSo: () async throws -> Bool) async throws -> Bool {
        let begin = Date()
        while try await !isSo() {
            if Date().timeIntervalSince(begin) > Run.patience / 4 { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// Events go on coming while the model is exchanged again and again: all are accepted, and each is in the journal once, of which the last snapshot knows the end.
    @Test func exchangedWhileEventsCome() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service { ($0.rescan, $0.snapshotEvery) = (0.02, 0.01) }, isOver = Flag()
        let sent = try await service.application().test(.live) { client in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for sender in 0 ..< 3 {
                    group.addTask {
                        var sent = [String]()
                        while !isOver.isSet {
                            let lines = (0 ..< 20).map { SmallStream.login("10.0.\(sender).\($0)", user: "s\(sender)-\(sent.count + $0)") }, reply = try await client.ask("/streams/logins/events", body: lines.joined())
                            #expect(reply.status == 202, "\(reply.status) \(reply.text)")
                            sent += lines
                        }
                        return sent
                    }
                }
                var last = try service.streams.stream("logins")
                for model in [Model.other, .usual, .other, .usual] {
                    try Self.put(model, in: folder)
                    let before = last
                    #expect(try await wait {
                        guard let now = try? service.streams.stream("logins"), now !== before else { return false }
                        last = now
                        return await now.monitor.counters.events > 100
                    }, "the model was not exchanged")
                }
                isOver.set()
                return try await group.reduce([]) { $0 + $1 }
            }
        }
        var kept = [String]()
        let journal = try journal(folder)
        try journal.read(from: .init()) { bytes, _ in kept += bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) + "\n" } }
        let isSame = kept.sorted() == sent.sorted()
        #expect(isSame && journal.end.lines == sent.count && journal.remarks.isEmpty, "\(sent.count) lines were accepted, \(journal.end.lines) are kept; \(journal.remarks)")
        #expect(try StreamSnapshot.place(in: folder.models + "/service/streams/logins/state") == journal.end.text)
    }

    /// What is closed takes nothing more: its journal is another's.
    @Test func closed() async throws {
        let folder = try ServiceFolder("logins"), desk = try await folder.service().streams, parts = try Self.parts(100), old = try desk.stream("logins")
        _ = try await old.take(parts[0])
        try Self.put(.other, in: folder)
        await desk.update()
        let new = try desk.stream("logins"), end = await new.end
        #expect(new !== old && end.lines == 100)
        await #expect(throws: Refusal.self) { try await old.take(parts[1]) }
        #expect(try journal(folder).end == end)
        #expect(try await desk.take(parts[1], key: "one", into: "logins").events == 100)
        #expect(try await desk.take(parts[1], key: "one", into: "logins").isRepeated)
        await #expect(throws: GibbsError.self) { try await desk.take(EventLines([]), into: "logins") }
        await #expect(throws: GibbsError.self) { try await desk.take(parts[2], key: "two words", into: "logins") }
        await #expect(throws: Refusal.self) { try await desk.take(parts[2], into: "nosuch") }
    }

    /// Alerts for which the store has no room are kept when there is some, though their model has gone meanwhile.
    @Test func alertsThatWait() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service(), desk = service.streams, stream = try desk.stream("logins"), steady = try await ServiceFolder("logins").service()
        _ = try await steady.streams.take(Self.parts(10_000)[0], into: "logins")
        let expected = try ids(steady)
        try service.store.write { try $0.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON alerts BEGIN SELECT RAISE(ABORT, 'full'); END") }
        let receipt = try await stream.take(Self.parts(10_000)[0])
        #expect(receipt.alerts.isEmpty && receipt.waiting == expected.count && !expected.isEmpty)
        // A batch that is kept, and raises nothing, is no sign that all is well.
        _ = try await stream.take(EventLines(Array(SmallStream.login("10.9.9.9", time: "2026-03-10T23:50:00Z").utf8)))
        await stream.tick()
        #expect(await stream.trouble?.contains("full") == true)
        try Self.put(.other, in: folder)
        await desk.update()
        await desk.tick()
        #expect(try service.store.counts(stream: "logins").all == 0)
        try service.store.write { try $0.execute(sql: "DROP TRIGGER full") }
        await desk.tick()
        let lost = try expected.subtracting(ids(service))
        #expect(lost.isEmpty)
        #expect(await stream.trouble == nil)
        #expect(try await desk.stream("logins").trouble == nil)
    }

    /// A new model scores what the old one's last snapshot had not seen, and nothing else, however often the service dies before its own first snapshot.
    @Test func crashBeforeAnotherModel() async throws {
        let folder = try ServiceFolder("logins"), parts = try Self.parts(100)
        do {
            let stream = try await folder.service().streams.stream("logins")
            _ = try await stream.take(parts[0])
            await stream.close()
        }
        _ = try await folder.service().streams.take(parts[1], into: "logins")
        try Self.put(.other, in: folder)
        for turn in 0 ..< 2 {
            let stream = try await folder.service().streams.stream("logins")
            #expect(await stream.monitor.counters.events == 100, "start \(turn)")
            #expect(await stream.end.lines == 200)
        }
        #expect(folder.place.exists("models/service/streams/logins/state.old"))
    }

    /// A snapshot that cannot be written is told of until one can be, whatever else succeeds.
    @Test func noSnapshot() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service { $0.snapshotEvery = 0 }, stream = try service.streams.stream("logins"), parts = try Self.parts(100)
        let state = folder.models + "/service/streams/logins/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try await service.application().test(.router) { client in
            _ = try await stream.take(parts[0])
            let isTold = try await wait { await stream.trouble != nil }
            #expect(isTold)
            _ = try await stream.take(parts[1])
            #expect(await stream.trouble?.contains("is a directory") == true)
            #expect(try await client.ask("/readyz").status == 503)
            rmdir(state)
            let isOver = try await wait { try await client.ask("/readyz").status == 200 }
            #expect(isOver && FileManager.default.fileExists(atPath: state))
        }
    }

    /// A model that was copied without what its fit had seen is watched all the same; a stream that cannot be opened says what to mend, when to come again, and no path.
    @Test func openings() async throws {
        let folder = try ServiceFolder("logins")
        try folder.place.file("models/logins.gibbs.past", try ServiceOffice.shared.get().place.bytes("models/logins.gibbs.past"))
        try Self.put(.other, in: folder)
        try folder.place.file("models/logins.gibbs.past", try ServiceOffice.shared.get().place.bytes("models/logins.gibbs.past"))
        let stream = try await folder.service().streams.stream("logins")
        #expect(await stream.monitor.entityCount == 0)
        let closed = try ServiceFolder("logins")
        try FileManager.default.createDirectory(atPath: closed.models + "/service/streams", withIntermediateDirectories: true)
        try closed.place.file("models/service/streams/logins", "a file where the folder should be")
        try await closed.service().application().test(.router) { client in
            let reply = try await client.ask("/streams/logins/events", body: SmallStream.login())
            #expect(reply.status == 503 && reply.headers[.retryAfter] == "10" && reply.code == "unavailable" && reply.text.contains("no folder can be made") && !reply.text.contains(closed.models), "\(reply.text)")
            #expect(try await client.ask("/readyz").status == 503)
        }
    }

    /// Each trouble is over by itself.
    @Test func troubles() {
        var troubles = Troubles()
        (troubles[.journal], troubles[.alerts], troubles[.days]) = ("no room", "locked", "locked")
        #expect(troubles.text == "no room; locked")
        (troubles[.journal], troubles[.alerts]) = (nil, nil)
        #expect(troubles.text == "locked" && troubles[.days] != nil)
        troubles[.days] = nil
        #expect(troubles.text == nil)
    }

    /// Old alerts are forgotten while the service runs.
    @Test func forgetting() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service()
        _ = try service.store.keep([.sample(1)], stream: "logins", at: 1_000)
        let number = try #require(try service.store.keep([.sample(2)], stream: "logins").first).number
        try await service.application().test(.live) { client in
            let isForgotten = try await wait { try service.store.counts(stream: "logins").all == 1 }
            #expect(isForgotten)
            #expect(try await client.ask("/alerts/\(number)").status == 200)
        }
    }

    /// Bodies share a room: one that finds none is sent away, before and not after it is there.
    @Test func roomForBodies() async throws {
        let service = try await ServiceFolder("logins").service { $0.limits.waiting = 10_000 }, line = SmallStream.login()
        try await service.application().test(.live) { client in
            let port = try #require(client.port), slow = try RawConnection(port: port), other = try RawConnection(port: port), large = String(repeating: line, count: 200), many = Array(String(repeating: line, count: 50).utf8)
            slow.send(Array("POST /streams/logins/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(large.utf8.count)\r\n\r\n".utf8) + large.utf8.dropLast(10))
            // Alone it has room, though it is larger than all that there is for several.
            #expect(try await wait { service.held.count >= large.utf8.count - 10 })
            #expect(other.ask("POST", "/streams/logins/events", body: many)?.status == 429)
            slow.send(large.utf8.suffix(10))
            #expect(slow.text { $0.contains("\"events\":200") }.hasPrefix("HTTP/1.1 202"))
            #expect(try await wait { service.held.count == 0 })
            #expect(other.ask("POST", "/streams/logins/events", body: many)?.status == 202)
        }
    }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
