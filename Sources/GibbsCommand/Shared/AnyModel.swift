import Foundation
import Gibbs

/// A model file of any kind that a command can be given. A new kind joins by a case here, a line in `readers` and in `words`; the compiler then names the
/// verbs that have to answer for it.
enum AnyModel {
    case records(Watchdog)
    case images(ImageModel)
    case events(EventWatchdog)
    case stream(StreamWatchdog)
    case frames(FrameModel)

    private static let readers: [String: @Sendable (Archive) throws -> AnyModel] = [
        Watchdog.kind: { .records(try Watchdog(archive: $0)) },
        ImageModel.kind: { .images(try ImageModel(archive: $0)) },
        EventWatchdog.kind: { .events(try EventWatchdog(archive: $0)) },
        FrameModel.kind: { .frames(try FrameModel(archive: $0)) },
        StreamWatchdog.kind: { .stream(try StreamWatchdog(archive: $0)) },
    ]

    /// Reads a model.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` or `.unsuitableModel`, naming the file; a kind that is not known is named, too.
    static func read(_ path: String) throws -> AnyModel {
        let archive = try ModelFile.read(path), kind = archive.metadata[ModelFile.kindKey] ?? ""
        guard let read = readers[kind] else {
            throw GibbsError(.unsuitableModel, "holds a model of the kind '\(kind)', which this program does not know", at: .init(file: path),
                             advice: "it knows \(readers.keys.sorted().joined(separator: ", "))")
        }
        do { return try read(archive) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    /// What the model is, in words, and the command that makes such a one.
    private var words: (what: String, maker: String) {
        switch self {
        case .records: ("a watchdog on records", "gibbs fit table")
        case .images: ("a model of images", "gibbs fit images")
        case .events: ("a watchdog on sessions of events", "gibbs fit events")
        case .frames: ("a model of frames", "gibbs fit frames")
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
}
