import Foundation
import GibbsData
import GibbsEvents
import GibbsLogs
import GibbsNumerics
import Testing

/// Who in a log is strangest.
@Suite struct StreamRankingTests {
    static let options: StreamOptions = {
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs) = (2, 8, 4)
        options.encodings["file"] = .change
        return options
    }()

    /// Forty honest entities over four days; five strange ones, two of them with a single day.
    static func log() throws -> EventLog {
        var events = SmallLog.events(40, days: 4, key: Key(3))
        for who in 0 ..< 5 {
            for day in 0 ..< (who < 3 ? 4 : 1) {
                events += SmallLog.day("bad\(who)", start: Double(20_000 + day) * 86_400 + 7_200, key: Key(UInt64(50 + who * 7 + day)), strange: true)
            }
        }
        return try SmallLog.log(events.sorted { $0.time < $1.time })
    }

    @Test(arguments: StreamRanking.Fold.allCases, StreamRanking.Order.allCases) func trusted(fold: StreamRanking.Fold, order: StreamRanking.Order) throws {
        let log = try Self.log(), trusted = log.entities.map { $0.hasPrefix("e") }
        let ranking = try StreamRanking.crossFitted(to: log, entity: "who", time: "time", trusted: trusted, by: fold, folds: 3, order: order, explained: 5, options: Self.options)
        let places = ranking.places
        #expect(places.count == 45 && Set(places.prefix(5).map(\.entity)) == ["bad0", "bad1", "bad2", "bad3", "bad4"], "\(places.prefix(8).map { ($0.entity, $0.score, $0.surprise) })")
        #expect(places.map { order == .score ? Double($0.score) : $0.surprise } == places.map { order == .score ? Double($0.score) : $0.surprise }.sorted(by: >))
        #expect(places.map(\.events).reduce(0, +) == log.count && places.allSatisfy { $0.isTrusted == $0.entity.hasPrefix("e") })
        #expect(places.prefix(5).allSatisfy { !$0.reasons.isEmpty && $0.pValue! <= 0.05 } && places.dropFirst(5).allSatisfy(\.reasons.isEmpty))
        #expect(places.filter { $0.entity == "bad0" }.map(\.days) == [4] && places.filter { $0.entity == "bad4" }.map(\.days) == [1])
        // The line is one of the entity's own, and the reasons lie before it or on it.
        for place in places.prefix(5) {
            let event = try #require(log.lines.firstIndex(of: place.line))
            #expect(log.entities[Int(log.entity[event])] == place.entity && place.reasons.allSatisfy { $0.line <= place.line })
        }
    }

    /// Without the others' days, an honest entity's own p-value would be one of itself: uniform p-values say that it is not.
    @Test func pValues() throws {
        let log = try SmallLog.log(SmallLog.events(60, days: 2, key: Key(8)))
        let ranking = try StreamRanking.crossFitted(to: log, entity: "who", time: "time", folds: 4, order: .surprise, options: Self.options)
        let values = ranking.places.map { $0.pValue! }
        // The k-th strangest of n among n − 1 others has exactly k / n.
        for (place, value) in values.enumerated() { #expect(abs(value - Double(place + 1) / 60) < 1e-9) }
    }

    /// What is judged was not learned from: the only entity that does something finds it unseen.
    @Test func outside() throws {
        let loner = (0 ..< 4).flatMap { day in (0 ..< 12).map { SmallLog.Event(who: "loner", time: Double(20_000 + day) * 86_400 + 600 * Double($0), what: "solo", file: "f") } }
        let log = try SmallLog.log((SmallLog.events(40, days: 4, key: Key(3)) + loner).sorted { $0.time < $1.time })
        func surprise(_ fold: StreamRanking.Fold) throws -> (first: String, mean: Double) {
            let places = try StreamRanking.crossFitted(to: log, entity: "who", time: "time", by: fold, folds: 4, order: .surprise, options: Self.options).places
            return (places[0].entity, places.first { $0.entity == "loner" }!.surprise)
        }
        let byEntity = try surprise(.entity), byDay = try surprise(.day)
        #expect(byEntity.first == "loner" && byEntity.mean > byDay.mean + 2, "\(byEntity) \(byDay)")
    }

    @Test func byWatchdog() throws {
        let watchdog = try SmallLog.watchdog.get(), log = try SmallLog.log(SmallLog.attack), ranking = StreamRanking(of: log, by: watchdog, explained: 2)
        #expect(Set(ranking.places.prefix(3).map(\.entity)) == ["bad0", "bad1", "bad2"])
        #expect(ranking.places.map { $0.reasons.isEmpty } == ranking.places.indices.map { $0 >= 2 })
        for place in ranking.places { #expect(place.pValue == watchdog.calibration!.pValue(of: place.score)) }
        #expect(StreamRanking(of: log, by: watchdog, order: .surprise).places.allSatisfy { $0.pValue == nil })
    }

    @Test func refusals() throws {
        let log = try SmallLog.log(SmallLog.events(4, days: 1, key: Key(1)))
        func rank(_ trusted: [Bool], _ fold: StreamRanking.Fold, folds: Int = 3) throws -> StreamRanking {
            try StreamRanking.crossFitted(to: log, entity: "who", time: "time", trusted: trusted, by: fold, folds: folds, options: Self.options)
        }
        #expect(throws: GibbsError.self) { try rank([true, true, true, true], .entity, folds: 1) }
        #expect { try rank([true, false, false, false], .entity) } throws: { ($0 as? GibbsError)?.message.contains("one trusted entity") == true }
        #expect { try rank([false, false, false, false], .entity) } throws: { ($0 as? GibbsError) != nil }
    }

    @Test func keptAndFound() throws {
        let log = try Self.log(), bad = log.entities(with: try LinePattern("^what=(wipe)$"))
        #expect(bad == log.entities.map { $0.hasPrefix("bad") })
        #expect(log.entities(onLines: [log.lines[0]]) == log.entities.indices.map { $0 == Int(log.entity[0]) })
        let kept = log.keeping(bad.map { !$0 })
        #expect(kept.entities.count == 40 && !kept.names[0].contains("wipe") && kept.lines.count == kept.count)
        for event in 0 ..< kept.count {
            let before = log.lines.firstIndex(of: kept.lines[event])!
            #expect(kept.entities[Int(kept.entity[event])] == log.entities[Int(log.entity[before])] && kept.names[0][Int(kept.codes[0][event])] == log.names[0][Int(log.codes[0][before])]
                && kept.times[event] == log.times[before])
        }
    }
}
