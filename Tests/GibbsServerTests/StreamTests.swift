import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

/// Streams: what is accepted is kept, scored once, and goes on after any end.
@Suite(.apart) struct StreamTests {
    /// A desk without a server.
    private func desk(_ folder: ServiceFolder, _ change: (inout ServiceOptions) -> Void = { _ in }) async throws -> StreamDesk { try await folder.service(change).streams }

    /// The events in bodies of some lines each.
    private static func bodies(_ lines: Int) throws -> [[UInt8]] {
        let all = try ServiceOffice.attackDay().split(separator: 0x0A)
        return stride(from: 0, to: all.count, by: lines).map { first in all[first ..< min(all.count, first + lines)].flatMap { Array($0) + [0x0A] } }
    }

    private func alerts(_ desk: StreamDesk) throws -> [StoredAlert] {
        var query = Store.AlertQuery(stream: "logins", after: 0)
        (query.limit, query.withSuppressed) = (10_000, true)
        return try desk.store.alerts(query)
    }

    private func ids(_ alerts: [StoredAlert]) throws -> [String] { try alerts.map { try #require((JSONSerialization.jsonObject(with: Data($0.body.utf8)) as? [String: Any])?["id"] as? String) } }

    /// The alerts are those of `gibbs watch`, however the lines are divided into requests.
    @Test(arguments: [1, 97, 1_000_000]) func alertsOfTheCommandLine(lines: Int) async throws {
        let folder = try ServiceFolder("logins"), desk = try await desk(folder), stream = try desk.stream("logins")
        try folder.place.file("day.ndjson", ServiceOffice.attackDay())
        let watch = try folder.place.gibbs("watch", "models/logins.gibbs", "day.ndjson", "--out", "alerts.ndjson", "--dry-run")
        #expect(watch.status == 0, "\(watch)")
        var events = 0
        for body in try Self.bodies(lines).prefix(lines == 1 ? 2_000 : .max) {
            let receipt = try await stream.take(EventLines(body))
            #expect(receipt.malformed == 0)
            events += receipt.events
        }
        let expected = try folder.place.text("alerts.ndjson").split(separator: "\n").map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
            .filter { ($0["line"] as? Int ?? 0) <= events }.compactMap { $0["id"] as? String }
        #expect(try ids(alerts(desk)) == expected && expected.count > 0)
    }

    /// An alert shows its lines and what its entity did last, up to the event that raised it, however much came in the same request.
    @Test(arguments: [50, 1_000_000]) func alertsShowTheirLines(lines: Int) async throws {
        let folder = try ServiceFolder("logins"), desk = try await desk(folder), stream = try desk.stream("logins"), day = try ServiceOffice.attackDay().split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        for body in try Self.bodies(lines) { _ = try await stream.take(EventLines(body)) }
        let alerts = try alerts(desk)
        #expect(!alerts.isEmpty)
        for alert in alerts {
            let json = try #require(try JSONSerialization.jsonObject(with: Data(alert.text.utf8)) as? [String: Any]), line = try #require(json["line"] as? Int)
            let entity = try #require(json["entity"] as? String), recent = try #require(json["recent"] as? [String]), reasons = try #require(json["reasons"] as? [[String: Any]])
            #expect(recent == Array(day[..<line].filter { $0.contains("\"\(entity)\"") }.suffix(8)), "line \(line)")
            #expect(reasons.contains { ($0["raw"] as? String)?.contains("\"\(entity)\"") == true })
        }
    }

    /// A service that dies after any request goes on as though it had not: the same alerts, and the same monitor as one that never died.
    @Test func goesOnAfterACrash() async throws {
        let bodies = try Self.bodies(211), whole = try ServiceFolder("logins"), broken = try ServiceFolder("logins")
        let steady = try await desk(whole)
        for body in bodies { _ = try await steady.stream("logins").take(EventLines(body)) }
        var events = 0
        for (number, body) in bodies.enumerated() {
            // A desk that is let go writes nothing more, as a process that was killed; now and then a snapshot is there.
            let desk = try await desk(broken) { $0.snapshotEvery = 0 }, stream = try desk.stream("logins")
            #expect(await stream.monitor.counters.events == events, "request \(number)")
            events += try await stream.take(EventLines(body)).events
            if number % 3 == 1 { await stream.close() }
        }
        let last = try await desk(broken)
        #expect(try ids(alerts(last)) == ids(alerts(steady)))
        let a = await (try last.stream("logins")).monitor, b = await (try steady.stream("logins")).monitor
        #expect(a.counters.events == b.counters.events && a.entityCount == b.entityCount)
    }

    /// A line that a crash left unfinished was never accepted, and is cut off.
    @Test func unfinishedLine() async throws {
        let folder = try ServiceFolder("logins"), bodies = try Self.bodies(50)
        do {
            let desk = try await desk(folder)
            _ = try await desk.stream("logins").take(EventLines(bodies[0]))
        }
        let journal = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.models + "/service/streams/logins").first { $0.hasPrefix("journal-") })
        try folder.place.append(Array("{\"time\":\"2026-".utf8), to: "models/service/streams/logins/" + journal)
        let desk = try await desk(folder), stream = try desk.stream("logins")
        #expect(await stream.monitor.counters.events == 50)
        #expect(try await stream.take(EventLines(bodies[1])).malformed == 0)
        #expect(await stream.end.lines == 100)
    }

