import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Testing

/// Days that end, and what is learned from them.
@Suite(.apart) struct DayTests {
    /// 10 March 2026, the day of the attacks.
    private static let attack = 20_522

    /// An event at the beginning of a later day, by which the one before it ends.
    private static func event(daysLater: Int) -> EventLines { EventLines(Array(SmallStream.login("10.9.9.9", time: "2026-03-\(10 + daysLater)T00:00:01Z").utf8)) }

    private func watched(_ folder: ServiceFolder) async throws -> GibbsService {
        let service = try await folder.service(), stream = try service.streams.stream("logins")
        _ = try await stream.take(DeskTests.parts(10_000)[0])
        _ = try await stream.take(Self.event(daysLater: 1))
        return service
    }

    /// Entities of the day of the attacks.
    private func count(_ service: GibbsService) async throws -> Int {
        let model = try await service.streams.stream("logins").watchdog.fingerprint
        return try #require(try service.store.days(stream: "logins", model: model, limit: 10).last).peaks.count
    }

    /// Days that have ended teach what is normal, less what a person found to be real; today is not over.
    @Test func calibration() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service(), stream = try service.streams.stream("logins")
        let receipt = try await stream.take(DeskTests.parts(10_000)[0])
        let early = await #expect(throws: GibbsError.self) { try await stream.recalibrated(falseAlarmRate: 0.02, days: 10, unjudged: .normal) }
        #expect(early?.code == .unsuitableData)
        _ = try await stream.take(Self.event(daysLater: 1))
        let before = try await stream.recalibrated(falseAlarmRate: 0.02, days: 10, unjudged: .normal), entities = try await count(service)
        #expect(before.left == 0 && before.used == entities)
        // Nobody said what the attackers were: learned from, they would be normal.
        let asked = await #expect(throws: GibbsError.self) { try await stream.recalibrated(falseAlarmRate: 0.02, days: 10) }
        #expect(asked?.place.field == "unjudged")
        let strange = try await stream.recalibrated(falseAlarmRate: 0.02, days: 10, unjudged: .strange), open = try service.store.entityDays(stream: "logins", nil)
        #expect(strange.left == open.count && strange.used == entities - open.count && !open.isEmpty && strange.watchdog.calibration!.tailThreshold < before.watchdog.calibration!.tailThreshold)
        _ = try service.store.judge(try #require(receipt.alerts.last), .real, note: nil)
        let after = try await stream.recalibrated(falseAlarmRate: 0.02, days: 10, unjudged: .normal)
        #expect(after.left == 1 && after.used == before.used - 1)
        #expect(after.watchdog.calibration!.tailThreshold <= before.watchdog.calibration!.tailThreshold)
        // The model's file takes it, and the stream goes on.
        let events = await stream.monitor.counters.events
        try await service.replace("logins", by: after.watchdog)
        #expect(try service.streams.stream("logins") === stream)
        #expect(await stream.monitor.counters.events == events)
        #expect(await stream.threshold == after.watchdog.calibration!.tailThreshold)
        // What was there before is kept.
        #expect(try folder.place.bytes("models/logins.gibbs.before") == ServiceOffice.shared.get().place.bytes("models/logins.gibbs") && !folder.place.exists("models/logins.gibbs.draft"))
    }

