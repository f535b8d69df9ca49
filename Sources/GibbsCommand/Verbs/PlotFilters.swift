import ArgumentParser
import Gibbs

struct PlotFilters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filters", abstract: "What an image model has learned, as a sheet of images.",
        discussion: "Machines show the weights of their hidden units, blue below zero and red above; Gaussians means and deviations; memories what they remember.")

    @Argument(help: "Model file, of images.")
    var model: String

    @Option(help: "Picture to write, .png; MODEL-filters.png unless told.")
    var out: String?

    @Option(name: [.long, .customLong("class")], help: ArgumentHelp("Classes to show; all unless told.", valueName: "class,…"))
    var classes: String?

    @Option(help: "Filters or images of each class at most; 64 of a single class and 12 of each of several unless told.")
    var count: Int?

    @Option(help: "Pixels of the picture a pixel of an image.")
    var scale = 3

    func run() throws {
        let target = try PlotTarget(out, source: model, what: "filters", ending: "png"), images = try ImageArgument.read(model)
        let sheet = try images.filters(of: classes.list.isEmpty ? nil : classes.list, count: count, scale: scale)
        try sheet.write(to: target.path)
        print("wrote \(target.path), \(sheet.width) × \(sheet.height) pixels")
    }
}
