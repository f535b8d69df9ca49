import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct AnimationTests {
    let pad = Scratchpad()
    private let frames = (0 ..< 4).map { noise(height: 90, width: 120, channels: $0 == 2 ? 3 : 1, UInt64($0)) }

    @Test func chunksComeInOrder() throws {
        let parts = try chunks(Animation.png(frames: frames, delay: 0.04))
        #expect(parts.map(\.kind).prefix(4) == ["IHDR", "acTL", "fcTL", "IDAT"])
        #expect(parts[1].data == big(4) + big(0))
        #expect(parts.count { $0.kind == "IHDR" || $0.kind == "acTL" || $0.kind == "IEND" } == 3)
        #expect(parts.count { $0.kind == "fcTL" } == 4)
        let numbered = parts.filter { $0.kind == "fcTL" || $0.kind == "fdAT" }
        #expect(numbered.map { number($0.data.prefix(4)) } == Array(numbered.indices))
        for control in parts where control.kind == "fcTL" {
            #expect(Array(control.data.dropFirst(4)) == big(120) + big(90) + big(0) + big(0) + [0, 40, 0x03, 0xE8, 0, 0])
        }
    }

    /// Each frame, taken out as a file of its own, has the pixels that went in.
    @Test func framesKeepTheirPixels() throws {
        let parts = try chunks(Animation.png(frames: frames, delay: 1)), header = chunk("IHDR", parts[0].data)
        var pixels = [[UInt8]]()
        for part in parts.dropFirst() {
            switch part.kind {
            case "fcTL": pixels.append([])
            case "IDAT": pixels[pixels.count - 1] += chunk("IDAT", part.data)
            case "fdAT": pixels[pixels.count - 1] += chunk("IDAT", Array(part.data.dropFirst(4)))
            default: break
            }
        }
        let seen = try pixels.map { try Picture(png: pngMagic + header + $0 + chunk("IEND", [])) }
        #expect(seen == frames.map(\.coloured))
        try Animation.write(frames: Array(frames.prefix(2)), delay: 1, to: pad.place("a.png"))
        #expect(try Picture(contentsOf: pad.place("a.png")) == frames[0])
    }

    @Test(.enabled(if: pythonHas("PIL"))) func othersSeeTheFrames() throws {
        try Animation.write(frames: frames, delay: 0.25, to: pad.place("a.png"))
        let program = """
        from PIL import Image; i = Image.open('\(pad.place("a.png"))'); print(i.n_frames, i.info['duration'], i.info['loop'])
        i.seek(3); print(list(i.convert('RGB').tobytes()[:9]))
        """
        #expect(run(peersPython, ["-c", program]) == "4 250.0 0\n\(frames[3].coloured.pixels.prefix(9).map(Int.init))\n")
    }

    @Test func refusals() {
        expectError(.unsuitableData, "no frames") { try Animation.png(frames: [], delay: 1) }
        for delay in [0, -1, 61, Double.nan, .infinity] {
            expectError(.usage, "delay") { try Animation.png(frames: frames, delay: delay) }
        }
        expectError(.shapeMismatch, "frame 2", "a.png") {
            try Animation.write(frames: [frames[0], noise(height: 90, width: 121, channels: 1)], delay: 1, to: pad.place("a.png"))
        }
        #expect(pad.names == [])
    }
}