    /// The first day that a model has watched may be half a day: where there are others it teaches nothing.
    @Test func firstDay() async throws {
        let service = try await watched(ServiceFolder("logins")), stream = try service.streams.stream("logins"), alone = try await stream.recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal)
        let entities = try await count(service)
        #expect(alone.used == entities)
        for day in 2 ... 3 {
            _ = try await stream.take(EventLines(Array((0 ..< 40).map { SmallStream.login("10.9.8.\($0)", time: "2026-03-\(9 + day)T12:00:00Z") }.joined().utf8)))
            _ = try await stream.take(Self.event(daysLater: day))
        }
        // The day of the attacks is the first; behind it come one address with 40 others, and once more.
        #expect(try await stream.recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal).used == 82)
        #expect(try await stream.recalibrated(falseAlarmRate: 0.05, days: 1, unjudged: .normal).used == 41)
    }

    /// An alert counts to the day to which its score does, though its event is of an earlier one.
    @Test func lateEvents() async throws {
        let service = try await ServiceFolder("logins").service(), stream = try service.streams.stream("logins")
        _ = try await stream.take(Self.event(daysLater: 1))
        let alert = try #require(try await stream.take(DeskTests.parts(10_000)[0]).alerts.last)
        _ = try await stream.take(Self.event(daysLater: 2))
        _ = try service.store.judge(alert, .real, note: nil)
        #expect(try service.store.entityDays(stream: "logins", .real).map(\.day) == [Self.attack + 1])
        #expect(try await stream.recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal).left == 1)
    }

    /// Nothing is learned from the scores of another model.
    @Test func anotherModel() async throws {
        let folder = try ServiceFolder("logins"), service = try await watched(folder)
        _ = try await service.streams.stream("logins").recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal)
        try DeskTests.put(.other, in: folder)
        await service.streams.update()
        let stream = try service.streams.stream("logins")
        await #expect(throws: GibbsError.self) { try await stream.recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal) }
        #expect(await stream.drift?.reading == nil)
        // The first one's are there when it comes again.
        try DeskTests.put(.usual, in: folder)
        await service.streams.update()
        _ = try await service.streams.stream("logins").recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal)
    }

    /// A model that was exchanged meanwhile is not written over.
    @Test func replaced() async throws {
        let folder = try ServiceFolder("logins"), service = try await watched(folder), found = try await service.streams.stream("logins").recalibrated(falseAlarmRate: 0.05, days: 10, unjudged: .normal)
        try DeskTests.put(.other, in: folder)
        let bytes = try folder.place.bytes("models/logins.gibbs")
        await #expect(throws: Refusal.self) { try await service.replace("logins", by: found.watchdog) }
        #expect(try folder.place.bytes("models/logins.gibbs") == bytes)
    }

    /// How days lie beside the calibration's is known after a restart, too, and is counted once.
    @Test func driftIsKept() async throws {
        let folder = try ServiceFolder("logins"), service = try await watched(folder), stream = try service.streams.stream("logins")
        let reading = try #require(await stream.drift?.reading), entities = try await count(service)
        // The first of them have faded a little.
        #expect(reading.count <= Double(entities) && reading.count > 0.99 * Double(entities))
        // It dies without a snapshot, so that the day ends once more.
        let again = try await folder.service { $0.data = try? Self.copy(folder) }.streams.stream("logins")
        #expect(await again.end == stream.end)
        #expect(await again.monitor.counters.events == stream.monitor.counters.events)
        #expect(await again.today.present?.entities == stream.today.present?.entities)
        let kept = try #require(await again.drift?.reading)
        #expect(kept.count == reading.count && kept.ks == reading.ks && kept.psi == reading.psi)
        #expect(try await again.json().text.contains("\"drift\":{\"psi\""))
    }

    /// A service's own folder as a crash would leave it.
    private static func copy(_ folder: ServiceFolder) throws -> String {
        let copy = folder.place.place("copy")
        try FileManager.default.copyItem(atPath: folder.models + "/service", toPath: copy)
        return copy
    }

    /// A score that stands since yesterday is no news today, whatever ended in between.
    @Test func records() throws {
        let path = NSTemporaryDirectory() + "/gibbs-days-\(UUID().uuidString).sqlite", store = try Store(path: path), day = 20_000.0 * 86_400, now = day + 10 * 86_400
        defer { try? FileManager.default.removeItem(atPath: path) }
        var peaks = DayPeaks(limit: 10)
        _ = peaks.add(5, of: 1, at: day, now: now, offset: 1)
        #expect(peaks.add(0, of: 2, at: day + 86_400, now: now, offset: 2)?.peaks == [1: 5])
        try store.keep([#require(peaks.present)], stream: "a", model: "m")
        var again = DayPeaks(try #require(try store.days(stream: "a", model: "m", limit: 1).first), limit: 10)
        _ = again.add(4, of: 1, at: day + 86_401, now: now, offset: 3)
        #expect(again.peaks == [1: 0, 2: 0])
        _ = again.add(6, of: 1, at: day + 86_402, now: now, offset: 4)
        #expect(again.peaks == [1: 6, 2: 0] && again.count == 2 && again.count(above: 5) == 1)
    }

    /// What was seen before an end counts once, though it comes again.
    @Test func comingAgain() {
        var peaks = DayPeaks(limit: 10)
        let events: [(hash: UInt64, offset: Int)] = [(1, 0), (1, 0), (2, 50), (2, 50), (3, 90)]
        for event in events.prefix(3) { _ = peaks.add(1, of: event.hash, at: 0, now: 0, offset: event.offset) }
        var again = DayPeaks(peaks.present!, limit: 10)
        _ = again.add(9, of: 1, at: 0, now: 0, offset: 0)
        for event in events { _ = again.add(5, of: event.hash, at: 0, now: 0, offset: event.offset) }
        #expect(again.peaks == [1: 1, 2: 1, 3: 5] && again.present?.seen == 90)
    }
}
