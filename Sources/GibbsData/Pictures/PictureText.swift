/// Small letters for labels in pictures: five pixels wide and eight high, the lowest row for what hangs below the line.
enum PictureText {
    static let width = 5, height = 8
    /// From one letter to the next.
    static let step = 6

    /// The printable characters of ASCII from the space on. Bit 5r + c is the pixel in row r and column c.
    private static let glyphs: [UInt64] = [
        0x0000000000, 0x0100421084, 0x000000014A, 0x0295F57D4A, 0x011F4717C4, 0x0672222273, 0x0593511526, 0x0000000084,
        0x0208210888, 0x0088842082, 0x0009575480, 0x00084F9080, 0x1118000000, 0x00000F8000, 0x018C000000, 0x0042222210,
        0x03A33AE62E, 0x03884210C4, 0x07C444422E, 0x03A306422E, 0x0211F4A988, 0x03A3083C3F, 0x03A317844C, 0x008422221F,
        0x03A317462E, 0x01910F462E, 0x000C6018C0, 0x00886018C0, 0x0410411110, 0x0001F07C00, 0x0044441041, 0x010044422E,
        0x0383DAF62E, 0x04631FC62E, 0x03E317C62F, 0x03A210862E, 0x03E318C62F, 0x07C217843F, 0x004217843F, 0x07A31E862E,
        0x04631FC631, 0x038842108E, 0x019284211C, 0x0452519531, 0x07C2108421, 0x04631AD771, 0x04639ACE31, 0x03A318C62E,
        0x004217C62F, 0x059358C62E, 0x045257C62F, 0x03E107043E, 0x010842109F, 0x03A318C631, 0x011518C631, 0x04775AC631,
        0x0462A22A31, 0x0108422A31, 0x07C222221F, 0x038421084E, 0x0420820821, 0x039084210E, 0x0000004544, 0xF800000000,
        0x0000000082, 0x07A3E83800, 0x03E318BC21, 0x078210F800, 0x07A318FA10, 0x0383F8B800, 0x0084213C4C, 0x743D18F800,
        0x046318BC21, 0x0388421804, 0x3250843008, 0x024A32A421, 0x0388421086, 0x056B5AAC00, 0x046318BC00, 0x03A318B800,
        0x085F18BC00, 0x843D18F800, 0x004219B400, 0x03E0E0F800, 0x0304213C42, 0x07A318C400, 0x011518C400, 0x02AB5AC400,
        0x0454454400, 0x743D18C400, 0x07C4447C00, 0x0208411088, 0x0108421084, 0x0088441082, 0x00009AC800,
    ]

    /// The pixels that a line of text needs, without a gap after its last letter.
    static func width(of text: String) -> Int { max(0, text.unicodeScalars.count * step - 1) }

    /// Draws in black, each pixel of a letter as a square of `scale × scale`; what lies outside is cut off. Letters beyond
    /// ASCII become question marks.
    static func draw(_ text: String, row: Int, column: Int, scale: Int, on picture: inout Picture) {
        for (index, letter) in text.unicodeScalars.enumerated() {
            let known = letter.value >= 32 && letter.value < 127
            let glyph = glyphs[Int(known ? letter.value : 63) - 32]
            for bit in 0 ..< width * height where glyph >> UInt64(bit) & 1 == 1 {
                let r = row + bit / width * scale, c = column + (index * step + bit % width) * scale
                picture.fill(rows: r ..< r + scale, columns: c ..< c + scale, with: Colour(0, 0, 0))
            }
        }
    }
}

extension Picture {
    /// Fills a rectangle, cut to the picture.
    mutating func fill(rows: Range<Int>, columns: Range<Int>, with colour: Colour) {
        let colours = channels == 1 ? [colour.green] : [colour.red, colour.green, colour.blue]
        for r in rows.clamped(to: 0 ..< height) {
            for c in columns.clamped(to: 0 ..< width) {
                for part in 0 ..< channels { pixels[(r * width + c) * channels + part] = colours[part] }
            }
        }
    }

    /// Copies another picture, which must lie inside and have as many channels.
    mutating func place(_ other: Picture, row: Int, column: Int) {
        let length = other.width * channels
        for r in 0 ..< other.height {
            let start = ((row + r) * width + column) * channels
            pixels.replaceSubrange(start ..< start + length, with: other.pixels[r * length ..< (r + 1) * length])
        }
    }
}
