import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsTestSupport
import GibbsWatch
import Testing

/// Watchdogs over records with a text: the promise, what stands out and why, and their files.
@Suite struct TextColumnTests {
    static let watchdog = try! Watchdog.fitted(to: MadeUpTexts.records(3000, key: Key(1)), options: MadeUpTexts.options())

    /// On records of another day the count of false alarms is one that the promise allows.
    @Test func falseAlarmsAreAsPromised() throws {
        let n = try #require(Self.watchdog.calibration).energies.count, m = 3000
        let alerts = try Self.watchdog.scores(of: MadeUpTexts.records(m, key: Key(2))).count { $0.alert }
        let a = (0.01 * Double(n + 1) + 1e-9).rounded(.down), p = WatchdogPromiseTests.betaBinomial(m, a, Double(n + 1) - a)
        #expect(p[0 ... alerts].reduce(0, +) > 0.0005 && p[alerts...].reduce(0, +) > 0.0005, "\(alerts) alerts of \(m)")
    }

    /// Texts of another meaning raise alerts, whose first reason is their column, with the text, and one that is known.
    @Test func aliensAndWhy() throws {
        let known = Set(MadeUpTexts.records(3000, key: Key(1)).columns[1].distinctTexts)
        for (row, text) in MadeUpTexts.alien.enumerated() {
            let table = MadeUpTexts.records(1, key: Key(10 + UInt64(row))).with(.text(text), row: 0, column: "message")
            #expect(try Self.watchdog.scores(of: table)[0].alert, "\(text)")
            let reason = try Self.watchdog.explanation(of: table, row: 0).reasons[0]
            #expect(reason.field == "message" && reason.value == text && reason.excess > 5, "\(reason)")
            let nearest = try #require(reason.nearest)
            #expect(known.contains(nearest.text) && nearest.cosine < 0.6 && known.contains(reason.expected ?? ""))
            let cosine = zip(MadeUpTexts.vector(text), MadeUpTexts.vector(nearest.text)).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(cosine - nearest.cosine) < 1e-5)
        }
    }

    /// A text that goes on its own is odd where it does not belong: garages are watched by night.
    @Test func textsInTheWrongPlace() throws {
        let table = Table(records: [["level": 0, "message": "the door of the garage was opened by anna (7)", "shift": "night"],
                                    ["level": 0, "message": "the door of the garage was opened by anna (7)", "shift": "early"]])
        let surprises = try (0 ..< 2).map { row in try #require(Self.watchdog.explanation(of: table, row: row).reasons.first { $0.field == "shift" }).surprise }
        #expect(surprises[1] > surprises[0] + 1)
        let energies = try Self.watchdog.energies(of: table)
        #expect(energies[1] > energies[0])
    }

    /// The surprise of a text is E(x) − E(x without all its columns), and shares add up, whatever the model.
    @Test(arguments: WatchdogOptions.Model.allCases) func surprisesAndShares(model: WatchdogOptions.Model) throws {
        let watchdog = try Watchdog.fitted(to: MadeUpTexts.records(300, key: Key(3)), options: MadeUpTexts.options(model))
        let table = MadeUpTexts.records(4, key: Key(4)).with("payment refused", row: 1, column: "message").with(.missing, row: 2, column: "message").with("noon", row: 3, column: "shift")
        var batch = try watchdog.encode(table)
        // A name never seen has its own price; the energy does not see it.
        batch[3, batch.columns - 1] = .nan
        let energies = try watchdog.energies(of: table)
        for row in 0 ..< 4 {
            let explanation = try watchdog.explanation(of: table, row: row)
            #expect(explanation.reasons.map(\.field).sorted() == ["level", "message", "shift"])
            let difference = Double(explanation.energy) - Double(explanation.referenceEnergy), sum = explanation.reasons.reduce(0.0) { $0 + Double($1.share) }
            #expect(abs(sum - difference) < 1e-3 * max(1, abs(difference)) && abs(explanation.energy - energies[row]) < 1e-4 * max(1, abs(energies[row])))
            guard row != 2 else { continue }
            var without = batch.selecting(rows: [row])
            for k in watchdog.encoder.columns[1] { without[0, k] = .nan }
            let surprise = try watchdog.energy.energies(of: batch.selecting(rows: [row]))[0] - watchdog.energy.energies(of: without)[0]
            let reason = try #require(explanation.reasons.first { $0.field == "message" })
            #expect(abs(reason.surprise - surprise) < 1e-3 * max(1, abs(surprise)), "row \(row)")
        }
    }

    @Test func fieldsOfTextAloneAreScoredByBothMemories() throws {
        let table = try MadeUpTexts.records(400, key: Key(5)).selecting(columns: ["message"])
        let watchdog = try Watchdog.fitted(to: table, options: MadeUpTexts.options())
        #expect(watchdog.energy.experts.map(\.name) == ["heavy-tailed memory", "memory"] && watchdog.training.choice.contains("every field is a text"))
        #expect(try watchdog.scores(of: Table(texts: ["message": MadeUpTexts.alien])).map(\.alert) == MadeUpTexts.alien.map { _ in true })
    }

    /// A file remembers which encoder it was, and scores the same by that one alone.
    @Test func files() throws {
        let table = MadeUpTexts.records(50, key: Key(6)), copy = try Watchdog(archive: Self.watchdog.archive())
        #expect(copy.encoder == Self.watchdog.encoder && copy.encoder.textModel == .init(digest: "made up", width: 24, folder: "/texts"))
        expectError(.unsuitableModel, "'message'", "there is none") { try copy.energies(of: table) }
        expectError(.unsuitableModel, "another", "made up") { try copy.reading(by: MadeUpTexts.model("another")) }
        let ready = try copy.reading(by: MadeUpTexts.model())
        #expect(try ready.energies(of: table).map(\.bitPattern) == Self.watchdog.energies(of: table).map(\.bitPattern))
        #expect(try ready.explanation(of: table, row: 1) == Self.watchdog.explanation(of: table, row: 1) && ready.archive() == Self.watchdog.archive())
        let again = try ready.calibrated(on: table, falseAlarmRate: 0.1)
        #expect(try again.textModel != nil && (3 ... 5).contains(again.scores(of: table).count { $0.alert }))
        // One that reads no texts takes any encoder, and needs none.
        let plain = try Watchdog.fitted(to: Sample.mixed(50, key: Key(1)))
        #expect(try plain.reading(by: MadeUpTexts.model()).textModel == nil && plain.encoder.textModel == nil)
    }

    @Test func damagedFiles() throws {
        func refused(_ name: String, _ change: (inout Archive) throws -> Void) rethrows {
            var archive = Self.watchdog.archive()
            try change(&archive)
            #expect(checkRefusal([.unsuitableModel], name) { _ = try Watchdog(archive: archive) } == [])
        }
        func changed(_ name: String, _ change: (inout [String: Any]) -> Void) throws {
            try refused(name) { archive in
                var schema = try #require(try JSONSerialization.jsonObject(with: Data(archive.metadata["gibbs.schema"]!.utf8)) as? [String: Any])
                var fields = try #require(schema["fields"] as? [[String: Any]]), encoding = try #require(fields[1]["encoding"] as? [String: Any])
                var text = try #require(encoding["text"] as? [String: Any]), scale = try #require(text["_0"] as? [String: Any])
                change(&scale)
                text["_0"] = scale
                encoding["text"] = text
                fields[1]["encoding"] = encoding
                schema["fields"] = fields
                archive.metadata["gibbs.schema"] = String(decoding: try JSONSerialization.data(withJSONObject: schema), as: UTF8.self)
            }
        }
        try changed("no mean") { $0["mean"] = nil }
        try changed("a short mean") { $0["mean"] = [0.5] }
        try changed("components that repeat") { scale in
            let components = scale["components"] as! [[Double]]
            scale["components"] = components.map { _ in components[0] }
        }
        try changed("fewer components") { $0["components"] = [] as [[Double]] }
        try changed("no scale") { $0["scale"] = 0 }
        try changed("no examples") { $0["examples"] = [] as [String] }
        try changed("fewer examples than candidates") { $0["examples"] = ["one"] }
        try changed("another width") { $0["model"] = ["digest": "made up", "width": 23] as [String: Any] }
    }
}

extension Column {
    /// The texts that occur.
    var distinctTexts: [String] { Set((0 ..< count).compactMap(text)).sorted() }
}
