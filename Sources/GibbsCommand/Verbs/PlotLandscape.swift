import ArgumentParser
import Foundation
import Gibbs

struct PlotLandscape: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "landscape", abstract: "The energy on the line or the plane between classes of images.",
        discussion: """
            Two classes: the line between their means, or with --data the plane through it. Three and more: the plane of the means' principal \
            axes. One: with --data the plane of the images' principal axes. Images stand where their perpendiculars meet the plane.
            """)

    @Argument(help: "Model file, of images.")
    var model: String

    @Option(help: "Plot to write, .svg; MODEL-landscape.svg unless told.")
    var out: String?

    @Option(help: ArgumentHelp("Classes to show; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(help: "Images to draw over it: an IDX file, or any table with an image a row.")
    var data: String?

    @Option(help: "File of labels in the order of the images: IDX, or a table whose first column they are.")
    var labels: String?

    @Option(help: "Column of the table that holds the labels.")
    var label: String?

    @Option(help: "Images of each class at most, the first ones.")
    var count = 200

    @Option(help: "Nats above the lowest point up to which colours tell energies apart; half of the plane unless told.")
    var ceiling: Double?

    @Option(help: "Places along each side of the plane, 2 to 500.")
    var grid = 61

    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        let target = try PlotTarget(out, source: model, what: "landscape", ending: "svg"), images = try ImageArgument.read(model)
        guard data != nil || labels == nil && label == nil else { throw GibbsError(.usage, "--labels without --data", advice: "name the images with --data") }
        Console.progress("reading …")
        let points = try data.map { path -> ImagePoints in
            let read = try LabelledImages(path: path, labelsPath: labels, labelColumn: label, shape: images.shape, white: images.training.white, options: input.options()).fitting(images.shape, file: path)
            return ImagePoints(read.images, labels: read.labels)
        }
        let plot: Plot, begin = Date()
        do {
            plot = try images.landscape(of: classes.list.isEmpty ? nil : classes.list, points: points, count: count, ceiling: ceiling, size: grid) {
                Console.bar(share: $0, since: begin, "of the plane")
                try Interruption.check()
            }
        } catch let error as GibbsError { throw error.code == .usage ? error : error.located(at: .init(file: data ?? model)) }
        Console.clearProgress()
        try plot.write(to: target.path)
        print("\(plot.title)\nwrote \(target.path)")
    }
}
