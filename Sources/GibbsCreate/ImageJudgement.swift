import Foundation
import GibbsNumerics

/// How well a model's classes tell labelled images apart: those of p(y | x) ∝ share_y p(x | y).
public struct ImageJudgement: Sendable {
    /// The images of one label.
    public struct Class: Sendable, Hashable {
        /// The label.
        public let name: String
        /// Its images, and how many of them the model finds likeliest in it.
        public let images: Int, right: Int
    }

    /// A label each, in the order of the model's classes; those without images are left out.
    public let classes: [Class]
    /// The mean of −ln p(y | x), nats.
    public let crossEntropy: Double
    /// The mean of −ln p(x), nats; of a network up to a constant.
    public let surprise: Double

    /// Images judged.
    public var images: Int { classes.reduce(0) { $0 + $1.images } }
    /// The share of the images whose label is their likeliest class.
    public var accuracy: Double { Double(classes.reduce(0) { $0 + $1.right }) / Double(images) }
}

extension ImageModel {
    /// Judges the classes on labelled images.
    ///
    /// - Parameters:
    ///   - images: Shape `[images, shape.pixels]`, pixels 0...1.
    ///   - labels: The class of each image.
    /// - Throws: `GibbsError` with code `.usage` for a model of one class, or a label that is none of its classes; `.shapeMismatch` for other images or another
    ///   number of labels; `.unsuitableData` for no image.
    public func judged(on images: Matrix, labels: [String]) throws -> ImageJudgement {
        guard classes.count > 1 else { throw GibbsError(.usage, "a model of one class tells no classes apart", advice: "fit with --labels; gibbs score gives its energies") }
        guard labels.count == images.rows else { throw GibbsError(.shapeMismatch, "\(labels.count) labels for \(images.rows) images", advice: "give one label an image, in the same order") }
        guard images.rows > 0 else { throw GibbsError(.unsuitableData, "there is no image to judge", advice: "give at least one") }
        let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.name, $0) }), wanted = try labels.map { label in
            try index[label] ?? index[self.class(label).name]!
        }
        let scores = try logJoint(of: images)
        var counts = Array(repeating: (images: 0, right: 0), count: classes.count), entropy = 0.0, surprise = 0.0
        for row in 0 ..< images.rows {
            let terms = scores.map { $0[row] }, total = logSumExp(terms), best = terms.indices.max { terms[$0] < terms[$1] }!
            counts[wanted[row]].images += 1
            counts[wanted[row]].right += best == wanted[row] ? 1 : 0
            entropy += total - terms[wanted[row]]
            surprise -= total
        }
        return ImageJudgement(classes: zip(classes, counts).filter { $1.images > 0 }.map { .init(name: $0.name, images: $1.images, right: $1.right) },
                              crossEntropy: entropy / Double(images.rows), surprise: surprise / Double(images.rows))
    }
}
