import CommandDriver
import Foundation
import Testing

/// Images restored from a memory of them.
@Suite struct RecallImagesTests {
    let place: Workplace

    init() throws { place = try .withImages("memory") }

    @Test(arguments: ["top", "bottom", "left", "right"]) func halfErased(half: String) throws {
        let run = ["recall", "memory.gibbs", "images-idx3-ubyte", "--erase", half, "--count", "60", "--steps", "6"]
        let told = try place.expectWorks(run + ["--out", "restored.npy", "--json"]).objects
        let restored = try place.array("restored.npy"), (pixels, labels) = SmallImages.images(240)
        // An upright bar of which half is missing sideways is hardly there; the others are.
        let rows = (0 ..< 60).filter { !(labels[$0] == 0 && ["left", "right"].contains(half)) && !(labels[$0] == 1 && ["top", "bottom"].contains(half)) }
        let right = rows.count { told[$0]["class"] as? String == String(labels[$0]) }
        #expect(right == rows.count, "\(right) of \(rows.count) of the right class")
        let close = rows.count { row in zip(restored.row(row), pixels[row]).reduce(0) { $0 + abs($1.0 - Float($1.1) / 255) } / 64 < 0.05 }
        #expect(close >= rows.count * 9 / 10, "\(close) of \(rows.count) restored")
        #expect(told.allSatisfy { ($0["weight"] as! Double) > 0 && ($0["weight"] as! Double) <= 1 })
    }

    @Test func noiseAndPictures() throws {
        let run = ["recall", "memory.gibbs", "images-idx3-ubyte", "--noise", "0.3", "--count", "5", "--scale", "2"]
        let told = try place.expectWorks(run + ["--out", "sheet.png"])
        // A line an image, perhaps one on those that came back as others, and the file.
        #expect((6 ... 7).contains(told.lines.count) && told.output.contains("image 4   class") && told.output.contains("a pixel off"), "\(told)")
        let sheet = try place.picture("sheet.png")
        #expect(sheet.width == sheetSide(5, scale: 2) && sheet.height == sheetSide(3, scale: 2))
        let energies = try place.expectWorks(run + ["--out", "sheet.png", "--json"]).objects.map { ($0["energyOfCue"] as! Double, $0["energy"] as! Double) }
        #expect(energies.allSatisfy { $0.1 < $0.0 }, "a memory goes downhill: \(energies)")
    }

    /// Memories are named by their numbers in the file of the fit, also where only some classes were kept; what is not among them is said to be another image.
    @Test func namesImagesOfTheFile() throws {
        let labels = SmallImages.images(240).labels, run = ["recall", "memory.gibbs", "images-idx3-ubyte", "--steps", "1", "--count", "60", "--out", "restored.npy"]
        let whole = try place.expectWorks(run + ["--json"]).objects
        #expect(whole.count { $0["source"] as? Int == $0["image"] as? Int } >= 55, "\(whole.map { $0["source"] as? Int ?? -1 })")
        let fit = try place.fitImages("memory", ["--classes", "2", "--memories", "10"])
        #expect(fit.output.contains("fitted to 80 images") && fit.output.contains("kept 10 of 80 images (--memories)"), "\(fit)")
        let told = try place.expectWorks(run + ["--json"]).objects, sources = told.compactMap { $0["source"] as? Int }
        #expect(sources.count == 60 && sources.allSatisfy { labels[$0] == 2 } && Set(sources).count <= 10, "\(sources)")
        let others = told.count { $0["isAnother"] as? Bool == true }, text = try place.expectWorks(run).output
        #expect(others >= 40 && text.contains("\(others) of 60 are not among the memories") && text.contains("image \(sources[0]) of the fit"), "\(text)")
    }

    /// Turned pixels come back, and a share that is none is refused.
    @Test func flips() throws {
        let run = ["recall", "memory.gibbs", "images-idx3-ubyte", "--count", "60", "--steps", "6", "--out", "restored.npy", "--json"]
        let told = try place.expectWorks(run + ["--flips", "10%"]).objects, restored = try place.array("restored.npy"), (pixels, labels) = SmallImages.images(240)
        let right = (0 ..< 60).count { told[$0]["class"] as? String == String(labels[$0]) }
        let close = (0 ..< 60).count { row in zip(restored.row(row), pixels[row]).reduce(0) { $0 + abs($1.0 - Float($1.1) / 255) } / 64 < 0.05 }
        #expect(right >= 57 && close >= 54, "\(right) of 60 of the right class, \(close) restored")
        let energies = told.map { ($0["energyOfCue"] as! Double, $0["energy"] as! Double) }, whole = try place.expectWorks(run).objects.map { $0["energyOfCue"] as! Double }
        #expect(zip(energies, whole).allSatisfy { $0.0 > $1 }, "turned pixels cost nothing")
        for share in ["1.5", "-0.1", "nan"] {
            let refusal = try place.gibbs(run + ["--flips=\(share)"])
            #expect(refusal.status == 64, "\(refusal)")
        }
    }
}
