import Foundation
import GibbsData
import GibbsNumerics

extension TextEncoder {
    /// A digest over the three files of an encoder's folder, and `1_Pooling/config.json` where it asks for another pooling than the mean, by which a model remembers which
    /// encoder its texts were read by; see `Digest`.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, naming the file; as `Pooling` for a pooling that cannot be served.
    /// - Complexity: Reads all weights; a tenth of a second for 22 million.
    public static func digest(ofFolder folder: String) throws -> String {
        let folder = EncoderFolder(folder)
        var digest = Digest()
        for path in [folder.config, folder.tokenizer, folder.weights] + (try Pooling(of: folder) == .mean ? [] : [folder.pooling]) {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { throw EncoderFolder.unreadable.located(at: .init(file: path)) }
            data.withUnsafeBytes { digest.update($0) }
        }
        return digest.hex
    }

    /// Whether the tokenizer finds anything to read in a text.
    public func reads(_ text: String) -> Bool { tokenizer.tokens(of: text, limit: shape.positions).ids.count > 2 }
}
