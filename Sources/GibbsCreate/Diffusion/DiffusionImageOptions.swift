import GibbsCore
import GibbsDeep
import GibbsNumerics

/// How a diffusion is fitted to images, with the defaults that `gibbs fit images --model diffusion` takes.
public struct DiffusionImageOptions: Sendable, Hashable {
    /// How images become noise.
    public var schedule: DiffusionSchedule
    /// How the network becomes an energy.
    public var form: DiffusionEnergy.Form
    /// Channels at half the side of the images, at a quarter and at an eighth.
    public var fine: Int, coarse: Int, coarsest: Int
    /// Steps of training, whatever the number of images.
    public var steps: Int
    /// Passes over the images in place of these.
    public var passes: Int?
    /// The share of images whose class is not told, and the descent; epochs follow from `steps` or `passes`.
    public var training: DiffusionTraining

    /// Options; checked when fitting begins.
    public init(schedule: DiffusionSchedule = .cosine, form: DiffusionEnergy.Form = .inner, fine: Int = 32, coarse: Int = 64, coarsest: Int = 128, steps: Int = 3_000, passes: Int? = nil,
                training: DiffusionTraining = DiffusionTraining(descent: NetworkDescent(optimiser: .adam(rate: 1e-3), batchSize: 128, warmUp: 100, finalRateShare: 0.02, averaging: 0.995))) {
        self.schedule = schedule
        self.form = form
        self.fine = fine
        self.coarse = coarse
        self.coarsest = coarsest
        self.steps = steps
        self.passes = passes
        self.training = training
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the setting that cannot be served.
    func check() throws {
        guard (1 ... 4_096).contains(fine), (1 ... 4_096).contains(coarse), (1 ... 4_096).contains(coarsest), steps > 0, passes ?? 1 > 0 else {
            throw GibbsError(.usage, "a diffusion of \(fine), \(coarse) and \(coarsest) channels, fitted in \(steps) steps or \(passes ?? 1) passes", advice: "give positive numbers, at most 4096 channels")
        }
        try schedule.check()
    }
}
