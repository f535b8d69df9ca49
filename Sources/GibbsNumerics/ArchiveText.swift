import Foundation

/// JSON texts inside an archive's metadata.
package enum JSON {
    /// The text of a value, its keys in order, so that equal values give equal texts.
    package static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try! encoder.encode(value), as: UTF8.self)
    }

    /// The value of a text.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`, naming the entry.
    package static func decode<Value: Decodable>(_ type: Value.Type, from text: String, name: String) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
            throw GibbsError(.unsuitableModel, "the entry '\(name)' cannot be understood", advice: "the file is damaged or of another version")
        }
    }
}

extension GibbsError {
    /// The same error as one of a model file: whatever a model's parts say of numbers that no model can have, the file is damaged.
    package var aboutModel: GibbsError {
        var copy = self
        copy.code = .unsuitableModel
        return copy
    }
}
