import CommandDriver
import CZlib
import Testing

@Suite struct CompressedTests {
    let place: Workplace
    let packed: [UInt8]

    init() throws {
        place = try .fitted()
        let text = Array("size,kind\n".utf8) + (0 ..< 20_000).flatMap { Array("\(20 + $0 * 37 % 11),a\n".utf8) }
        let file = gzopen(place.place("good.csv.gz"), "wb")
        gzwrite(file, text, UInt32(text.count))
        gzclose(file)
        packed = try place.bytes("good.csv.gz")
        try place.expectSuccess("score", "m.gibbs", "good.csv.gz", "--out", "good.ndjson")
    }

    @Test func cutOff() throws {
        for count in [1, 5, 20, packed.count / 2, packed.count - 4, packed.count - 1] {
            try place.file("cut.csv.gz", Array(packed.prefix(count)))
            try place.expectRefusal(65, "cut.csv.gz", by: ["fit", "table", "cut.csv.gz", "--out", "new.gibbs"])
            try place.expectRefusal(65, "cut.csv.gz", by: ["score", "m.gibbs", "cut.csv.gz", "--out", "scores"])
        }
    }

    @Test func changed() throws {
        var bytes = packed
        bytes[packed.count / 2] ^= 0x55
        try place.file("bad.csv.gz", bytes)
        try place.expectRefusal(65, "bad.csv.gz", by: ["score", "m.gibbs", "bad.csv.gz", "--out", "scores"])
        try place.expectRefusal(65, "standard input", by: ["score", "m.gibbs", "-", "--format", "csv", "--out", "scores"], input: "bad.csv.gz")
    }
}
