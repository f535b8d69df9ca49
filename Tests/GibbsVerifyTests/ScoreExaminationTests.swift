import GibbsCore
import GibbsNumerics
import GibbsVerify
import Testing

@Suite struct ScoreExaminationTests {
    private static let normals = Key(1).normals(400)

    @Test func variety() {
        #expect(!ScoreExamination.variety(Self.normals, of: "x").isWarning)
        #expect(ScoreExamination.variety(Array(repeating: 3, count: 400), of: "x").isWarning)
        #expect(ScoreExamination.variety(Self.normals.map { 1e4 + 1e-4 * $0 }, of: "x").isWarning, "rounding is no difference")
        #expect(ScoreExamination.variety((0 ..< 400).map { Float($0 % 4) }, of: "x").isWarning)
        #expect(!ScoreExamination.variety([1, 2], of: "x").isWarning)
        for value in [Float.nan, .infinity] { #expect(ScoreExamination.variety(Self.normals + [value], of: "x").isWarning) }
        if case .unknown = ScoreExamination.variety([], of: "x").verdict {} else { Issue.record("nothing to judge by") }
    }

    private func gap(_ energies: [Float], allowed: Double = 1) -> Finding {
        ScoreExamination.gap(energies, of: "these", expected: Self.normals, of: "those", allowed: allowed, advice: "look")
    }

    /// Fresh draws, many or few, are no gap; a shift of two deviations is one, either way; wild values hide nothing.
    @Test func gaps() {
        for index in 0 ..< 200 {
            #expect(!gap(Key(2).folding(index).normals(2)).isWarning)
            #expect(!gap(Key(3).folding(index).normals(300), allowed: 0).isWarning)
        }
        for shift: Float in [2, -2] { #expect(gap(Key(4).normals(400).map { $0 + shift }).isWarning) }
        #expect(gap(Key(5).normals(400).map { $0 + 3 } + Array(repeating: -1e6, count: 20)).isWarning)
        #expect(gap([.nan, .nan, .nan]).isWarning)
    }

    /// A promise of 1 % by 999 records: on fresh records hardly ever broken, and seen when it is.
    @Test func falseAlarms() throws {
        let warned = try (0 ..< 200).count { index in
            let calibration = try Calibration(energies: Key(6).folding(index).normals(999), falseAlarmRate: 0.01)
            let alerts = Key(7).folding(index).normals(2_000).count(where: calibration.alerts)
            return ScoreExamination.falseAlarms(alerts, of: 2_000, calibration: calibration).isWarning
        }
        // 200 · `leastChance` = 0.4 are expected; five or more come about once in 16,000.
        #expect(warned < 5, "\(warned) of 200")
        let calibration = try Calibration(energies: Self.normals, falseAlarmRate: 0.01)
        #expect(ScoreExamination.falseAlarms(400, of: 2_000, calibration: calibration).isWarning)
        #expect(!ScoreExamination.falseAlarms(0, of: 2_000, calibration: calibration).isWarning)
        #expect(!ScoreExamination.falseAlarms(1, of: 2, calibration: calibration).isWarning, "two records prove nothing")
    }

    /// A hundred records of calibration say little of where their hundredth lies: what they bear is the tail of a beta-binomial, and few strange records are seen all the same.
    @Test func alertsOfSmallCalibrations() throws {
        let calibration = try Calibration(energies: Key(8).normals(100), falseAlarmRate: 0.01)
        func warns(_ alerts: Int, of count: Int) -> Bool { ScoreExamination.falseAlarms(alerts, of: count, calibration: calibration).isWarning }
        // P(K ≥ 20 of 80) is 2.0e-8, P(K ≥ 5 of 40) 1.6e-3, P(K ≥ 4 of 40) 6.0e-3.
        #expect(warns(20, of: 80) && warns(5, of: 40) && !warns(4, of: 40) && !warns(1, of: 40) && !warns(0, of: 80))
        if case .warning(let advice) = ScoreExamination.falseAlarms(20, of: 80, calibration: calibration).verdict { #expect(advice.contains("gibbs score --explain")) }
    }
}
