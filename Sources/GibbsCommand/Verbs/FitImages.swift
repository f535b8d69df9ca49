import ArgumentParser
import Foundation
import Gibbs

struct FitImages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images", abstract: "Fit an energy to each class of images, to sample, blend and recall from.")

    @Argument(help: "IDX file of images, or any table with an image a row.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "gaussian, rbm, memory, deep or vae.")
    var model: ImageOptions.Model = .gaussian

    @Option(help: "File of labels in the order of the images: IDX, or a table whose first column they are.")
    var labels: String?

    @Option(help: "Column of the table that holds the labels.")
    var label: String?

    @Option(help: ArgumentHelp("Extent of a table's images; square unless told.", valueName: "HEIGHTxWIDTH"))
    var size: String?

    @Option(help: ArgumentHelp("Classes to learn; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(help: "Hidden units of each class's machine.")
    var hidden = 100

    @Option(help: "Passes over the images: unless told 30 for machines, 4 for a network, 10 for an autoencoder.")
    var epochs: Int?

    @Option(help: "What a network is trained for: contrastive, score or classifier.")
    var objective: DeepImageOptions.Objective = .contrastive

    @Option(help: "Images that a memory keeps at most.")
    var memories = 500

    @Option(help: ArgumentHelp("Folder for pictures of what a network draws while it learns, and a line of figures each.", valueName: "DIR"))
    var progressImages: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        try ModelTarget.check(out, apartFrom: data, labels)
        Console.progress("reading \(data)")
        var read = try LabelledImages(path: data, labelsPath: labels, labelColumn: label, shape: size.map(ImageShape.init(text:)), options: input.options())
        if !classes.list.isEmpty { read = try read.keeping(classes.list) }
        var options = ImageOptions(model: model, hidden: hidden, memories: memories, seed: key)
        options.deep.objective = objective
        if let epochs { (options.epochs, options.deep.passes, options.deep.variationalPasses) = (epochs, epochs, epochs) }
        var gallery = try progressImages.map { try ProgressImages(folder: $0, key: Key(key).folding(-7)) }
        let fitted = try ImageModel.fitted(to: read.images, shape: read.shape, labels: read.labels, options: options, digest: read.digest, progress: { text, share in
            Console.bar(done: Int(1000 * share), of: 1000, since: begin, unit: "‰ " + text)
            try Interruption.check()
        }, watch: { try gallery?.show($0) })
        Console.clearProgress()
        try fitted.write(to: out)
        print(json ? fitted.json(file: out).text : ImageSummary.fitted(fitted, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }
}

extension ImageOptions.Model: ExpressibleByArgument {}
extension DeepImageOptions.Objective: ExpressibleByArgument {}

extension ImageShape {
    /// `28x28` as a shape.
    init(text: String) throws {
        let sides = text.lowercased().split(whereSeparator: { $0 == "x" || $0 == "×" }).map { Int($0) }
        guard sides.count == 2, let height = sides[0], let width = sides[1], (1 ... 4_096).contains(height), (1 ... 4_096).contains(width) else {
            throw GibbsError(.usage, "'\(text)' is no size", advice: "write height and width in pixels, such as 28x28")
        }
        self.init(height: height, width: width)
    }
}
