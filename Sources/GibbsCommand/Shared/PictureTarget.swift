import Foundation
import Gibbs

/// Where images go: a PNG to look at, or an NPY of the raw values.
struct PictureTarget {
    private let path: String
    private let scale: Int
    private let isArray: Bool

    /// - Throws: `GibbsError` with code `.usage` for another ending or a scale that makes no sense, `.cannotWrite` for a file that cannot be written.
    init(_ path: String, scale: Int) throws {
        guard path.hasSuffix(".png") || path.hasSuffix(".npy") else {
            throw GibbsError(.usage, "images go to a .png or a .npy, not to '\(path)'", advice: "end the name with .png to look at it, with .npy for the raw array")
        }
        guard (1 ... 64).contains(scale) else { throw GibbsError(.usage, "a picture \(scale) times as large", advice: "give --scale from 1 to 64") }
        // An output that cannot be written should fail before the work, not after.
        try OutputFile(path: path).discard()
        (self.path, self.scale, isArray) = (path, scale, path.hasSuffix(".npy"))
    }

    /// Refuses a sheet that is too large before there is anything to put on it.
    ///
    /// - Throws: As `Picture.checkSheet`.
    func check(images: Int, shape: ImageShape, columns: Int) throws {
        if !isArray { try Picture.checkSheet(of: images, height: shape.height, width: shape.width, columns: columns, scale: scale) }
    }

    /// Writes images as a sheet of so many columns, or their raw values as rows.
    func write(_ shown: Matrix, raw: Matrix, shape: ImageShape, columns: Int) throws {
        if isArray { return try NPY.write(raw, to: path) }
        try Picture.grid(of: shown, height: shape.height, width: shape.width, columns: columns, scale: scale).write(to: path)
    }
}
