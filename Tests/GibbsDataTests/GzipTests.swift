import Foundation
import GibbsData
import Testing

@Suite struct GzipTests {
    let pad = Scratchpad()
    let text = "a,b\n" + (0 ..< 50_000).map { "\($0),word\($0 % 100)\n" }.joined()

    @Test func plainAndCompressedAgree() throws {
        let plain = pad.file("a.csv", text)
        let table = try read(pad.file("b.csv.gz", try gzipped(plain)))
        expectEqual(table, try read(plain))
        // Also without the ending, by its first bytes.
        expectEqual(try read(pad.file("c.csv", try gzipped(plain))), table)
    }

    @Test func membersAreJoined() throws {
        let cut = text.index(text.startIndex, offsetBy: 100_001)
        let one = try gzipped(pad.file("1", String(text[..<cut]))), two = try gzipped(pad.file("2", String(text[cut...])))
        let table = try read(pad.file("a.csv.gz", one + two + [0, 0, 0]))
        #expect(numbers(table, "a") == (0 ..< 50_000).map(Double.init))
    }

    @Test func damage() throws {
        let good = try gzipped(pad.file("a.csv", text))
        expectError(.malformedData, "a.csv.gz", "too early") { try read(pad.file("a.csv.gz", Array(good.dropLast(1)))) }
        expectError(.malformedData, "too early") { try read(pad.file("a.csv.gz", Array(good.prefix(1000)))) }
        expectError(.malformedData, "despite its name") { try read(pad.file("a.csv.gz", "a,b\n1,2\n")) }
        expectError(.malformedData, "despite its name") { try read(pad.file("a.csv.gz", "")) }
        expectError(.malformedData, "damaged") { try read(pad.file("a.csv.gz", good + Array("garbage".utf8))) }
        var flipped = good
        flipped[good.count / 2] ^= 0x55
        expectError(.malformedData, "a.csv.gz") { try read(pad.file("a.csv.gz", flipped)) }
        var checksum = good
        checksum[good.count - 6] ^= 1
        expectError(.malformedData, "damaged") { try read(pad.file("a.csv.gz", checksum)) }
    }

    /// Sixty-four million zeros in few bytes: the first piece of text ends it, long before they are unpacked.
    @Test func bombs() throws {
        let zeros = pad.file("zeros", [UInt8](repeating: 0x78, count: 64 << 20))
        let bomb = try gzipped(zeros)
        expectError(.limitExceeded, "longer than") { try read(pad.file("a.csv.gz", bomb)) }
        expectError(.limitExceeded, "spooledBytes") { try read(pad.file("a.sqlite.gz", bomb)) { $0.limits.spooledBytes = 1 << 20 } }
    }
}
