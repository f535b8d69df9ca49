import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Broken PNG files.
@Suite struct HostilePictureTests {
    let pad = Scratchpad()

    private func check(_ code: GibbsError.Code, _ part: String, _ content: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        expectError(code, "a.png", part, sourceLocation: sourceLocation) { try Picture(contentsOf: pad.file("a.png", content)) }
    }

    @Test func otherThings() throws {
        check(.malformedData, "not a PNG", [])
        check(.malformedData, "not a PNG", Array("P6\n2 2\n255\nhello, world".utf8))
        check(.malformedData, "not a PNG", Array("x,y\n1,2\n".utf8))
        check(.malformedData, "not a PNG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46])
        check(.malformedData, "not a PNG", try [0x88] + noise(height: 3, width: 3, channels: 1).png().dropFirst())
        check(.malformedData, "damaged", pngMagic)
        check(.malformedData, "damaged", pngMagic + chunk("IEND", []))
        expectError(.cannotRead, "nowhere") { try Picture(contentsOf: pad.place("nowhere")) }
        expectError(.cannotRead, "directory") { try Picture(contentsOf: pad.path) }
    }

    /// A header that promises gigabytes costs no memory, and one within the limit none before the bytes are there.
    @Test func promisesAreNotBelieved() {
        func lie(_ height: Int, _ width: Int) -> [UInt8] { handmadePNG(height: height, width: width, kind: 2, rows: [[1, 2, 3]]) }
        check(.limitExceeded, "2147483647 × 2147483647", lie(0x7FFF_FFFF, 0x7FFF_FFFF))
        check(.limitExceeded, "1 × 64000001", lie(1, 64_000_001))
        check(.malformedData, "damaged", lie(8000, 8000))
        check(.malformedData, "damaged", lie(0, 5))
        check(.malformedData, "damaged", lie(5, 0x8000_0000))
        let small = handmadePNG(height: 2, width: 1, kind: 2, rows: [[1, 2, 3], [4, 5, 6]])
        expectError(.limitExceeded, "2 × 1", "more than 1") { try Picture(png: small, pixelLimit: 1) }
        expectError(.limitExceeded, "more than -3") { try Picture(png: small, pixelLimit: -3) }
        #expect(throws: Never.self) { try Picture(png: small, pixelLimit: 2) }
    }

    @Test func headersThatContradictThemselves() {
        check(.malformedData, "damaged", handmadePNG(height: 1, width: 1, depth: 3, kind: 0, rows: [[1]]))
        check(.malformedData, "damaged", handmadePNG(height: 1, width: 1, kind: 5, rows: [[1]]))
        check(.malformedData, "damaged", handmadePNG(height: 1, width: 1, kind: 3, rows: [[1]]))
        check(.malformedData, "damaged", handmadePNG(height: 3, width: 1, kind: 0, rows: [[1]]))
    }

    /// No prefix and no single changed byte of a good file may do worse than an error; a prefix without the end is none.
    @Test(arguments: [1, 3]) func everyCutAndEveryFlippedByte(channels: Int) throws {
        let picture = noise(height: 4, width: 5, channels: channels), good = try picture.png()
        for count in 0 ..< good.count {
            #expect(throws: GibbsError.self, "cut to \(count)") { try Picture(png: Array(good.prefix(count))) }
        }
        for position in good.indices {
            for flip: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
                var broken = good
                broken[position] ^= flip
                do {
                    // A changed type can turn a chunk into one that is skipped, but never the pixels into others.
                    let seen = try Picture(png: broken)
                    #expect(seen == picture, "byte \(position)")
                } catch { #expect(error is GibbsError) }
            }
        }
    }

    /// What no pixel needs is passed over, broken or not.
    @Test func chunksBesideThePicture() throws {
        var broken = chunk("tEXt", Array("a".utf8) + [0] + Array("b".utf8))
        broken[broken.count - 1] ^= 1
        let zeros = try gzipped(pad.file("zeros", [UInt8](repeating: 0, count: 20_000_000)))
        let others = [broken, chunk("zTXt", [0x61, 0, 0, 0x78, 0x9C] + zeros.dropFirst(10)), chunk("iCCP", [0x61, 0, 0] + zeros),
                      chunk("gAMA", big(1)), chunk("gAMA", []), chunk("bKGD", [9]), chunk("zzZz", [1, 2, 3])]
        for other in others {
            #expect(try Picture(png: handmadePNG(height: 1, width: 2, kind: 4, rows: [[90, 255, 100, 51]], before: other)).pixels == [90, 20])
        }
    }
}
