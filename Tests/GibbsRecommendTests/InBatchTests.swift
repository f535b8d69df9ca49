import Foundation
import GibbsCore
import GibbsNumerics
import GibbsRecommend
import GibbsTestSupport
import Testing

/// InfoNCE: the right item told from what the other people of the batch turned to.
@Suite struct InBatchTests {
    private let town = SmallTown(people: 20, items: 15, each: 3, key: Key(2))

    private func method(_ negatives: SampledSoftmax.Negatives = .inBatch) -> SampledSoftmax {
        var method = SampledSoftmax()
        (method.factors, method.epochs, method.regularisation, method.batchSize, method.negatives, method.heldShare) = (3, 20, 2, 8, negatives, 0)
        return method
    }

    /// Equation 3 of Yi et al., written out: every event of another person is a candidate unless the person has seen its item and it is not the right one; and
    /// Σ ln(candidates).
    private func loss(_ trainer: SoftmaxTrainer, _ people: [Int]) -> (loss: Double, ceiling: Double) {
        let histories = town.histories, counts = histories.countsByColumn()
        func score(_ person: Int, _ item: Int32) -> Double {
            let s = zip(trainer.users.row(person), trainer.items.row(Int(item))).reduce(Double(trainer.biases[Int(item)])) { $0 + Double($1.0) * Double($1.1) }
            return s - log(Double(counts[Int(item)]) / Double(histories.entries))
        }
        var (loss, ceiling) = (0.0, 0.0)
        for person in people {
            let seen = Set(histories.columns(of: person)), others = people.filter { $0 != person }.flatMap { histories.columns(of: $0) }
            for right in seen {
                let candidates = others.filter { $0 == right || !seen.contains($0) } + [right]
                loss += logSumExp(candidates.map { score(person, $0) }) - score(person, right)
                ceiling += log(Double(candidates.count))
            }
        }
        return (loss, ceiling)
    }

