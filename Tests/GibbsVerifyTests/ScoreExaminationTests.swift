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

    /// A promise of 1 % by 999 records: on fresh records rarely broken, and seen when it is.
    @Test func falseAlarms() throws {
        for index in 0 ..< 200 {
            let calibration = try Calibration(energies: Key(6).folding(index).normals(999), falseAlarmRate: 0.01)
            let alerts = Key(7).folding(index).normals(2_000).count(where: calibration.alerts)
            #expect(!ScoreExamination.falseAlarms(alerts, of: 2_000, calibration: calibration).isWarning, "\(alerts)")
        }
        let calibration = try Calibration(energies: Self.normals, falseAlarmRate: 0.01)
        #expect(ScoreExamination.falseAlarms(400, of: 2_000, calibration: calibration).isWarning)
        #expect(!ScoreExamination.falseAlarms(0, of: 2_000, calibration: calibration).isWarning)
        #expect(!ScoreExamination.falseAlarms(1, of: 2, calibration: calibration).isWarning, "two records prove nothing")
    }
}
