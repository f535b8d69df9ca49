import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// The energies that a model file may name. A new kind of energy joins the watchdog by one line here.
enum ExpertKinds {
    static let readers: [String: @Sendable (Archive) throws -> any RecordEnergy] = [
        MemoryEnergy.kind: { try MemoryEnergy(archive: $0) },
        GaussianEnergy.kind: { try GaussianEnergy(archive: $0) },
        GaussianMixtureEnergy.kind: { try GaussianMixtureEnergy(archive: $0) },
        RBM.kind: { try RBM(archive: $0) },
        IndependentEnergy.kind: { try IndependentEnergy(archive: $0) },
    ]
}

extension GibbsError {
    /// The same error as one of a model file: whatever a model's parts say of numbers that no model can have, the file is damaged.
    var aboutModel: GibbsError {
        var copy = self
        copy.code = .unsuitableModel
        return copy
    }
}

/// JSON texts inside a model file.
enum JSON {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try! encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String, name: String) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
            throw GibbsError(.unsuitableModel, "the entry '\(name)' cannot be understood", advice: "the file is damaged or of another version")
        }
    }
}