    @Test func `a batch's loss is InfoNCE's, and its slopes are differences of it`() {
        var trainer = SoftmaxTrainer(town.histories, method: method(), key: Key(1))
        (trainer.users.values, trainer.items.values, trainer.biases) = (Key(3).normals(60), Key(4).normals(45), Key(5).normals(15))
        let people = [3, 0, 7, 12, 19, 8], found = trainer.slopes(people, key: Key(6)), written = loss(trainer, people)
        #expect(abs(found.loss - written.loss) < 1e-4 * written.loss && abs(found.ceiling - written.ceiling) < 1e-9 * written.ceiling && written.ceiling > 50)
        func slope(_ move: (inout SoftmaxTrainer, Float) -> Void) -> Double {
            var (up, down) = (trainer, trainer)
            move(&up, 1 / 64)
            move(&down, -1 / 64)
            return (loss(up, people).loss - loss(down, people).loss) * 32
        }
        for (row, person) in people.enumerated() {
            for c in 0 ..< 3 { #expect(abs(slope { $0.users[person, c] += $1 } - Double(found.ofUsers[row, c])) < 1e-2) }
        }
        for item in 0 ..< 15 {
            for c in 0 ..< 3 { #expect(abs(slope { $0.items[item, c] += $1 } - Double(found.ofItems[item, c])) < 1e-2) }
            #expect(abs(slope { $0.biases[item] += $1 } - Double(found.ofBiases[item])) < 1e-2)
        }
    }

    /// Tastes of three kinds over items of which a few are far more popular than the others.
    private func skewed() -> SparseRows {
        let items = 30
        let rows = (0 ..< 400).map { person in
            GibbsDistribution(energies: (0 ..< items).map { item in 0.1 * Float(item) - (item % 3 == person % 3 ? 1.5 : 0) }).draw(6, key: Key(7).folding(person)).map(Int32.init).sorted()
        }
        return SparseRows(columns: items, starts: (0 ... 400).map { 6 * $0 }, indices: rows.flatMap { $0 }, values: [Float](repeating: 1, count: 2_400))
    }

    @Test func `with ln Q it ranks as the softmax over all items does, and does not push away what is popular`() throws {
        let histories = skewed(), people = People(histories: histories, fitted: Array(0 ..< 400)), shares = Popularity(histories: histories).energies.map { -Double($0) }
        func energies(_ negatives: SampledSoftmax.Negatives) throws -> Matrix {
            var method = method(negatives)
            // The prior does not say what is popular.
            (method.epochs, method.batchSize, method.regularisation, method.biasPrecision) = (60, 16, 8, 0.01)
            return try DotProductRecommender.fitted(to: histories, by: method, key: Key(1)).itemEnergies(for: people)
        }
        let all = try energies(.sampled), batch = try energies(.inBatch)
        let alike = (0 ..< 400).map { correlation(all.row($0).map(Double.init), batch.row($0).map(Double.init)) }
        #expect(Statistics.mean(alike) > 0.98, "\(Statistics.mean(alike))")
        // What is left between both, by the popularity of the item: −1 without ln Q.
        let left = (0 ..< 30).map { item in Statistics.mean((0 ..< 400).map { Double(all[$0, item] - batch[$0, item]) }) }, middle = Statistics.mean(shares)
        let slope = zip(shares, left).reduce(0.0) { $0 + ($1.0 - middle) * $1.1 } / shares.reduce(0.0) { $0 + ($1 - middle) * ($1 - middle) }
        #expect(abs(slope) < 0.1, "popularity weighs \(slope) of what it should")
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (ma, mb) = (Statistics.mean(a), Statistics.mean(b))
        func sum(_ x: [Double], _ mx: Double, _ y: [Double], _ my: Double) -> Double { zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } }
        return sum(a, ma, b, mb) / (sum(a, ma, a, ma) * sum(b, mb, b, mb)).squareRoot()
    }

    @Test func `what a person tells rises towards the ceiling, with the same bits on any number of processors`() throws {
        let histories = skewed()
        var seen = [DotProductRecommender.Progress]()
        let model = try DotProductRecommender.fitted(to: histories, by: method(), key: Key(1)) { seen.append($0) }
        #expect(seen.count == 20 && seen.allSatisfy { $0.ceiling! > log(30) && $0.ceiling! < log(54) && $0.loss! > 0 })
        // Tastes are seen: ln 3 nats where nothing else were to be told, and no person's factors at first.
        #expect(abs(seen[0].ceiling! - seen[0].loss!) < 0.5 && seen[19].ceiling! - seen[19].loss! > seen[0].ceiling! - seen[0].loss! + 0.3)
        #expect(try Parallelism.$width.withValue(1) { try DotProductRecommender.fitted(to: histories, by: method(), key: Key(1)).archive() } == model.archive())
        let all = try DotProductRecommender.fitted(to: histories, by: method(.sampled), key: Key(1)) { #expect($0.ceiling == nil) }
        #expect(all.items != model.items)
        let read = try DotProductRecommender(archive: model.archive())
        #expect(read.foldIn == model.foldIn && read.archive() == model.archive())
        // A batch of one is added to the last: 400 = 57 × 7 + 1.
        var odd = method()
        odd.batchSize = 7
        _ = try DotProductRecommender.fitted(to: histories, by: odd, key: Key(1)) { #expect($0.loss!.isFinite && $0.ceiling! > log(20)) }
    }

    @Test func `nobody to be told from is refused`() {
        var alone = method()
        alone.batchSize = 1
        #expect(checkRefusal([.usage], "InfoNCE in a batch of 1") { _ = try DotProductRecommender.fitted(to: town.histories, by: alone, key: Key(1)) } == [])
        let one = SparseRows(columns: 15, starts: [0, 0, 2, 2], indices: [3, 4], values: [1, 1])
        #expect(checkRefusal([.unsuitableData], "nobody else") { _ = try DotProductRecommender.fitted(to: one, by: method(), key: Key(1)) } == [])
    }
}
