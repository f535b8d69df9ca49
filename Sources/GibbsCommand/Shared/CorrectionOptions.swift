import ArgumentParser
import Gibbs

/// What moves the draws of a diffusion at every time, where a command draws from one.
struct CorrectionOptions: ParsableArguments {
    @Option(help: "Of a diffusion, steps of a chain at every time; 2 with --correct and for blends, else none.")
    var corrections: Int?

    @Option(help: "What these steps are: mala or hmc, which the energy accepts or not, or langevin, which nothing does. mala unless told.")
    var correct: ImageSampler.Correction?

    /// Steps at every time unless told, where there are to be any.
    static let steps = 2

    /// Steps as told; `nil` where a person said nothing of corrections.
    ///
    /// - Throws: `GibbsError` with code `.usage` for corrections by a name, and none of them.
    func told() throws -> Int? {
        if let correct, corrections == 0 { throw GibbsError(.usage, "--correct \(correct.rawValue) with 0 corrections", advice: "give a positive number to --corrections, or leave --correct out") }
        return corrections ?? (correct == nil ? nil : Self.steps)
    }

    /// What the steps are.
    var kind: ImageSampler.Correction { correct ?? .mala }
}

extension ImageSampler.Correction: ExpressibleByArgument {}
