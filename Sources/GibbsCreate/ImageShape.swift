import GibbsNumerics

/// The extent of grey images that are rows of a matrix, pixel after pixel.
public struct ImageShape: Sendable, Hashable, Codable {
    /// Rows of pixels.
    public let height: Int
    /// Pixels a row.
    public let width: Int

    /// Images of this extent.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// Pixels of an image.
    public var pixels: Int { height * width }

    /// The mean of |Σ of the four neighbours − 4 · pixel| over the inner pixels of every image: how sharp its edges are, in units of the
    /// pixels. Traps unless the columns are the pixels.
    ///
    /// - Source: Pech-Pacheco et al., *Diatom autofocusing in brightfield microscopy*, ICPR 2000, there as the variance.
    public func sharpness(of images: Matrix) -> [Float] {
        precondition(images.columns == pixels, "\(images.columns) columns for \(height) × \(width) pixels")
        return (0 ..< images.rows).map { image in
            var sum: Float = 0
            for row in 1 ..< max(1, height - 1) {
                for column in 1 ..< max(1, width - 1) {
                    let at = image * pixels + row * width + column, x = images.values
                    sum += abs(x[at - 1] + x[at + 1] + x[at - width] + x[at + width] - 4 * x[at])
                }
            }
            return sum / Float(max(1, (height - 2) * (width - 2)))
        }
    }
}