    /// A state that is damaged is moved away, and what the journal holds is scored again.
    @Test func damagedState() async throws {
        let folder = try ServiceFolder("logins"), bodies = try Self.bodies(200)
        do {
            let desk = try await desk(folder), stream = try desk.stream("logins")
            for body in bodies.prefix(3) { _ = try await stream.take(EventLines(body)) }
            await stream.close()
        }
        let state = "models/service/streams/logins/state"
        var bytes = try folder.place.bytes(state)
        bytes[bytes.count / 2] ^= 1
        try folder.place.file(state, bytes)
        let stream = try await desk(folder).stream("logins")
        #expect(await stream.monitor.counters.events == 600)
        #expect(folder.place.exists(state + ".old"))
    }

    @Test func malformedLinesAreCounted() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service(), body = String(decoding: try Self.bodies(3)[0], as: UTF8.self)
        try await service.application().test(.router) { client in
            // The first line of all would be taken for the header of a CSV, were it not a service.
            let reply = try await client.ask("/streams/logins/events", body: "time,user,address,country,outcome\n" + body + "{\"address\": 1\n\n\r\nnull\n{}\n" + String(repeating: "x", count: 1 << 21))
            #expect(reply.status == 202 && reply.json["malformed"] as? Int == 4 && reply.json["events"] as? Int == 4 && reply.json["withoutEntity"] as? Int == 1, "\(reply.text)")
            #expect((reply.json["complaint"] as? String)?.isEmpty == false)
            // Events of something else are taken in, and said to be.
            let stray = try await client.ask("/streams/logins/events", body: String(repeating: "{\"badge\":1}\n", count: 3))
            #expect(stray.status == 202 && stray.json["withoutEntity"] as? Int == 3 && (stray.json["complaint"] as? String)?.contains("3 of") == true && (stray.json["complaint"] as? String)?.contains("'address'") == true, "\(stray.text)")
            #expect(try await client.ask("/metrics").text.contains("gibbs_stream_without_entity_total{stream=\"logins\"} 4"))
            #expect(try await client.ask("/streams/logins/events", headers: [.contentEncoding: "gzip"], body: body).status == 415)
            #expect(try await client.ask("/streams/logins/events", body: "").status == 400)
            #expect(try await client.ask("/streams/nosuch/events", body: body).status == 404)
        }
    }

    /// A request with a name counts once, however often it is sent, and whatever ended in between.
    @Test func requestsSentAgain() async throws {
        let folder = try ServiceFolder("logins"), body = String(decoding: try Self.bodies(20)[0], as: UTF8.self), path = "/streams/logins/events"
        for turn in 0 ..< 2 {
            try await folder.service().application().test(.router) { client in
                let first = try await client.ask(path, headers: [.idempotencyKey: "one"], body: body), again = try await client.ask(path, headers: [.idempotencyKey: "one"], body: body)
                #expect(first.status == 202 && first.json["events"] as? Int == (turn == 0 ? 20 : 0) && first.json["repeated"] as? Bool == (turn == 0 ? nil : true))
                #expect(again.status == 202 && again.json["repeated"] as? Bool == true && again.json["events"] as? Int == 0)
                #expect(try await client.ask(path, headers: [.idempotencyKey: "turn\(turn)"], body: body).json["events"] as? Int == 20)
                #expect(try await client.ask(path, headers: [.idempotencyKey: "two words"], body: body).status == 400)
                #expect(try await client.ask("/streams/logins").json["events"] as? Int == 40 + 20 * turn)
            }
        }
    }

    /// What a person says is kept, latest word first, and quiet rules keep the like quiet.
    @Test func verdictsAndRules() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service(), bodies = try Self.bodies(400)
        try await service.application().test(.router) { client in
            for body in bodies { _ = try await client.send("/streams/logins/events", body) }
            let first = try #require((try await client.ask("/streams/logins/alerts?limit=1").json["alerts"] as? [[String: Any]])?.first), number = try #require(first["number"] as? Int), entity = try #require(first["entity"] as? String)
            #expect(try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"real"}"#).status == 200)
            let reply = try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"falseAlarm","quietDays":1,"note":"our own"}"#)
            #expect((reply.json["alert"] as? [String: Any])?["verdict"] as? String == "falseAlarm" && (reply.json["rule"] as? [String: Any])?["entity"] as? String == entity)
            // Said twice, it is one rule.
            #expect(try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"falseAlarm","quietDays":1,"note":"our own"}"#).status == 200)
            #expect((try await client.ask("/streams/logins/rules").json["rules"] as? [Any])?.count == 1)
            for wrong in [#"{"verdict":"falseAlarm","quietDays":1,"value":"x"}"#, #"{"verdict":"falseAlarm","field":"user"}"#, #"{"verdict":"falseAlarm","value":"x"}"#, #"{"verdict":"maybe"}"#, "{}", #"{"verdict":"real","quietDays":1}"#, #"{"verdict":"falseAlarm","quietDays":-1}"#] { #expect(try await client.ask("/alerts/\(number)/verdict", body: wrong).status == 400, "\(wrong)") }
            #expect(try await client.ask("/alerts/999999/verdict", body: #"{"verdict":"real"}"#).status == 404)
            let rule = try #require(try service.store.rules(stream: "logins").first)
            var alert = StreamAlert(entity: "x", hash: rule.hash, line: 1, offset: 0, time: nil, score: 1, run: 1, day: 0, threshold: 1, level: 1, pValue: 0.1, events: 1, reasons: [], dayReasons: [])
            #expect(rule.applies(to: alert, at: Date().timeIntervalSince1970) && !rule.applies(to: alert, at: Date().timeIntervalSince1970 + 86_401))
            alert.hash ^= 1
            #expect(!rule.applies(to: alert, at: Date().timeIntervalSince1970))
            // It was real after all: the stream keeps nothing of it quiet any more.
            #expect(try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"real"}"#).status == 200)
            #expect((try await client.ask("/streams/logins/rules").json["rules"] as? [Any])?.isEmpty == true)
            #expect(try await client.ask("/streams/logins").json["rules"] as? Int == 0)
        }
    }

    /// An entity that is kept quiet alerts as before, and nobody is called; others are none of the rule's business, and when it ends all is open.
    @Test func quietEntities() async throws {
        let service = try await ServiceFolder("logins").service(), stream = try service.streams.stream("logins")
        /// Guesses by two addresses, on a day.
        @Sendable func guesses(_ day: Int) -> String { (0 ..< 60).map { SmallStream.login("10.7.7.\($0 % 2)", user: "nobody\(day)-\($0)", outcome: "wrong-password", country: "XX", time: "2026-03-\(day)T10:\(10 + $0 / 2):00Z") }.joined() }
        try await service.application().test(.router) { client in
            func entities(_ query: String = "") async throws -> [Int: String] {
                let found = try #require(try await client.ask("/streams/logins/alerts?limit=1000\(query)").json["alerts"] as? [[String: Any]])
                return Dictionary(uniqueKeysWithValues: try found.map { (try #require($0["number"] as? Int), try #require($0["entity"] as? String)) })
            }
            _ = try await client.ask("/streams/logins/events", body: guesses(11))
            let before = try await entities(), number = try #require(before.filter { $0.value == "10.7.7.0" }.keys.max())
            #expect(try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"falseAlarm","quietDays":7}"#).status == 200)
            let heard = stream.hub.latest, told = try #require(try await client.ask("/streams/logins/events", body: guesses(28)).json["alerts"] as? [Int])
            let all = try await entities("&suppressed=true"), loud = try await entities()
            #expect(told.count { all[$0] == "10.7.7.0" } > 0 && told.count { all[$0] == "10.7.7.1" } > 0)
            for alert in told { #expect((loud[alert] == nil) == (all[alert] == "10.7.7.0"), "\(all[alert] ?? "nobody")") }
            // Followers are told of alerts up to the last that is loud.
            #expect(stream.hub.latest == Int64(try #require(told.filter { all[$0] == "10.7.7.1" }.max())) && stream.hub.latest > heard)
            #expect(try await client.ask("/alerts/\(number)/verdict", body: #"{"verdict":"real"}"#).status == 200)
            #expect(try await entities() == all)
        }
    }

    /// The stream tells how many of its entities each rate would make alert, however many there are.
    @Test func today() async throws {
        let service = try await ServiceFolder("logins").service(), stream = try service.streams.stream("logins")
        _ = try await stream.take(EventLines(ServiceOffice.attackDay()))
        let peaks = await stream.today.peaks.values.map { $0 }, threshold = await stream.threshold
        try await service.application().test(.router) { client in
            let reply = try await client.ask("/streams/logins/today").json, curve = try #require(reply["curve"] as? [[String: Any]])
            #expect(reply["alarms"] as? Int == peaks.count { $0 > threshold } && peaks.contains { $0 > threshold } && reply["entities"] as? Int == peaks.count && curve.count == 40)
            for point in curve {
                // Rounded to five digits.
                let at = Float(try #require(point["threshold"] as? Double)), alarms = try #require(point["alarms"] as? Int)
                #expect(peaks.count { $0 > at * 1.000_1 } <= alarms && alarms <= peaks.count { $0 > at * 0.999_9 }, "\(point)")
            }
            #expect(zip(curve, curve.dropFirst()).allSatisfy { ($0["alarms"] as? Int ?? 0) >= ($1["alarms"] as? Int ?? 0) })
        }
    }

    /// A snapshot that stands beyond the journal's end, as after a cut, is not thrown away: what it has seen counts, and what comes next is scored once.
    @Test func snapshotBeyondTheJournal() async throws {
        let folder = try ServiceFolder("logins"), bodies = try Self.bodies(100)
        do {
            let stream = try await desk(folder).stream("logins")
            for body in bodies.prefix(3) { _ = try await stream.take(EventLines(body)) }
            await stream.close()
        }
        let path = folder.models + "/service/streams/logins", journal = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first { $0.hasPrefix("journal-") })
        // The third batch was not yet on the disk.
        let bytes = try folder.place.bytes("models/service/streams/logins/" + journal)
        try folder.place.file("models/service/streams/logins/" + journal, Array(bytes.prefix(bytes.count - 10)))
        for turn in 0 ..< 2 {
            let stream = try await desk(folder).stream("logins")
            #expect(await stream.monitor.counters.events == 300 + 100 * turn, "start \(turn)")
            #expect(await stream.end.lines == 200 + 100 * turn)
            if turn == 0 { _ = try await stream.take(EventLines(bodies[3])) }
        }
    }

    /// A pulse goes on though the clock was set back.
    @Test func pulses() async throws {
        let stream = try await desk(ServiceFolder("logins")).stream("logins")
        var monitor = await stream.monitor, source = try StreamSource(await stream.watchdog), batch = source.batch, pulse = Pulse()
        source.append(Array(SmallStream.login().utf8.dropLast())[...], line: 1, to: &batch)
        _ = monitor.observe(batch) { found in for _ in 0 ..< 3 { pulse.add(found, batch) } }
        #expect(pulse.beat(at: 10_000, threshold: 1) != nil && pulse.beat(at: 10_001, threshold: 1) == nil)
        _ = monitor.observe(batch) { found in pulse.add(found, batch) }
        #expect(pulse.beat(at: 10_000.1, threshold: 1) == nil && pulse.beat(at: 6_400, threshold: 1) != nil)
    }

    /// A rule of a field is for all its values unless it names one; of a value that is missing, too.
    @Test func rulesOfFields() async throws {
        let stream = try await desk(ServiceFolder("logins")).stream("logins")
        var monitor = await stream.monitor, source = try StreamSource(await stream.watchdog), batch = source.batch
        for (number, line) in try ServiceOffice.attackDay().split(separator: 0x0A).enumerated() { source.append(line, line: number + 1, to: &batch) }
        var alert = try #require(monitor.observe(batch).last), reason = try #require(alert.reasons.first)
        func rule(_ field: String?, _ value: String?) -> Rule { Rule(stream: "logins", entity: alert.entity, hash: alert.hash, field: field, value: value) }
        for value in ["ann", nil] {
            (reason.field, reason.value) = ("user", value)
            alert.reasons = [reason]
            #expect(rule(nil, nil).applies(to: alert, at: 0) && rule("user", nil).applies(to: alert, at: 0) && !rule("country", nil).applies(to: alert, at: 0))
            #expect(rule("user", "ann").applies(to: alert, at: 0) == (value == "ann") && !rule("user", "bob").applies(to: alert, at: 0))
        }
    }

    /// Followers are told that there are alerts, up to which number, whatever else comes in between.
    @Test func live() async throws {
        let folder = try ServiceFolder("logins"), service = try await folder.service(), bodies = try Self.bodies(1_000_000)
        let stream = try service.streams.stream("logins"), events = stream.hub.follow()
        let receipt = try await stream.take(EventLines(bodies[0])), last = try #require(receipt.alerts.last)
        for _ in 0 ..< 2_000 { stream.hub.tell(.beat) }
        stream.hub.close()
        var count = 0
        for await event in events { if case .beat = event { count += 1 } }
        #expect(stream.hub.latest == last && count > 0 && count < 2_000)
        #expect(stream.hub.count == 0)
        for await _ in stream.hub.follow() { Issue.record("somebody follows a stream that is closed") }
    }

    @Test func dayPeaks() {
        var peaks = DayPeaks(limit: 3)
        let day = 20_000.0 * 86_400, now = day + 10 * 86_400
        #expect(peaks.add(5, of: 1, at: day, now: now, offset: 1) == nil)
        _ = peaks.add(3, of: 1, at: day + 1, now: now, offset: 1)
        _ = peaks.add(2, of: 1, at: day + 2, now: now, offset: 1)
        _ = peaks.add(0, of: 2, at: day + 3, now: now, offset: 1)
        #expect(peaks.peaks == [1: 5, 2: 0] && peaks.count(above: 4) == 1)
        // An event without a time is of the day that there is.
        #expect(peaks.add(1, of: 2, at: .nan, now: now, offset: 1) == nil && peaks.day == 20_000)
        // A day of the far future is a broken clock.
        #expect(peaks.add(1, of: 2, at: now + 40 * 86_400, now: now, offset: 1)?.day == 20_000)
        let ended = peaks.add(4, of: 1, at: now, now: now, offset: 1)
        #expect(ended == nil && peaks.day == 20_010)
        // Above what it last was, after it had fallen below half of its highest.
        #expect(peaks.peaks[1] == 4)
        for hash in 3 ... 9 as ClosedRange<UInt64> { _ = peaks.add(1, of: hash, at: now, now: now, offset: 1) }
        #expect(peaks.count <= 3)
    }

    @Test func recentEvents() {
        var recent = RecentEvents()
        for offset in 0 ..< 20 { recent.add(7, offset: offset * 10) }
        #expect(recent.offsets(of: 7, upTo: 1_000) == (12 ..< 20).map { $0 * 10 })
        #expect(recent.offsets(of: 7, upTo: 150) == [120, 130, 140, 150])
        #expect(recent.offsets(of: 8, upTo: 1_000) == [])
        recent.add(7 + 1 << 16, offset: 500)
        #expect(recent.offsets(of: 7, upTo: 1_000) == [] && recent.offsets(of: 7 + 1 << 16, upTo: 1_000) == [500])
    }
}
