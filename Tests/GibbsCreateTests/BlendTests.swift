import Foundation
import GibbsCore
import GibbsCreate
import GibbsData
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct BlendTests {
    /// The product's mean is where L-BFGS ends on the sum of the energies.
    @Test func closedFormIsTheMinimum() throws {
        for size in [2, 12] {
            func gaussian(_ key: Key) throws -> GaussianEnergy {
                let data = Matrix(rows: 60, columns: size, values: key.normals(60 * size))
                let mixed = Matrix.product(data, Matrix(rows: size, columns: size, values: key.folding(1).normals(size * size)))
                return try GaussianEnergy.fitted(to: mixed)
            }
            let a = try gaussian(Key(1)), b = try gaussian(Key(2))
            for alpha in [0, 0.25, 0.5, 0.9, 1] as [Float] {
                let closed = try GaussianEnergy.product([a, b], weights: [1 - Double(alpha), Double(alpha)])
                let found = try ((1 - alpha) * a + alpha * b).minimum(from: Matrix(rows: 1, columns: size, repeating: 1), by: Descent(tolerance: 1e-6))
                let scale = closed.mean.map(abs).max()!
                for (x, y) in zip(closed.mean, found.positions.values) { #expect(abs(x - y) < 1e-4 * max(1, scale), "at \(alpha): \(x) and \(y)") }
                // Energies differ by a constant only.
                let points = Matrix(rows: 5, columns: size, values: Key(3).normals(5 * size))
                let gaps = zip(try ((1 - alpha) * a + alpha * b).energies(of: points), try closed.energies(of: points)).map { $0 - $1 }
                #expect(gaps.allSatisfy { abs($0 - gaps[0]) < 2e-3 * max(1, abs(gaps[0])) }, "\(gaps)")
            }
        }
    }

    @Test func indefiniteSumsAreRefused() throws {
        let a = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 1]))
        #expect { _ = try GaussianEnergy.product([a, a], weights: [1, -1.5]) } throws: {
            ($0 as? GibbsError)?.code == .unsuitableData && "\($0)".contains("no minimum") && "\($0)".contains("Excluded")
        }
        #expect(throws: GibbsError.self) { _ = try GaussianEnergy.product([a], weights: [1, 1]) }
    }

    /// The energies under the ends rise and fall along the way, so that the classes change once.
    @Test func gaussianWay() throws {
        let blend = try Bars.model(.gaussian).blend(through: ["down", "across"], steps: 9)
        #expect(blend.frames.count == 9 && blend.images.rows == 9)
        #expect(blend.frames.first!.likeliest == "down" && blend.frames.last!.likeliest == "across")
        for (before, after) in zip(blend.frames, blend.frames.dropFirst()) {
            #expect(after.energyFrom >= before.energyFrom - 1e-3 && after.energyTo <= before.energyTo + 1e-3 && after.probabilityTo >= before.probabilityTo - 1e-5)
        }
        #expect(blend.frames[0].energyFrom < 1e-2 && blend.frames[8].energyTo < 1e-2)
    }

    /// At the ends the blended machine is the class's own, but for the free units; block Gibbs on it samples that class.
    @Test func machinesBlend() throws {
        let model = try Bars.model(.rbm)
        guard case .machine(let a) = model.classes[0].energy, case .machine(let b) = model.classes[1].energy else { return #expect(Bool(false)) }
        let rows = model.drawn(Bars.images(20, key: Key(4)).images, key: Key(5)).images, own = try a.energies(of: rows)
        let joined = try RBM.blend([a, b], weights: [1, 0]).energies(of: rows)
        for (x, y) in zip(own, joined) { #expect(abs(x - y - Float(b.hiddenCount) * log(2)) < 1e-2) }
        let blend = try model.blend(through: ["across", "down"], steps: 5, sweeps: 60)
        #expect(blend.frames.first!.likeliest == "across" && blend.frames.last!.likeliest == "down")
        #expect(blend.images.values.allSatisfy { (0 ... 1).contains($0) })
        // Both columns are counted from one zero, so that they explain the odds.
        #expect(blend.frames.map { min($0.energyFrom, $0.energyTo) }.min() == 0)
        for frame in blend.frames {
            #expect(abs(Double(frame.probabilityTo) - 1 / (1 + exp(Double(frame.energyTo) - Double(frame.energyFrom)))) < 1e-3, "p = \(frame.probabilityTo) at \(frame.energyFrom) and \(frame.energyTo)")
        }
        #expect(try model.blend(through: ["across", "down"], steps: 5, sweeps: 60).images == blend.images)
        // Leaps that change sides, and no others.
        let leaps = ImageBlend.leaps(in: blend.images, ends: [0, 4])
        #expect(blend.jumps == leaps.filter { (blend.frames[$0 - 1].probabilityTo < 0.5) != (blend.frames[$0].probabilityTo < 0.5) })
        let warm = try model.blend(through: ["across", "down", "across"], steps: 3, temperature: 1, sweeps: 20)
        #expect(warm.frames.map(\.alpha) == [0, 0.5, 1, 0.5, 1] && warm.frames.last!.to == "across")
        #expect(throws: GibbsError.self) { _ = try RBM.blend([a, RBM(visible: [.binary], hidden: 1, key: Key(1))], weights: [1, 1]) }
    }

    /// A step of more than half the way between the ends of its leg is a leap; a way in few steps has none.
    @Test func leaps() {
        func leaps(_ places: [Float], _ ends: [Int]) -> [Int] { ImageBlend.leaps(in: Matrix(rows: places.count, columns: 1, values: places), ends: ends) }
        #expect(leaps([0, 0.1, 0.2, 0.9, 1], [0, 4]) == [3] && leaps([0, 0.25, 0.5, 0.75, 1], [0, 4]) == [] && leaps([0, 0.9, 1], [0, 2]) == [])
        #expect(leaps([0, 0.1, 0.2, 0.9, 1, 0.2, 0.1, 0.05, 0], [0, 4, 8]) == [3, 5])
    }

    /// Two classes compare even where a third one is so much more probable that both probabilities are zero in single precision.
    @Test func thirdClassHidesNothing() throws {
        let (bars, labels) = Bars.images(200, key: Key(1)), noise = Matrix(rows: 100, columns: 36, values: Key(2).uniforms(3_600))
        let model = try ImageModel.fitted(to: bars.appending(noise), shape: Bars.shape, labels: labels + Array(repeating: "noise", count: 100))
        let frames = try model.blend(through: ["down", "across"], steps: 5, temperature: 1e4).frames
        #expect(frames.contains { $0.likeliest == "noise" && $0.probability == 1 }, "\(frames.map(\.likeliest))")
        for frame in frames {
            let odds = Double(frame.energyFrom) - Double(frame.energyTo)
            #expect(abs(Double(frame.probabilityTo) - 1 / (1 + exp(-odds))) < 1e-3, "p = \(frame.probabilityTo) at energies of \(frame.energyFrom) and \(frame.energyTo)")
        }
    }

    /// 4 → 9 on MNIST: every frame at least as sharp as the cross-fade of the mean images, one crossing, the closed form L-BFGS's minimum.
    @Test func fourToNine() throws {
        guard let folder = realData("mnist") else { return print("skipped: no MNIST beside the repository") }
        let images = try LabelledImages(path: folder + "/train-images-idx3-ubyte.gz", labelsPath: folder + "/train-labels-idx1-ubyte.gz")
        let rows = images.labels!.indices.filter { ["4", "9"].contains(images.labels![$0]) }.prefix(4_000)
        let chosen = images.selecting(Array(rows))
        let model = try ImageModel.fitted(to: chosen.images, shape: chosen.shape, labels: chosen.labels)
        let frames = try model.blend(through: ["4", "9"]).frames
        #expect(frames.allSatisfy { $0.sharpness >= $0.crossFadeSharpness }, "\(frames.map(\.sharpness))")
        let classes = frames.map { $0.probabilityTo > 0.5 }
        #expect(!classes.first! && classes.last! && zip(classes, classes.dropFirst()).filter { $0 != $1 }.count == 1, "\(frames.map(\.probabilityTo))")
    }

    /// Machines walk along the sum of their free energies, where hidden units are as decided as at the ends.
    @Test func fourToNineOfMachines() throws {
        guard let folder = realData("mnist") else { return print("skipped: no MNIST beside the repository") }
        let images = try LabelledImages(path: folder + "/train-images-idx3-ubyte.gz", labelsPath: folder + "/train-labels-idx1-ubyte.gz")
        let chosen = images.selecting(images.labels!.indices.filter { ["4", "9"].contains(images.labels![$0]) })
        let model = try ImageModel.fitted(to: chosen.images, shape: chosen.shape, labels: chosen.labels, options: ImageOptions(model: .rbm, hidden: 60, epochs: 10))
        let frames = try model.blend(through: ["4", "9"]).frames
        #expect(frames.allSatisfy { $0.sharpness >= $0.crossFadeSharpness }, "\(frames.map(\.sharpness))")
        let classes = frames.map { $0.probabilityTo > 0.5 }
        #expect(!classes.first! && classes.last! && zip(classes, classes.dropFirst()).filter { $0 != $1 }.count == 1, "\(frames.map(\.probabilityTo))")
    }
}
