import CZlib
import GibbsNumerics

/// Animated PNG: pictures shown in turn, for ever, by browsers and most viewers; others show the first one.
///
/// - Source: W3C, *Portable Network Graphics (PNG) Specification, Third Edition*, sections 4.9 and 11.3.6: `acTL` counts the
///   frames, `fcTL` goes before each, and the compressed pixels of all frames but the first stand in `fdAT`.
public struct Animation {
    /// Writes pictures as one animated PNG file, complete or not at all.
    ///
    /// - Parameters:
    ///   - frames: At least one, all of one size; where some are grey and some are not, all become coloured.
    ///   - delay: Seconds that each frame is shown, `0.001...60`, kept to the millisecond.
    ///   - path: Where; `.png` or `.apng` by custom.
    /// - Throws: `.unsuitableData` for no frames, `.shapeMismatch` for different sizes, `.usage` for another delay,
    ///   `.limitExceeded` for frames beyond `Picture.largestPixelCount`, `.cannotWrite`.
    /// - Complexity: About 30 ms a megapixel; one compressed frame in memory at a time.
    public static func write(frames: [Picture], delay: Double, to path: String) throws {
        do {
            let file = try OutputFile(path: path)
            try emit(frames: frames, delay: delay) { try file.write($0) }
            try file.commit()
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }

    /// The same in memory.
    ///
    /// - Throws: As above, but for `.cannotWrite`.
    public static func png(frames: [Picture], delay: Double) throws -> [UInt8] {
        var bytes = [UInt8]()
        try emit(frames: frames, delay: delay) { bytes += $0 }
        return bytes
    }

    private static func emit(frames: [Picture], delay: Double, to write: ([UInt8]) throws -> Void) throws {
        let first = try check(frames, delay: delay), isGrey = frames.allSatisfy { $0.channels == 1 }
        var sequence: UInt32 = 0
        for (index, frame) in frames.enumerated() {
            let png = try (isGrey ? frame : frame.coloured).png(), chunks = PNGChunk.all(of: png)
            if index == 0 {
                try write(Array(png[..<8]))
                // Before the first IDAT: the header, and that this is an animation which never ends.
                for chunk in chunks.prefix(while: { $0.kind != "IDAT" }) { try write(PNGChunk.bytes(chunk.kind, png[chunk.data])) }
                try write(PNGChunk.bytes("acTL", big(UInt32(frames.count)) + big(0)))
            }
            try write(PNGChunk.bytes("fcTL", control(sequence, first, delay)))
            sequence += 1
            for chunk in chunks where chunk.kind == "IDAT" {
                if index == 0 {
                    try write(PNGChunk.bytes("IDAT", png[chunk.data]))
                } else {
                    try write(PNGChunk.bytes("fdAT", big(sequence) + png[chunk.data]))
                    sequence += 1
                }
            }
        }
        try write(PNGChunk.bytes("IEND", []))
    }

    private static func check(_ frames: [Picture], delay: Double) throws -> Picture {
        guard delay >= 0.001, delay <= 60 else {
            throw GibbsError(.usage, "a delay of \(delay) seconds", advice: "give one between 0.001 and 60")
        }
        guard let first = frames.first else {
            throw GibbsError(.unsuitableData, "no frames to show", advice: "give at least one")
        }
        for (index, frame) in frames.enumerated() where frame.height != first.height || frame.width != first.width {
            throw GibbsError(.shapeMismatch, "frame \(index + 1) has \(frame.height) × \(frame.width) pixels and the first "
                             + "\(first.height) × \(first.width)", advice: "give frames of one size")
        }
        return first
    }

    /// Frame control: sequence number, width, height, offsets, the delay in thousandths (0x03E8); the frame stays (0) and replaces (0).
    private static func control(_ sequence: UInt32, _ frame: Picture, _ delay: Double) -> [UInt8] {
        let milliseconds = UInt16((delay * 1000).rounded())
        return big(sequence) + big(UInt32(frame.width)) + big(UInt32(frame.height)) + big(0) + big(0)
            + [UInt8(milliseconds >> 8), UInt8(milliseconds & 0xFF), 0x03, 0xE8, 0, 0]
    }
}

/// A piece of a PNG file: length, four letters, data, checksum.
private struct PNGChunk {
    let kind: String
    let data: Range<Int>

    /// The chunks of a file that we have just encoded; nothing else may come here, for nothing is checked.
    static func all(of png: [UInt8]) -> [PNGChunk] {
        var chunks = [PNGChunk](), start = 8
        while start < png.count {
            let length = png[start ..< start + 4].reduce(0) { $0 << 8 | Int($1) }
            chunks.append(PNGChunk(kind: String(decoding: png[start + 4 ..< start + 8], as: UTF8.self),
                                   data: start + 8 ..< start + 8 + length))
            start += 12 + length
        }
        return chunks
    }

    static func bytes(_ kind: String, _ data: some Collection<UInt8>) -> [UInt8] {
        let body = Array(kind.utf8) + data
        return big(UInt32(data.count)) + body + big(UInt32(truncatingIfNeeded: crc32(0, body, UInt32(body.count))))
    }
}

/// Most significant byte first, as PNG writes numbers.
private func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
