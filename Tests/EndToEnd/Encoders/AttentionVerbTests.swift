import CommandDriver
import Foundation
import GibbsNumerics
import Testing

/// The encoder that `scripts/setup --text` gets, or nil where it was not run.
private let encoder: String? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["GIBBS_CACHE"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gibbs"
    return FileManager.default.fileExists(atPath: cache + "/minilm/model.safetensors") ? cache + "/minilm" : nil
}()

/// A real encoder by the program.
@Suite(.enabled(if: encoder != nil, "scripts/setup --text has not been run")) struct AttentionVerbTests {
    @Test func reportsEveryHead() throws {
        let place = try Workplace(), text = "time flies like an arrow"
        let found = try place.expectWorks(["attention", encoder!, text, "--json", "--temperatures", "0.5,1,2", "--plot", "heads.png"]).objects[0]
        let heads = try #require(found["heads"] as? [[String: Any]]), points = try #require(found["temperatures"] as? [[String: Any]])
        #expect(found["tokens"] as? [String] == ["[CLS]", "time", "flies", "like", "an", "arrow", "[SEP]"] && heads.count == 72)
        for head in heads {
            let (entropy, effective, share) = try (#require(head["entropy"] as? Double), #require(head["effectiveTokens"] as? Double), #require(head["share"] as? Double))
            #expect(entropy >= 0 && entropy <= log(7) + 1e-6 && effective >= 1 && effective <= 7.0001 && share >= 1 / 7.0 - 1e-6 && share <= 1)
            #expect((head["heatCapacity"] as! Double) >= 0 && (head["response"] as! Double) >= 0)
        }
        #expect(points.map { $0["temperature"] as! Double } == [0.5, 1, 2] && abs(points[1]["cosine"] as! Double - 1) < 1e-5 && (points[0]["cosine"] as! Double) < 0.999)
        #expect(try place.picture("heads.png").width > 72)
        let two = try place.gibbs(["attention", encoder!, "a cat", "a kitten", "--plot", "no.png"])
        #expect(two.status == 64 && two.errors.contains("one text") && !place.exists("no.png"), "\(two)")
        #expect(try place.expectWorks(["attention", encoder!, text, "--plot", "heads.svg"]).output.contains("wrote heads.svg"))
        #expect(try place.text("heads.svg").contains("heat capacity"))
    }

    @Test func longAndEmptyTexts() throws {
        let place = try Workplace(), cut = try place.gibbs(["attention", encoder!, String(repeating: "word ", count: 20), "--tokens", "12", "--json"])
        let object = try cut.objects[0]
        #expect(cut.status == 0 && cut.errors.contains("cut 10 tokens") && object["cut"] as? Int == 10, "\(cut)")
        for text in ["", "  "] {
            let empty = try place.gibbs(["attention", encoder!, text])
            #expect(empty.status == 65 && empty.errors.contains("the text is empty") && empty.output == "", "\(empty)")
        }
    }

    /// Vectors of a column of texts, as a table that other fits read.
    @Test func columns() throws {
        let place = try Workplace()
        try place.file("log.csv", "id,text\n1,the door is open\n2,payment failed\n3,the door is open\n4,the gate is open\n")
        #expect(try place.expectWorks(["embed", encoder!, "log.csv", "--column", "text", "--out", "v.npy"]).output == "wrote v.npy: 4 rows of 384 numbers\n")
        #expect(try place.bytes("v.npy").count == 128 + 4 * 384 * 4)
        let unnamed = try place.gibbs(["embed", encoder!, "log.csv", "--out", "w.npy"])
        #expect(unnamed.status == 64 && unnamed.errors.contains("--column"), "\(unnamed)")
        try place.file("gap.csv", "id,text\n1,a\n2,\n")
        let gap = try place.gibbs(["embed", encoder!, "gap.csv", "--column", "text", "--out", "w.npy"]), vectors = try place.array("w.npy")
        #expect(gap.status == 0 && gap.errors == "gibbs: 1 cell holds no word to read, the first on line 3; its row is all NaN\n", "\(gap)")
        #expect(vectors.rows == 2 && vectors.row(0).allSatisfy(\.isFinite) && vectors.row(1).allSatisfy(\.isNaN))
    }
}
