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

    private func alert(_ line: Int, rule: Int64? = nil) -> Store.NewAlert { .sample(line, rule: rule) }

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
            #expect(try store.judge(number, .real, note: "yes")?.alert.verdict == .real)
            #expect(try store.judge(99, .real, note: nil) == nil)
        }
        let again = try store()
        var open = Store.AlertQuery(stream: "a")
        open.isOpen = true
        #expect(try again.alert(number)?.note == "yes")
        #expect(try again.alerts(open).count == 1)
        #expect(try again.entityDays(stream: "a", .real) == [EntityDay(hash: alert(1).alert.hash, day: 11_500)])
        #expect(try again.judge(number, nil, note: nil)?.alert.verdict == nil)
        #expect(try again.counts(stream: "a").open == 2)
        #expect(try again.database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM verdicts") } == 2)
    }

    /// A rule lives as long as its verdict, and what it kept quiet is open again behind it.
    @Test func rulesOfVerdicts() throws {
        let store = try store(), until = Date().timeIntervalSince1970 + 1_000
        let number = try store.keep([alert(1)], stream: "a")[0].number
        for verdict in [StoredAlert.Verdict.real, nil] {
            let rule = try #require(try store.judge(number, .falseAlarm, note: nil, quiet: Quiet(until: until))?.rule)
            #expect(try store.judge(number, .falseAlarm, note: nil, quiet: Quiet(until: until, field: "user"))?.rule?.field == "user")
            // A verdict that says nothing of quiet leaves it as it is; the same rule comes in place of the first.
            #expect(try store.judge(number, .falseAlarm, note: "again")?.rule == nil && store.rules(stream: "a").count == 2)
            let later = try store.keep([alert(verdict == nil ? 3 : 2, rule: rule.number)], stream: "a")[0].number
            #expect(try store.alerts(.init(stream: "a")).map(\.number).contains(later) == false)
            #expect(try store.judge(number, verdict, note: nil)?.alert.verdict == verdict)
            #expect(try store.rules(stream: "a").isEmpty && store.alerts(.init(stream: "a")).map(\.number).contains(later))
        }
        // Said once more it is the same rule, for longer: what it kept quiet before is open with the rest when it ends, by a verdict or by itself.
        for isDropped in [false, true] {
            let first = try #require(try store.judge(number, .falseAlarm, note: nil, quiet: Quiet(until: until))?.rule), quiet = try store.keep([alert(isDropped ? 6 : 5, rule: first.number)], stream: "a")[0].number
            let again = try #require(try store.judge(number, .falseAlarm, note: nil, quiet: Quiet(until: until + 500))?.rule)
            #expect(try again.number == first.number && store.rules(stream: "a").map(\.until) == [until + 500] && store.alert(quiet)?.rule == first.number)
            if isDropped { #expect(try store.removeRule(first.number) == "a" && store.removeRule(first.number) == nil) } else { _ = try store.judge(number, .real, note: nil) }
            #expect(try store.rules(stream: "a").isEmpty && store.alert(quiet)?.rule == nil && store.alerts(.init(stream: "a")).map(\.number).contains(quiet))
        }
        // Another alert's rule is its own.
        let other = try store.keep([alert(4)], stream: "a")[0].number
        _ = try store.judge(other, .falseAlarm, note: nil, quiet: Quiet(until: until))
        _ = try store.judge(number, .real, note: nil)
        #expect(try store.rules(stream: "a").map(\.alert) == [other])
    }

    /// Days come back as they were, each model's by itself.
    @Test func days() throws {
        let store = try store()
        let entities: [UInt64: DayPeaks.Entity] = [1: .init(peak: 2.5, record: 3), .max: .init(peak: 0, record: 0), 3: .init(peak: -1, record: 7), 4: .init(peak: nil, record: 9)]
        try store.keep([.init(day: 5, entities: entities), .init(day: 6, entities: [:])], stream: "a", model: "m")
        try store.keep([.init(day: 6, entities: [9: .init(peak: 1, record: 1)])], stream: "a", model: "m")
        try store.keep([.init(day: 7, entities: entities)], stream: "a", model: "other")
        try store.keep([.init(day: 8, entities: entities)], stream: "b", model: "m")
        let found = try store.days(stream: "a", model: "m", limit: 10)
        #expect(found.map(\.day) == [6, 5] && found[1].entities == entities && found[1].peaks == [1: 2.5, .max: 0, 3: -1])
        #expect(try store.days(stream: "a", model: "m", before: 6, limit: 10).map(\.day) == [5])
    }

    /// A store of the first form is taken on: alerts count to the days of their events.
    @Test func firstForm() throws {
        try DatabaseQueue(path: folder + "/s.sqlite").write { database in
            try database.execute(sql: """
                CREATE TABLE alerts (number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, id TEXT NOT NULL, received REAL NOT NULL, time REAL, entity TEXT NOT NULL, hash INTEGER NOT NULL,
                    severity TEXT NOT NULL, score REAL NOT NULL, body TEXT NOT NULL, rule INTEGER, verdict TEXT, note TEXT, judged REAL, UNIQUE (stream, id));
                CREATE TABLE days (stream TEXT NOT NULL, day INTEGER NOT NULL, peaks BLOB NOT NULL, PRIMARY KEY (stream, day));
                CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                INSERT INTO grdb_migrations VALUES ('1');
                INSERT INTO alerts (stream, id, received, time, entity, hash, severity, score, body, verdict) VALUES ('a', 'x', 864000, 172801, 'e', 7, 'low', 1, '{}', 'real'), ('a', 'y', 864000, NULL, 'e', 8, 'low', 1, '{}', 'real');
                """)
        }
        #expect(try store().entityDays(stream: "a", .real) == [EntityDay(hash: 7, day: 2), EntityDay(hash: 8, day: 10)])
    }

    /// An older program leaves a newer one's store alone.
    @Test func newerForm() throws {
        try store().write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        let error = #expect(throws: GibbsError.self) { try store() }
        #expect(error?.code == .unsuitableData && error?.message.contains("newer") == true)
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

extension Store.NewAlert {
    /// An alert that was raised by a line, of a day other than its event's own.
    static func sample(_ line: Int, rule: Int64? = nil, padding: Int = 0) -> Store.NewAlert {
        let alert = StreamAlert(entity: "10.0.0.1", hash: 77, line: line, offset: 0, time: 1e9, score: 12, run: 12, day: 0, threshold: 5, level: 2, pValue: 0.01, events: line, reasons: [], dayReasons: [])
        let body = alert.json { _ in nil }.text
        return .init(alert: alert, body: padding == 0 ? body : body.dropLast() + ",\"recent\":[\"\(String(repeating: "x", count: padding))\"]}", rule: rule, day: 11_500)
    }
}
