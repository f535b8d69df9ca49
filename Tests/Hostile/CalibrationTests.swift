import CommandDriver
import Testing

/// Promises that the records cannot bear.
@Suite struct CalibrationTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func tooFewRecords() throws {
        let advice = "needs at least 9999 calibration records"
        try place.expectRefusal(65, "data.csv", advice, by: ["fit", "table", "data.csv", "--false-alarms", "0.0001", "--out", "new.gibbs"])
        try place.expectRefusal(65, "data.csv", advice, "there are 200", by: ["calibrate", "m.gibbs", "data.csv", "--false-alarms", "0.0001"])
        try place.expectRefusal(65, advice, by: ["score", "m.gibbs", "data.csv", "--false-alarms", "0.0001", "--out", "scores"])
        try place.expectRefusal(65, advice, by: ["evaluate", "m.gibbs", "data.csv", "--label", "label", "--normal", "normal", "--false-alarms", "0.0001"])
    }

    /// One record fewer than needed is refused, the number needed is enough.
    @Test func exactlyEnough() throws {
        let header = "size,kind\n"
        try place.file("few.csv", header + String(repeating: "25,a\n", count: 98))
        try place.expectRefusal(65, "needs at least 99", "there are 98", by: ["calibrate", "m.gibbs", "few.csv", "--false-alarms", "0.01"])
        try place.file("enough.csv", header + String(repeating: "25,a\n", count: 99))
        try place.expectSuccess("calibrate", "m.gibbs", "enough.csv", "--false-alarms", "0.01")
    }

    @Test func nothingKeptForCalibration() throws {
        let fit = ["fit", "table", "data.csv", "--calibration-share", "0", "--out", "plain.gibbs"]
        try place.expectRefusal(65, "data.csv", "there are 0", by: fit + ["--false-alarms", "0.1"])
        let fitted = try place.gibbs(fit)
        #expect(fitted.status == 0 && fitted.output.contains("not calibrated"), "\(fitted)")
        try place.expectRefusal(65, "not calibrated", by: ["score", "plain.gibbs", "data.csv", "--false-alarms", "0.1", "--out", "scores"])
    }
}
