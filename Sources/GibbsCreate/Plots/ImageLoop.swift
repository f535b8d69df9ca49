import Foundation
import GibbsData
import GibbsDeep
import GibbsNumerics

/// A diffusion's work around a circle at a time: what `gibbs plot loop` shows.
public struct ImageLoop: Sendable {
    /// t.
    public let time: Double
    /// Whether it is a landscape there.
    public let check: LandscapeCheck
    /// The work from the start to each of evenly spaced points, back to the start; nats.
    public let work: [Double]

    /// Lines of several times, each in units of the most that its work comes to on the way.
    public static func plot(_ loops: [ImageLoop]) -> Plot {
        let lines = loops.map { loop -> Plot.Layer in
            let most = loop.work.map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1
            return .line(x: loop.work.indices.map { 360 * Double($0) / Double(loop.work.count - 1) }, y: loop.work.map { $0 / most }, name: String(format: "time %.2g: up to %.3g nats", loop.time, most))
        }
        return Plot("once around a circle", x: Plot.Axis("way around (degrees)", range: 0 ... 360, step: 90), y: "work of the score, of its most", layers: [.horizontal(0.0)] + lines)
    }
}

extension ImageModel.Class {
    /// The work around a circle about the mean image of this class; consumes `key`.
    ///
    /// - Throws: `GibbsError` with code `.usage` for a class that is no diffusion, or a time outside 0...1.
    public func loop(at time: Double, key: Key) throws -> ImageLoop {
        guard case .diffusion(let energy) = self.energy else {
            throw GibbsError(.usage, "paths around \(self.energy.kind) energies", advice: "fit with --model diffusion")
        }
        let row = DiffusionImageEnergy.encoded(Matrix([mean])), landscape = try energy.landscape()
        return try ImageLoop(time: time, check: LandscapeCheck(of: landscape, at: time, rows: row, key: key), work: LandscapeCheck.work(of: landscape, at: time, rows: row, points: 90, key: key)[0])
    }
}
