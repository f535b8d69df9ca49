// Diffusions: samples of an energy beside those of a free score of equal size, and products of landscapes with and without acceptance.
//
//     diffusion images --data FOLDER [--folder OUT] [--steps 3000] [--draws 10000] [--path-steps 40] [--device cuda] [--key 1]
//     diffusion compose [--device cuda]
import Foundation
import GibbsDeep

let arguments = Array(CommandLine.arguments.dropFirst())
func option(_ name: String, _ fallback: String) -> String { arguments.firstIndex(of: name).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil } ?? fallback }

/// A line of figures.
func report(_ figures: [(String, Any)]) {
    let parts = figures.map { name, value in "\"\(name)\": " + (value is String ? "\"\(value)\"" : "\(value)") }
    print("{" + parts.joined(separator: ", ") + "}")
    fflush(nil)
}

guard let device = Device(rawValue: option("--device", Device.processor.rawValue)), device.isAvailable else {
    FileHandle.standardError.write(Data("diffusion: there is no such device here\n".utf8))
    exit(69)
}

switch arguments.first {
case "images": try ImageQuality(data: option("--data", ""), folder: option("--folder", "."), steps: Int(option("--steps", "3000"))!, draws: Int(option("--draws", "10000"))!, pathSteps: Int(option("--path-steps", "40"))!, device: device, key: UInt64(option("--key", "1"))!).run()
case "compose": try Compositions(device: device).run()
default:
    FileHandle.standardError.write(Data("usage: diffusion images --data FOLDER [--folder OUT] [--steps N] [--draws N] [--path-steps N] [--device cuda] [--key N] | diffusion compose [--device cuda]\n".utf8))
    exit(64)
}
