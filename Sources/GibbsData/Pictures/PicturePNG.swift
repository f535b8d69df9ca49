import CPictures
import GibbsNumerics

extension Picture {
    /// Reads a PNG file, plain or gzip; `-` is standard input.
    ///
    /// Grey stays one channel and everything else becomes three. Palettes become their colours, 16 bits are rounded to 8,
    /// and what is transparent shows black. Of an animation the first frame is read.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - pixelLimit: The most pixels that are accepted; memory stays within 16 bytes for each of them.
    /// - Throws: `.cannotRead`; `.malformedData` for a file that is no PNG, is cut off or has wrong checksums;
    ///   `.limitExceeded` beyond `pixelLimit`.
    public init(contentsOf path: String, pixelLimit: Int = largestPixelCount) throws {
        let name = path == "-" ? "standard input" : path
        do {
            // Random 16-bit colours with transparency, which nothing compresses, and some room for headers and texts.
            let bytes = try InputFile(path: path).bytes(limit: max(pixelLimit, 0) * 9 + 1 << 24)
            try self.init(png: bytes, pixelLimit: pixelLimit)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: name))
        }
    }

    /// Reads a PNG in memory, as above.
    ///
    /// - Throws: `.malformedData` for bytes that are no PNG or a damaged one; `.limitExceeded` beyond `pixelLimit`.
    public init(png bytes: [UInt8], pixelLimit: Int = largestPixelCount) throws {
        var raw = gp_picture()
        let status = bytes.withUnsafeBufferPointer { gp_decode($0.baseAddress, $0.count, UInt64(max(pixelLimit, 0)), &raw) }
        defer { gp_free(raw.pixels) }
        switch Int(status) {
        case GP_OK:
            let count = Int(raw.height) * Int(raw.width) * Int(raw.channels)
            self.init(height: Int(raw.height), width: Int(raw.width), channels: Int(raw.channels),
                      pixels: Array(UnsafeBufferPointer(start: raw.pixels, count: count)))
        case GP_NOT_PNG:
            throw GibbsError(.malformedData, "is not a PNG picture", advice: "convert it to PNG")
        case GP_TOO_LARGE:
            throw GibbsError(.limitExceeded, "a picture of \(raw.height) × \(raw.width) pixels, more than \(pixelLimit)",
                             advice: "reduce it, or raise pixelLimit")
        case GP_NO_MEMORY:
            throw GibbsError(.limitExceeded, "no memory for a picture of \(raw.height) × \(raw.width) pixels", advice: "reduce it")
        default:
            throw GibbsError(.malformedData, "the picture is damaged (\(Self.text(&raw.reason)))", advice: "fetch or convert it again")
        }
    }

    /// This picture as a PNG in memory, losslessly compressed.
    ///
    /// - Throws: `.limitExceeded` beyond `largestPixelCount` pixels or when memory runs out.
    /// - Complexity: About 30 ms a megapixel.
    public func png() throws -> [UInt8] {
        try checkSize()
        var bytes: UnsafeMutablePointer<UInt8>?, count = 0, reason = [CChar](repeating: 0, count: 128)
        let status = pixels.withUnsafeBufferPointer { buffer in
            var raw = gp_picture()
            (raw.height, raw.width, raw.channels) = (UInt32(height), UInt32(width), UInt32(channels))
            raw.pixels = UnsafeMutablePointer(mutating: buffer.baseAddress)
            return gp_encode(&raw, 6, &bytes, &count, &reason)
        }
        defer { gp_free(bytes) }
        guard Int(status) == GP_OK, let bytes else {
            throw GibbsError(.limitExceeded, "no memory to compress \(height) × \(width) pixels", advice: "write a smaller picture")
        }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Writes this picture as a PNG file, complete or not at all.
    ///
    /// - Throws: `.cannotWrite`; `.limitExceeded` as `png()`.
    public func write(to path: String) throws {
        do {
            try OutputFile.write(png(), to: path)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }

    func checkSize() throws {
        guard height <= Self.largestPixelCount / width else {
            throw GibbsError(.limitExceeded, "\(height) × \(width) pixels, more than \(Self.largestPixelCount)",
                             advice: "lower the scale or show fewer images")
        }
    }

    private static func text<T>(_ characters: inout T) -> String {
        withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
