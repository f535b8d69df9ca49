import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import Testing

/// Whether libtorch is built in; suites that need it are skipped where it is not.
let isDeep = Engine.version != nil
let whyNot: Comment = "built without the trait Deep; run scripts/setup --deep, then scripts/deep test"

/// All suites that compute by libtorch, one test after the other, because one of them changes the number of its threads.
@Suite(.serialized, .enabled(if: isDeep, whyNot)) struct DeepTests {}

extension Tensor {
    /// Standard normal numbers in double precision, a little apart from the kinks at 0.
    static func doubles(_ shape: [Int], key: Key) throws -> Tensor {
        let values = key.normals(shape.reduce(1, *)).map { Double($0) }
        return try Tensor(values.map { abs($0) < 0.05 ? $0 + 0.2 : $0 }, shape: shape)
    }
}

/// A function of tensors, and its first and second derivatives against central differences, in double precision.
///
/// With v a fixed direction for each input: Σ f's slope along v against differences of f; and the slope along v of ⟨v, ∇Σf⟩ against
/// differences of ∇Σf. Every input and every output is in both.
/// - Returns: How far the two are off, as a share of the largest figure compared.
func derivativeErrors(_ inputs: [Tensor], key: Key, _ function: ([Tensor]) throws -> Tensor) throws -> (first: Double, second: Double) {
    let step = 1e-5
    let directions = try inputs.enumerated().map { try Tensor.doubles($1.shape, key: key.folding($0)) }
    // Weights of the outputs, so that no two can stand in for each other.
    func value(_ x: [Tensor]) throws -> Tensor {
        let y = try function(x)
        return try (y * Tensor.doubles(y.shape, key: key.folding(-1))).sum()
    }
    func moved(_ by: Double) throws -> [Tensor] { try zip(inputs, directions).map { try $0 + by * $1 } }
    func along(_ gradients: [Tensor]) throws -> Tensor {
        try zip(gradients, directions).map { try ($0 * $1).sum() }.reduce(Tensor([0.0], shape: [])) { try $0 + $1 }
    }
    func gradients(_ x: [Tensor]) throws -> [[Double]] {
        let x = try x.map { try $0.variable() }
        return try value(x).gradients(of: x).map { try $0.doubles() }
    }
    let x = try inputs.map { try $0.variable() }
    let slopes = try value(x).gradients(of: x, differentiable: true)
    let slope = try along(slopes).number()
    let difference = try (value(moved(step)).number() - value(moved(-step)).number()) / (2 * step)
    let curvature = try along(slopes).gradients(of: x).flatMap { try $0.doubles() }
    let (above, below) = try (gradients(moved(step)).flatMap { $0 }, gradients(moved(-step)).flatMap { $0 })
    let differences = zip(above, below).map { ($0 - $1) / (2 * step) }
    let scale = max(1, curvature.map(abs).max() ?? 0)
    return (abs(slope - difference) / max(1, abs(slope)), zip(curvature, differences).map { abs($0 - $1) / scale }.max() ?? 0)
}

/// A Gaussian twice: in closed form, and written in tensors.
enum Twins {
    static let gaussian = try! GaussianEnergy(mean: [1, -2, 0.5], covariance: SymmetricMatrix(size: 3, values: [1, 0.6, 0, 0.6, 2, -0.3, 0, -0.3, 0.5]))

    /// ½ (x − μ)ᵀ Λ (x − μ).
    static func written() throws -> WrittenEnergy {
        let mean = try Tensor(gaussian.mean, shape: [3]), precision = try Tensor(gaussian.precision.values, shape: [3, 3]).converted(to: .float)
        return WrittenEnergy(input: [3]) { x in
            let d = try x - mean
            return try 0.5 * (d.matmul(precision) * d).rowSums()
        }
    }
}

/// The Python to compare with: GIBBS_PEERS_PYTHON, or python3.
let peersPython = ProcessInfo.processInfo.environment["GIBBS_PEERS_PYTHON"] ?? "python3"

/// What a Python program prints, or nil where it fails.
func python(_ program: String, _ arguments: [String] = []) throws -> String? {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [peersPython, "-c", program] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
}
