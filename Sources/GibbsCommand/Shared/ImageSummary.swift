import Foundation
import Gibbs

/// An image model in words and as JSON.
enum ImageSummary {
    static func fitted(_ model: ImageModel, path: String, seconds: Double) -> String {
        String(format: "fitted to %d images of %d × %d in %.1f s: ", model.training.images, model.shape.height, model.shape.width, seconds)
            + model.training.method + "\n" + table(model) + "\nwrote \(path)"
    }

    static func inspected(_ model: ImageModel, path: String) -> String {
        "\(path): images of \(model.shape.height) × \(model.shape.width), \(model.training.method)\n"
            + "trained on \(model.training.images) images, key \(model.training.seed)" + (model.training.digest.map { ", data digest \($0)" } ?? "") + "\n" + table(model) + (model.calibration == nil ? "" : "\n" + alarm(model))
    }

    /// What a calibrated model promises.
    static func alarm(_ model: ImageModel) -> String {
        guard let calibration = model.calibration else { return "not calibrated; run gibbs calibrate with images that belong" }
        return "alert above \(Double(calibration.threshold).shortText) nats: \(Summary.percent(calibration.falseAlarmRate)) of images that belong, promised by \(calibration.energies.count) calibration images"
    }

    private static func table(_ model: ImageModel) -> String {
        model.classes.map { part in
            let share = "  " + "class \(part.name)".padded(13) + " " + String(format: "%5.1f %% of the images", 100 * part.share)
            if !part.hasNormaliser { return share }
            let found = part.logPartition, value = String(format: "%.2f", found.logPartition)
            let told = switch found.kind {
            case .exact: value + " (exact)"
            case .bound: "at most " + value + " (the energy is a bound on −ln p)"
            case .lower, .upper: value + String(format: " (± %.2g, by annealing)", found.standardError)
            }
            return share.padded(40) + "ln Z " + told
        }.joined(separator: "\n")
    }
}

extension LabelledImages {
    /// The same images, if they are as large as the model's.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`, naming both sizes.
    func fitting(_ shape: ImageShape, file: String) throws -> LabelledImages {
        guard self.shape == shape else {
            throw GibbsError(.shapeMismatch, "images of \(self.shape.height) × \(self.shape.width) pixels for a model of \(shape.height) × \(shape.width)", at: .init(file: file),
                             advice: "give images of the size that the model was fitted to (gibbs inspect tells it)")
        }
        return self
    }

    /// The images of these classes only.
    func keeping(_ names: [String]) throws -> LabelledImages {
        guard let labels else { throw GibbsError(.usage, "--classes needs labels", advice: "give --labels FILE, or --label COLUMN") }
        for name in names where !labels.contains(name) {
            throw GibbsError(.usage, "no image is labelled '\(name)'", advice: "the labels are \(Set(labels).sorted().prefix(20).joined(separator: ", "))")
        }
        return selecting(labels.indices.filter { names.contains(labels[$0]) })
    }
}
