import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsTestSupport
import GibbsWatch
import Testing

/// Watchdogs as files: the same bits back, and damaged ones refused.
@Suite struct WatchdogFileTests {
    static let watchdog = try! Watchdog.fitted(to: Sample.mixed(120, key: Key(1)))

    @Test(arguments: WatchdogOptions.Model.allCases) func sameBitsBack(model: WatchdogOptions.Model) throws {
        let watchdog = try Watchdog.fitted(to: Sample.mixed(200, key: Key(2)), options: .init(model: model, hidden: 8, epochs: 3))
        let fresh = Sample.mixed(60, key: Key(3)).with("violet", row: 2, column: "colour")
        let copy = try withTemporaryFile { path in
            try watchdog.write(to: path)
            return try Watchdog(contentsOf: path)
        }
        #expect(try copy.energies(of: fresh).map(\.bitPattern) == watchdog.energies(of: fresh).map(\.bitPattern))
        #expect(try copy.baselineEnergies(of: fresh).map(\.bitPattern) == watchdog.baselineEnergies(of: fresh).map(\.bitPattern))
        #expect(try copy.scores(of: fresh) == watchdog.scores(of: fresh))
        #expect(try copy.explanation(of: fresh, row: 2) == watchdog.explanation(of: fresh, row: 2))
        #expect(copy.archive() == watchdog.archive() && copy.training == watchdog.training && copy.encoder == watchdog.encoder && copy.calibration == watchdog.calibration)
    }

    @Test func uncalibratedComesBackUncalibrated() throws {
        let watchdog = try Watchdog.fitted(to: Sample.mixed(100, key: Key(2)), options: .init(calibrationShare: 0))
        #expect(try Watchdog(archive: watchdog.archive()).calibration == nil)
    }

    private func refused(_ name: String, _ change: (inout Archive) throws -> Void) rethrows {
        var archive = Self.watchdog.archive()
        try change(&archive)
        #expect(checkRefusal([.unsuitableModel], name) { _ = try Watchdog(archive: archive) } == [])
    }

    private func replacing(_ entry: String, _ old: String, _ new: String) throws {
        try refused("\(old) replaced by \(new)") { archive in
            let text = try #require(archive.metadata[entry])
            #expect(text.contains(old), "\(text)")
            archive.metadata[entry] = text.replacingOccurrences(of: old, with: new)
        }
    }

    /// Each entry in turn is dropped, spoilt and cut. Without its calibration's rate a watchdog is one without calibration.
    @Test func everyEntryIsNeeded() {
        for (name, tensor) in Self.watchdog.archive().tensors {
            refused("'\(name)' dropped") { $0.tensors[name] = nil }
            refused("nan in '\(name)'") { $0.tensors[name]!.values[tensor.values.count / 2] = .nan }
            refused("infinity in '\(name)'") { $0.tensors[name]!.values[0] = .infinity }
            // Fewer calibration energies are still a calibration until they are too few for the rate.
            let cut = name == "calibration" ? tensor.values.count : 1
            refused("'\(name)' cut") { archive in
                let shape = [tensor.shape[0] - cut] + tensor.shape.dropFirst()
                archive.tensors[name] = .init(shape: shape, values: Array(tensor.values.prefix(shape.reduce(1, *))))
            }
        }
        for name in Self.watchdog.archive().metadata.keys where name != "gibbs.calibration" {
            refused("'\(name)' dropped") { $0.metadata[name] = nil }
            for text in ["", "{}", "[]", "[{}]", "null", "{\"fields\":1}"] { refused("'\(name)' as \(text)") { $0.metadata[name] = text } }
        }
        for text in ["", "{}", "null"] { refused("the calibration as \(text)") { $0.metadata["gibbs.calibration"] = text } }
    }

