import Foundation
import Gibbs
import GibbsDeep

/// A classifier of images trained here, and what it makes of them before its last layer: the features that sets of images are compared by.
struct Judge {
    private let energy: JointEnergy, features: Network
    private static let layers: [Layer] = [.convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .convolution(64, kernel: 3, stride: 2, padding: 1), .silu, .flatten, .linear(64), .silu]

    init(_ images: Matrix, _ labels: [Int], side: [Int], on device: Device) throws {
        let start = try JointEnergy(Network(Self.layers + [.linear(10)], input: [1] + side, key: Key(7)).moved(to: device)), descent = NetworkDescent(optimiser: .adam(rate: 1e-3), batchSize: 128, epochs: 4, averaging: 0.99)
        energy = try start.training(on: images, labels: labels, by: JointTraining(weight: 0, contrastive: ContrastiveTraining(descent: descent)), key: Key(8)).finish().model
        let network = energy.network
        features = try Network(Self.layers, input: [1] + side, parameters: Dictionary(uniqueKeysWithValues: zip(network.names, network.parameters).dropLast(2).map { ($0, $1) }))
    }

    /// The class of every image.
    func classes(of images: Matrix) throws -> [Int] {
        let found = try energy.classProbabilities(of: images)
        return (0 ..< images.rows).map { row in found.row(row).enumerated().max { $0.element < $1.element }!.offset }
    }

    /// The share of images given to the class they should be.
    func accuracy(_ images: Matrix, _ labels: [Int]) throws -> Double { Double(try zip(classes(of: images), labels).count { $0 == $1 }) / Double(labels.count) }

    /// The Gaussian of a set's features.
    func gaussian(of images: Matrix) throws -> GaussianEnergy {
        let rows = try stride(from: 0, to: images.rows, by: 500).map { first in
            try features(Tensor(images.slice(first ..< min(images.rows, first + 500)), row: features.input, on: energy.device)).matrix()
        }
        return try GaussianEnergy.fitted(to: rows.dropFirst().reduce(rows[0]) { $0.appending($1) }, ridge: 1e-6)
    }
}
