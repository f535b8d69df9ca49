import Foundation
import Gibbs

extension Calibrate {
    /// Calibrates on images, and says what it promises.
    func calibrateImages(_ model: ImageModel, path: String) throws {
        let foreign = [(labels.label != nil, "--label"), (labels.normal != nil, "--normal"), (alertsPerDay != nil, "--alerts-per-day"), (time != nil, "--time")]
        if let option = foreign.first(where: \.0)?.1 { throw GibbsError(.usage, "\(option) with images", advice: "leave it out, and give a file of images that belong") }
        Console.progress("reading \(data)")
        let read = try LabelledImages(path: data, shape: model.shape, white: model.training.white, options: input.options()).fitting(model.shape, file: data)
        if let digest = read.digest, digest == model.training.digest {
            Console.note("gibbs: \(data) is the file that the model was fitted to, so the rate will not hold; calibrate with other images")
        }
        let calibrated = try GibbsError.naming(data) { try model.calibrated(on: read.images, falseAlarmRate: falseAlarms?.share ?? model.calibration?.falseAlarmRate ?? 0.01) }
        Console.clearProgress()
        try calibrated.write(to: out ?? path)
        print(ImageSummary.alarm(calibrated))
        print(Summary.thresholds(calibrated.calibration!))
        print("wrote \(out ?? path)")
    }
}
