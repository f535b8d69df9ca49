import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct PictureTests {
    let pad = Scratchpad()

    @Test(arguments: [1, 3]) func whatIsWrittenIsRead(channels: Int) throws {
        for (height, width) in [(1, 1), (7, 13), (120, 301)] {
            let picture = noise(height: height, width: width, channels: channels)
            try picture.write(to: pad.place("a.png"))
            #expect(try Picture(contentsOf: pad.place("a.png")) == picture)
            #expect(try Picture(png: picture.png()) == picture)
        }
        #expect(pad.names == ["a.png"])
    }

    @Test func fileIsWhatTheStandardSays() throws {
        let parts = try chunks(noise(height: 5, width: 9, channels: 3).png())
        #expect(parts.map(\.kind) == ["IHDR", "IDAT", "IEND"])
        #expect(parts[0].data == big(9) + big(5) + [8, 2, 0, 0, 0])
        #expect(try chunks(noise(height: 5, width: 9, channels: 1).png())[0].data == big(9) + big(5) + [8, 0, 0, 0, 0])
    }

    @Test(.enabled(if: pythonHas("PIL"))) func othersReadTheSamePixels() throws {
        for channels in [1, 3] {
            let picture = noise(height: 6, width: 11, channels: channels)
            try picture.write(to: pad.place("a.png"))
            let program = "from PIL import Image; i = Image.open('\(pad.place("a.png"))'); i.load(); print(i.mode, i.size, list(i.tobytes()))"
            let mode = channels == 1 ? "L" : "RGB"
            #expect(run(peersPython, ["-c", program]) == "\(mode) (11, 6) \(picture.pixels.map(Int.init))\n")
        }
    }

    @Test func everyKindOfPixelIsUnderstood() throws {
        func pixels(_ png: [UInt8]) throws -> [UInt8] { try Picture(png: png).pixels }
        // Grey of one bit: white, black, white.
        #expect(try pixels(handmadePNG(height: 1, width: 3, depth: 1, kind: 0, rows: [[0b1010_0000]])) == [255, 0, 255])
        // Grey of 16 bits is rounded, not cut: 0x10F0 / 257 is nearer to 17.
        #expect(try pixels(handmadePNG(height: 1, width: 2, depth: 16, kind: 0, rows: [[0x10, 0xF0, 0x12, 0x00]])) == [17, 18])
        // A palette of two colours, the second of them half transparent.
        let palette = chunk("PLTE", [10, 20, 30, 200, 100, 50]) + chunk("tRNS", [255, 128])
        #expect(try pixels(handmadePNG(height: 1, width: 2, depth: 8, kind: 3, rows: [[0, 1]], before: palette)) == [10, 20, 30, 100, 50, 25])
        // Grey with alpha, colours with alpha, and one grey that is transparent: on black.
        #expect(try pixels(handmadePNG(height: 1, width: 3, kind: 4, rows: [[200, 255, 200, 0, 200, 51]])) == [200, 0, 40])
        #expect(try pixels(handmadePNG(height: 1, width: 2, kind: 6, rows: [[255, 100, 0, 51, 9, 9, 9, 255]])) == [51, 20, 0, 9, 9, 9])
        #expect(try pixels(handmadePNG(height: 1, width: 2, kind: 0, rows: [[7, 90]], before: chunk("tRNS", [0, 90]))) == [7, 0])
    }

    @Test func brightnessesAreClippedAndMissingOnesAreGrey() throws {
        let picture = try Picture([-1, 0, 0.5, 1, 7, .nan] as [Float], height: 2, width: 3)
        #expect(picture.pixels == [0, 0, 128, 255, 255, 128])
        #expect(try Picture([0, 0.5, 1] as [Float], height: 1, width: 1)[0, 0] == Colour(0, 128, 255))
        #expect(try Picture([.infinity, -.infinity] as [Float], height: 1, width: 2).pixels == [255, 0])
    }

    @Test func sheetPutsEachPixelWhereItBelongs() throws {
        // Five images of 2 × 3; image k has brightness k / 5, and its last pixel is white.
        var images = Matrix(rows: 5, columns: 6)
        for k in 0 ..< 5 { for i in 0 ..< 6 { images[k, i] = i == 5 ? 1 : Float(k) / 5 } }
        let sheet = try Picture.grid(of: images, height: 2, width: 3, columns: 2, gap: 4, scale: 3)
        #expect((sheet.height, sheet.width, sheet.channels) == (3 * 6 + 2 * 4, 2 * 9 + 4, 1))
        for k in 0 ..< 5 {
            let top = k / 2 * (6 + 4), left = k % 2 * (9 + 4)
            #expect(sheet[top, left].red == UInt8(51 * k))
            #expect(sheet[top + 2, left + 8].red == UInt8(51 * k))
            #expect(sheet[top + 3, left + 6].red == 255 && sheet[top + 5, left + 8].red == 255)
            #expect(sheet[top + 5, left + 5].red == UInt8(51 * k))
        }
        #expect(sheet[6, 0].red == 255 && sheet[0, 9].red == 255 && sheet[20, 13].red == 255)
        let strip = try Picture.strip(of: images, height: 2, width: 3, gap: 1)
        #expect((strip.height, strip.width) == (2, 19))
        // Nearly square, whatever the shape of the images.
        let square = try Picture.grid(of: Matrix(rows: 12, columns: 6), height: 2, width: 3, gap: 0)
        #expect((square.height, square.width) == (8, 9))
    }

    @Test func labelsStandBesideTheirRows() throws {
        let images = [Picture](repeating: Picture(height: 10, width: 10, colour: Colour(9, 200, 9)), count: 3)
        let sheet = try Picture.grid(of: images, columns: 1, gap: 2, rowLabels: ["I", "", "α"])
        let left = sheet.width - 10
        #expect(left > 5 && sheet[0, left] == Colour(9, 200, 9))
        func inked(_ rows: Range<Int>) -> Int { rows.reduce(0) { sum, r in sum + (0 ..< left).count { sheet[r, $0] == Colour(0, 0, 0) } } }
        // An I is two bars of three and a stem of five; α becomes a question mark.
        #expect(inked(0 ..< 10) == 11 && inked(12 ..< 22) == 0 && inked(24 ..< 34) > 5)
    }

    @Test func filtersAreSymmetricAboutWhite() throws {
        let sheet = try Picture.filters(of: Matrix([[-2, 0, 2], [0.001, 0, -0.0005], [0, 0, 0]]), height: 1, width: 3, columns: 1, gap: 0, scale: 1)
        #expect((sheet.height, sheet.width) == (9, 5))
        let blue = sheet[1, 1], red = sheet[1, 3]
        #expect(blue == ColourMap.diverging(0) && red == ColourMap.diverging(1))
        #expect(blue.blue > blue.red && red.red > red.blue)
        #expect(sheet[1, 2] == Colour(255, 255, 255))
        #expect(sheet[4, 1] == red && sheet[4, 3] == ColourMap.diverging(0.25))
        #expect((1 ... 3).allSatisfy { sheet[7, $0] == Colour(255, 255, 255) })
        #expect(sheet[0, 0] == sheet[8, 4] && sheet[0, 0] != Colour(255, 255, 255))
        let downward = try Picture.filters(of: Matrix([[-2, 1, 0]]), height: 1, width: 3, scale: 1)
        #expect(downward[1, 1] == blue && downward[1, 2] == ColourMap.diverging(0.75))
        let odd = try Picture.filters(of: Matrix([[.infinity, .nan, -1]]), height: 1, width: 3, scale: 1)
        #expect(odd[1, 1] == red && odd[1, 2] == Colour(128, 128, 128) && odd[1, 3] == Colour(255, 255, 255))
    }

    @Test func refusals() {
        let images = Matrix(rows: 4, columns: 6)
        expectError(.shapeMismatch, "6 values", "2 × 2") { try Picture.grid(of: images, height: 2, width: 2) }
        expectError(.usage, "0 × 6") { try Picture.grid(of: images, height: 0, width: 6) }
        expectError(.usage, "images of") { try Picture.grid(of: images, height: .max, width: .max) }
        expectError(.usage, "0 columns") { try Picture.grid(of: images, height: 2, width: 3, columns: 0) }
        expectError(.usage, "gap -1") { try Picture.grid(of: images, height: 2, width: 3, gap: -1) }
        expectError(.usage, "scale 0") { try Picture.grid(of: images, height: 2, width: 3, scale: 0) }
        expectError(.usage, "scale 0") { try Picture.filters(of: images, height: 2, width: 3, scale: 0) }
        expectError(.shapeMismatch, "6 weights") { try Picture.filters(of: images, height: 2, width: 1) }
        for (columns, gap, scale) in [(Int.max, 2, 1), (2, .max, 1), (2, 2, .max), (2, 30_000_000, 1), (2, 2, 4000)] {
            expectError(.limitExceeded, "sheet") { try Picture.grid(of: images, height: 2, width: 3, columns: columns, gap: gap, scale: scale) }
        }
        for scale in [Int.max, 60_000_000, 3000] {
            expectError(.limitExceeded, "sheet") { try Picture.filters(of: images, height: 2, width: 3, scale: scale) }
        }
        expectError(.unsuitableData, "no images") { try Picture.grid(of: Matrix(rows: 0, columns: 6), height: 2, width: 3) }
        expectError(.shapeMismatch, "1 × 2 and 2 × 1") {
            try Picture.grid(of: [noise(height: 1, width: 2, channels: 1), noise(height: 2, width: 1, channels: 1)])
        }
        expectError(.cannotWrite, "no/where") { try noise(height: 1, width: 1, channels: 1).write(to: pad.place("no/where/a.png")) }
        #expect(throws: Never.self) { try Picture.checkSheet(of: 8_000, height: 8, width: 100, columns: 80, gap: 2, scale: 1) }
        expectError(.limitExceeded, "sheet") { try Picture.checkSheet(of: .max, height: 8, width: 100, columns: 10) }
        expectError(.usage, "0 images") { try Picture.checkSheet(of: 0, height: 8, width: 100, columns: 10) }
        expectError(.limitExceeded, "pixels") { try Picture(height: 8001, width: 8000, channels: 1, pixels: .init(repeating: 0, count: 8001 * 8000)).png() }
    }
}
