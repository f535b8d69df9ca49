import GibbsNumerics

/// What a network may be at most, so that a hostile file cannot ask for more than a machine has.
enum NetworkLimits {
    /// Numbers in the input or output of a layer, a row: 16 MB, of which some hundred rows are computed at once.
    static let rowElements = 1 << 22
    /// Weights in all.
    static let parameters = 1 << 30
    /// Layers in all.
    static let layers = 4096
    /// Bodies inside bodies.
    static let depth = 8
    /// Outputs, channels or groups.
    static let width = 1 << 24
    /// Pixels of a kernel, a stride, a margin.
    static let pixels = 1 << 12
    /// Numbers of a context.
    static let context = 1 << 16
    /// Axes of a row.
    static let axes = 8
}

extension Layer {
    /// The shape of a row after this layer.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch`, saying what the layer takes and what it is given.
    func output(of input: [Int]) throws -> [Int] {
        try checkNumbers()
        let output: [Int]
        switch self {
        case .linear(let outputs, _):
            guard input.count == 1 else { throw refused(input, "takes a row of numbers", advice: "put .flatten before it") }
            output = [outputs]
        case .convolution(let channels, let kernel, let stride, let padding):
            output = try [channels] + image(input).map { $0 + 2 * padding < kernel ? 0 : ($0 + 2 * padding - kernel) / stride + 1 }
        case .transposedConvolution(let channels, let kernel, let stride, let padding):
            output = try [channels] + image(input).map { ($0 - 1) * stride - 2 * padding + kernel }
        case .averagePool(let size):
            let image = try image(input)
            output = [input[0]] + image.map { $0 / size }
        case .groupNorm(let groups):
            guard let channels = input.first, channels % groups == 0 else { throw refused(input, "takes channels that \(groups) groups share evenly") }
            output = input
        case .layerNorm, .activation, .modulate: output = input
        case .flatten: output = [try Self.elements(input)]
        case .reshape(let shape):
            guard try (1 ... NetworkLimits.axes).contains(shape.count) && Self.elements(shape) == Self.elements(input) else { throw refused(input, "takes \(try Self.elements(shape)) numbers") }
            output = shape
        case .residual(let body):
            output = try Network.output(of: body, input: input, prefix: "body.")
            _ = try shortcut(from: input, to: output)
        case .beside(let body):
            let found = try Network.output(of: body, input: input, prefix: "body.")
            guard found.count == input.count, input.count == 1 || input.count == 3, zip(found, input).dropFirst().allSatisfy({ $0 >= $1 }) else {
                throw refused(input, "has a body that makes \(found) of it", advice: "bring the image back to its size or above")
            }
            output = [input[0] + found[0]] + input.dropFirst()
        }
        guard output.allSatisfy({ $0 > 0 }) else { throw refused(input, "would leave nothing: \(output)") }
        guard try Self.elements(output) <= NetworkLimits.rowElements else {
            throw GibbsError(.limitExceeded, "\(self) would make \(output) of \(input), more than \(NetworkLimits.rowElements) numbers a row")
        }
        return output
    }

    /// The product of a shape's extents.
    static func elements(_ shape: [Int]) throws -> Int {
        var product = 1
        for extent in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            guard !overflow, extent > 0, next <= 1 << 40 else { throw GibbsError(.limitExceeded, "a shape of \(shape)", advice: "extents are positive and fit into memory") }
            product = next
        }
        return product
    }

    /// Height and width.
    private func image(_ input: [Int]) throws -> [Int] {
        guard input.count == 3 else { throw refused(input, "takes images, [channels, height, width]") }
        return Array(input.dropFirst())
    }

    private func refused(_ input: [Int], _ what: String, advice: String? = nil) -> GibbsError {
        GibbsError(.shapeMismatch, "\(self) \(what), and is given \(input)", advice: advice)
    }

    /// Refuses a description with numbers that no layer can have.
    private func checkNumbers() throws {
        let (widths, pixels, padding): ([Int], [Int], Int) = switch self {
        case .linear(let outputs, _): ([outputs], [], 0)
        case .convolution(let channels, let kernel, let stride, let padding),
             .transposedConvolution(let channels, let kernel, let stride, let padding): ([channels], [kernel, stride], padding)
        case .averagePool(let size): ([], [size], 0)
        case .groupNorm(let groups): ([groups], [], 0)
        case .reshape, .layerNorm, .activation, .flatten, .residual, .beside, .modulate: ([], [], 0)
        }
        guard widths.allSatisfy({ (1 ... NetworkLimits.width).contains($0) }), pixels.allSatisfy({ (1 ... NetworkLimits.pixels).contains($0) }),
              (0 ... NetworkLimits.pixels).contains(padding) else {
            throw GibbsError(.usage, "\(self) has a number out of bounds",
                             advice: "a width goes from 1 to \(NetworkLimits.width), pixels from 1 to \(NetworkLimits.pixels)")
        }
    }
}

/// What a residual layer adds to its body: the input, shrunk and mapped where the body does so.
struct Shortcut {
    /// Pixels a side that are averaged; 1 for none.
    var pool = 1
    /// The map of the channels; `nil` for none.
    var projection: Layer?
}

extension Layer {
    /// The shortcut that leads from one shape to another.
    func shortcut(from input: [Int], to output: [Int]) throws -> Shortcut {
        var result = Shortcut()
        guard input != output else { return result }
        guard input.count == output.count, input.count == 1 || input.count == 3 else { throw noWay(input, output) }
        if input.count == 1 {
            result.projection = .linear(output[0], bias: false)
            return result
        }
        result.pool = input[1] / output[1]
        guard result.pool > 0, input[1] / result.pool == output[1], input[2] / result.pool == output[2] else { throw noWay(input, output) }
        if input[0] != output[0] { result.projection = .convolution(output[0], kernel: 1) }
        return result
    }

    private func noWay(_ input: [Int], _ output: [Int]) -> GibbsError {
        GibbsError(.shapeMismatch, "\(self): its body makes \(output) of \(input), and no shortcut leads there",
                   advice: "keep the size of the image, or shrink it by a whole factor")
    }
}
