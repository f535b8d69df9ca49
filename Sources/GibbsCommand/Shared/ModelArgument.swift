import Foundation
import Gibbs

/// The model that a command line names first, and its data second.
enum ModelArgument {
    /// Reads the model of `gibbs verb model data`.
    ///
    /// - Throws: As `AnyModel.read(_:)`; `GibbsError` with code `.usage` when the data is a model and the model is none.
    static func read(_ model: String, data: String, verb: String) throws -> AnyModel {
        do { return try AnyModel.read(model) } catch let error as GibbsError {
            guard error.code != .cannotRead, isFile(data), (try? AnyModel.read(data)) != nil else { throw error }
            throw GibbsError(.usage, "the model comes first: gibbs \(verb) \(data) \(model)", advice: "'\(data)' is a model and '\(model)' is none")
        }
    }

    /// Not a pipe, which could be read only once.
    private static func isFile(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeRegular
    }
}
