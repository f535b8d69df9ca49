import Foundation
import Gibbs

/// The image model that a command line names.
enum ImageArgument {
    /// - Throws: As `ImageModel(contentsOf:)`; a watchdog is told from a file that is damaged.
    static func read(_ path: String) throws -> ImageModel {
        do { return try ImageModel(contentsOf: path) } catch let error as GibbsError {
            guard error.code == .unsuitableModel, (try? Watchdog(contentsOf: path)) != nil else { throw error }
            throw GibbsError(.unsuitableModel, "holds a watchdog on records where a model of images is needed", at: .init(file: path), advice: "make one with gibbs fit images")
        }
    }
}
