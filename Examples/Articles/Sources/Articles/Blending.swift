import Foundation
import Gibbs

/// Images of 6 × 6: upright and level bars.
private func bars(_ count: Int, key: Key) -> (images: Matrix, labels: [String]) {
    let places = key.uniforms(count)
    let rows = (0 ..< count).map { row -> [Float] in
        let middle = 1.5 + 2 * places[row]
        return (0 ..< 36).map { max(0, 1 - abs(Float(row % 2 == 0 ? $0 % 6 : $0 / 6) - middle)) }
    }
    return (Matrix(rows), (0 ..< count).map { $0 % 2 == 0 ? "upright" : "level" })
}

/// What the article on blending and recall quotes.
func printBlending() throws {
    print("# Blending and recall")
    let first = try GaussianEnergy(mean: [0, 0], covariance: SymmetricMatrix(size: 2, values: [1, 0, 0, 0.04]))
    let second = try GaussianEnergy(mean: [2, 2], covariance: SymmetricMatrix(size: 2, values: [0.04, 0, 0, 1]))
    for alpha in [0, 0.25, 0.5, 0.75, 1] {
        let blend = try GaussianEnergy.product([first, second], weights: [1 - alpha, alpha])
        print("α", show([alpha], digits: 2), "lowest point", show(blend.mean))
    }
    let found = try (0.5 * first + 0.5 * second).minimum(from: Matrix([[1, 1]]))
    print("by descent", show(found.positions.values), found.endings[0], "in", found.steps, "steps")
    do { _ = try GaussianEnergy.product([first, second], weights: [1, -1]) } catch { print(error) }

    let shape = ImageShape(height: 6, width: 6), (images, labels) = bars(400, key: Key(1))
    let model = try ImageModel.fitted(to: images, shape: shape, labels: labels)
    for frame in try model.blend(through: ["upright", "level"], steps: 5).frames {
        print("α", show([frame.alpha], digits: 2), "E", show([frame.energyFrom, frame.energyTo], digits: 1), "p(level)", show([frame.probabilityTo]), "likeliest", frame.likeliest)
    }
    let memory = try ImageModel.fitted(to: images, shape: shape, labels: labels, options: ImageOptions(model: .memory, memories: 100))
    let cues = ImageErasure.top.applied(to: images.slice(0 ..< 6), shape: shape), recalled = try memory.recall(cues)
    print("recalled", recalled.classes, show(recalled.weights, digits: 2))
    for (before, after) in recalled.energies.prefix(2) { print("energy", show([before, after], digits: 1)) }
}
