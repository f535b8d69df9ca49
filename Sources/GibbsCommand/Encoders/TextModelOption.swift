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
        guard let folder = textModel ?? TextModel.folder(among: TextModel.usualFolder) else {
            throw GibbsError(.usage, "--embed needs a text encoder, and there is none in \(TextModel.usualFolder)", advice: "run scripts/setup --text, or name the folder of one with --text-model")
        }
        Console.progress("reading \(folder)")
        var model = try TextModel(folder: folder, report: Self.progress())
        // Models then are the same on every machine.
        if model.identity.folder == URL(fileURLWithPath: TextModel.usualFolder).standardizedFileURL.path { model.identity.folder = nil }
        return model
    }

    /// The watchdog, able to read its columns of text.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` where the encoder is not found, `.unsuitableModel` where it is another than that of the fit,
    ///   `.usage` for an encoder where there is nothing to read.
    func reading(_ watchdog: Watchdog, model path: String) throws -> Watchdog {
        guard watchdog.encoder.textModel != nil else {
            if textModel != nil { throw GibbsError(.usage, "--text-model, but \(path) has no column of text", advice: "leave it out; gibbs fit table --embed makes such models") }
            return watchdog
        }
        return try GibbsError.naming(path) { try watchdog.readingTexts(folder: textModel, report: Self.progress()) }
    }

    /// Refuses the option for models that are no watchdogs on records.
    func refuse(_ what: String) throws {
        if textModel != nil { throw GibbsError(.usage, "--text-model with \(what)", advice: "leave it out; columns of records have one") }
    }

    private static func progress() -> @Sendable (TextModel.Progress) throws -> Void {
        let begin = Date()
        return { progress in
            CutTexts.add(progress.cut)
            if progress.total > 1 { Console.bar(done: progress.done, of: progress.total, since: begin, unit: "texts") }
            try Interruption.check()
        }
    }
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
