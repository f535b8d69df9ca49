import Foundation
import Gibbs

/// What the command line says of models of the wrong kind.
extension AnyModel {
    /// What the model is, in words, and the command that makes such a one.
    private var words: (what: String, maker: String) {
        switch self {
        case .records: ("a watchdog on records", "gibbs fit table")
        case .images: ("a model of images", "gibbs fit images")
        case .events: ("a watchdog on sessions of events", "gibbs fit events")
        case .frames: ("a model of frames", "gibbs fit frames")
        case .ratings: ("a recommender", "gibbs fit ratings")
        case .encoder: ("an encoder", "gibbs fit pairs")
        case .stream: ("a watchdog on a stream of events", "gibbs fit events --entity")
        }
    }

    /// The error for a model of this kind where one of another is needed.
    ///
    /// - Parameters:
    ///   - needed: What is needed, in words.
    ///   - maker: The command, or commands, that make one.
    func unfit(_ path: String, needed: String, maker: String) -> GibbsError {
        GibbsError(.unsuitableModel, "holds \(words.what) where \(needed) is needed", at: .init(file: path), advice: "make one with \(maker)")
    }

    /// The error for a model of this kind where one that watches is needed.
    func cannotWatch(_ path: String) -> GibbsError { unfit(path, needed: "a watchdog on records or on sessions", maker: "gibbs fit table or gibbs fit events") }

    /// The watchdog on records that a verb for nothing else needs.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    func watchdog(_ path: String) throws -> Watchdog {
        guard case .records(let watchdog) = self else { throw unfit(path, needed: "a watchdog on records", maker: "gibbs fit table") }
        return watchdog
    }

    /// The recommender that a verb for nothing else needs.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    func recommender(_ path: String) throws -> Recommender {
        guard case .ratings(let recommender) = self else { throw unfit(path, needed: "a recommender", maker: "gibbs fit ratings") }
        return recommender
    }
}
