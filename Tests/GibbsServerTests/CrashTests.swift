import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Synchronization
import Testing

/// The real program, killed, starved and besieged.
@Suite(.serialized, .apart) struct CrashTests {
    /// What a client was told before the service died.
    private final class Ledger: Sendable {
        struct Page { var lines = 0, alerts: [Int64: String] = [:], verdicts: [Int64: String] = [:], part = 0 }
        let page = Mutex(Page())
    }

    /// Killed fifty times under load: what it said it had accepted is there once, alerts and verdicts too, and it scores on as though nothing had been.
    @Test func killedFiftyTimes() throws {
        let folder = try ServiceFolder("logins"), lines = try ServiceOffice.attackDay().split(separator: 0x0A), ledger = Ledger()
        var state: UInt64 = 7
        for _ in 0 ..< 50 {
            let service = try RealService(folder, ["--every", "0.3"]), port = service.port
            let clients = (0 ..< 2).map { client in Thread { client == 0 ? Self.send(lines, port, ledger) : Self.judge(port, ledger) } }
            for client in clients { client.start() }
            state = state &* 6_364_136_223_846_793_005 &+ 1
            usleep(UInt32(20_000 + state >> 40 % 400_000))
            service.kill9()
            while clients.contains(where: { !$0.isFinished }) { usleep(1_000) }
        }
        let told = ledger.page.withLock { $0 }
        #expect(told.lines > 1_000 && !told.alerts.isEmpty && !told.verdicts.isEmpty, "\(told.lines) lines, \(told.alerts.count) alerts, \(told.verdicts.count) verdicts")
        try check(folder, told, lines)
    }

