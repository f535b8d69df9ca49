import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

/// The folder of models, while it changes.
@Suite(.apart) struct ShelfTests {
    @Test func comingAndGoing() throws {
        let folder = try ServiceFolder("films", "bars"), shelf = ModelShelf(folder: folder.models)
        #expect(!shelf.isReady)
        #expect(shelf.scan().new.map(\.name).sorted() == ["bars", "films"])
        #expect(shelf.scan().isEmpty && shelf.isReady)
        let held = try shelf.model("films")
        try FileManager.default.removeItem(atPath: folder.models + "/films.gibbs")
        #expect(shelf.scan().gone == ["films"])
        #expect(throws: Refusal.self) { try shelf.model("films") }
        // Whoever holds it goes on.
        #expect(held.model.kind == Recommender.kind && held.titles["i2"] == "Two, Again")
    }

    /// A file that is written bit by bit is told of, and the old model stays until the new one is whole.
    @Test func halfWritten() throws {
        let folder = try ServiceFolder("bars"), shelf = ModelShelf(folder: folder.models), whole = try folder.place.bytes("models/bars.gibbs")
        shelf.scan()
        let old = try shelf.model("bars")
        for share in [0.0, 0.01, 0.5, 0.999] {
            try folder.place.file("models/bars.gibbs", Array(whole.prefix(Int(share * Double(whole.count)))))
            let changes = shelf.scan()
            #expect(changes.problems.map(\.name) == ["bars"] && changes.new.isEmpty, "\(share)")
            #expect(try shelf.model("bars") === old && shelf.problems.count == 1)
            #expect(!shelf.problems[0].why.contains(folder.models), "a path of the machine is told")
        }
        try folder.place.file("models/bars.gibbs", whole)
        #expect(shelf.scan().new.count == 1 && shelf.problems.isEmpty)
        #expect(try shelf.model("bars") !== old)
    }

    /// A watchdog whose texts cannot be read here is told of, and none of this machine's folders with it.
    @Test func withoutItsTextEncoder() throws {
        let folder = try ServiceFolder("films"), shelf = ModelShelf(folder: folder.models)
        let lengths = TextModel(identity: .init(digest: "lengths", width: 2, folder: "/somewhere/texts")) { Matrix($0.map { [Float($0.count), 1] }) }
        var options = WatchdogOptions()
        (options.embedding, options.textModel) = (["message"], lengths)
        try Watchdog.fitted(to: Table(texts: ["message": (0 ..< 60).map { String(repeating: "a", count: 1 + $0 % 7) }]), options: options).write(to: folder.models + "/texts.gibbs")
        #expect(shelf.scan().new.map(\.name) == ["films"] && shelf.problems.map(\.name) == ["texts"])
        let why = try #require(shelf.problems.first).why
        #expect(why.contains("scripts/setup --text") && why.contains("lengths") && !why.contains("/somewhere") && !why.contains("minilm"), "\(why)")
    }

    @Test func whatIsNoModel() throws {
        let folder = try ServiceFolder("films"), shelf = ModelShelf(folder: folder.models)
        try folder.place.file("secret.gibbs", "outside")
        try FileManager.default.createSymbolicLink(atPath: folder.models + "/link.gibbs", withDestinationPath: folder.place.place("secret.gibbs"))
        try FileManager.default.createDirectory(atPath: folder.models + "/folder.gibbs", withIntermediateDirectories: true)
        for name in [".hidden.gibbs", "notes.txt", ".gibbs"] { try folder.place.file("models/" + name, "x") }
        try folder.place.file("models/broken.gibbs", "x")
        #expect(shelf.scan().new.map(\.name) == ["films"] && shelf.problems.map(\.name) == ["broken", "link"] && shelf.problems[1].why.contains("is a link"))
    }

