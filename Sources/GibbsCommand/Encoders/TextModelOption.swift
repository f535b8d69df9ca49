import ArgumentParser
import Foundation
import Gibbs

/// The encoder by which columns of text are read; shared by the verbs that fit watchdogs on records or give them records.
struct TextModelOption: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of the text encoder by which columns are embedded; that of the fit, or where scripts/setup --text puts one, unless told.", valueName: "folder"))
    var textModel: String?

    /// The encoder for a new model.
    ///
    /// - Throws: `GibbsError` with code `.usage` where none is named and none is in the usual place; as `TextModel.init(folder:)`.
    func model() throws -> TextModel {
        guard let folder = textModel ?? Self.usual else {
            throw GibbsError(.usage, "--embed needs a text encoder, and there is none in \(Self.usualPlace)", advice: "run scripts/setup --text, or name the folder of one with --text-model")
        }
        return try Self.open(folder)
    }

    /// The watchdog, able to read its columns of text.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` where the encoder is not found, `.unsuitableModel` where it is another than that of the fit,
    ///   `.usage` for an encoder where there is nothing to read.
    func reading(_ watchdog: Watchdog, model path: String) throws -> Watchdog {
        guard let wanted = watchdog.encoder.textModel else {
            if textModel != nil { throw GibbsError(.usage, "--text-model, but \(path) has no column of text", advice: "leave it out; gibbs fit table --embed makes such models") }
            return watchdog
        }
        guard let folder = textModel ?? [wanted.folder, Self.usual].compactMap(\.self).first(where: Self.isThere) else {
            let places = wanted.folder.map { "neither in \($0) nor in \(Self.usualPlace)" } ?? "not in \(Self.usualPlace)"
            throw GibbsError(.cannotRead, "the model reads texts by the encoder \(wanted.digest), which is \(places)", at: .init(file: path),
                             advice: "run scripts/setup --text, or name its folder with --text-model")
        }
        do { return try watchdog.reading(by: Self.open(folder)) } catch let error as GibbsError where error.code == .unsuitableModel && error.place.file == nil {
            throw GibbsError(error.code, error.message, at: .init(file: path), advice: "name the folder of that encoder with --text-model, or fit again")
        }
    }

    /// Refuses the option for models that are no watchdogs on records.
    func refuse(_ what: String) throws {
        if textModel != nil { throw GibbsError(.usage, "--text-model with \(what)", advice: "leave it out; columns of records have one") }
    }

    private static func open(_ folder: String) throws -> TextModel {
        Console.progress("reading \(folder)")
        let begin = Date()
        var model = try TextModel(folder: folder) { progress in
            CutTexts.add(progress.cut)
            if progress.total > 1 { Console.bar(done: progress.done, of: progress.total, since: begin, unit: "texts") }
            try Interruption.check()
        }
        // Models then are the same on every machine.
        if model.identity.folder == Self.absolute(usualPlace) { model.identity.folder = nil }
        return model
    }

    // MARK: - The usual place

    /// Where `scripts/setup --text` puts an encoder.
    private static var usualPlace: String {
        let environment = ProcessInfo.processInfo.environment
        return (environment["GIBBS_CACHE"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gibbs") + "/minilm"
    }

    private static var usual: String? { isThere(usualPlace) ? usualPlace : nil }

    private static func isThere(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/config.json") }

    private static func absolute(_ folder: String) -> String { URL(fileURLWithPath: folder).standardizedFileURL.path }
}

/// Texts that were longer than their encoder reads, counted as they pass and told once.
enum CutTexts {
    nonisolated(unsafe) private static var count = 0
    private static let lock = NSLock()

    static func add(_ more: Int) { lock.withLock { count += more } }

    static func tell() {
        let cut = lock.withLock { count }
        if cut > 0 { Console.note("gibbs: \(plural(cut, "text was", "different texts were")) longer than the encoder reads, and cut") }
    }
}
