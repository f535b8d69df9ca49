import Gibbs

/// The first images of a file, the cues made of them, and what a model made of the cues: three rows of a picture.
struct CueSheet {
    /// The images as they are; shape `[images, pixels]`.
    let originals: Matrix
    private let target: PictureTarget, shape: ImageShape

    /// Reads the images.
    ///
    /// - Throws: `GibbsError` as `LabelledImages`, and with code `.limitExceeded` for a picture that would be too large.
    init(_ cues: String, count: Int, for model: ImageModel, target: PictureTarget, input: InputOptions) throws {
        let read = try LabelledImages(path: cues, shape: model.shape, white: model.training.white, options: input.options()).fitting(model.shape, file: cues)
        (originals, self.target, shape) = (read.images.slice(0 ..< min(count, read.images.rows)), target, model.shape)
        if originals.rows > 0 { try target.check(images: 3 * originals.rows, shape: shape, columns: originals.rows) }
    }

    /// Writes the picture, or what was made of the cues as an array.
    func write(spoilt: Matrix, restored: Matrix) throws {
        try target.write(originals.appending(spoilt).appending(restored), raw: restored, shape: shape, columns: originals.rows)
    }
}
