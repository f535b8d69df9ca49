import Foundation
import Gibbs

/// Chorales, frame by frame: which of 88 keys sound, given the frames before; test log-likelihood a frame, ln Z of every frame's own machine
/// by annealing.
enum Music {
    static func run(folder: String, history: Int, hidden: Int, epochs: Int, steps: Int, rate: Float, decay: Float, every: Int) throws {
        let path = folder + "/poly-music", file = try FileManager.default.contentsOfDirectory(atPath: path).first { $0.lowercased().contains("jsb") }!
        var text = ""
        let reader = try LineReader(path: path + "/" + file, limit: 1 << 28)
        while let line = try reader.next() { text += line.text }
        let pieces = try JSONDecoder().decode([String: [[[Int]]]].self, from: Data(text.utf8))
        func rows(_ part: String) -> (frames: Matrix, context: Matrix) {
            let all = pieces[part]!, count = all.reduce(0) { $0 + $1.count }
            var frames = Matrix(rows: count, columns: 88), context = Matrix(rows: count, columns: 88 * max(1, history)), row = 0
            for piece in all {
                for (at, notes) in piece.enumerated() {
                    for note in notes { frames[row, note] = 1 }
                    for back in 1 ... max(1, history) where back <= history && at >= back { for note in piece[at - back] { context[row, (back - 1) * 88 + note] = 1 } }
                    row += 1
                }
            }
            return (frames, context)
        }
        let train = rows("train"), valid = rows("valid"), test = rows("test")
        let binary = [Variable](repeating: .binary, count: 88)
        var model = ConditionalRBM(visible: binary, context: [Variable](repeating: .binary, count: train.context.columns), hidden: hidden, spread: 0.05, key: Key(1))
        model = try model.withBiases(from: train.frames)
        func likelihood(_ model: ConditionalRBM, _ part: (frames: Matrix, context: Matrix), rows: [Int], steps: Int, chains: Int) throws -> (mean: Double, error: Double) {
            let found = try parallelMap(rows.count) { index in
                Result { () throws -> Double in
                    let row = rows[index], machine = try model.given(part.context.slice(row ..< row + 1))
                    let lnZ = try machine.logPartition(by: MachineAnnealing(chains: chains, steps: steps, sweeps: 0), key: Key(5).folding(row)).lower.logPartition
                    return try -Double(machine.freeEnergy(part.frames.slice(row ..< row + 1))[0]) - lnZ
                }
            }.map { try $0.get() }
            return (Statistics.mean(found), Statistics.standardDeviation(found) / Double(found.count).squareRoot())
        }
        let some = Key(3).choose(min(200, valid.frames.rows), of: valid.frames.rows)
        var best: (figure: Double, epoch: Int, model: ConditionalRBM)?
        var seconds = 0.0
        let method = ContrastiveDivergence(chains: .data(steps: steps), centring: .none, optimiser: .adam(rate: rate), weightDecay: decay, batchSize: 100, epochs: epochs, finalRateShare: 0.05)
        _ = try model.training(on: train.frames, given: train.context, by: method, key: Key(2)).finish { epoch in
            seconds += epoch.seconds
            guard epoch.number % every == 0 || epoch.ending != nil else { return true }
            let figure = try likelihood(epoch.model, valid, rows: some, steps: 300, chains: 20).mean
            report("music-jsb", "validation", figure, ["epoch": epoch.number, "seconds": seconds])
            if figure > best?.figure ?? -.infinity { best = (figure, epoch.number, epoch.model) }
            return true
        }
        let final = try likelihood(best!.model, test, rows: Array(0 ..< test.frames.rows), steps: 500, chains: 50)
        report("music-jsb", "test", final.mean, ["standardError": final.error, "epoch": best!.epoch, "history": history, "hidden": hidden, "steps": steps, "seconds": seconds, "frames": test.frames.rows])
    }
}
