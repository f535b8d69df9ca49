import Foundation
import Gibbs
import GibbsVerify
import Testing

/// Watchdogs of every kind, sound and damaged.
@Suite struct WatchdogExaminationTests {
    /// Sizes that go with kinds, a number of their own, and names of which each is rarer than the one before.
    static func table(_ count: Int, shift: Double = 0, key: Key) throws -> Table {
        let normals = key.folding(0).normals(2 * count), uniforms = key.folding(1).uniforms(count), places = key.folding(2).uniforms(count)
        let text = (0 ..< count).map { row -> String in
            let kind = uniforms[row] < 0.3 ? "a" : uniforms[row] < 0.7 ? "b" : "c", centre = kind == "a" ? 10.0 : kind == "b" ? 20 : 40
            return "\(centre + shift + 2 * Double(normals[2 * row])),\(kind),\(5 + normals[2 * row + 1]),place\(Int(8 * places[row] * places[row]))"
        }
        let path = NSTemporaryDirectory() + "/gibbs-verify-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(("size,kind,weight,place\n" + text.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return try TableReader(path: path).readAll()
    }

    static func watchdog(_ model: WatchdogOptions.Model) throws -> Watchdog {
        try Watchdog.fitted(to: table(2_000, key: Key(1)), options: WatchdogOptions(model: model, hidden: 8, epochs: 30))
    }

    static func findings(_ watchdog: Watchdog, _ table: Table? = nil) throws -> [Finding] {
        try WatchdogExamination(of: watchdog, records: table.map { try watchdog.encoder.encode($0) }, key: Key(2)).findings()
    }

    static let models: [WatchdogOptions.Model] = [.auto, .rbm, .gaussian, .memory, .categorical]

    @Test(arguments: models) func sound(model: WatchdogOptions.Model) throws {
        let watchdog = try Self.watchdog(model)
        #expect(try Self.findings(watchdog).odd == [])
        let findings = try Self.findings(watchdog, Self.table(1_000, key: Key(3)))
        #expect(findings.odd == [] && findings.contains { $0.subject == "energy gap" })
    }

    @Test(arguments: models) func drifted(model: WatchdogOptions.Model) throws {
        let odd = try Self.findings(Self.watchdog(model), Self.table(1_000, shift: 60, key: Key(4))).odd
        #expect(odd.contains("energy gap") && odd.contains("false alarms"), "\(odd)")
    }

    /// A watchdog whose file says something else.
    private func changed(_ model: WatchdogOptions.Model, _ change: (inout Archive) -> Void) throws -> [String] {
        var archive = try Self.watchdog(model).archive()
        change(&archive)
        return try Self.findings(Watchdog(archive: archive)).odd
    }

    @Test func damagedMachine() throws {
        #expect(try changed(.rbm) { $0.tensors["energy.expert0.weights"]!.values = $0.tensors["energy.expert0.weights"]!.values.map { 30 * $0 } } != [])
        // The weights of unit 3: the matrix has eight columns.
        let odd = try changed(.rbm) { archive in
            for index in archive.tensors["energy.expert0.weights"]!.values.indices where index % 8 == 3 { archive.tensors["energy.expert0.weights"]!.values[index] = 0 }
        }
        #expect(odd.contains("dead hidden units"))
        #expect(try changed(.rbm) { $0.tensors["energy.expert0.weights"]!.values[5] = 3e38 } != [])
    }

    /// Energies by other weights than those of the calibration; energies that are all the same.
    @Test func damagedScores() throws {
        #expect(try changed(.gaussian) { $0.tensors["energy.expert0.mean"]!.values = $0.tensors["energy.expert0.mean"]!.values.map { $0 + 5 } }.contains("most ordinary record"))
        #expect(try changed(.memory) { $0.tensors["calibration"]!.values = $0.tensors["calibration"]!.values.map { _ in 1 } }.contains("scores of calibration"))
        #expect(try changed(.categorical) {
            $0.tensors["energy.expert0.surprises"]!.values = $0.tensors["energy.expert0.surprises"]!.values.map { _ in 1 }
        }.contains("scores of mixed values"))
    }

    /// Weights that are no numbers do not even become a model.
    @Test(arguments: models) func notANumber(model: WatchdogOptions.Model) throws {
        let archive = try Self.watchdog(model).archive()
        for name in archive.tensors.keys where !archive.tensors[name]!.values.isEmpty {
            var damaged = archive
            damaged.tensors[name]!.values[0] = .nan
            #expect(throws: GibbsError.self, "\(name)") { _ = try Watchdog(archive: damaged) }
        }
    }

    @Test func uncalibrated() throws {
        let watchdog = try Watchdog.fitted(to: Self.table(500, key: Key(5)), options: WatchdogOptions(model: .memory, calibrationShare: 0))
        let findings = try Self.findings(watchdog, Self.table(100, key: Key(6)))
        #expect(findings.odd == [] && findings[0].seen.hasPrefix("none"))
    }
}
