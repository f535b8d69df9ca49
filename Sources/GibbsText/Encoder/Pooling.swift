import Foundation
import GibbsNumerics

/// How the last states of a text's tokens become one vector.
///
/// - Source: Reimers & Gurevych, *Sentence-BERT*, EMNLP 2019, section 3.
public enum Pooling: Sendable, Hashable {
    /// Their mean, `[CLS]` and `[SEP]` included.
    case mean
    /// The state of `[CLS]`, the first.
    case firstToken

    /// What the `1_Pooling/config.json` of sentence-transformers says; the mean where a folder has none.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`; `.malformedData` for what is no such file; `.unsuitableModel` for another mode, several or none,
    ///   which it names.
    init(of folder: EncoderFolder) throws {
        guard folder.hasPooling else {
            self = .mean
            return
        }
        self = try GibbsError.naming(folder.pooling) { () throws -> Pooling in
            guard let data = FileManager.default.contents(atPath: folder.pooling) else { throw EncoderFolder.unreadable }
            guard let entries = try? JSONDecoder().decode([String: Entry].self, from: data) else {
                throw GibbsError(.malformedData, "is no pooling configuration", advice: "give the file that belongs to the model; it says true or false to pooling_mode_mean_tokens and the like")
            }
            let modes = entries.filter { $0.key.hasPrefix("pooling_mode") && $0.value.isTrue }.keys.sorted()
            switch modes {
            case ["pooling_mode_mean_tokens"]: return .mean
            case ["pooling_mode_cls_token"]: return .firstToken
            default:
                throw GibbsError(.unsuitableModel, "vectors come by \(modes.isEmpty ? "no mode that it names" : modes.joined(separator: " and "))",
                                 advice: "give a model with pooling_mode_mean_tokens or pooling_mode_cls_token alone")
            }
        }
    }

    /// An entry of the file; all but truth values are of no interest.
    private struct Entry: Decodable {
        let isTrue: Bool
        init(from decoder: any Decoder) throws { isTrue = (try? decoder.singleValueContainer().decode(Bool.self)) ?? false }
    }
}
