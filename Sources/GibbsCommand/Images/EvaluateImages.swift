import Foundation
import Gibbs

extension Evaluate {
    /// How many images the model finds likeliest in the class that their label tells.
    func evaluateImages(_ model: ImageModel) throws {
        let foreign = [(labels.normal != nil, "--normal"), (positive != nil, "--positive"), (negatives != nil, "--negatives"), (falseAlarms != nil, "--false-alarms"), (mix != nil, "--mix")]
        if let option = foreign.first(where: \.0)?.1 { throw GibbsError(.usage, "\(option) belongs to watchdogs", advice: "leave it out") }
        Console.progress("reading \(data)")
        let read = try LabelledImages(path: data, labelsPath: imageLabels, labelColumn: labels.label, shape: model.shape, white: model.training.white, options: input.options()).fitting(model.shape, file: data)
        guard let names = read.labels else { throw GibbsError(.usage, "nothing says which classes the images are of", advice: "give --labels FILE, or --label COLUMN") }
        let found = try model.judged(on: read.images, labels: names)
        Console.clearProgress()
        print(text ? Self.text(found).printable : Self.json(found).text)
    }

    private static func json(_ found: ImageJudgement) -> JSONValue {
        .object([("images", .int(found.images)), ("accuracy", .number(found.accuracy)), ("crossEntropy", .number(found.crossEntropy)), ("surprise", .number(found.surprise)),
                 ("classes", .array(found.classes.map { .object([("name", .string($0.name)), ("images", .int($0.images)), ("accuracy", .number(Double($0.right) / Double($0.images)))]) }))])
    }

    private static func text(_ found: ImageJudgement) -> String {
        let classes = found.classes.map { "  " + "class \($0.name)".padded(13) + String(format: " %5.1f %% of %d images", 100 * Double($0.right) / Double($0.images), $0.images) }
        return ([String(format: "%.2f %% of %d images in their class, cross-entropy %.4f nats", 100 * found.accuracy, found.images, found.crossEntropy)] + classes).joined(separator: "\n")
    }
}
