import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// Fitting and scoring: every model on difficult tables, repeatable to the bit, one row at a time or together.
@Suite struct WatchdogFitTests {
    static func options(_ model: WatchdogOptions.Model, seed: UInt64 = 1) -> WatchdogOptions { .init(model: model, seed: seed, hidden: 8, epochs: 3) }

    private func bits(_ energies: [Float]) -> [UInt32] { energies.map(\.bitPattern) }

    @Test(arguments: WatchdogOptions.Model.allCases) func everyModelFitsEverything(model: WatchdogOptions.Model) throws {
        let table = Sample.mixed(400, key: Key(1)).adding(Column(name: "counter", numbers: (0 ..< 400).map(Double.init)))
        let watchdog = try Watchdog.fitted(to: table, options: Self.options(model))
        #expect(watchdog.training.rows == 300 && watchdog.training.calibrationRows == 100 && watchdog.training.model == model.rawValue && !watchdog.training.choice.isEmpty)
        #expect(watchdog.calibration?.energies.count == 100 && watchdog.calibration?.falseAlarmRate == 0.01)
        #expect(watchdog.encoder.usedFields.count == 7 && watchdog.energy.variables == watchdog.encoder.variables)
        var fresh = Sample.mixed(80, key: Key(2)).adding(Column(name: "counter", numbers: Array(repeating: 0, count: 80)))
        let before = try watchdog.energies(of: fresh)
        #expect(before.allSatisfy { $0.isFinite })
        // Near zero for normal records, but for what presence costs on average. The centre is that of complete records, and a missing
        // value leaves the energy, so that the mean of records with gaps lies lower: by less than their own deviation.
        let values = zip(before, watchdog.presence.energies(of: try watchdog.encoder.encode(fresh))).map { $0 - $1 }
        let margin = Statistics.standardDeviation(values) + 0.5 * watchdog.energy.experts[0].spread
        #expect(abs(Statistics.mean(values)) < margin)
        for (name, value) in [("colour", TableValue.text("violet")), ("shape", "??"), ("x", 1e6), ("bytes", -1e12), ("y", 1e300), ("version", "v4"), ("limit", 1e4)] {
            fresh = fresh.with(value, row: 11, column: name)
        }
        let after = try watchdog.scores(of: fresh)
        #expect(after[11].energy.isFinite && after[11].energy > before.max()! && after[11].pValue == 1 / 101.0 && after[11].alert)
        #expect(after.map(\.line) == Array(1 ... 80))
        let empty = try watchdog.scores(of: Table(record: Dictionary(uniqueKeysWithValues: table.columnNames.map { ($0, TableValue.missing) })))
        #expect(empty[0].energy.isFinite && empty[0].energy > before.max()! && empty[0].alert, "a record without anything is news")
        #expect(try watchdog.scores(of: fresh.selecting(rows: [])).isEmpty)
    }

