import Foundation
import GibbsCore
import GibbsCreate
import GibbsDeep
import GibbsNumerics

/// Looks at whether a diffusion is a landscape at every time, as it says: its score the slope of a scalar, and chains on it that are accepted.
public struct DiffusionExamination: Sendable {
    /// Shares of asymmetry and of work around a circle that rounding in single precision leaves; a score that a network gives freely is a hundred times beyond.
    public static let roundingLimit = 1e-3
    /// Times that are looked at.
    public static let times = [0.1, 0.3, 0.5, 0.7, 0.9]

    private let landscape: any DiffusionLandscape, rows: Matrix, key: Key

    /// An examination of one class of a diffusion of images.
    ///
    /// - Parameters:
    ///   - energy: The class.
    ///   - rows: Images, 0...1; the first eight are looked at.
    ///   - key: Feeds the noise, the planes and the chains.
    /// - Throws: `GibbsError` where memory runs out.
    public init(of energy: DiffusionImageEnergy, rows: Matrix, key: Key) throws {
        let some = rows.slice(0 ..< min(8, rows.rows))
        self.init(of: try energy.landscape(), rows: DiffusionImageEnergy.encoded(some), key: key)
    }

    /// An examination of any landscape, around rows in units of its data.
    public init(of landscape: any DiffusionLandscape, rows: Matrix, key: Key) { (self.landscape, self.rows, self.key) = (landscape, rows, key) }

    /// Everything there is to say.
    ///
    /// - Throws: What the landscape throws.
    /// - Complexity: Some fifty gradients of the rows a time.
    public func findings() throws -> [Finding] {
        let checks = try Self.times.enumerated().map { try LandscapeCheck(of: landscape, at: $1, rows: rows, points: 32, key: key.folding($0)) }
        return [Self.symmetry(checks), Self.loops(checks), try chains()]
    }

    private static func worst(_ checks: [LandscapeCheck], _ share: (LandscapeCheck) -> Double) -> (share: Double, time: Double) {
        checks.map { (share: share($0).isNaN ? .infinity : share($0), time: $0.time) }.max { $0.share < $1.share }!
    }

    private static func symmetry(_ checks: [LandscapeCheck]) -> Finding {
        let found = worst(checks, \.asymmetry)
        return Finding("Jacobian", String(format: "asymmetric by %.1e of its size at most, at time %.1f", found.share, found.time), warnsIf: !(found.share <= roundingLimit),
                       advice: "the score is not the slope of an energy; acceptance and sums of landscapes mean nothing then")
    }

    private static func loops(_ checks: [LandscapeCheck]) -> Finding {
        let found = worst(checks, \.loopShare)
        return Finding("closed paths", String(format: "the score's work around circles is %.1e of what it does on the way at most, at time %.1f", found.share, found.time), warnsIf: !(found.share <= roundingLimit),
                       advice: "an energy that comes back changed is none; look for weights that are too large")
    }

    /// Acceptance on the way down.
    private func chains() throws -> Finding {
        let draws = try DiffusionSampler(steps: 20, correction: .metropolis(steps: 2)).draw(rows.rows, from: landscape, key: key.folding(-1))
        let diverged = draws.corrections.reduce(0) { $0 + $1.diverged }, acceptance = draws.acceptance ?? 0
        return Finding("chains", String(format: "accepted with probability %.2f over 20 times, %d divergences", acceptance, diverged), warnsIf: !(acceptance > 0.05) || diverged > draws.corrections.count,
                       advice: "the landscape is too rough for chains; train longer")
    }
}
