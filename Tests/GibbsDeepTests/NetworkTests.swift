import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Networks: shapes, names, weights to start from, and what they say of layers that do not fit.
    @Suite struct NetworkTests {
        @Test func shapesAndNames() throws {
            let layers: [Layer] = [.convolution(8, kernel: 3, stride: 2, padding: 1), .silu,
                                   .residual([.groupNorm(groups: 4), .silu, .convolution(16, kernel: 3, padding: 1), .averagePool(2)]),
                                   .transposedConvolution(4, kernel: 4, stride: 2, padding: 1), .flatten, .layerNorm, .linear(10)]
            let network = try Network(layers, input: [1, 28, 28], key: Key(1))
            #expect(network.output == [10])
            #expect(network.names == ["0.weight", "0.bias", "2.body.0.weight", "2.body.0.bias", "2.body.2.weight", "2.body.2.bias", "2.skip.weight",
                                      "3.weight", "3.bias", "5.weight", "5.bias", "6.weight", "6.bias"])
            #expect(network.parameters.map(\.shape) == [[8, 1, 3, 3], [8], [8], [8], [16, 8, 3, 3], [16], [16, 8, 1, 1],
                                                        [16, 4, 4, 4], [4], [784], [784], [10, 784], [10]])
            #expect(network.parameterCount == 72 + 8 + 16 + 1152 + 16 + 128 + 1024 + 4 + 2 * 784 + 7850)
            #expect(try network(Tensor(normal: Key(2), shape: [3, 1, 28, 28])).shape == [3, 10])
            #expect(try network(Tensor(normal: Key(2), shape: [0, 1, 28, 28])).shape == [0, 10])
        }

        /// body(x) + x, with the shortcut written out.
        @Test func residual() throws {
            let x = try Tensor(normal: Key(3), shape: [2, 4, 6, 6]), body: [Layer] = [.convolution(5, kernel: 3, padding: 1), .averagePool(2)]
            let whole = try Network([.residual(body)], input: [4, 6, 6], key: Key(4))
            let part = try Network(body, input: [4, 6, 6], key: Key(5)).with(parameters: Array(whole.parameters.prefix(2)))
            let expected = try part(x) + x.averagePool(2).convolution(weight: whole.parameters[2])
            #expect(try whole(x).floats() == expected.floats())
            let identity = try Network([.residual([.linear(3)])], input: [3], key: Key(6)), row = try Tensor(normal: Key(7), shape: [2, 3])
            #expect(try identity(row).floats() == (row.linear(weight: identity.parameters[0], bias: identity.parameters[1]) + row).floats())
        }

        /// Uniform within 1 / √inputs; the same key gives the same weights.
        @Test func startingWeights() throws {
            let network = try Network([.linear(200), .linear(50)], input: [400], key: Key(8)), weights = try network.parameters[0].floats().map { Double($0) }
            #expect(weights.allSatisfy { abs($0) <= 0.05 } && weights.contains { $0 > 0.0499 } && weights.contains { $0 < -0.0499 })
            #expect(checkMean(weights, exact: 0, rounding: 1e-9) == [] && checkMean(weights.map { $0 * $0 }, exact: 0.0025 / 3, rounding: 1e-9) == [])
            #expect(try Network([.linear(200), .linear(50)], input: [400], key: Key(8)).archive() == network.archive())
            #expect(try Network([.linear(200), .linear(50)], input: [400], key: Key(9)).archive() != network.archive())
        }

        @Test(arguments: [
            ([Layer.linear(3)], [4, 4], "layer 0: linear(3) takes a row of numbers, and is given [4, 4]; put .flatten before it"),
            ([.flatten, .convolution(3, kernel: 3)], [1, 8, 8], "layer 1: convolution(3, kernel: 3, stride: 1, padding: 0) takes images, [channels, height, width], and is given [64]"),
            ([.convolution(3, kernel: 9)], [1, 8, 8], "layer 0: convolution(3, kernel: 9, stride: 1, padding: 0) would leave nothing: [3, 0, 0], and is given [1, 8, 8]"),
            ([.convolution(6, kernel: 1), .groupNorm(groups: 4)], [1, 8, 8], "layer 1: groupNorm(groups: 4) takes channels that 4 groups share evenly, and is given [6, 8, 8]"),
            ([.reshape([3, 5])], [16], "layer 0: reshape([3, 5]) takes 15 numbers, and is given [16]"),
            ([.silu, .residual([.silu, .linear(2)])], [3, 3], "layer 1, layer body.1: linear(2) takes a row of numbers, and is given [3, 3]; put .flatten before it"),
            ([.residual([.convolution(2, kernel: 2)])], [2, 8, 6], "layer 0: residual of 1 layers: its body makes [2, 7, 5] of [2, 8, 6], and no shortcut leads there; keep the size of the image, or shrink it by a whole factor"),
        ] as [([Layer], [Int], String)]) func misfits(layers: [Layer], input: [Int], message: String) {
            do {
                _ = try Network(layers, input: input, key: Key(1))
                Issue.record("was accepted")
            } catch {
                #expect((error as? GibbsError)?.code == .shapeMismatch && "\(error)" == message)
            }
        }

        @Test func rowsOfAnotherShape() throws {
            let network = try Network([.flatten, .linear(1)], input: [1, 4, 4], key: Key(1))
            do {
                _ = try network(Tensor(repeating: 0, shape: [5, 16]))
                Issue.record("was accepted")
            } catch {
                #expect("\(error)" == "the network takes rows of the shape [1, 4, 4], and is given [5, 16], whose first axis counts rows")
            }
            do {
                _ = try network(Tensor(repeating: 0, shape: [5, 1, 4, 4], element: .double))
                Issue.record("was accepted")
            } catch {
                #expect("\(error)".hasPrefix("layer 1: linear of [5, 16] and [1, 16] and [1]: "), "\(error)")
            }
        }

        @Test func limits() {
            func refused(_ codes: [GibbsError.Code], _ layers: [Layer], _ input: [Int]) {
                #expect(checkRefusal(codes, "\(layers)") { _ = try Network(layers, input: input, key: Key(1)) } == [])
            }
            refused([.limitExceeded], [.linear(1 << 20), .linear(1 << 20)], [8])
            refused([.limitExceeded], [.convolution(16, kernel: 1, padding: 4096)], [1, 8, 8])
            refused([.limitExceeded], Array(repeating: .silu, count: 5000), [8])
            refused([.limitExceeded], [(0 ..< 20).reduce(Layer.silu) { layer, _ in .residual([layer]) }], [8])
            refused([.limitExceeded], [.silu], [1 << 40, 1 << 40])
            refused([.limitExceeded], [.silu], [])
            refused([.limitExceeded], [.silu], [0])
            for layer: Layer in [.linear(0), .linear(-1), .linear(1 << 30), .convolution(1, kernel: 0), .convolution(1, kernel: 1, stride: 0),
                                 .convolution(1, kernel: 1, padding: -1), .averagePool(0), .groupNorm(groups: 0)] { refused([.usage], [layer], [1, 8, 8]) }
        }
    }
}