    /// No path leaves the folder.
    @Test func paths() async throws {
        let service = try await ServiceFolder("films").service()
        try await service.application().test(.live) { client in
            for path in ["/models/..%2F..%2Fetc%2Fpasswd", "/models/%2Fetc%2Fpasswd", "/models/../films", "/models/films%00", "/page/..%2F..%2Fpage.css", "/page/%2e%2e/x", "/streams/..%2Ffilms/events", "/models/" + String(repeating: "a", count: 3_000), "/models/%ff", "/alerts/-1", "/alerts/1e9"] {
                let reply = try await client.ask(path)
                #expect([400, 404, 405].contains(reply.status) && reply.code != nil, "\(path.prefix(60)): \(reply.status)")
                #expect(!reply.text.contains("root:"))
            }
        }
    }

    /// What clients were answered while a model was replaced.
    private final class Answers: Sendable {
        struct Page { var digests: [String: Int] = [:], wrong: [String] = [], isOver = false }
        let page = Mutex(Page())

        func count(of digest: String) -> Int { page.withLock { $0.digests[digest] ?? 0 } }
    }

    /// Several clients ask on and on while a model is replaced by another, by half of one, and by the first again: each is answered every time, by one or the other.
    @Test func replacedUnderLoad() async throws {
        let folder = try ServiceFolder("office"), path = folder.models + "/office.gibbs", one = try folder.place.bytes("models/office.gibbs"), service = try await folder.service { $0.rescan = 0.05 }
        guard case .records(let watchdog) = try AnyModel.read(path) else { throw CocoaError(.fileReadCorruptFile) }
        try watchdog.alerting(at: 0.05).write(to: folder.place.place("other.gibbs"))
        let other = try folder.place.bytes("other.gibbs"), digests = [one, other].map { Digest.hex(of: $0) }, answers = Answers()
        #expect(digests[0] != digests[1])
        @Sendable func put(_ bytes: some Collection<UInt8>) throws {
            try folder.place.file("next", Array(bytes))
            rename(folder.place.place("next"), path)
        }
        @Sendable func wait(_ what: Comment, until holds: () -> Bool) async throws {
            for _ in 0 ..< 6_000 where !holds() { try await Task.sleep(for: .milliseconds(10)) }
            try #require(holds(), what)
        }
        try await service.application().test(.live) { client in
            let port = try #require(client.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0 ..< 3 { group.addTask { try Self.ask(port, answers) } }
                defer { answers.page.withLock { $0.isOver = true } }
                for _ in 0 ..< 3 {
                    for (turn, bytes) in [one, other].enumerated() {
                        try put(bytes)
                        let before = answers.count(of: digests[turn])
                        try await wait("model \(turn) never answers") { service.shelf.problems.isEmpty && answers.count(of: digests[turn]) > before + 10 }
                        try put(bytes.prefix(bytes.count / 2))
                        try await wait("half a model is not told of") { service.shelf.problems.map(\.name) == ["office"] }
                        // The old one goes on.
                        let then = answers.count(of: digests[turn])
                        try await wait("nobody answers beside half a model") { answers.count(of: digests[turn]) > then + 10 }
                    }
                }
                answers.page.withLock { $0.isOver = true }
                try await group.waitForAll()
            }
        }
        let page = answers.page.withLock { $0 }
        #expect(page.wrong.isEmpty && Set(page.digests.keys) == Set(digests), "\(page)")
    }

    private static func ask(_ port: Int, _ answers: Answers) throws {
        let connection = try RawConnection(port: port)
        while !answers.page.withLock({ $0.isOver }) {
            let reply = connection.ask("POST", "/models/office/score", body: Array(#"{"rows":[{"bytes_in":500,"port":443}]}"#.utf8))
            let digest = reply.flatMap { (try? JSONSerialization.jsonObject(with: Data($0.body)) as? [String: Any])?["digest"] as? String }
            answers.page.withLock { page in
                if let digest, reply?.status == 200 { page.digests[digest, default: 0] += 1 } else { page.wrong.append(reply.map { "\($0.status) \(String(decoding: $0.body, as: UTF8.self))" } ?? "nothing") }
                if page.wrong.count > 10 { page.isOver = true }
            }
        }
    }
}

@Suite(.apart) struct DriftTests {
    @Test func sameAndShifted() throws {
        let reference = Key(1).normals(20_000).sorted()
        let same = ScoreDrift(reference: reference), shifted = ScoreDrift(reference: reference)
        #expect(same.reading == nil)
        same.add(Key(2).normals(5_000))
        shifted.add(Key(3).normals(5_000).map { $0 + 1 })
        let a = try #require(same.reading), b = try #require(shifted.reading)
        // By chance the distance of 5000 from 20000, faded, stays below 1.95 / √n once in a thousand.
        #expect(a.ks < 1.95 / 4_000.0.squareRoot() + 0.01 && a.psi < 0.02)
        // Φ(½) − Φ(−½) = 0.383 for a shift by one deviation.
        #expect(abs(b.ks - 0.383) < 0.03 && b.psi > 0.25)
    }

    /// The past fades.
    @Test func fading() throws {
        let drift = ScoreDrift(reference: Key(1).normals(10_000).sorted())
        drift.add(Key(2).normals(20_000).map { $0 + 3 })
        let before = try #require(drift.reading).ks
        for key in 3 ... 30 as ClosedRange<UInt64> { drift.add(Key(key).normals(20_000)) }
        let after = try #require(drift.reading)
        #expect(before > 0.8 && after.ks < 0.05 && abs(after.count - ScoreDrift.memory / log(2)) < 200)
    }

    /// By chance alone a PSI of few energies is large, and one of five hundred is not: the rule on it and the page wait for as many.
    @Test func fewEnergies() throws {
        let reference = Key(1).normals(2_000).sorted()
        func highest(_ count: Int) -> Double {
            (0 ..< 60).map { number in
                let drift = ScoreDrift(reference: reference)
                drift.add(Key(UInt64(100 + number)).normals(count))
                return drift.reading?.psi ?? 0
            }.max() ?? 0
        }
        #expect(highest(20) > 0.25 && highest(500) < 0.1)
    }

    @Test func constantReference() throws {
        let drift = ScoreDrift(reference: [Float](repeating: 2, count: 50))
        drift.add([2, 2, 2])
        let reading = try #require(drift.reading)
        #expect(reading.ks < 1e-9 && abs(reading.psi) < 1e-9)
        drift.add([Float](repeating: .infinity, count: 1_000) + [.nan])
        #expect(try #require(drift.reading).ks > 0.9)
    }
}

@Suite(.apart) struct RegistryTests {
    @Test func text() {
        let registry = Registry()
        registry.series("gibbs_a_total", "counter", help: "some", labels: [("name", "x\"\n\\")]).add(3)
        registry.series("b.c", "gauge", help: "more").set(.infinity)
        registry.series("h", "histogram", help: "times", bounds: [1, 2]).observe([0.5, 1, 1.5, 9])
        #expect(registry.text == """
            # HELP b_c more
            # TYPE b_c gauge
            b_c +Inf
            # HELP gibbs_a_total some
            # TYPE gibbs_a_total counter
            gibbs_a_total{name="x\\"\\n\\\\"} 3
            # HELP h times
            # TYPE h histogram
            h_bucket{le="1"} 2
            h_bucket{le="2"} 3
            h_bucket{le="+Inf"} 4
            h_sum 12
            h_count 4

            """)
    }

    /// Labels without end share a series.
    @Test func bounded() {
        let registry = Registry()
        for number in 0 ..< 5_000 { registry.series("a", "counter", help: "", labels: [("n", "\(number)")]).add(1) }
        #expect(registry.text.count { $0 == "\n" } <= Registry.seriesLimit + 4)
    }

    /// Gauges of what is gone go with it; counts stay, and so does what nobody measures.
    @Test func measured() async {
        let registry = Registry()
        registry.series("kept", "gauge", help: "").set(1)
        registry.series("counted", "counter", help: "").add(1)
        await registry.measuring {
            registry.measure("g", help: "", labels: [("n", "a")], 1)
            registry.measure("g", help: "", labels: [("n", "b")], 1)
        }
        await registry.measuring {
            registry.measure("g", help: "", labels: [("n", "b")], 2)
            // Another round may begin and end within this one.
            await registry.measuring { for (name, value) in [("b", 2.0), ("c", 3)] { registry.measure("g", help: "", labels: [("n", name)], value) } }
        }
        let text = registry.text
        #expect(!text.contains("n=\"a\"") && text.contains("g{n=\"b\"} 2") && text.contains("g{n=\"c\"} 3") && text.contains("kept 1") && text.contains("counted 1"), "\(text)")
        await registry.measuring {}
        #expect(!registry.text.contains("# TYPE g "))
    }

    /// A model or a stream that is gone leaves no number behind, nor does the drift of a model whose file has changed.
    @Test func goneModels() async throws {
        let folder = try ServiceFolder("office", "logins"), service = try await folder.service()
        try await service.application().test(.router) { client in
            let first = try await client.ask("/metrics").text
            for part in ["gibbs_stream_events_total{stream=\"logins\"} 0", "gibbs_stream_malformed_total{stream=\"logins\"} 0", "gibbs_stream_entities{stream=\"logins\"}", "gibbs_model_loaded_seconds{model=\"office\",kind=\"watchdog\"}"] {
                #expect(first.contains(part), "\(part)\n\(first)")
            }
            _ = try await client.ask("/models/office/score", body: #"{"rows":[{"bytes_in":500},{"bytes_in":900}]}"#)
            let second = try await client.ask("/metrics").text
            #expect(second.contains("gibbs_drift_psi{model=\"office\"}") && second.contains("gibbs_drift_ks{model=\"office\"}") && second.contains("gibbs_drift_energies{model=\"office\"} 2"), "\(second)")
            for file in ["office.gibbs", "logins.gibbs"] { try FileManager.default.removeItem(atPath: folder.models + "/" + file) }
            await service.streams.update()
            let last = try await client.ask("/metrics").text
            for part in ["gibbs_drift_", "gibbs_model_loaded_seconds", "gibbs_stream_entities", "gibbs_stream_trouble"] { #expect(!last.contains("\n" + part), "\(part)\n\(last)") }
            #expect(last.contains("\ngibbs_models 0"))
        }
    }

    /// What a stream's ended days say of its drift is shown with its model.
    @Test func driftOfAStream() async throws {
        let service = try await ServiceFolder("logins").service()
        try await service.application().test(.router) { client in
            _ = try await client.send("/streams/logins/events", ServiceOffice.attackDay())
            #expect(try await client.ask("/models/logins/calibration").json["drift"] is NSNull)
            _ = try await client.ask("/streams/logins/events", body: SmallStream.login(time: "2026-03-14T12:00:00Z"))
            let drift = try #require(try await client.ask("/models/logins/calibration").json["drift"] as? [String: Any]), metrics = try await client.ask("/metrics").text
            #expect((drift["count"] as? Double ?? 0) > 100, "\(drift)")
            #expect(metrics.contains("gibbs_drift_energies{model=\"logins\"}"))
        }
    }

    @Test func ofTheService() async throws {
        let service = try await ServiceFolder("office", "logins").service()
        let text = try await service.application().test(.router) { client in
            _ = try await client.ask("/models/office/score", body: #"{"rows":[{"bytes_in":500}]}"#)
            _ = try await client.send("/streams/logins/events", ServiceOffice.attackDay())
            _ = try await client.ask("/no/such/path/\(UUID())")
            return try await client.ask("/metrics").text
        }
        for part in ["gibbs_requests_total{route=\"POST /models/{model}/score\",status=\"200\"} 1", "gibbs_energy_nats_count{model=\"office\"} 1", "gibbs_stream_alert_share{stream=\"logins\"}", "gibbs_stream_promised_alert_share{stream=\"logins\"}",
                     "gibbs_stream_entities{stream=\"logins\"}", "gibbs_drift_psi{model=\"office\"}", "gibbs_drift_ks{model=\"office\"}", "gibbs_request_seconds_bucket{route=\"POST /models/{model}/score\",le=\"0.001\"}", "gibbs_models 2"] {
            #expect(text.contains(part), "\(part)\n\(text.prefix(3_000))")
        }
        #expect(!text.contains("/no/such/path"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") { #expect(line.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*",?)*\})? (NaN|[+-]?Inf|[-+0-9.e]+)/) != nil, "\(line)") }
    }
}
