import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics

extension VariationalAutoencoder {
    /// An autoencoder of images with Bernoulli pixels: convolutions both ways where the sides are multiples of four, else two layers; consumes `key`.
    static func ofImages(_ shape: ImageShape, latent: Int, layers: [Layer], key: Key) throws -> VariationalAutoencoder {
        let isEven = shape.height % 4 == 0 && shape.width % 4 == 0, (height, width) = (shape.height / 4, shape.width / 4)
        let decoder: [Layer] = isEven ? [
            .linear(64 * height * width), .silu, .reshape([64, height, width]), .transposedConvolution(32, kernel: 4, stride: 2, padding: 1), .silu,
            .transposedConvolution(1, kernel: 4, stride: 2, padding: 1),
        ] : [.linear(400), .silu, .linear(shape.pixels)]
        return try VariationalAutoencoder(encoder: Network(layers + [.linear(2 * latent)], input: [1, shape.height, shape.width], key: key.folding(0)),
                                          decoder: Network(decoder, input: [latent], key: key.folding(1)))
    }

    /// The autoencoder of one class of images; consumes `key`.
    static func fitted(to images: Matrix, _ shape: ImageShape, _ options: DeepImageOptions, key: Key, progress: (String, Double) throws -> Void) throws -> VariationalAutoencoder {
        let start = try ofImages(shape, latent: options.latent, layers: options.layers ?? DeepImageOptions.encoder, key: key.folding(0))
        var method = options.variational
        method.descent = options.descent(method.descent, passes: options.variationalPasses, rows: images.rows)
        let last = try start.training(on: images, by: method, key: key.folding(1)).finish {
            try progress(String(format: "−ELBO %.1f nats", $0.figures["loss"] ?? .nan), Double($0.number) / Double(method.descent.epochs))
            return true
        }
        if case .diverged(let reason) = last.ending { throw GibbsError(.unsuitableData, "training ran away: \(reason)", advice: "look for damaged images, or use another model") }
        return last.model
    }
}