    @Test(arguments: WatchdogOptions.Model.allCases) func rowsDoNotTouchEachOther(model: WatchdogOptions.Model) throws {
        let watchdog = try Watchdog.fitted(to: Sample.mixed(300, key: Key(3)), options: Self.options(model))
        let fresh = Sample.mixed(70, key: Key(4)), together = try watchdog.energies(of: fresh), archive = watchdog.archive()
        let alone = try (0 ..< 70).map { try watchdog.energies(of: fresh.selecting(rows: [$0]))[0] }
        #expect(bits(alone) == bits(together))
        let upsideDown = try watchdog.energies(of: fresh.selecting(rows: (0 ..< 70).reversed() + [0, 1, 2]))
        #expect(bits(upsideDown.prefix(70).reversed()) == bits(together))
        for threads in [1, 3] { #expect(try Parallelism.$width.withValue(threads) { bits(try watchdog.energies(of: fresh)) } == bits(together)) }
        #expect(bits(try watchdog.energies(of: fresh)) == bits(together))
        _ = try watchdog.explanation(of: fresh, row: 0)
        #expect(watchdog.archive() == archive)
    }

    @Test(arguments: WatchdogOptions.Model.allCases) func sameSeedSameBits(model: WatchdogOptions.Model) throws {
        let table = Sample.mixed(300, key: Key(5)), fresh = Sample.mixed(40, key: Key(6))
        func energies(_ seed: UInt64) throws -> [UInt32] { bits(try Watchdog.fitted(to: table, options: Self.options(model, seed: seed)).energies(of: fresh)) }
        #expect(try energies(7) == energies(7))
        #expect(try energies(7) != energies(8))
    }

    /// The choice of energies looks at the fields, never at a label, and says why.
    @Test func automaticChoiceIsExplained() throws {
        let z = Key(7).normals(900).map(Double.init)
        let plain = Table(numbers: ["u": Array(z[0 ..< 300]), "v": Array(z[300 ..< 600]), "w": Array(z[600 ..< 900])])
        let even = try Watchdog.fitted(to: plain)
        #expect(even.energy.experts.map(\.name) == ["heavy-tailed memory", "memory"] && even.training.choice.contains("all 3 fields are plain numbers"))
        let counted = try Watchdog.fitted(to: plain.adding(Column(name: "bytes", numbers: z[0 ..< 300].map { exp(3 * $0) })))
        #expect(counted.energy.experts.map(\.name) == ["heavy-tailed memory"] && counted.training.choice.contains("'bytes'") && counted.training.choice.contains("1 of 4"))
        let named = try Watchdog.fitted(to: plain.adding(Column(name: "zone", texts: (0 ..< 300).map { "z\($0 % 3)" })))
        #expect(named.energy.experts.count == 1 && named.training.choice.contains("'zone'"))
        #expect(WatchdogOptions().model == .auto)
    }

    @Test func progressIsToldAndCancels() throws {
        var stages = [String](), epochs = [Int]()
        _ = try Watchdog.fitted(to: Sample.mixed(100, key: Key(8)), options: Self.options(.rbm)) { progress in
            switch progress {
            case .stage(let text): stages.append(text)
            case .epoch(let epoch, let count, _): epochs.append(epoch.number); #expect(count == 3)
            }
        }
        // Fitted twice: on three quarters to measure, then on all.
        #expect(epochs == [1, 2, 3, 1, 2, 3] && stages.first?.contains("75 records") == true && stages.last?.contains("25 records") == true)
        #expect(throws: CancellationError.self) { try Watchdog.fitted(to: Sample.mixed(100, key: Key(8))) { _ in throw CancellationError() } }
    }

    @Test func tooFewRowsAndImpossibleSettings() throws {
        let table = Sample.mixed(100, key: Key(9), missing: 0)
        func fit(_ rows: Int, _ change: (inout WatchdogOptions) -> Void = { _ in }) throws -> Watchdog {
            var options = WatchdogOptions()
            change(&options)
            return try Watchdog.fitted(to: table.selecting(rows: Array(0 ..< rows)), options: options)
        }
        for rows in [0, 1, 3] { expectError(.unsuitableData, "\(rows) normal record", "at least 4") { try fit(rows) } }
        for model in WatchdogOptions.Model.allCases { #expect(try fit(4) { $0 = Self.options(model) }.energies(of: table).allSatisfy(\.isFinite), "\(model)") }
        // The default rate is the smallest that the rows can promise.
        #expect(try fit(8).calibration?.falseAlarmRate == 1 / 3.0)
        #expect(try fit(100).calibration?.falseAlarmRate == 1 / 26.0)
        #expect(try fit(100) { $0.falseAlarmRate = 0.2 }.calibration?.falseAlarmRate == 0.2)
        expectError(.unsuitableData, "99", "25") { try fit(100) { $0.falseAlarmRate = 0.01 } }
        expectError(.unsuitableData, "needs at least") { try fit(100) { $0.falseAlarmRate = 1e-30 } }
        for share in [-0.1, 1, .nan] { expectError(.usage, "calibration share") { try fit(100) { $0.calibrationShare = share } } }
        for hidden in [0, -1] { expectError(.usage, "hidden units") { try fit(100) { $0 = Self.options(.rbm); $0.hidden = hidden } } }
        for limit in [0, -5] { expectError(.usage, "records in memory") { try fit(100) { $0.rowLimit = limit } } }
        expectError(.usage, "epochs") { try fit(100) { $0 = Self.options(.rbm); $0.epochs = 0 } }
        #expect(try fit(100) { $0.rowLimit = 20 }.training.rows == 20)
    }

    @Test func withoutCalibration() throws {
        let table = Sample.mixed(200, key: Key(10))
        let watchdog = try Watchdog.fitted(to: table, options: .init(calibrationShare: 0))
        #expect(watchdog.calibration == nil && watchdog.training.rows == 200 && watchdog.training.calibrationRows == 0)
        #expect(try watchdog.scores(of: table).allSatisfy { $0.pValue == nil && !$0.alert })
        expectError(.unsuitableData, "calibration records") { try Watchdog.fitted(to: table, options: .init(calibrationShare: 0, falseAlarmRate: 0.1)) }
        expectError(.unsuitableData, "not calibrated") { try watchdog.alerting(at: 0.1) }
        // Calibrated afterwards, on records it was not fitted to.
        let fresh = Sample.mixed(150, key: Key(11)), ready = try watchdog.calibrated(on: fresh, falseAlarmRate: 0.05)
        #expect(try ready.calibration?.energies == watchdog.energies(of: fresh).sorted() && watchdog.calibration == nil)
        #expect(try ready.alerting(at: 0.01).calibration?.falseAlarmRate == 0.01)
        expectError(.unsuitableData, "999", "150") { try ready.alerting(at: 0.001) }
        expectError(.unsuitableData, "999", "150") { try watchdog.calibrated(on: fresh, falseAlarmRate: 0.001) }
    }

    /// The baseline is what the model of independent columns is, up to where its energies are zero.
    @Test func baselineIsIndependentColumns() throws {
        let table = Sample.mixed(300, key: Key(12)), fresh = Sample.mixed(50, key: Key(13))
        let plain = try Watchdog.fitted(to: table, options: Self.options(.categorical)), other = try Watchdog.fitted(to: table)
        let (a, b) = (try plain.energies(of: fresh), try other.baselineEnergies(of: fresh))
        let shift = a[0] - b[0]
        // Missing cells are filled at random for the fit, from the same key, so that the two are the same fit.
        #expect(zip(a, b).allSatisfy { abs($0 - $1 - shift) < 0.2 })
        #expect(try other.energies(of: fresh) != b)
    }
}
