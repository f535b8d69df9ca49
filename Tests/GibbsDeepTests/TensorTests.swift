import Foundation
import GibbsDeep
import GibbsNumerics
import Testing

extension DeepTests {
    /// What operations compute, against the formula written out, and what they say where shapes do not fit.
    @Suite struct TensorTests {
        @Test func inAndOut() throws {
            let matrix = Matrix([[1, 2, 3, 4], [5, 6, 7, 8]])
            let x = try Tensor(matrix, row: [1, 2, 2])
            #expect(x.shape == [2, 1, 2, 2] && x.element == .float && x.device == .processor && x.count == 8)
            #expect(try x.matrix() == matrix)
            #expect(try x.slice(1 ..< 2).selecting(1, along: 3).floats() == [6, 8])
            #expect(try Tensor(indices: [3, 1], shape: [2]).doubles() == [3, 1])
            #expect(try Tensor(Matrix(rows: 0, columns: 3)).matrix() == Matrix(rows: 0, columns: 3))
            #expect(try x.sum().number() == 36 && x.rowSums().floats() == [10, 26])
            #expect(try Tensor(normal: Key(1), shape: [2, 3]).floats() == Key(1).normals(6))
            #expect("\(try Tensor([1, 2] as [Float], shape: [2]))" == "Tensor[2] [1.0, 2.0]")
        }

        /// A view shares memory, and what is made from it does not change it.
        @Test func operationsLeaveTheirOperandsAlone() throws {
            let x = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]), view = try x.reshaped([4])
            _ = try (view + 1).squared().relu()
            _ = try x.variable().squared().sum().gradients(of: [])
            #expect(try view.floats() == [1, 2, 3, 4])
        }

        @Test func products() throws {
            let x = try Tensor.doubles([2, 3], key: Key(1)), w = try Tensor.doubles([4, 3], key: Key(2)), b = try Tensor.doubles([4], key: Key(3))
            let (xs, ws, bs) = try (x.doubles(), w.doubles(), b.doubles())
            let expected = (0 ..< 8).map { at -> Double in
                let (row, output) = (at / 4, at % 4)
                return (0 ..< 3).reduce(bs[output]) { sum, k in sum + xs[row * 3 + k] * ws[output * 3 + k] }
            }
            let found = try [x.linear(weight: w, bias: b), x.matmul(w.permuted([1, 0])) + b].map { try $0.doubles() }
            for values in found { for (value, exact) in zip(values, expected) { #expect(abs(value - exact) < 1e-12) } }
        }

        /// The sum over a window, written out.
        @Test(arguments: [(1, 0), (2, 1), (1, 2)]) func convolution(stride: Int, padding: Int) throws {
            let size = 5, kernel = 3, side = (size + 2 * padding - kernel) / stride + 1
            let x = try Tensor.doubles([1, 2, size, size], key: Key(4)), w = try Tensor.doubles([3, 2, kernel, kernel], key: Key(5))
            let (xs, ws) = try (x.doubles(), w.doubles()), y = try x.convolution(weight: w, stride: stride, padding: padding)
            #expect(y.shape == [1, 3, side, side])
            for (at, value) in try y.doubles().enumerated() {
                let (channel, row, column) = (at / (side * side), at / side % side, at % side)
                var sum = 0.0
                for c in 0 ..< 2 { for i in 0 ..< kernel { for j in 0 ..< kernel {
                    let (r, s) = (row * stride + i - padding, column * stride + j - padding)
                    if (0 ..< size).contains(r), (0 ..< size).contains(s) { sum += xs[(c * size + r) * size + s] * ws[((channel * 2 + c) * kernel + i) * kernel + j] }
                } } }
                #expect(abs(value - sum) < 1e-12)
            }
        }

        @Test func softmaxAndItsRelatives() throws {
            let x = try Tensor([1, 2, 4] as [Double], shape: [1, 3]), z = exp(1.0) + exp(2) + exp(4)
            #expect(abs(try x.logSumExp(over: [1]).number() - log(z)) < 1e-12)
            for (value, exact) in zip(try x.softmax(along: 1).doubles(), [exp(1) / z, exp(2) / z, exp(4) / z]) { #expect(abs(value - exact) < 1e-12) }
            for (value, exact) in zip(try x.logSoftmax(along: 1).doubles(), [1, 2, 4.0]) { #expect(abs(value - exact + log(z)) < 1e-12) }
            #expect(abs(try x.crossEntropy(Tensor(indices: [1], shape: [1])).number() - (log(z) - 2)) < 1e-12)
            let indices = try Tensor(indices: [2, 0], shape: [1, 2])
            #expect(try x.gathering(indices, along: 1).doubles() == [4, 1])
            #expect(try x.selecting(Tensor(indices: [2, 2], shape: [2]), along: 1).doubles() == [4, 4])
            #expect(try x.reshaped([3, 1]).embedding(indices).doubles() == [4, 1])
        }

        @Test func errorsNameTheOperationAndBothShapes() throws {
            func says(_ body: () throws -> Tensor) -> (GibbsError.Code?, String) {
                do { _ = try body(); return (nil, "nothing") } catch { return ((error as? GibbsError)?.code, "\(error)") }
            }
            let x = try Tensor(repeating: 1, shape: [2, 3]), y = try Tensor(repeating: 1, shape: [4, 5])
            for (name, body) in [("+", { try x + y }), ("matmul", { try x.matmul(y) }), ("linear", { try x.linear(weight: y) }),
                                 ("concatenating", { try .concatenating([x, y], along: 0) })] as [(String, () throws -> Tensor)] {
                let (code, text) = says(body)
                #expect(code == .shapeMismatch && text.hasPrefix("\(name) of [2, 3] and [4, 5]"), "\(text)")
                #expect(!text.contains("\n"))
            }
            #expect(says { try x.reshaped([7]) }.1.hasPrefix("reshaped of [2, 3] with [7]: shape '[7]' is invalid"))
            #expect(says { try x.sum().gradients(of: [x])[0] }.0 == nil, "a constant depends on nothing")
            #expect(says { try x.variable().sum().gradients(of: [y])[0] }.0 == .shapeMismatch, "a constant is no variable")
        }
    }
}
