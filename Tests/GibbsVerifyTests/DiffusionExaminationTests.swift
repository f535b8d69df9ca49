import Gibbs
import GibbsDeep
import GibbsVerify
import Testing

/// Landscapes over time, and a field that says it is one.
@Suite(.serialized, .enabled(if: Engine.version != nil, "built without the trait Deep; run scripts/setup --deep, then scripts/deep test")) struct DiffusionExaminationTests {
    /// N(0, 1) at every time; with a swirl in its score that no energy has.
    struct Claimed: DiffusionLandscape {
        let schedule = DiffusionSchedule.cosine, input = [2], prior = DiffusionPrior(mean: [0, 0], deviation: 1)
        var swirl = 0.0

        func energy(of x: Tensor, at time: Double) throws -> Tensor { try 0.5 * x.squared().rowSums() }

        func noise(in x: Tensor, at time: Double, differentiable: Bool) throws -> Tensor {
            let turn = try Tensor([0, 1, -1, 0] as [Float], shape: [2, 2])
            return try schedule.level(at: time).noise * (x + swirl * x.matmul(turn))
        }
    }

    @Test func tellsLandscapesFromOthers() throws {
        let rows = Matrix(rows: 8, columns: 2, values: Key(1).normals(16))
        func odd(_ swirl: Double) throws -> [String] { try DiffusionExamination(of: Claimed(swirl: swirl), rows: rows, key: Key(2)).findings().filter(\.isWarning).map(\.subject) }
        #expect(try odd(0) == [])
        #expect(try odd(0.01) == ["Jacobian", "closed paths"])
    }

    /// A model of images whose training was short is a landscape nonetheless.
    @Test func imagesOfBars() throws {
        let (images, labels) = ImageExaminationTests.bars(200, key: Key(1))
        var options = ImageOptions(model: .diffusion)
        (options.diffusion.fine, options.diffusion.coarse, options.diffusion.coarsest, options.diffusion.steps) = (8, 8, 8, 300)
        options.diffusion.training.descent.optimiser = .adam(rate: 4e-3)
        options.diffusion.training.descent.averaging = 0.98
        let model = try ImageModel.fitted(to: images, shape: ImageShape(height: 6, width: 6), labels: labels, options: options)
        let findings = try ImageExaminationTests.findings(model)
        #expect(findings.filter { ["Jacobian", "closed paths", "chains"].contains($0.subject) && !$0.isWarning }.count == 3, "\(findings)")
        #expect(findings.odd == [], "\(findings)")
    }
}
