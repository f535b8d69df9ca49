import Foundation
import Gibbs

/// Samples a second of CD-1 training and free-energy scoring, beside what sgemm alone reaches on the same products.
enum MachineThroughput {
    /// - Parameter mnist: A folder with MNIST's training images, binarised at one half as the peers do it; without them, and
    ///   beside them, pixels that are on at random: 13 % as in MNIST, and half of them, where sums over the units that are on gain
    ///   nothing.
    static func run(mnist: String?) throws {
        let visible = 784, rows = 20_000
        if let mnist, FileManager.default.fileExists(atPath: mnist + "/train-images-idx3-ubyte.gz") {
            var images = try IDX.images(mnist + "/train-images-idx3-ubyte.gz")
            for index in images.values.indices { images.values[index] = images.values[index] >= 128 / 255 ? 1 : 0 }
            try dense(images, source: "mnist")
        }
        for share: Float in [0.13, 0.5] {
            try dense(Matrix(rows: rows, columns: visible, values: Key(1).uniforms(rows * visible).map { $0 < share ? 1 : 0 }),
                      source: "\(Int(100 * share)) % on")
        }
        try oneHot()
    }

    static func dense(_ data: Matrix, source: String) throws {
        let visible = data.columns, hidden = 500, batch = 100
        let products = sgemmSecondsPerBatch(batch, visible, hidden)
        for (name, optimiser) in [("momentum", Optimiser.momentum(rate: 0.05)), ("adam", .adam(rate: 1e-3))] {
            for centring in [ContrastiveDivergence.Centring.none, .dataMeans] {
                let epochs = max(6, 120_000 / data.rows)
                let method = ContrastiveDivergence(chains: .data(steps: 1), centring: centring, optimiser: optimiser, batchSize: batch, epochs: epochs)
                let machine = RBM(visible: Array(repeating: .binary, count: visible), hidden: hidden, key: Key(2))
                var rates = [Double]()
                _ = try machine.training(on: data, by: method, key: Key(3)).finish {
                    rates.append(Double($0.rows) / $0.seconds)
                    return rates.count < 6
                }
                // The first epoch warms up; the median of the five others counts.
                let rate = rates.dropFirst().sorted()[2]
                report("rbm-784x500-cd1", "samples/s", rate, ["optimiser": name, "centring": "\(centring)", "source": source,
                    "shareOfSgemm": rate * products / Double(batch)])
            }
        }
        let machine = RBM(visible: Array(repeating: .binary, count: visible), hidden: hidden, key: Key(2))
        let times = try (0 ..< 5).map { _ in try seconds { _ = try machine.freeEnergy(data) } }.sorted()
        report("rbm-784x500-score", "rows/s", Double(data.rows) / times[2], ["source": source])
    }

    /// The five products of one CD-1 batch by sgemm alone.
    static func sgemmSecondsPerBatch(_ batch: Int, _ visible: Int, _ hidden: Int) -> Double {
        let v = Matrix(rows: batch, columns: visible, repeating: 0.5), w = Matrix(rows: visible, columns: hidden, repeating: 0.1)
        var h = Matrix(rows: batch, columns: hidden), back = Matrix(rows: batch, columns: visible), g = w
        let times = (0 ..< 30).map { _ in
            seconds {
                Matrix.multiply(v, w, into: &h)
                Matrix.multiply(h, w, transposeB: true, into: &back)
                Matrix.multiply(back, w, into: &h)
                Matrix.multiply(v, h, transposeA: true, into: &g)
                Matrix.multiply(back, h, transposeA: true, alpha: -1, beta: 1, into: &g)
            }
        }.sorted()
        report("sgemm-784x500-cd1", "GFLOP/s", 10 * Double(batch * visible * hidden) / times[15] / 1e9)
        return times[15]
    }

    static func oneHot() throws {
        let rows = 50_000, fields = 40, hidden = 128
        let widths = (0 ..< fields).map { $0 < 20 ? 12 : 13 }
        let uniforms = Key(5).uniforms(rows * fields)
        var data = Matrix(rows: rows, columns: fields)
        for index in data.values.indices { data.values[index] = Float(Int(uniforms[index] * Float(widths[index % fields]))) }
        let machine = RBM(visible: widths.map { .categorical($0) }, hidden: hidden, key: Key(2))
        let method = ContrastiveDivergence(chains: .data(steps: 1), centring: .none, optimiser: .momentum(rate: 0.05), batchSize: 100, epochs: 6)
        var rates = [Double]()
        _ = try machine.training(on: data, by: method, key: Key(3)).finish { rates.append(Double($0.rows) / $0.seconds); return true }
        report("rbm-onehot-40x500-cd1", "samples/s", rates.dropFirst().sorted()[2])
        let times = try (0 ..< 5).map { _ in try seconds { _ = try machine.freeEnergy(data) } }.sorted()
        report("rbm-onehot-40x500-score", "rows/s", Double(rows) / times[2])
    }
}
