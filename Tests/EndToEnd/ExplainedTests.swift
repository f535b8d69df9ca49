import CommandDriver
import Foundation
import Testing

/// What an explained line says, checked as a reader would.
@Suite struct ExplainedTests {
    let place: Workplace

    init() throws { place = try Office.copy("office.gibbs", "today.csv", "normal.csv", "calm.csv") }

    /// Shares and the energy of an ordinary record make up the energy of this one.
    @Test func sharesAddUp() throws {
        let objects = try place.gibbs("score", "office.gibbs", "today.csv", "--explain", "--alerts", "--reasons", "100").objects
        #expect(objects.count > 20)
        for object in objects {
            let energy = try #require(object["energy"] as? Double), ordinary = try #require(object["ordinary"] as? Double)
            let shares = try #require(object["reasons"] as? [[String: Any]]).compactMap { $0["share"] as? Double }
            #expect(shares.count == 19)
            #expect(abs(shares.reduce(ordinary, +) - energy) < 1e-3 * max(1, abs(energy)), "\(shares.reduce(ordinary, +)) for \(energy)")
        }
    }

    /// A number beyond all those of the fit is named, whatever the score makes of it.
    @Test func valuesBeyondThoseSeen() throws {
        let lines = try place.text("calm.csv").split(separator: "\n"), names = lines[0].split(separator: ",")
        var cells = lines[1].split(separator: ",", omittingEmptySubsequences: false)
        cells[names.firstIndex(of: "bytes_out")!] = "1000000000000000"
        try place.file("far.csv", lines[0] + "\n" + cells.joined(separator: ",") + "\n")
        let object = try place.gibbs("score", "office.gibbs", "far.csv", "--explain-all").object
        let outside = try #require(object["outside"] as? [[String: String]])
        #expect(outside.map { $0["field"] } == ["bytes_out"] && outside[0]["value"] == "1e15" && outside[0]["seen"]?.contains(" … ") == true, "\(outside)")
        let text = try place.gibbs("score", "office.gibbs", "far.csv", "--explain-all", "--text")
        #expect(text.lines.contains { $0.contains("outside its range") && $0.contains("bytes_out") && $0.contains("1e15") }, "\(text)")
        // The records of the fit itself and of its calibration: at most the few of the latter.
        let fitted = try place.gibbs("score", "office.gibbs", "normal.csv", "--explain-all").objects
        #expect(fitted.count { $0["outside"] != nil } < 60)
    }

    /// Models of before, which do not know what they have seen, still explain.
    @Test func olderModels() throws {
        let bytes = try place.bytes("office.gibbs"), size = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = String(decoding: bytes[8 ..< 8 + size], as: UTF8.self)
        let older = header.replacing(/,\\"seen\\":\[[^\]]*\]/, with: "").replacing(/\\"seen\\":\[[^\]]*\],/, with: "")
            .replacing(/,\\"labelColumn\\":\\"label\\"/, with: "").replacing(/\\"labelColumn\\":\\"label\\",/, with: "")
        #expect(older.utf8.count < size && !older.contains("seen\\\"") && !older.contains("labelColumn"))
        let text = Array(older.utf8) + [UInt8](repeating: 0x20, count: (8 - older.utf8.count % 8) % 8)
        try place.file("older.gibbs", (0 ..< 8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + bytes[(8 + size)...])
        let outcome = try place.gibbs("score", "older.gibbs", "today.csv", "--explain")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try outcome.energies == place.gibbs("score", "office.gibbs", "today.csv").energies)
        #expect(try outcome.objects.allSatisfy { $0["outside"] == nil })
    }

    /// Fresh records may carry the labels of the fit; those that are not normal must not count as such unawares.
    @Test func calibratingOnOthersIsSaid() throws {
        let mixed = try place.gibbs("calibrate", "office.gibbs", "today.csv", "--out", "c.gibbs")
        #expect(mixed.status == 0 && mixed.errors.contains("--label label --normal normal") && mixed.errors.contains("of 2000 records"), "\(mixed)")
        let picked = try place.gibbs("calibrate", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal", "--out", "c.gibbs")
        #expect(picked.status == 0 && picked.errors == "", "\(picked)")
        #expect(try place.gibbs("calibrate", "office.gibbs", "calm.csv", "--out", "c.gibbs").errors == "", "all of them are normal")
    }

    /// When counting each column by itself does better, the text says so.
    @Test func baselineThatWins() throws {
        let verdict = "independent columns rank these records better"
        let good = try place.gibbs("evaluate", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal", "--text")
        #expect(good.status == 0 && !good.output.contains(verdict), "\(good)")
        // With the kinds exchanged, whatever ranks well ranks badly.
        let upside = try place.gibbs("evaluate", "office.gibbs", "today.csv", "--label", "label", "--positive", "normal", "--text")
        #expect(upside.status == 0 && upside.output.contains(verdict), "\(upside)")
    }
}
