import Foundation
import GibbsNumerics

/// An autoencoder f read as an energy of images: what it leaves unexplained, beside what the image's own smoothness leaves unexplained.
///
///     U(x) = (d/2) [ ln(‖x − f(x)‖²/d + a) − ln(G(x)/d + b) ]
///     E(x) = U(x) + s · ½ max(0, |z(x)| − 3)²,   z = (ln(G/d + b) − m) / r
///
/// in nats, d the number of pixels and G the sum of the squared differences of pixels that are neighbours in a row or a column, the image lying in
/// black. (d/2) ln of a mean square is, up to a constant, −ln of the density of so many normal numbers of the deviation that suits them best. So
/// U compares two explanations: the autoencoder, which knows this kind of images, and "a pixel is like its neighbour", which serves all kinds.
/// Without the second, what is plain would be what is expected: a blank image is rebuilt by any autoencoder. The second term of E, with the
/// mean m and deviation r of ln(G/d + b) and the deviation s of U among held-out images (`calibrated(on:)`), is zero for contrasts that these
/// images have and grows where G, by which U forgives, leaves them.
///
/// a and b keep the logarithms finite. They belong to a pixel, and so serve images of any size: a is a residual of 0.011, some three of 256 greys; b a difference
/// of 0.036.
///
/// - Source: Yoon, Noh & Park, *Autoencoding under Normalization Constraints*, ICML 2021, for an autoencoder's residual as an energy; Serrà et al., *Input
///   Complexity and Out-of-distribution Detection with Likelihood-based Generative Models*, ICLR 2020, for what U subtracts, there by a file format.
public struct ResidualEnergy: NetworkEnergy {
    /// a.
    public static let residualFloor = 0.1 / 784
    /// b.
    public static let contrastFloor = 1.0 / 784

    /// The contrast that images of a kind have.
    public struct Contrast: Sendable, Hashable, Codable {
        /// m and r: of ln(G/d + b).
        public let mean: Double, deviation: Double
        /// s: of U, nats.
        public let energyDeviation: Double
    }

    /// f.
    public let network: Network
    /// m, r and s; `nil` where E is U.
    public let contrast: Contrast?
    /// Rows that are computed at once.
    public var rowsAtOnce = 256
    /// Where the network's weights are.
    public let device: Device

    /// The energy U of an autoencoder, without the contrast of a kind of images.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` unless it makes images of images, `[channels, height, width]` of at least two pixels a side.
    public init(_ network: Network) throws { try self.init(network, contrast: nil) }

    private init(_ network: Network, contrast: Contrast?) throws {
        guard network.input.count == 3, network.input[1] > 1, network.input[2] > 1, network.output == network.input else {
            throw GibbsError(.shapeMismatch, "an autoencoder from \(network.input) to \(network.output)", advice: "let it make images of images, [channels, height, width]; Layer.autoencoder does")
        }
        self.network = network
        self.contrast = contrast
        device = network.parameters.first?.device ?? .processor
    }

    /// This energy with the contrast of held-out images: images of the kind that the network did not learn from.
    ///
    /// - Parameter images: Shape `[rows, features]`.
    /// - Throws: As `energies(of:)`; `GibbsError` with code `.unsuitableData` for fewer than two images.
    public func calibrated(on images: Matrix) throws -> ResidualEnergy {
        guard images.rows > 1 else { throw GibbsError(.unsuitableData, "the contrast of \(images.rows) images", advice: "give some hundred") }
        let bare = try ResidualEnergy(network), energies = try bare.energies(of: images)
        let contrasts = try WrittenEnergy(input: input) { try Self.logContrast(of: $0) }.energies(of: images)
        // Images that are all alike still differ by rounding.
        let contrast = Contrast(mean: Statistics.mean(contrasts), deviation: max(1e-3, Statistics.standardDeviation(contrasts)), energyDeviation: max(1e-3, Statistics.standardDeviation(energies)))
        var result = try ResidualEnergy(network, contrast: contrast)
        result.rowsAtOnce = rowsAtOnce
        return result
    }

    /// The energy of another autoencoder, the contrast as it is: it belongs to the images.
    ///
    /// - Throws: As `init(_:)`.
    public func with(_ network: Network) throws -> ResidualEnergy {
        var result = try ResidualEnergy(network, contrast: contrast)
        result.rowsAtOnce = rowsAtOnce
        return result
    }

    /// The shape of a row.
    public var input: [Int] { network.input }

    /// E(x), shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor {
        let pixels = Double(features), residual = try ((x - network(x)).squared().rowSums() / pixels + Self.residualFloor).log(), logContrast = try Self.logContrast(of: x)
        let energy = try 0.5 * pixels * (residual - logContrast)
        guard let contrast else { return energy }
        let excess = try ((logContrast - contrast.mean).magnitude() / contrast.deviation - 3).relu()
        return try energy + 0.5 * contrast.energyDeviation * excess.squared()
    }

    /// f(x) of every row; shape `[rows, features]`.
    ///
    /// - Throws: As `energies(of:)`.
    public func reconstructions(of batch: Matrix) throws -> Matrix {
        try checkComplete(batch)
        let parts = try stride(from: 0, to: batch.rows, by: rowsAtOnce).map { first in
            let x = try Tensor(batch.slice(first ..< min(batch.rows, first + rowsAtOnce)), row: input)
            return try network(device == .processor ? x : x.moved(to: device)).floats()
        }
        return Matrix(rows: batch.rows, columns: batch.columns, values: parts.flatMap { $0 })
    }

    /// ln(G/d + b), shape `[n]`.
    private static func logContrast(of x: Tensor) throws -> Tensor {
        let sums = try [2, 3].map { axis in
            let last = x.shape[axis] - 1, differences = try x.slice(1 ..< last + 1, along: axis) - x.slice(0 ..< last, along: axis)
            return try differences.squared().rowSums() + x.selecting(0, along: axis).squared().rowSums() + x.selecting(last, along: axis).squared().rowSums()
        }
        return try ((sums[0] + sums[1]) / Double(x.shape.dropFirst().reduce(1, *)) + contrastFloor).log()
    }
}

extension ResidualEnergy: Storable {
    public static let kind = "residual"
    private static let contrastKey = "contrast", noContrast = "none"

    public init(archive: Archive) throws {
        guard let stored = archive.metadata[Self.contrastKey] else { throw GibbsError(.unsuitableModel, "the entry '\(Self.contrastKey)' is missing", advice: "the file is damaged") }
        let network = try Network(archive: archive.nested("network")), contrast = stored == Self.noContrast ? nil : try JSON.decode(Contrast.self, from: stored, name: Self.contrastKey)
        if let contrast, !(contrast.mean.isFinite && contrast.deviation > 0 && contrast.deviation.isFinite && contrast.energyDeviation > 0 && contrast.energyDeviation.isFinite) {
            throw GibbsError(.unsuitableModel, "the contrast \(contrast.mean) ± \(contrast.deviation), \(contrast.energyDeviation) nats", advice: "the file is damaged")
        }
        do { try self.init(network, contrast: contrast) } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive {
        var archive = Archive(metadata: [Self.contrastKey: contrast.map { JSON.encode($0) } ?? Self.noContrast])
        archive.nest(network.archive(), under: "network")
        return archive
    }
}
