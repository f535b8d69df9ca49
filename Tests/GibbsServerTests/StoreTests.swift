import Foundation
import Gibbs
import GibbsServer
import GRDB
import Testing

@Suite(.apart) struct StoreTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/gibbs-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func store() throws -> Store { try Store(path: folder + "/s.sqlite") }

    private func alert(_ line: Int, entity: String = "10.0.0.1") -> Store.NewAlert {
        let alert = StreamAlert(entity: entity, hash: UInt64(entity.utf8.reduce(7) { $0 &* 31 &+ Int($1) }), line: line, offset: 0, time: 1e9, score: 12, run: 12, day: 0, threshold: 5, level: 2, pValue: 0.01, events: line, reasons: [], dayReasons: [])
        return .init(alert: alert, body: alert.json { _ in nil }.text, rule: nil)
    }

    /// What is kept survives more than the process.
    @Test func isSynchronous() throws {
        let store = try store()
        #expect(try store.database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try store.database.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func sameAlertOnce() throws {
        let store = try store()
        #expect(try store.keep([alert(1), alert(2)], stream: "a").map(\.number) == [1, 2])
        #expect(try store.keep([alert(2), alert(3)], stream: "a").count == 1)
        #expect(try store.keep([alert(1)], stream: "b").count == 1)
        #expect(try store.counts(stream: "a").all == 3)
    }

    @Test func pages() throws {
        let store = try store()
        let numbers = try store.keep((1 ... 25).map { alert($0) }, stream: "a").map(\.number)
        var found = [Int64](), before: Int64?
        while true {
            let page = try store.alerts(.init(stream: "a", before: before, limit: 10))
            found += page.map(\.number)
            guard page.count == 10 else { break }
            before = page.last!.number
        }
        #expect(found == numbers.reversed())
        #expect(try store.alerts(.init(stream: "a", after: numbers[20], limit: 10)).map(\.number) == Array(numbers[21...]))
    }

    @Test func verdicts() throws {
        let number: Int64
        do {
            let store = try store()
            number = try store.keep([alert(1), alert(2)], stream: "a")[0].number
            #expect(try store.judge(number, .real, note: "yes")?.verdict == .real)
            #expect(try store.judge(99, .real, note: nil) == nil)
        }
        let again = try store()
        var open = Store.AlertQuery(stream: "a")
        open.isOpen = true
        #expect(try again.alert(number)?.note == "yes")
        #expect(try again.alerts(open).count == 1)
        #expect(try again.realDays(stream: "a") == [EntityDay(hash: alert(1).alert.hash, day: 11_574)])
        #expect(try again.judge(number, nil, note: nil)?.verdict == nil)
        #expect(try again.counts(stream: "a").open == 2)
        #expect(try again.database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM verdicts") } == 2)
    }

    @Test func days() throws {
        let store = try store(), peaks: [UInt64: Float] = [1: 2.5, .max: 0, 3: -1]
        try store.keep(peaks, stream: "a", day: 5)
        try store.keep([9: 1], stream: "a", day: 6)
        let found = try store.days(stream: "a", limit: 10)
        #expect(found.map(\.day) == [6, 5] && found[1].peaks == peaks)
    }

    @Test func runs() throws {
        let store = try store()
        let first = try store.begin(version: "1")
        #expect(first.wasClean)
        try store.end(run: first.run)
        #expect(try store.begin(version: "1").wasClean)
        #expect(try !store.begin(version: "1").wasClean)
    }

    @Test func damaged() throws {
        try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: folder + "/s.sqlite"))
        let error = #expect(throws: GibbsError.self) { try store() }
        #expect(error?.code == .unsuitableData && error?.advice != nil)
    }

    @Test func oldThingsAreForgotten() throws {
        let store = try store()
        _ = try store.keep([alert(1)], stream: "a", at: 1_000)
        _ = try store.keep([alert(2)], stream: "a", at: 9_000)
        try store.forget(before: 5_000)
        #expect(try store.counts(stream: "a").all == 1)
    }
}
