import GibbsContrast
import GibbsCreate
import GibbsData
import GibbsEvents
import GibbsNumerics
import GibbsRecommend
import GibbsWatch

/// A model file of any kind that can be worked with on its own. A new kind joins by a case, a line in `readers` and one in `kind`; the compiler
/// then names those who have to answer for it.
///
///     switch try AnyModel.read("m.gibbs") {
///     case .records(let watchdog): …
public enum AnyModel: Sendable {
    /// A watchdog on records.
    case records(Watchdog)
    /// A model of images.
    case images(ImageModel)
    /// A watchdog on sessions of events.
    case events(EventWatchdog)
    /// A watchdog on a stream of events.
    case stream(StreamWatchdog)
    /// A model of frames.
    case frames(FrameModel)
    /// A recommender.
    case ratings(Recommender)
    /// An encoder of images or of pairs.
    case encoder(ContrastiveEncoder)

    private static let readers: [String: @Sendable (Archive) throws -> AnyModel] = [
        Watchdog.kind: { .records(try Watchdog(archive: $0)) },
        ImageModel.kind: { .images(try ImageModel(archive: $0)) },
        EventWatchdog.kind: { .events(try EventWatchdog(archive: $0)) },
        FrameModel.kind: { .frames(try FrameModel(archive: $0)) },
        ContrastiveEncoder.kind: { .encoder(try ContrastiveEncoder(archive: $0)) },
        Recommender.kind: { .ratings(try Recommender(archive: $0)) },
        StreamWatchdog.kind: { .stream(try StreamWatchdog(archive: $0)) },
    ]

    /// The kinds of files that can be read, sorted.
    public static var kinds: [String] { readers.keys.sorted() }

    /// The kind of the model, as in its file.
    public var kind: String {
        switch self {
        case .records: Watchdog.kind
        case .images: ImageModel.kind
        case .events: EventWatchdog.kind
        case .frames: FrameModel.kind
        case .ratings: Recommender.kind
        case .encoder: ContrastiveEncoder.kind
        case .stream: StreamWatchdog.kind
        }
    }

    /// The model of an archive whose metadata tell its kind, as `ModelFile.read` leaves them.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for a kind that is not known, named with those that are, or a damaged model.
    public init(archive: Archive) throws {
        let kind = archive.metadata[ModelFile.kindKey] ?? ""
        guard let read = Self.readers[kind] else {
            throw GibbsError(.unsuitableModel, "holds a model of the kind '\(kind)', which this program does not know",
                             advice: "it knows \(Self.kinds.joined(separator: ", "))")
        }
        self = try read(archive)
    }

    /// Reads a model file.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableModel` as `init(archive:)`, naming the file.
    public static func read(_ path: String) throws -> AnyModel {
        let archive = try ModelFile.read(path)
        return try GibbsError.naming(path) { try AnyModel(archive: archive) }
    }
}
