import CommandDriver
import Foundation
import GibbsTestSupport
import Testing

/// Image models that say which images do not belong.
@Suite struct CalibrateImagesTests {
    let place: Workplace

    init() throws {
        place = try .withImages()
        let (pixels, _) = SmallImages.images(1_240), noise = (0 ..< 50).map { row in (0 ..< 64).map { UInt8(truncatingIfNeeded: (row * 64 + $0) &* 2_654_435_761 >> 7) } }
        for (name, rows) in [("first", pixels.prefix(240)), ("second", pixels[240 ..< 740]), ("third", pixels.suffix(500)), ("noise", noise[...])] {
            try place.file("\(name)-idx3-ubyte", SmallImages.idx(Array(rows)))
        }
        _ = try place.expectWorks(["fit", "images", "first-idx3-ubyte", "--out", "m.gibbs"])
    }

    @Test func aRateThatHolds() throws {
        let said = try place.expectWorks(["calibrate", "m.gibbs", "second-idx3-ubyte", "--false-alarms", "5%", "--out", "c.gibbs"]).output
        #expect(said.contains("5 % of images that belong, promised by 500 calibration images") && said.contains("wrote c.gibbs"), "\(said)")
        let fresh = try place.expectWorks(["score", "c.gibbs", "third-idx3-ubyte"]).objects
        // 500 fresh images at 5 %, the threshold itself drawn from 500: 25 ± 7.
        let alerts = fresh.count { $0["alert"] as? Bool == true }, p = fresh.map { $0["pValue"] as! Double }
        #expect((4 ... 53).contains(alerts) && fresh.allSatisfy { (($0["pValue"] as! Double) <= 0.05) == ($0["alert"] as! Bool) }, "\(alerts) alerts")
        #expect(abs(p.reduce(0, +) / 500 - 0.5) < 0.08, "p-values of images that belong have the mean \(p.reduce(0, +) / 500)")
        #expect(try place.expectWorks(["score", "c.gibbs", "noise-idx3-ubyte", "--alerts"]).lines.count == 50)
        #expect(try place.expectWorks(["score", "c.gibbs", "third-idx3-ubyte", "--alerts", "--false-alarms", "0.5"]).lines.count > 5 * alerts)
        let object = try place.expectWorks(["inspect", "c.gibbs", "--json"]).object["calibration"] as! [String: Any]
        #expect(object["records"] as? Int == 500 && object["falseAlarmRate"] as? Double == 0.05)
        #expect(try place.expectWorks(["inspect", "c.gibbs"]).output.contains("5 % of images that belong"))
        #expect(try place.expectWorks(["plot", "energies", "c.gibbs", "noise-idx3-ubyte", "--out", "e.svg"]).output.contains("100 % alert"))
    }

    @Test func whatCannotBePromised() throws {
        let refused: [([String], String)] = [
            (["calibrate", "m.gibbs", "second-idx3-ubyte", "--false-alarms", "0.1%"], "needs at least 999 calibration records"),
            (["calibrate", "m.gibbs", "second-idx3-ubyte", "--label", "x"], "--label with images"),
            (["calibrate", "m.gibbs", "second-idx3-ubyte", "--alerts-per-day", "5"], "--alerts-per-day with images"),
            (["score", "m.gibbs", "third-idx3-ubyte", "--false-alarms", "1%"], "the model is not calibrated"),
        ]
        for (arguments, told) in refused {
            let outcome = try place.gibbs(arguments)
            #expect(outcome.status != 0 && outcome.errors.contains(told), "\(arguments): \(outcome)")
        }
        let same = try place.gibbs(["calibrate", "m.gibbs", "first-idx3-ubyte", "--out", "s.gibbs"])
        #expect(same.status == 0 && same.errors.contains("the file that the model was fitted to"), "\(same)")
        let silent = try place.gibbs(["score", "m.gibbs", "noise-idx3-ubyte", "--alerts"])
        #expect(silent.status == 0 && silent.output == "" && silent.errors.contains("not calibrated"), "\(silent)")
        #expect(try place.expectWorks(["score", "m.gibbs", "noise-idx3-ubyte"]).objects.allSatisfy { $0["pValue"] is NSNull && $0["alert"] as? Bool == false })
    }
}
