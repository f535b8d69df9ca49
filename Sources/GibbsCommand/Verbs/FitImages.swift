import ArgumentParser
import Foundation
import Gibbs
import GibbsDeep

struct FitImages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images", abstract: "Fit an energy to each class of images, to sample, blend and recall from; or an encoder.",
        discussion: """
            Images are grey, an image a row of pixels; an .npy array may be images × height × width.

            gaussian, ppca, rbm and memory need nothing else. deep is a network, and --objective what it is for: residual tells which images do not belong and draws none; \
            contrastive draws, blends and completes, and with --labels it is a classifier as well; classifier is one and no more; score is denoising score matching, of all images \
            together. vae is the usual baseline; diffusion is an energy at every level of noise, which draws, blends and completes best and takes longest. gibbs calibrate then lets the model raise alerts.

            Two models are called contrastive. --model contrastive is an encoder, fitted by telling views of one image from those of others (InfoNCE), for gibbs embed. \
            --model deep --objective contrastive is an energy, fitted by telling images from what chains draw (contrastive divergence).
            """)

    @Argument(help: "IDX file of images, or any table with an image a row.")
    var data: String

    @Option(help: "Model file to write.")
    var out: String

    @Option(help: "gaussian, ppca, rbm, memory, deep, vae or diffusion; or contrastive, an encoder without labels for gibbs embed.")
    var model: ImageFitKind = .energy(.gaussian)

    @Option(help: "File of labels in the order of the images: IDX, or a table whose first column they are.")
    var labels: String?

    @Option(help: "Column of the table that holds the labels.")
    var label: String?

    @Option(help: ArgumentHelp("Extent of a table's images; square unless told.", valueName: "HEIGHTxWIDTH"))
    var size: String?

    @Option(help: "Value of a white pixel in a table, such as 16; unless told 1 or 255, whichever the brightest pixel suggests. The model keeps it.")
    var white: Float?

    @Option(help: ArgumentHelp("Classes to learn; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(help: "Hidden units of each class's machine; 100 unless told.")
    var hidden: Int?

    @Option(help: "Passes over the images: unless told 30 for machines, 20 for an encoder, 10 for an autoencoder, and for a network as many as 1200 steps take, 2000 with labels, 1500 for residual, or 4 for score, 3000 of a diffusion.")
    var epochs: Int?

    @Option(help: "What --model deep is trained for: contrastive (divergence), score, classifier or residual; contrastive unless told.")
    var objective: DeepImageOptions.Objective?

    @Flag(help: "Train a network by improved contrastive divergence, whose chains answer for where the weights send them.")
    var improved = false

    @Option(help: "Images that a memory keeps at most, drawn at random; 10000 unless told. It restores these and no others; recall takes their number times the pixels, and so does each step of sample.")
    var memories: Int?

    @Option(help: ArgumentHelp("Folder for pictures of what a network draws while it learns, and a line of figures each.", valueName: "DIR"))
    var progressImages: String?

    @OptionGroup(title: "Of an encoder") var encoder: EncoderSettings

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
        var read = try LabelledImages(path: data, labelsPath: labels, labelColumn: label, shape: size.map(ImageShape.init(text:)), white: white.checkedWhite(), options: input.options())
        if !classes.list.isEmpty { read = try read.keeping(classes.list) }
        guard let options else { return try fitEncoder(read, since: begin) }
        var gallery = try progressImages.map { try ProgressImages(folder: $0, key: Key(key).folding(-7)) }
        var fitted = try ImageModel.fitted(to: read.images, shape: read.shape, labels: read.labels, numbers: read.numbers, options: options, digest: read.digest, progress: { text, share in
            Console.bar(share: share, since: begin, note: text)
            try Interruption.check()
        }, watch: { try gallery?.show($0) })
        Console.clearProgress()
        fitted.training.white = white
        try fitted.write(to: out)
        if let warning = fitted.training.warning { Console.note("gibbs: the training ended early: \(warning); the file holds the last good network") }
        print(json ? fitted.json(file: out).text : ImageSummary.fitted(fitted, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }
}

extension FitImages {
    /// The options of the energy that is fitted, `nil` for an encoder; those of others are refused rather than ignored.
    private func options() throws -> ImageOptions? {
        let energy = model.energy, isDeep = energy == .deep, isNetwork = isDeep || energy == .diffusion, isEncoder = energy == nil, foreign = [
            (objective != nil && !isDeep, "--objective", "deep"), (improved && !isDeep, "--improved", "deep"), (progressImages != nil && !isNetwork, "--progress-images", "deep or diffusion"),
            (device.device != nil && !isNetwork && !isEncoder, "--device", "deep, diffusion or contrastive"), (hidden != nil && energy != .rbm, "--hidden", "rbm"), (memories != nil && energy != .memory, "--memories", "memory"),
            (epochs != nil && (energy == .gaussian || energy == .ppca || energy == .memory), "--epochs", "rbm, deep, vae, diffusion or contrastive"),
            (white != nil && isEncoder, "--white", "gaussian or another energy"),
        ] + encoder.told.map { (!isEncoder, $0, "contrastive") }
        if let (_, option, owner) = foreign.first(where: \.0) {
            throw GibbsError(.usage, "\(option) with --model \(model.word)", advice: "leave it out, or fit with --model \(owner)")
        }
        guard let energy else { return nil }
        if improved, let objective, objective != .contrastive { throw GibbsError(.usage, "--improved with --objective \(objective.rawValue)", advice: "chains run for contrastive alone") }
        if progressImages != nil, objective == .residual {
            throw GibbsError(.usage, "--progress-images with --objective residual, which draws no images", advice: "leave it out, or train for another objective")
        }
        var options = ImageOptions(model: energy, seed: key)
        options.hidden = hidden ?? options.hidden
        options.memories = memories ?? options.memories
        options.deep.objective = objective ?? .contrastive
        options.deep.contrastive.improved = improved ? ImprovedContrast() : nil
        options.deep.device = try device.checked()
        if let epochs { options.pass(epochs) }
        return options
    }
}

extension DeepImageOptions.Objective: ExpressibleByArgument {}

extension Float? {
    /// The value of white, if it is one.
    func checkedWhite() throws -> Float? {
        if let white = self, !(white > 0 && white.isFinite) { throw GibbsError(.usage, "white at \(white)", advice: "give a positive number, such as 16 or 255") }
        return self
    }
}

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