    private func check(_ folder: ServiceFolder, _ told: Ledger.Page, _ lines: [ArraySlice<UInt8>]) throws {
        let options = { var options = ServiceOptions(models: folder.models); options.waitsForDisk = false; return options }()
        let lock = try FolderLock(options.dataFolder), store = try Store(path: options.dataFolder + "/service.sqlite"), metrics = ServiceMetrics(), deadlines = Deadlines(patience: 1)
        let shelf = ModelShelf(folder: options.models), logger = GibbsTestLogger.silent
        let desk = StreamDesk(shelf: shelf, store: store, metrics: metrics, options: options, deadlines: deadlines, logger: logger), done = DispatchSemaphore(value: 0)
        Task { await desk.update(); done.signal() }
        done.wait()
        withExtendedLifetime(lock) {}
        for (number, id) in told.alerts { #expect(try store.alert(number)?.body.contains(id) == true, "alert \(number) is lost") }
        for (number, verdict) in told.verdicts { #expect(try store.alert(number)?.verdict?.rawValue == verdict, "the verdict on \(number) is lost") }
        // The same lines, to a monitor that never died.
        var bytes = [UInt8]()
        let journal = try StreamJournal(folder: options.dataFolder + "/streams/logins", waitsForDisk: false)
        try journal.read(from: .init()) { part, _ in bytes += part }
        // Each request was sent until it was answered, and counts once; the last one may be there without its answer.
        #expect(journal.end.lines == told.lines || journal.end.lines == told.lines + Self.partLength, "\(journal.end.lines) lines, \(told.lines) were answered")
        let sent = (0 ..< journal.end.lines / Self.partLength).flatMap { Self.part($0, of: lines) }
        // Said as a truth value: a difference of so many bytes would take for ever to write.
        let isSame = bytes == sent
        #expect(isSame)
        let fresh = try ServiceFolder("logins")
        try fresh.place.file("all.ndjson", bytes)
        let watch = try fresh.place.gibbs("watch", "models/logins.gibbs", "all.ndjson", "--out", "alerts.ndjson", "--dry-run")
        #expect(watch.status == 0, "\(watch)")
        let expected = Set(try fresh.place.ids("alerts.ndjson"))
        var query = Store.AlertQuery(stream: "logins", after: 0)
        query.limit = 100_000
        let kept = try store.alerts(query).map { alert in try #require((JSONSerialization.jsonObject(with: Data(alert.body.utf8)) as? [String: Any])?["id"] as? String) }
        #expect(Set(kept) == expected && kept.count == expected.count)
    }

    private static let partLength = 30

    /// So many lines, of which each request has as many.
    private static func part(_ number: Int, of lines: [ArraySlice<UInt8>]) -> [UInt8] {
        (number * partLength ..< (number + 1) * partLength).flatMap { Array(lines[$0 % lines.count]) + [0x0A] }
    }

    /// Sends the lines on and on, thirty at a time, until nobody answers; what was not answered is sent again, by the same name.
    private static func send(_ lines: [ArraySlice<UInt8>], _ port: Int, _ ledger: Ledger) {
        guard let connection = try? RawConnection(port: port) else { return }
        while true {
            let number = ledger.page.withLock { $0.part }
            guard let reply = connection.ask("POST", "/streams/logins/events", body: part(number, of: lines), headers: "Idempotency-Key: part-\(number)\r\n"), reply.status == 202,
                  let numbers = (try? JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])?["alerts"] as? [Int] else { return }
            ledger.page.withLock { page in
                page.lines += partLength
                page.part += 1
            }
            for number in numbers {
                guard let alert = connection.ask("GET", "/alerts/\(number)"), let id = (try? JSONSerialization.jsonObject(with: Data(alert.body)) as? [String: Any])?["id"] as? String else { return }
                ledger.page.withLock { $0.alerts[Int64(number)] = id }
            }
        }
    }

    /// Judges alerts that are known, until nobody answers.
    private static func judge(_ port: Int, _ ledger: Ledger) {
        guard let connection = try? RawConnection(port: port) else { return }
        while true {
            let open = ledger.page.withLock { page in page.alerts.keys.filter { page.verdicts[$0] == nil }.min() }
            guard let number = open else {
                guard connection.ask("GET", "/healthz") != nil else { return }
                usleep(5_000)
                continue
            }
            let verdict = number % 2 == 0 ? "real" : "falseAlarm"
            guard let reply = connection.ask("POST", "/alerts/\(number)/verdict", body: Array("{\"verdict\":\"\(verdict)\"}".utf8)), reply.status == 200 else { return }
            ledger.page.withLock { $0.verdicts[number] = verdict }
        }
    }

    /// A request that was begun is answered before the end; the end is a clean one.
    @Test func endsInGoodOrder() throws {
        let folder = try ServiceFolder("logins", "bars"), service = try RealService(folder), day = try ServiceOffice.attackDay(), connection = try RawConnection(port: service.port)
        let head = Array("POST /streams/logins/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(day.count)\r\n\r\n".utf8)
        connection.send(head + day.dropLast(100))
        usleep(100_000)
        kill(service.processIdentifier, SIGTERM)
        usleep(100_000)
        connection.send(day.suffix(100))
        var answer = [UInt8]()
        while case let part = connection.receive(), !part.isEmpty { answer += part }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 202"))
        #expect(service.terminate() == 0)
        let again = try RealService(folder), found = try RawConnection(port: again.port).ask("GET", "/streams/logins")
        let json = try #require(found.flatMap { try? JSONSerialization.jsonObject(with: Data($0.body)) as? [String: Any] })
        #expect(json["events"] as? Int == day.count { $0 == 0x0A })
        #expect(again.terminate() == 0)
    }

    /// Connections that send a byte now and then are ended while they still do: in the head, in a body that is read, and in one of a request that was refused;
    /// others are served meanwhile.
    @Test func slowConnections() throws {
        let folder = try ServiceFolder("films"), service = try RealService(folder, ["--patience", "1.5"])
        let begins = ["GET / HTTP/1.1\r\nX: ", "POST /models/films/similar HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", "POST /no/such/path HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"]
        var open = try begins.flatMap { begin in
            try (0 ..< 100).map { _ in
                let connection = try RawConnection(port: service.port)
                connection.send(Array(begin.utf8))
                return (begin, connection)
            }
        }
        #expect(open.count { $0.1.isEnded } == 0)
        let begin = Date()
        while !open.isEmpty, Date().timeIntervalSince(begin) < Run.patience / 4 {
            for (_, connection) in open { connection.send(Array("a".utf8)) }
            let answer = try RawConnection(port: service.port).ask("POST", "/models/films/similar", body: Array(#"{"item":"i2"}"#.utf8))
            #expect(answer?.status == 200)
            usleep(100_000)
            open.removeAll { $0.1.isEnded }
        }
        #expect(open.isEmpty, "\(open.count) are open, such as \(open.first?.0 ?? "")")
        #expect(service.isRunning && service.terminate() == 0)
    }

    @Test func oneServiceAFolder() throws {
        let folder = try ServiceFolder("films"), service = try RealService(folder)
        #expect(throws: (any Error).self) { try RealService(folder) }
        #expect(service.isRunning)
        service.kill9()
        #expect(throws: Never.self) { _ = try RealService(folder) }
    }

    /// A disk that is full: what cannot be kept is refused and said, the service stays, and takes on when there is room.
    @Test(.enabled(if: SmallDisk.isAvailable, "mounting a small disk needs root")) func fullDisk() throws {
        let folder = try ServiceFolder("logins"), disk = try SmallDisk(megabytes: 6), service = try RealService(folder, ["--data", disk.path]), connection = try RawConnection(port: service.port)
        let day = try ServiceOffice.attackDay()
        var statuses = [Int]()
        for _ in 0 ..< 60 { statuses.append(try #require(connection.ask("POST", "/streams/logins/events", body: day), "the service is gone").status) }
        #expect(statuses.first == 202 && statuses.last == 507 && Set(statuses) == [202, 507], "\(statuses)")
        #expect(connection.ask("GET", "/healthz")?.status == 200 && connection.ask("GET", "/readyz")?.status == 503 && connection.ask("GET", "/streams/logins/alerts")?.status == 200)
        let events = try #require((try JSONSerialization.jsonObject(with: Data(connection.ask("GET", "/streams/logins")!.body)) as? [String: Any])?["events"] as? Int)
        #expect(events == statuses.count { $0 == 202 } * day.count { $0 == 0x0A })
        try disk.grow(megabytes: 64)
        // A load balancer sends nothing before it is ready.
        let begin = Date()
        while connection.ask("GET", "/readyz")?.status != 200, Date().timeIntervalSince(begin) < Run.patience / 4 { usleep(50_000) }
        #expect(connection.ask("GET", "/readyz")?.status == 200)
        #expect(connection.ask("POST", "/streams/logins/events", body: day)?.status == 202)
        #expect(service.terminate() == 0)
    }
}

/// A disk in memory.
private final class SmallDisk {
    let path = NSTemporaryDirectory() + "/gibbs-disk-\(UUID().uuidString)"

    static var isAvailable: Bool {
        guard geteuid() == 0, let disk = try? SmallDisk(megabytes: 1) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }

    init(megabytes: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    func grow(megabytes: Int) throws { guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(megabytes)m") == 0 else { throw CocoaError(.fileWriteNoPermission) } }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }
}
