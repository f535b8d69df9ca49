import Foundation
import Gibbs

/// The image model that a command line names.
enum ImageArgument {
    /// - Throws: As `AnyModel.read(_:)`, and with code `.unsuitableModel` for a model of another kind.
    static func read(_ path: String) throws -> ImageModel {
        let model = try AnyModel.read(path)
        guard case .images(let images) = model else { throw model.unfit(path, needed: "a model of images", maker: "gibbs fit images") }
        return images
    }
}
