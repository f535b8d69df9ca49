import Foundation
import Gibbs

/// The model that a command line names first, and its data second.
enum ModelArgument {
    /// Reads the model of `gibbs verb model data`.
    ///
    /// - Throws: As `Watchdog(contentsOf:)`; `GibbsError` with code `.usage` when the data is a model and the model is none.
    static func read(_ model: String, data: String, verb: String) throws -> Watchdog {
        do { return try Watchdog(contentsOf: model) } catch let error as GibbsError {
            if error.code == .unsuitableModel, (try? ImageModel(contentsOf: model)) != nil {
                throw GibbsError(.unsuitableModel, "holds a model of images where a watchdog on records is needed", at: .init(file: model), advice: "make one with gibbs fit table")
            }
            guard error.code != .cannotRead, isFile(data), (try? Watchdog(contentsOf: data)) != nil else { throw error }
            throw GibbsError(.usage, "the model comes first: gibbs \(verb) \(data) \(model)", advice: "'\(data)' is a model and '\(model)' is none")
        }
    }

    /// Not a pipe, which could be read only once.
    private static func isFile(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeRegular
    }
}
