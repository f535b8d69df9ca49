import Foundation
import GibbsData
import GibbsEvents
import GibbsNumerics
import Testing

/// A watch without a command line: what it keeps, in which order, and where it goes on.
@Suite struct StreamWatchTests {
    let place: WatchPlace, events = SmallLog.attack

    init() throws { place = try WatchPlace() }

    /// A snapshot that has seen events whose alerts were never passed on would lose them.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no device without room")) func alertBeforeSnapshot() throws {
        try place.write(WatchPlace.lines(events[...]), "log")
        var watch = try place.watch(alerts: "/dev/full") { $0.every = 0 }
        let error = #expect(throws: GibbsError.self) { while try watch.step(waiting: 0).step != .end {} }
        #expect(error?.code == .cannotWrite && !place.exists("m.state"))
        // Nor does another try let them go.
        #expect(throws: GibbsError.self) { try watch.save() }
        #expect(!place.exists("m.state"))
    }

    /// In pieces, each by a new watch from the state of the one before.
    @Test(arguments: [false, true]) func goesOn(dropsDuplicates: Bool) throws {
        try place.write(WatchPlace.lines(events[...]), "log")
        let whole = try place.watchAll { ($0.state, $0.isCold, $0.dropsDuplicates) = (place.path("other"), true, dropsDuplicates) }, kept = try place.text("alerts")
        #expect(whole.count > 2 && Set(whole).count == whole.count)
        try place.write("", "alerts")
        try place.write("", "log")
        for cut in stride(from: 0, to: events.count, by: 100) {
            try place.append(WatchPlace.lines(events[cut ..< min(cut + 100, events.count)]), "log")
            _ = try place.watchAll { $0.dropsDuplicates = dropsDuplicates }
        }
        #expect(try place.ids() == whole && place.text("alerts") == kept)
    }

    /// A crash behind the alerts and before the state: they come again, and are not kept twice.
    @Test func onceEach() throws {
        try place.write(WatchPlace.lines(events[...]), "log")
        let first = try place.watchAll { $0.isDry = true }
        #expect(try !place.exists("m.state") && first.count > 2 && place.ids() == first)
        #expect(try place.watchAll() == first && place.ids() == first && place.exists("m.state"))
    }

    @Test func remarks() throws {
        try place.write(WatchPlace.lines(events[..<50]), "log")
        #expect(try place.watch().remarks == [.noPast(place.path("m.past"))])
        #expect(try place.watch { $0.isCold = true }.remarks == [])
        _ = try place.watchAll { $0.frequencies = .learn(halfLife: 100) }
        #expect(try place.watch().remarks == [.followsFrequencies])
        #expect(try place.watch { $0.frequencies = .drop }.remarks == [])
        try place.write(WatchPlace.lines(events[50 ..< 60]), "log")
        var watch = try place.watch { $0.frequencies = .drop }
        #expect(watch.remarks == [.replaced])
        #expect(try watch.step(waiting: 0).changes == [] && watch.feed.monitor.counters.events == 60)
    }

    /// What happened to the file is told once.
    @Test func changes() throws {
        try place.write(WatchPlace.lines(events[..<80]), "log")
        var watch = try place.watch { $0.follows = true }, told = [LineFollower.Change]()
        while case let found = try watch.step(waiting: 0), found.step != .idle { told += found.changes }
        #expect(told == [])
        try watch.save()
        let before = try place.data("m.state")
        try place.write("", "new")
        try place.append(WatchPlace.lines(events[80 ..< 120]), "new")
        #expect(rename(place.path("new"), place.path("log")) == 0)
        for _ in 0 ..< 8 { told += try watch.step(waiting: 0).changes }
        #expect(told == [.rotated] && watch.feed.monitor.counters.events == 120)
        // Which file is read is written down at once.
        #expect(try place.data("m.state") != before)
        let state = try StreamSnapshot(contentsOf: place.path("m.state"), of: place.watchdog)
        #expect(state.monitor.counters.events >= 80 && state.place != nil)
    }

    /// Two watches on one state would undo each other's.
    @Test func oneWatchAState() throws {
        try place.write(WatchPlace.lines(events[..<50]), "log")
        var first: StreamWatch? = try place.watch()
        let error = #expect(throws: GibbsError.self) { try place.watch() }
        #expect(error?.code == .cannotWrite && error?.advice?.contains("--state") == true)
        #expect(try place.watch { $0.isDry = true }.feed.seen.events == 0 && place.watch { $0.state = place.path("other") }.feed.seen.events == 0)
        try first?.save()
        first = nil
        _ = try place.watchAll()
        #expect(place.exists("m.state") && !place.exists("m.state.lock"))
    }

    /// What this run brought, and what stands against a run being worth anything.
    @Test func whatIsNew() throws {
        try place.write(WatchPlace.lines(events[100...]), "log")
        _ = try place.watchAll()
        var again = try place.watch()
        while try again.step(waiting: 0).step != .end {}
        guard case .nothingNew(let state, _) = again.remarks.first, again.remarks.count == 1 else { Issue.record("\(again.remarks)"); return }
        #expect(state == place.path("m.state") && again.feed.seen == .init() && again.feed.monitor.counters.events == events.count - 100)
        try again.save()
        again = try place.watch { $0.isCold = true; $0.isDry = true }
        while try again.step(waiting: 0).step != .end {}
        #expect(again.feed.seen.events == events.count - 100 && again.remarks == [])
        // A day older than what the state has seen.
        try place.write(WatchPlace.lines(events[..<50].map { var event = $0; event.time -= 86_400; return event }[...]), "older")
        var older = try place.watch("older") { $0.isDry = true }
        older.remarks = []
        while try older.step(waiting: 0).step != .end {}
        guard case .older(let first, let newest) = older.remarks.first else { Issue.record("\(older.remarks)"); return }
        #expect(abs(first - events[0].time + 86_400) < 1 && abs(newest - events.map(\.time).max()!) < 1 && older.remarks.count == 1 && older.feed.seen.events == 50)
    }

    /// What is no state is not replaced by one, and nothing else is begun.
    @Test func noState() throws {
        try place.write("dear diary", "m.state")
        try place.write(WatchPlace.lines(events[..<5]), "log")
        let error = #expect(throws: GibbsError.self) { try place.watch { $0.isCold = true } }
        #expect(error?.code == .unsuitableData && !place.exists("alerts"))
        #expect(try place.text("m.state") == "dear diary")
        #expect(try place.watch { ($0.isCold, $0.isDry) = (true, true) }.remarks == [])
    }
}
