import GibbsNumerics

extension Layer {
    /// An autoencoder of images: convolutions that halve the sides down to some four pixels, a linear map to `latent` numbers, and the same way back.
    ///
    /// Sides of any size come back as they were: even ones are halved by kernels of four pixels, odd ones by kernels of three, whose transposes end where
    /// they began. Where height is even and width odd, or the other way round, halving stops, and the linear map takes what there is; where there
    /// was none, a layer of 400 numbers goes between. Of 28 × 28 pixels: 16 channels of 14 × 14, 32 of 7 × 7, 64 of 4 × 4, `latent` numbers, and back.
    ///
    /// - Parameters:
    ///   - shape: Channels, height and width.
    ///   - latent: Numbers in the middle.
    ///   - activation: Between the layers; none at the end.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for rows that are no images, `.usage` for no number in the middle.
    public static func autoencoder(of shape: [Int], latent: Int, activation: Layer = .silu) throws -> [Layer] {
        guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
            throw GibbsError(.shapeMismatch, "an autoencoder of rows of the shape \(shape)", advice: "give [channels, height, width]")
        }
        guard latent > 0 else { throw GibbsError(.usage, "an autoencoder with \(latent) numbers in the middle", advice: "give at least one") }
        var sides = [(shape[1], shape[2])]
        while let (height, width) = sides.last, min(height, width) > 4, height % 2 == width % 2 { sides.append(((height + 1) / 2, (width + 1) / 2)) }
        // The smallest images have 64 channels, those before them half as many each, and none fewer than 16.
        let count = sides.count - 1, channels = [shape[0]] + (0 ..< count).map { max(16, 64 >> (count - 1 - $0)) }
        let kernels = sides.map { $0.0 % 2 == 0 ? 4 : 3 }, (height, width) = sides[count], flat = channels[count] * height * width
        let down = (0 ..< count).flatMap { [Layer.convolution(channels[$0 + 1], kernel: kernels[$0], stride: 2, padding: 1), activation] }
        let up = (0 ..< count).reversed().flatMap { [activation, Layer.transposedConvolution(channels[$0], kernel: kernels[$0], stride: 2, padding: 1)] }
        let between: [Layer] = count > 0 ? [.linear(latent), .linear(flat)] : [.linear(400), activation, .linear(latent), .linear(400), activation, .linear(flat)]
        return down + [.flatten] + between + [.reshape([channels[count], height, width])] + up
    }
}
