import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsNumerics
import Testing

/// What a fit decides by itself: days, encodings, when to stop.
@Suite struct StreamFitTests {
    private static func log(_ events: [SmallLog.Event], times: [Int: String?] = [:]) throws -> EventLog {
        let stamps = events.indices.map { times[$0] ?? String(events[$0].time) }
        let columns = [Column(name: "who", texts: events.map(\.who)), Column(name: "time", texts: stamps), Column(name: "what", texts: events.map(\.what)), Column(name: "file", texts: events.map(\.file))]
        return try EventLog(Table(columns: columns), entity: "who", time: "time", columns: ["what", "file"])
    }

    private static func fit(_ log: EventLog, epochs: Int? = 2, rate: Double = 0.1) throws -> StreamFit {
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.falseAlarmRate) = (2, 8, epochs, rate)
        options.encodings["file"] = .change
        return try StreamFit.fitted(to: log, entity: "who", time: "time", options: options)
    }

    /// An event without a time, or with one of another century, changes the calibration next to nothing and is named.
    @Test(arguments: [nil, "10", "9999999999"]) func oneOddTime(time: String?) throws {
        let events = SmallLog.events(60, days: 8, key: Key(4)), usual = try Self.fit(Self.log(events)), odd = try Self.fit(Self.log(events, times: [700: time]))
        let (one, other) = (usual.calibration!, odd.calibration!)
        #expect(abs(one.energies.count - other.energies.count) <= 2 && abs(one.threshold - other.threshold) < 0.1 * one.threshold, "\(one.threshold) and \(other.threshold)")
        #expect(abs(usual.entityDaysPerDay - odd.entityDaysPerDay) < 1 && usual.remarks == [])
        switch odd.remarks.first {
        case .withoutTime(let count): #expect(time == nil && count == 1)
        case .strayTimes(let count, let line, let seconds): #expect(count == 1 && String(Int(seconds)) == time && line > 0)
        default: Issue.record("no remark: \(odd.remarks)")
        }
    }

    /// Of two weeks or more whole weeks are held out, so that every weekday bears its share of the calibration.
    @Test(arguments: [(12, 3), (14, 7), (20, 7), (48, 14)]) func wholeWeeks(days: Int, held: Int) throws {
        let entities = 10, fit = try Self.fit(Self.log(SmallLog.events(entities, days: days, key: Key(14))), epochs: 1)
        // The work of some entities runs past midnight.
        #expect(fit.calibration!.energies.count / entities == held && fit.heldEntities >= entities, "\(fit.calibration!.energies.count) entity-days")
    }

    /// A column of one value for less than a hundred events is taken by how it changes.
    @Test func manyNamesAreChanges() throws {
        let events = SmallLog.events(60, days: 6, key: Key(5))
        func encoding(_ files: Int) throws -> EventSchema.Encoding {
            let named = events.enumerated().map { SmallLog.Event(who: $1.who, time: $1.time, what: $1.what, file: "f\($0 % files)") }
            var options = StreamOptions()
            (options.history, options.hidden, options.epochs) = (1, 2, 1)
            return try StreamFit.fitted(to: Self.log(named), entity: "who", time: "time", options: options).measure.schema.fields[1].encoding
        }
        #expect(try encoding(10) == .name && encoding(events.count / 50) == .change)
    }

    /// Left to itself a fit on few events stops before it knows them by heart: held-out ones surprise it less than one that went on.
    @Test func stopsInTime() throws {
        let events = SmallLog.events(20, days: 8, key: Key(6)), log = try Self.log(events), own = try Self.fit(log, epochs: nil), long = try Self.fit(log, epochs: 200)
        #expect(own.surprise < long.surprise, "\(own.surprise) and \(long.surprise)")
        #expect(own.calibration!.threshold < long.calibration!.threshold, "\(own.calibration!.threshold) and \(long.calibration!.threshold)")
    }

    /// An entity that alone holds the threshold up is named.
    @Test func dominated() throws {
        var events = SmallLog.events(40, days: 8, key: Key(7))
        for day in 6 ..< 8 { events += SmallLog.day("office", start: Double(20_000 + day) * 86_400, key: Key(UInt64(day)), strange: true) }
        let remarks = try Self.fit(Self.log(events.sorted { $0.time < $1.time }), rate: 0.02).remarks
        guard case .dominated(let entity, let threshold, let without) = remarks.first else { Issue.record("\(remarks)"); return }
        #expect(entity == "office" && without < threshold / 2)
    }

    /// A clock that goes backwards tells no gap.
    @Test func backwards() throws {
        let log = try Self.fit(Self.log(SmallLog.events(20, days: 5, key: Key(8)))).measure
        func surprise(_ second: Double) -> Float {
            var monitor = StreamMonitor(log, calibration: nil), last: Float = 0
            _ = monitor.observe(SmallLog.batch([SmallLog.Event(who: "a", time: 1_728_000_000, what: "open", file: "f1"), SmallLog.Event(who: "a", time: second, what: "read", file: "f1")])) { last = $0.surprise }
            return last
        }
        let back = surprise(1_727_999_990)
        #expect(back < surprise(1_728_000_000) && back == surprise(1_727_000_000) && surprise(1_728_000_000) != surprise(1_728_100_000))
    }
}
