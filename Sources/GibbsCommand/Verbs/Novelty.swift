import ArgumentParser
import Foundation
import Gibbs

struct Novelty: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ood", abstract: "Compare energies on images that do not belong to what they learned.",
        discussion: """
            Each energy is fitted to the images of --in and judged on those of --test against each foreign set, and against constant, blank, noisy and \
            inverted images. A tenth of --in calibrates: 'caught' is the share of foreign images that alert at the false-alarm rate. The same settings serve \
            all data; a run tunes nothing. With several keys all is done anew for each, and means are printed with their standard deviations.
            """)

    @Option(name: .customLong("in"), help: "Images that belong: IDX, or any table with an image a row.")
    var training: String

    @Option(help: "Fresh images that belong.")
    var test: String

    @Option(name: .customLong("out"), help: "Foreign images; may be given several times.")
    var foreign: [String] = []

    @Option(help: "File of labels of the images of --in, for classifiers.")
    var labels: String?

    @Option(help: ArgumentHelp("Extent of a table's images; square unless told.", valueName: "HEIGHTxWIDTH"))
    var size: String?

    @Option(help: "Value of a white pixel in tables, such as 16; unless told 1 or 255, whichever the brightest pixel suggests.")
    var white: Float?

    @Option(help: ArgumentHelp("\(NoveltyModel.allCases.map(\.rawValue).joined(separator: ", ")); all that the labels allow unless told, none where models are loaded.", valueName: "model,…"))
    var models: String?

    @Option(help: "Model file of images to judge as it is; may be given several times. What it learned from --in calibrates it too.")
    var load: [String] = []

    @Option(help: "Images to learn from at most, drawn at random; all unless told.")
    var learn: Int?

    @Option(help: "Images of each set that are judged at most, drawn at random.")
    var count = 2_000

    @Option(help: "Passes over the images, of every model; their own unless told.")
    var epochs: Int?

    @Option(help: "False-alarm rate, such as 0.05 or 5%.")
    var falseAlarms: Rate?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Option(help: ArgumentHelp("Several of them, such as 1,2,3: everything once for each.", valueName: "key,…"))
    var keys: String?

    @Option(help: ArgumentHelp("Picture, .png, of the images that each energy got most wrong, for the first key.", valueName: "PNG"))
    var sheet: String?

    @Flag(help: "Print the figures as JSON lines.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        let keys = try checkedKeys(), chosen = try chosenModels()
        if let sheet {
            for other in [training, test] + foreign + load + [labels].compactMap({ $0 }) { try DistinctFiles.check(sheet, apartFrom: other) }
            _ = try PictureTarget(sheet, scale: 2)
        }
        let data = try NoveltyData(self), loaded = try load.map { path in
            let model = try ImageArgument.read(path)
            _ = try data.test.fitting(model.shape, file: test)
            return (name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, model: model)
        }
        let unasked = load.isEmpty ? NoveltyModel.allCases.filter { !$0.needsLabels || data.own.labels != nil } : [], wanted = models == nil ? unasked : chosen
        for model in wanted { try model.check(labels: data.own.labels) }
        var table = NoveltyTable(), first = [NoveltyResult](), autoencoders = [UInt64: ImageModel]()
        if !json { print(NoveltyText.header(keys: keys.count)) }
        func tell(_ results: [NoveltyResult], seconds: Double) {
            table.add(results)
            first.append(results[0])
            Console.clearProgress()
            for cell in table.cells.suffix(results[0].figures.count) { print(json ? NoveltyText.json(cell, keys: keys, seconds: seconds).text : NoveltyText.line(cell).printable) }
            if !json { print(String(format: "  %.0f s", seconds)) }
            // A model may take half an hour, and its figures should not wait for the next.
            fflush(nil)
        }
        for model in wanted {
            let begin = Date()
            let results = try keys.map { key in
                // An autoencoder that is read off twice learns once.
                let (trial, sets) = try data.trial(key), known = model.fitted == .vae ? autoencoders[key] : nil
                let fit = try known ?? trial.fitted(model.fitted) { try Self.tell("\(model.rawValue), key \(key): " + $0, $1, begin) }
                if model.fitted == .vae { autoencoders[key] = fit }
                return try trial.judged(model, by: fit, on: sets) { try Self.tell("\(model.rawValue), key \(key): judging", $0, begin) }
            }
            tell(results, seconds: Date().timeIntervalSince(begin))
        }
        for (name, model) in loaded {
            let begin = Date(), results = try keys.map { key in
                let (trial, sets) = try data.trial(key)
                return try trial.judged(name, on: sets, progress: { try Self.tell("\(name), key \(key): judging", $0, begin) }, model.surprises)
            }
            tell(results, seconds: Date().timeIntervalSince(begin))
        }
        if !json { print(NoveltyText.summary(table, learned: data.learned, keys: keys.count).printable) }
        if let sheet { try data.picture(first, key: keys[0]).write(to: sheet) }
    }

    private func checkedKeys() throws -> [UInt64] {
        guard count > 1, learn ?? 1 > 0, epochs ?? 1 > 0 else {
            throw GibbsError(.usage, "\(count) images of each set, \(learn ?? 1) to learn from, \(epochs ?? 1) passes", advice: "give positive numbers")
        }
        let found = try keys.list.map { text in
            guard let key = UInt64(text) else { throw GibbsError(.usage, "'\(text)' is no key", advice: "write whole numbers, such as --keys 1,2,3") }
            return key
        }
        guard Set(found).count == found.count else { throw GibbsError(.usage, "a key twice in '\(keys ?? "")'", advice: "give each once") }
        return found.isEmpty ? [key] : found
    }

    private func chosenModels() throws -> [NoveltyModel] {
        try models.list.map { name in
            guard let model = NoveltyModel(rawValue: name) else { throw GibbsError(.usage, "there is no model '\(name)'", advice: "there are \(NoveltyModel.allCases.map(\.rawValue).joined(separator: ", "))") }
            return model
        }
    }

    private static func tell(_ text: String, _ share: Double, _ begin: Date) throws {
        Console.bar(share: share, since: begin, note: text)
        try Interruption.check()
    }
}
