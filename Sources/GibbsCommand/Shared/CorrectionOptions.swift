import ArgumentParser
import Gibbs

/// What moves the draws of a diffusion at every time, where a command draws from one.
struct CorrectionOptions: ParsableArguments {
    @Option(help: "Of a diffusion, steps of a chain at every time; 2 with --correct and for blends, else none.")
    var corrections: Int?

    @Option(help: "What these steps are: mala or hmc, which the energy accepts or not, or langevin, which nothing does. mala unless told.")
    var correct: Corrections.Kind?

    /// As told; `nil` where a person said nothing of corrections.
    ///
    /// - Throws: `GibbsError` with code `.usage` for corrections by a name, and none of them.
    func told() throws -> Corrections? { try Corrections.asked(steps: corrections, kind: correct) }
}

extension Corrections.Kind: ExpressibleByArgument {}
