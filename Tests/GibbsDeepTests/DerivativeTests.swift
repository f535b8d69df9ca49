import GibbsDeep
import GibbsNumerics
import Testing

extension DeepTests {
    /// First and second derivatives of every operation and every layer, by its input and by its weights, against central differences.
    @Suite struct DerivativeTests {
        /// What is left of a difference with a step of 1e-5 in double precision: its square, and rounding divided by it.
        static let limit = 1e-7

        static let operations: [(String, [[Int]], @Sendable ([Tensor]) throws -> Tensor)] = [
            ("+", [[2, 3], [3]], { try $0[0] + $0[1] }), ("-", [[2, 3], [2, 1]], { try $0[0] - $0[1] }),
            ("*", [[2, 3], [3]], { try $0[0] * $0[1] }), ("/", [[2, 3], [3]], { try $0[0] / $0[1].squared() }),
            ("negated", [[3]], { try -$0[0] * $0[0] }), ("affine", [[3]], { try (1 - 2 * $0[0].squared()) / 3 + 1 }),
            ("exp", [[3]], { try $0[0].exp() }), ("log", [[3]], { try $0[0].squared().log() }),
            ("square root", [[3]], { try ($0[0].squared() + 1).squareRoot() }), ("power", [[3]], { try $0[0].power(3) }),
            ("magnitude", [[3]], { try $0[0].magnitude().squared() }), ("clamped", [[9]], { try $0[0].clamped(-0.7, 0.6).squared() }),
            ("maximum", [[9], [9]], { try Tensor.maximum($0[0], $0[1]).squared() }),
            ("choose", [[9], [9]], { try Tensor.choose(Tensor.isGreater($0[0], $0[1]), $0[0].squared(), $0[1].exp()) }),
            ("sum", [[2, 3, 4]], { try $0[0].squared().sum(over: [0, 2]) }), ("mean", [[2, 3]], { try $0[0].squared().mean(over: [1]) }),
            ("logSumExp", [[2, 3]], { try $0[0].logSumExp(over: [1]) }), ("softmax", [[2, 3]], { try $0[0].softmax(along: 1) }),
            ("logSoftmax", [[2, 3]], { try $0[0].logSoftmax(along: 0) }),
            ("crossEntropy", [[2, 3]], { try $0[0].crossEntropy(Tensor(indices: [2, 0], shape: [2])) }),
            ("matmul", [[2, 3, 4], [2, 4, 2]], { try $0[0].matmul($0[1]) }),
            ("permuted", [[2, 3, 2]], { try $0[0].permuted([2, 0, 1]).squared() }), ("expanded", [[2, 1]], { try $0[0].expanded(to: [2, 3]).squared() }),
            ("slice", [[4, 2]], { try $0[0].slice(1 ..< 3).squared() }), ("selecting", [[4, 2]], { try $0[0].selecting(2, along: 0).squared() }),
            ("indices", [[4, 2]], { try $0[0].selecting(Tensor(indices: [1, 1, 3], shape: [3])).squared() }),
            ("gathering", [[2, 3]], { try $0[0].gathering(Tensor(indices: [2, 0], shape: [2, 1]), along: 1).squared() }),
            ("embedding", [[3, 2]], { try $0[0].embedding(Tensor(indices: [2, 0, 2], shape: [3])).squared() }),
            ("concatenating", [[1, 2], [2, 2]], { try Tensor.concatenating([$0[0].squared(), $0[1].exp()], along: 0) }),
        ]

        @Test(arguments: operations.indices) func operation(index: Int) throws {
            let (name, shapes, function) = Self.operations[index]
            let inputs = try shapes.enumerated().map { try Tensor.doubles($1, key: Key(7).folding(index).folding($0)) }
            let errors = try derivativeErrors(inputs, key: Key(8).folding(index), function)
            #expect(errors.first < Self.limit && errors.second < Self.limit, "\(name): \(errors)")
        }

        static let image = [4, 6, 6]
        static let layers: [([Layer], [Int])] = [
            ([.linear(3)], [4]), ([.linear(3, bias: false), .tanh], [4]),
            ([.convolution(3, kernel: 3)], image), ([.convolution(3, kernel: 3, stride: 2, padding: 1), .silu], image),
            ([.transposedConvolution(2, kernel: 4, stride: 2, padding: 1), .tanh], image), ([.averagePool(2), .softplus], image),
            ([.groupNorm(groups: 2), .silu], image), ([.layerNorm, .silu], [5]), ([.flatten, .reshape([2, 3]), .gelu], [6]),
            ([.residual([.linear(4), .silu, .linear(4)]), .tanh], [4]), ([.residual([.linear(2), .tanh])], [4]),
            ([.residual([.groupNorm(groups: 2), .silu, .convolution(6, kernel: 3, padding: 1), .silu, .averagePool(2)]), .flatten, .linear(1)], image),
        ] + Layer.Activation.allCases.map { ([.linear(3), .activation($0), .linear(1)], [4]) }

        @Test(arguments: layers.indices) func layer(index: Int) throws {
            let (layers, input) = Self.layers[index], network = try Network(layers, input: input, key: Key(9).folding(index)).converted(to: .double)
            let x = try Tensor.doubles([2] + input, key: Key(10).folding(index))
            let errors = try derivativeErrors([x] + network.parameters, key: Key(11).folding(index)) { try network.with(parameters: Array($0.dropFirst()))($0[0]) }
            #expect(errors.first < Self.limit && errors.second < Self.limit, "\(layers): \(errors)")
        }

        /// f = Σ x³: slopes 3x², curvatures 6x, and then 6.
        @Test func thirdDerivative() throws {
            let x = try Tensor([1, -2] as [Double], shape: [2]).variable()
            let first = try x.power(3).sum().gradients(of: [x], differentiable: true)[0]
            let second = try first.sum().gradients(of: [x], differentiable: true)[0]
            #expect(try first.doubles() == [3, 12] && second.doubles() == [6, -12])
            #expect(try second.sum().gradients(of: [x])[0].doubles() == [6, 6])
            #expect(try (x.constant() * x).sum().gradients(of: [x])[0].doubles() == [1, -2], "a constant has no slope")
        }
    }
}
