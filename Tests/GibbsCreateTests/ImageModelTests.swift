import Foundation
import GibbsCore
import GibbsCreate
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct ImageModelTests {
    @Test(arguments: [ImageOptions.Model.gaussian, .rbm, .memory]) func fitsTellsApartAndReturnsFromItsFile(kind: ImageOptions.Model) throws {
        let model = try Bars.model(kind), (images, labels) = Bars.images(200, key: Key(2))
        #expect(model.classes.map(\.name) == ["across", "down"] && model.classes.allSatisfy { $0.share == 0.5 })
        let seen = model.drawn(images, key: Key(3)).images, probabilities = try model.classProbabilities(of: seen)
        let right = labels.indices.filter { probabilities[$0, labels[$0] == "down" ? 1 : 0] > 0.5 }.count
        #expect(right >= 195, "\(right) of 200 images told apart")
        let path = NSTemporaryDirectory() + "/gibbs-images-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.write(to: path)
        let again = try ImageModel(contentsOf: path)
        #expect(try again.classProbabilities(of: seen) == probabilities)
        #expect(again.training == model.training && again.shape == model.shape)
    }

    /// The energies of images keep the promises of their protocol, gradients in pixels included.
    @Test(arguments: [ImageOptions.Model.gaussian, .rbm, .memory]) func energiesConform(kind: ImageOptions.Model) throws {
        let model = try Bars.model(kind), grey = Bars.images(6, key: Key(4)).images
        let inside = Matrix(rows: 6, columns: 36, values: grey.values.map { 0.2 + 0.6 * $0 })
        let rows = kind == .rbm ? model.drawn(grey, key: Key(5)).images : inside
        for part in model.classes {
            #expect(try checkGradient(part.energy, rows: rows, step: 0.002).filter { !$0.message.contains("missing") } == [])
        }
    }

    @Test(arguments: [ImageOptions.Model.gaussian, .rbm, .memory]) func sameKeySameModel(kind: ImageOptions.Model) throws {
        #expect(try Bars.model(kind).archive() == Bars.model(kind).archive())
    }

    @Test func refusals() throws {
        let (images, labels) = Bars.images(10, key: Key(1)), shape = Bars.shape
        func fails(_ code: GibbsError.Code, _ words: String, _ body: () throws -> Void) {
            #expect { try body() } throws: { ($0 as? GibbsError)?.code == code && "\($0)".contains(words) && ($0 as? GibbsError)?.advice != nil }
        }
        fails(.shapeMismatch, "36 values") { _ = try ImageModel.fitted(to: images, shape: ImageShape(height: 5, width: 5)) }
        fails(.shapeMismatch, "9 labels") { _ = try ImageModel.fitted(to: images, shape: shape, labels: Array(labels.dropLast())) }
        fails(.unsuitableData, "single image") { _ = try ImageModel.fitted(to: images, shape: shape, labels: ["x"] + labels.dropFirst()) }
        fails(.unsuitableData, "too few") { _ = try ImageModel.fitted(to: images.slice(0 ..< 1), shape: shape) }
        fails(.unsuitableData, "pixel") { _ = try ImageModel.fitted(to: Matrix(rows: 2, columns: 36, repeating: 2), shape: shape) }
        fails(.usage, "0 hidden") { _ = try ImageModel.fitted(to: images, shape: shape, options: ImageOptions(model: .rbm, hidden: 0)) }
        let model = try Bars.model(.gaussian)
        fails(.usage, "no class 'up'") { _ = try model.blend(through: ["up", "down"]) }
        fails(.usage, "1 class;") { _ = try model.blend(through: ["down"]) }
        fails(.usage, "does not serve") { _ = try model.draw(1, by: ImageSampler(kernel: .gibbs), key: Key(1)) }
        fails(.usage, "5 steps of draws that are exact") { _ = try model.draw(1, by: ImageSampler(steps: 5), key: Key(1)) }
        fails(.usage, "corrections of a model of gaussian energies") { _ = try model.draw(1, by: ImageSampler(corrections: Corrections(steps: 1)), key: Key(1)) }
        fails(.usage, "corrections of a model of gaussian energies") { _ = try model.blend(through: ["across", "down"], corrections: Corrections(steps: 1)) }
        fails(.usage, "guidance of a model of gaussian energies") { _ = try model.draw(1, by: ImageSampler(guidance: 1), key: Key(1)) }
        fails(.usage, "temperature -1.0") { _ = try model.draw(1, by: ImageSampler(temperature: -1), key: Key(1)) }
        fails(.usage, "not memories") { _ = try model.recall(images) }
        fails(.usage, "memory") { _ = try Bars.model(.memory).blend(through: ["down", "across"]) }
    }
}
