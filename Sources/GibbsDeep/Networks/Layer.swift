/// One layer of a `Network`, as a description: it has no weights, and learns the shape of its input when a network is built.
///
///     let layers: [Layer] = [.convolution(32, kernel: 3, stride: 2, padding: 1), .silu, .residual([.groupNorm(groups: 8), .silu,
///                            .convolution(32, kernel: 3, padding: 1)]), .flatten, .linear(1)]
///
/// Images have the shape `[channels, height, width]`. Weights have the shapes, the starting values and the names that PyTorch gives them,
/// so that `torch.nn.Sequential` with the same layers reads a network's file. A layer joins as a case; the compiler then names its
/// shapes, its weights, its computation and its place in model files.
public indirect enum Layer: Sendable, Hashable {
    /// x Wᵀ + b, of a row of numbers.
    case linear(Int, bias: Bool = true)
    /// That many filters of `kernel` × `kernel` pixels.
    case convolution(Int, kernel: Int, stride: Int = 1, padding: Int = 0)
    /// The transpose of a convolution, which makes an image `stride` times as large, more or less.
    case transposedConvolution(Int, kernel: Int, stride: Int = 1, padding: Int = 0)
    /// Means of squares of that many pixels a side; what is left over at the edges is dropped.
    case averagePool(Int)
    /// Channels in groups, each brought to mean 0 and variance 1; then a scale and a shift a channel.
    case groupNorm(groups: Int)
    /// The whole row brought to mean 0 and variance 1; then a scale and a shift for each of its numbers.
    case layerNorm
    /// A function of each number alone.
    case activation(Activation)
    /// The row as plain numbers, in the order of memory.
    case flatten
    /// The row in another shape.
    case reshape([Int])
    /// body(x) + x. Where the body changes the shape the shortcut does so too: images are averaged down to the size of the body's, and
    /// a linear map without bias, one pixel wide for images, changes the channels.
    ///
    /// - Source: He, Zhang, Ren & Sun, *Identity Mappings in Deep Residual Networks*, ECCV 2016.
    case residual([Layer])
    /// x and body(x) one after the other, along the channels of images and along the row of plain numbers: how a U-Net hands what is fine past what is
    /// coarse. Where the body's image is larger, its right and bottom edges go.
    ///
    /// - Source: Ronneberger, Fischer & Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation*, MICCAI 2015.
    case beside([Layer])
    /// (1 + s) x + b with a scale s and a shift b a channel, both linear in the network's context, which says for all layers what time and which class it is.
    /// Starts as the identity.
    ///
    /// - Source: Perez, Strub, de Vries, Dumoulin & Courville, *FiLM: Visual Reasoning with a General Conditioning Layer*, AAAI 2018.
    case modulate

    /// A function of a number.
    public enum Activation: String, Sendable, Hashable, CaseIterable {
        /// max(0, x). Piecewise linear: the energy has no curvature, which score matching needs.
        case relu
        /// x above zero, x / 100 below; piecewise linear as well.
        case leakyRelu
        /// x / (1 + e⁻ˣ).
        case silu
        /// x · Φ(x).
        case gelu
        /// x above zero, eˣ − 1 below.
        case elu
        /// ln(1 + eˣ).
        case softplus
        /// The hyperbolic tangent.
        case tanh
        /// 1 / (1 + e⁻ˣ).
        case sigmoid
    }

    /// max(0, x).
    public static let relu = Layer.activation(.relu)
    /// x above zero, x / 100 below.
    public static let leakyRelu = Layer.activation(.leakyRelu)
    /// x / (1 + e⁻ˣ), smooth: the usual choice for energies, whose gradients are wanted.
    public static let silu = Layer.activation(.silu)
    /// x · Φ(x).
    public static let gelu = Layer.activation(.gelu)
    /// x above zero, eˣ − 1 below.
    public static let elu = Layer.activation(.elu)
    /// ln(1 + eˣ).
    public static let softplus = Layer.activation(.softplus)
    /// The hyperbolic tangent.
    public static let tanh = Layer.activation(.tanh)
    /// 1 / (1 + e⁻ˣ).
    public static let sigmoid = Layer.activation(.sigmoid)
}

extension Layer: CustomStringConvertible {
    /// The layer in the words of the code that makes it.
    public var description: String {
        switch self {
        case .linear(let outputs, let bias): "linear(\(outputs)\(bias ? "" : ", bias: false"))"
        case .convolution(let channels, let kernel, let stride, let padding):
            "convolution(\(channels), kernel: \(kernel), stride: \(stride), padding: \(padding))"
        case .transposedConvolution(let channels, let kernel, let stride, let padding):
            "transposedConvolution(\(channels), kernel: \(kernel), stride: \(stride), padding: \(padding))"
        case .averagePool(let size): "averagePool(\(size))"
        case .groupNorm(let groups): "groupNorm(groups: \(groups))"
        case .layerNorm: "layerNorm"
        case .activation(let function): function.rawValue
        case .flatten: "flatten"
        case .reshape(let shape): "reshape(\(shape))"
        case .residual(let body): "residual of \(body.count) layers"
        case .beside(let body): "beside of \(body.count) layers"
        case .modulate: "modulate"
        }
    }
}