    @Test func schemas() throws {
        let schema = "gibbs.schema"
        try replacing(schema, "\"name\":\"y\"", "\"name\":\"x\"")
        try replacing(schema, "\"blue\"", "\"red\"")
        try replacing(schema, "\"names\":[\"v3\"]", "\"names\":[\"v3\",\"v4\"]")
        try replacing(schema, "\"names\":[\"v3\"]", "\"names\":[]")
        try replacing(schema, "\"rareCount\":0", "\"rareCount\":9223372036854775807")
        try replacing(schema, "\"rareCount\":0", "\"rareCount\":-1")
        try replacing(schema, "\"centre\":100", "\"centre\":1e999")
        try replacing(schema, "\"scale\":10", "\"scale\":0")
        try replacing(schema, "\"scale\":10", "\"scale\":-10")
        try replacing(schema, "\"signedLog\"", "\"cubic\"")
        refused("another table's schema") {
            $0.metadata[schema] = (try? Watchdog.fitted(to: Sample.categories(50, key: Key(1))))?.archive().metadata[schema]
        }
    }

    @Test func calibrationsAndCandidates() throws {
        for rate in ["0", "1", "-0.5", "1e-300", "1e-9", "2"] { refused("the rate \(rate)") { $0.metadata["gibbs.calibration"] = "{\"falseAlarmRate\":\(rate)}" } }
        for count: Float in [-1, 0.5, 1e9, 3e38, -3e38] { refused("\(count) candidates") { $0.tensors["candidateCounts"]!.values[0] = count } }
        refused("a candidate that is no category") { archive in
            let counts = archive.tensors["candidateCounts"]!.values
            archive.tensors["candidates"]!.values[Int(counts[0] + counts[1] + counts[2])] = 77
        }
        refused("a reference that is no category") { $0.tensors["reference"]!.values[3] = 77 }
        refused("two references") { archive in
            let row = archive.tensors["reference"]!.values
            archive.tensors["reference"] = .init(shape: [2, row.count], values: row + row)
        }
    }

    @Test func theBaselineIsCheckedToo() {
        refused("a baseline of other fields") { archive in
            let other = try? Watchdog.fitted(to: Sample.categories(50, key: Key(1)))
            archive.nest(other!.baseline.archive(), under: "baseline")
        }
    }

    /// A model that gives no numbers cannot be calibrated, and says so.
    @Test func energiesThatAreNoNumbers() throws {
        var archive = Self.watchdog.archive()
        let experts = try #require(archive.metadata["energy.experts"])
        // 1e308 as centre and a tiny spread beside a huge one: ∞ − ∞ when the shares are added.
        let list = try #require(try JSONSerialization.jsonObject(with: Data(experts.utf8)) as? [[String: Any]])
        var (low, high) = (list[0], list[0])
        (low["centre"], low["spread"], high["centre"], high["spread"]) = (1e300, 1e-300, -1e300, 1e-300)
        archive.metadata["energy.experts"] = String(decoding: try JSONSerialization.data(withJSONObject: [low, high]), as: UTF8.self)
        archive.nest(archive.nested("energy.expert0"), under: "energy.expert1")
        let watchdog = try Watchdog(archive: archive), table = Sample.mixed(120, key: Key(4))
        #expect(try watchdog.energies(of: table)[0].isNaN)
        expectError(.unsuitableModel, "no numbers") { try watchdog.calibrated(on: table, falseAlarmRate: 0.1) }
        _ = try watchdog.explanation(of: table, row: 0)
    }

    @Test func filesThatAreNone() throws {
        expectError(.cannotRead, "absent.gibbs") { try Watchdog(contentsOf: "absent.gibbs") }
        try withTemporaryFile { path in
            try Data("no model".utf8).write(to: URL(fileURLWithPath: path))
            expectError(.unsuitableModel, path) { try Watchdog(contentsOf: path) }
            try ModelFile.write(Self.watchdog.archive(), to: path, kind: "rbm")
            expectError(.unsuitableModel, path) { try Watchdog(contentsOf: path) }
            var archive = Self.watchdog.archive()
            archive.tensors["reference"] = nil
            try ModelFile.write(archive, to: path, kind: Watchdog.kind)
            expectError(.unsuitableModel, path, "reference") { try Watchdog(contentsOf: path) }
        }
        expectError(.cannotWrite) { try Self.watchdog.write(to: "/nowhere/at/all.gibbs") }
    }
}
