import GibbsNumerics

/// A picture in memory: 8 bits a channel, rows from the top, pixels from the left.
public struct Picture: Sendable, Hashable {
    /// Pixels from top to bottom, at least 1.
    public let height: Int
    /// Pixels from left to right, at least 1.
    public let width: Int
    /// Bytes a pixel: 1 for grey, 3 for red, green and blue.
    public let channels: Int
    /// `height * width * channels` bytes; the pixel in row r and column c begins at `(r * width + c) * channels`.
    public var pixels: [UInt8]

    /// The most pixels that a picture read or written may have, unless a reader is told otherwise: 64 million.
    public static let largestPixelCount = 64_000_000

    /// Wraps pixels. Traps unless there are `height * width * channels` of them, both sides are positive and `channels` is
    /// 1 or 3.
    public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
        precondition(height > 0 && width > 0 && (channels == 1 || channels == 3), "\(height) × \(width) × \(channels) pixels")
        precondition(pixels.count == height * width * channels, "\(pixels.count) bytes for \(height) × \(width) × \(channels)")
        (self.height, self.width, self.channels, self.pixels) = (height, width, channels, pixels)
    }

    /// A picture of one colour, with three channels. Traps as above.
    public init(height: Int, width: Int, colour: Colour) {
        var pixels = [UInt8](repeating: colour.red, count: height * width * 3)
        if colour.green != colour.red || colour.blue != colour.red {
            for i in stride(from: 0, to: pixels.count, by: 3) { (pixels[i + 1], pixels[i + 2]) = (colour.green, colour.blue) }
        }
        self.init(height: height, width: width, channels: 3, pixels: pixels)
    }

    /// A picture from brightnesses in row-major order, such as one row of a `Matrix` of images.
    ///
    /// - Parameters:
    ///   - values: `height * width` numbers for grey, or three times as many for red, green and blue side by side in each pixel; 0 is
    ///     black and 1 is white.
    ///   - height: Rows of pixels.
    ///   - width: Pixels a row.
    /// - Throws: `.shapeMismatch` for another count, `.usage` for a side that is not positive. Values outside `0...1` are
    ///   no error and are clipped; `nan` is shown as mid grey.
    public init(_ values: some RandomAccessCollection<Float>, height: Int, width: Int) throws {
        let channels = try Self.channels(of: values.count, height: height, width: width)
        self.init(height: height, width: width, channels: channels, pixels: values.map(Self.level))
    }

    /// A pixel of a grey picture in all three parts, or of a coloured one. Traps outside.
    public subscript(row: Int, column: Int) -> Colour {
        precondition(row >= 0 && row < height && column >= 0 && column < width, "pixel \(row), \(column) of \(height) × \(width)")
        let start = (row * width + column) * channels
        return Colour(pixels[start], pixels[start + (channels - 1) / 2], pixels[start + channels - 1])
    }

    /// Every pixel as a square of `factor × factor`. Traps for a factor that is not positive.
    public func scaled(by factor: Int) -> Picture {
        precondition(factor > 0, "a scale of \(factor)")
        guard factor > 1 else { return self }
        var result = [UInt8]()
        result.reserveCapacity(pixels.count * factor * factor)
        for r in 0 ..< height {
            var line = [UInt8]()
            for c in 0 ..< width {
                let pixel = pixels[(r * width + c) * channels ..< (r * width + c + 1) * channels]
                for _ in 0 ..< factor { line.append(contentsOf: pixel) }
            }
            for _ in 0 ..< factor { result.append(contentsOf: line) }
        }
        return Picture(height: height * factor, width: width * factor, channels: channels, pixels: result)
    }

    /// The same picture on white, with that many pixels more on every side. Traps for a negative number.
    public func inMargin(_ pixels: Int) -> Picture {
        precondition(pixels >= 0, "a margin of \(pixels)")
        let sides = (height: height + 2 * pixels, width: width + 2 * pixels)
        var result = Picture(height: sides.height, width: sides.width, channels: channels, pixels: [UInt8](repeating: 255, count: sides.height * sides.width * channels))
        result.place(self, row: pixels, column: pixels)
        return result
    }

    /// The same picture with three channels.
    public var coloured: Picture {
        guard channels == 1 else { return self }
        return Picture(height: height, width: width, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
    }

    static func level(_ value: Float) -> UInt8 {
        value.isNaN ? 128 : UInt8((min(max(value, 0), 1) * 255).rounded())
    }

    /// 1 or 3: what makes `count` values an image of these sides.
    static func channels(of count: Int, height: Int, width: Int) throws -> Int {
        guard height > 0, width > 0, height <= largestPixelCount / width else {
            throw GibbsError(.usage, "images of \(height) × \(width) pixels",
                             advice: "give a positive height and width with at most \(largestPixelCount) pixels")
        }
        guard count == height * width || count == 3 * height * width else {
            throw GibbsError(.shapeMismatch, "\(count) values for an image of \(height) × \(width) pixels",
                             advice: "give \(height * width) values for grey or \(3 * height * width) for colours")
        }
        return count / (height * width)
    }
}
