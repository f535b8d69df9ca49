import Foundation
import GibbsCore
import GibbsNumerics
import Testing

/// Calibration: p-values by counting, one meaning of threshold and alert, and a false-alarm rate that holds in finite samples.
@Suite struct CalibrationTests {
    /// Every p-value is a count, ties on both sides of the energy included.
    @Test func pValuesCountTies() throws {
        let calibration = try Calibration(energies: [2, 1, 2, 3, 2], falseAlarmRate: 0.5)
        #expect(calibration.energies == [1, 2, 2, 2, 3])
        let expected: [(Float, Double)] = [(-.infinity, 1), (0.5, 1), (1, 1), (1.5, 5 / 6), (2, 5 / 6), (2.5, 2 / 6), (3, 2 / 6), (3.1, 1 / 6), (.infinity, 1 / 6)]
        for (energy, p) in expected { #expect(calibration.pValue(of: energy) == p, "\(energy)") }
        // Against the definition, on a grid full of ties.
        let energies = Key(1).uniforms(200).map { ($0 * 20).rounded() }
        let random = try Calibration(energies: energies, falseAlarmRate: 0.1)
        for energy in stride(from: Float(-1), to: 22, by: 0.5) {
            #expect(random.pValue(of: energy) == Double(1 + energies.count { $0 >= energy }) / 201)
        }
    }

    /// An alert is an energy above the threshold, and that is p ≤ α; α are decimal fractions and results of arithmetic.
    @Test func alertThresholdAndPValueAgree() throws {
        for n in [1, 9, 19, 99, 100, 333, 999] {
            let energies = Key(UInt64(n)).uniforms(n).map { ($0 * Float(n) / 3).rounded() }
            let rates = [0.001, 0.01, 0.03, 0.05, 0.07, 0.1, 0.25, 0.29, 0.5, 0.9, 0.999, 1 / Double(n + 1), 3 / Double(n + 1), 1 - 0.9, 0.1 + 0.2, 1 - 0.99]
            for rate in rates where rate < 1 && Calibration.recordsNeeded(for: rate) <= n {
                let calibration = try Calibration(energies: energies, falseAlarmRate: rate)
                #expect(calibration.threshold == calibration.threshold(falseAlarmRate: rate))
                for energy in Set(energies + energies.map { $0 + 0.5 } + [-1, .infinity]) {
                    let alerts = calibration.alerts(on: energy)
                    #expect(alerts == (energy > calibration.threshold), "n \(n), rate \(rate), energy \(energy)")
                    // Where α (n + 1) is a whole number but for rounding, it counts as that number.
                    #expect(alerts == (calibration.pValue(of: energy) * Double(n + 1) <= rate * Double(n + 1) + 1e-9), "n \(n), rate \(rate), energy \(energy)")
                }
                #expect(calibration.alerts(on: .infinity), "\(n) records were enough for \(rate)")
            }
        }
    }

    /// Fresh draws exchangeable with the calibration draws alert at most at α; without ties, at ⌊α (n + 1)⌋ / (n + 1).
    @Test(arguments: [(9, 0.1), (50, 0.1), (99, 0.05), (130, 0.02)]) func falseAlarmRateHolds(n: Int, rate: Double) throws {
        let repeats = 4000, fresh = 20
        for isTied in [false, true] {
            let draws = Key(UInt64(n)).folding(isTied ? 1 : 0).normals(repeats * (n + fresh)).map { isTied ? ($0 * 2).rounded() : $0 * $0 * $0 }
            var shares = [Double]()
            for start in stride(from: 0, to: draws.count, by: n + fresh) {
                let calibration = try Calibration(energies: Array(draws[start ..< start + n]), falseAlarmRate: rate)
                shares.append(Double(draws[start + n ..< start + n + fresh].count { calibration.alerts(on: $0) }) / Double(fresh))
            }
            let mean = Statistics.mean(shares), error = Statistics.standardDeviation(shares) / Double(repeats).squareRoot()
            #expect(mean <= rate + 5 * error)
            let promised = (rate * Double(n + 1) + 1e-9).rounded(.down) / Double(n + 1)
            if isTied { #expect(mean <= promised + 5 * error) } else { #expect(abs(mean - promised) < 5 * error, "\(mean) ± \(error) where \(promised) is promised") }
        }
    }

    @Test func refusalsNameTheNumberNeeded() throws {
        #expect([0.5, 0.1, 0.05, 0.01, 0.001, 1e-5].map(Calibration.recordsNeeded) == [1, 9, 19, 99, 999, 99_999])
        expectError(.unsuitableData, "99", "98", "0.01") { try Calibration(energies: Array(repeating: 1, count: 98), falseAlarmRate: 0.01) }
        #expect(try Calibration(energies: Array(repeating: 1, count: 99), falseAlarmRate: 0.01).energies.count == 99)
        expectError(.unsuitableData, "999") { try Calibration(energies: [], falseAlarmRate: 0.001) }
        // The advice is a rate that the records can promise.
        let twenty = [Float](repeating: 1, count: 20)
        #expect(Calibration.recordsNeeded(for: 1 / 21 * 1.05) <= 20)
        expectError(.unsuitableData, "0.05 or more") { try Calibration(energies: twenty, falseAlarmRate: 0.001) }
        for rate in [0, 1, -0.1, 1.5, .nan, .infinity] { expectError(.usage) { try Calibration(energies: twenty, falseAlarmRate: rate) } }
        expectError(.unsuitableData, "24") { try Calibration(energies: twenty, falseAlarmRate: 0.1).with(falseAlarmRate: 0.04) }
    }

    /// Rates so small that the number of records they need is beyond counting.
    @Test(arguments: [1e-18, 1e-30, 1e-300, Double.leastNonzeroMagnitude]) func absurdlySmallRatesAreRefused(rate: Double) {
        expectError(.unsuitableData, "needs at least") { try Calibration(energies: [1, 2, 3], falseAlarmRate: rate) }
    }

    @Test func tableHoldsWhatTheRecordsCanPromise() throws {
        let energies = (0 ..< 999).map(Float.init), calibration = try Calibration(energies: energies.shuffled(), falseAlarmRate: 0.01)
        #expect(calibration.table.map(\.falseAlarmRate) == [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001])
        // The k-th largest of 0 … 998 is 999 − k.
        #expect(calibration.table.map(\.threshold) == [899, 949, 979, 989, 994, 997, 998])
        #expect(calibration.threshold == 989 && calibration.threshold(falseAlarmRate: 0.0005) == .infinity)
        let stricter = try calibration.with(falseAlarmRate: 0.001)
        #expect(stricter.energies == calibration.energies && stricter.threshold == 998 && stricter.falseAlarmRate == 0.001)
    }

    /// Energies come from a person's records, so that one which is no number is bad input.
    @Test func noNumbers() {
        expectError(.unsuitableData, "2 of 4 calibration energies", "nan") { try Calibration(energies: [1, .nan, 2, .nan], falseAlarmRate: 0.5) }
        expectError(.unsuitableData, "needs at least 9") { try Calibration(energies: [1, .nan], falseAlarmRate: 0.1) }
    }
}
