import ArgumentParser
import Foundation
import Gibbs
import GibbsDeep

struct FitImages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images", abstract: "Fit an energy to each class of images, to sample, blend and recall from.")

    @Argument(help: "IDX file of images, or any table with an image a row.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "gaussian, ppca, rbm, memory, deep or vae.")
    var model: ImageOptions.Model = .gaussian

    @Option(help: "File of labels in the order of the images: IDX, or a table whose first column they are.")
    var labels: String?

    @Option(help: "Column of the table that holds the labels.")
    var label: String?

    @Option(help: ArgumentHelp("Extent of a table's images; square unless told.", valueName: "HEIGHTxWIDTH"))
    var size: String?

    @Option(help: ArgumentHelp("Classes to learn; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(help: "Hidden units of each class's machine; 100 unless told.")
    var hidden: Int?

    @Option(help: "Passes over the images: unless told 30 for machines, 10 for an autoencoder, and for a network as many as 1200 steps take, 2000 with labels, 1500 for residual, or 4 for score.")
    var epochs: Int?

    @Option(help: "What a network is trained for: contrastive, score, classifier or residual; contrastive unless told.")
    var objective: DeepImageOptions.Objective?

    @Flag(help: "Train a network by improved contrastive divergence, whose chains answer for where the weights send them.")
    var improved = false

    @Option(help: "Images that a memory keeps at most; 500 unless told.")
    var memories: Int?

    @Option(help: ArgumentHelp("Folder for pictures of what a network draws while it learns, and a line of figures each.", valueName: "DIR"))
    var progressImages: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var device: DeviceOption
    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        let options = try options()
        try ModelTarget.check(out, apartFrom: data, labels)
        Console.progress("reading \(data)")
        var read = try LabelledImages(path: data, labelsPath: labels, labelColumn: label, shape: size.map(ImageShape.init(text:)), options: input.options())
        if !classes.list.isEmpty { read = try read.keeping(classes.list) }
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

extension FitImages {
    /// The options of the model that is fitted; those of others are refused rather than ignored.
    private func options() throws -> ImageOptions {
        let isDeep = model == .deep, foreign = [
            (objective != nil && !isDeep, "--objective", "deep"), (improved && !isDeep, "--improved", "deep"), (progressImages != nil && !isDeep, "--progress-images", "deep"),
            (device.device != nil && !isDeep, "--device", "deep"), (hidden != nil && model != .rbm, "--hidden", "rbm"), (memories != nil && model != .memory, "--memories", "memory"),
            (epochs != nil && (model == .gaussian || model == .ppca || model == .memory), "--epochs", "rbm, deep or vae"),
        ]
        if let (_, option, owner) = foreign.first(where: \.0) {
            throw GibbsError(.usage, "\(option) with --model \(model.rawValue)", advice: "leave it out, or fit with --model \(owner)")
        }
        if improved, let objective, objective != .contrastive { throw GibbsError(.usage, "--improved with --objective \(objective.rawValue)", advice: "chains run for contrastive alone") }
        if progressImages != nil, objective == .residual {
            throw GibbsError(.usage, "--progress-images with --objective residual, which draws no images", advice: "leave it out, or train for another objective")
        }
        var options = ImageOptions(model: model, seed: key)
        options.hidden = hidden ?? options.hidden
        options.memories = memories ?? options.memories
        options.deep.objective = objective ?? .contrastive
        options.deep.contrastive.improved = improved ? ImprovedContrast() : nil
        options.deep.device = try device.checked()
        if let epochs { options.pass(epochs) }
        return options
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
