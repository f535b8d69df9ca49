import Foundation
import GibbsData
import Testing

let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

func big(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian, Array.init) }

func number(_ bytes: some Sequence<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + data
    return big(data.count) + body + big(Int(crc32(body)))
}

/// A PNG written by hand, so that every kind of pixel and every lie can be told. Rows have no filter and no compression.
func handmadePNG(height: Int, width: Int, depth: UInt8 = 8, kind: UInt8, rows: [[UInt8]], before: [UInt8] = []) -> [UInt8] {
    var raw = [UInt8](), a = 1, b = 0
    for row in rows { raw += [0] + row }
    for byte in raw {
        a = (a + Int(byte)) % 65521
        b = (b + a) % 65521
    }
    let length = raw.count
    let little: [UInt8] = [UInt8(length & 255), UInt8(length >> 8)]
    let stored: [UInt8] = [0x78, 0x01, 1] + little + little.map { ~$0 }
    return pngMagic + chunk("IHDR", big(width) + big(height) + [depth, kind, 0, 0, 0]) + before
        + chunk("IDAT", stored + raw + big(b << 16 | a)) + chunk("IEND", [])
}

/// The chunks of a PNG, with the magic, every checksum and the end checked.
func chunks(_ png: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> [(kind: String, data: [UInt8])] {
    #expect(Array(png.prefix(8)) == pngMagic, sourceLocation: sourceLocation)
    var result = [(kind: String, data: [UInt8])](), start = 8
    while start + 12 <= png.count {
        let end = start + 8 + number(png[start ..< start + 4])
        guard end + 4 <= png.count else { break }
        #expect(number(png[end ..< end + 4]) == Int(crc32(png[start + 4 ..< end])), "checksum at \(start)", sourceLocation: sourceLocation)
        result.append((String(decoding: png[start + 4 ..< start + 8], as: UTF8.self), Array(png[start + 8 ..< end])))
        start = end + 4
    }
    #expect(start == png.count, "\(png.count - start) bytes left over", sourceLocation: sourceLocation)
    #expect(result.last?.kind == "IEND", sourceLocation: sourceLocation)
    return result
}

/// A picture that no filter predicts.
func noise(height: Int, width: Int, channels: Int, _ seed: UInt64 = 5) -> Picture {
    var dice = Dice(seed)
    return Picture(height: height, width: width, channels: channels,
                   pixels: (0 ..< height * width * channels).map { _ in UInt8.random(in: 0 ... 255, using: &dice) })
}
