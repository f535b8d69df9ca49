import Foundation
import Gibbs

/// Pictures of what a network draws while it learns: twenty of them, the first after the first report, and a line of figures each.
struct ProgressImages {
    private let folder: String, key: Key
    private var shown = 0

    /// - Throws: `GibbsError` with code `.cannotWrite` for a folder that cannot be made.
    init(folder: String, key: Key) throws {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw GibbsError(.cannotWrite, "no folder can be made there", at: .init(file: folder), advice: "name one that can be written")
        }
        (self.folder, self.key) = (folder, key)
    }

    /// Draws a few images of each class, a row a class.
    mutating func show(_ progress: DeepImageProgress) throws {
        guard progress.number * 20 >= shown * progress.count else { return }
        shown += 1
        let model = progress.model, columns = model.classes.count == 1 ? 16 : 8
        let isDiffusion = model.classes[0].energy.isDiffusion
        let draws = try model.draw(columns, by: ImageSampler(steps: isDiffusion ? 30 : 200, draws: 1), key: key)
        let path = folder + String(format: "/%04d.png", progress.number)
        try Picture.grid(of: draws.shown, height: model.shape.height, width: model.shape.width, columns: columns, scale: 2).write(to: path)
        let names = (isDiffusion ? ["loss"] : ["dataEnergy", "chainEnergy", "crossEntropy"]) + ["gradientLength", "returns"]
        let figures = names.compactMap { name in progress.figures[name].map { "\(name) \($0.shortText)" } }
        Console.note("\(path): " + figures.joined(separator: ", "))
    }
}
