import Foundation
import GibbsNumerics

/// The files of an encoder in its folder, as Hugging Face keeps them.
package struct EncoderFolder: Sendable, Hashable {
    /// The folder.
    package let path: String

    /// The files in this folder, which need not be there.
    package init(_ path: String) { self.path = path }

    /// The sizes.
    var config: String { place("config.json") }
    /// The vocabulary, and what is done to a text before it is looked up.
    var tokenizer: String { place("tokenizer.json") }
    /// The tensors.
    var weights: String { place("model.safetensors") }
    /// How states become a vector; the one file that a folder may lack.
    var pooling: String { place("1_Pooling/config.json") }

    /// Whether an encoder lies here.
    package var isThere: Bool { FileManager.default.fileExists(atPath: config) }
    /// Whether it says how states become a vector.
    var hasPooling: Bool { FileManager.default.fileExists(atPath: pooling) }

    private func place(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// The error for a file that cannot be read.
    static let unreadable = GibbsError(.cannotRead, "cannot be read", advice: "name a folder with tokenizer.json, config.json and model.safetensors")
}
