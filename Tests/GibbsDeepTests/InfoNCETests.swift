import Foundation
import GibbsCore
import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// InfoNCE is the surprise of the right pair: in value, in gradient, with groups, frequencies and queues; and what critics learn by it.
    @Suite struct InfoNCETests {
        static func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix { Matrix(rows: rows, columns: columns, values: Key(seed).normals(rows * columns)) }
        static let temperature: Float = 0.4

        /// One way, by the distributions themselves.
        @Test(arguments: InfoNCE.Similarity.allCases) func isTheSurpriseOfTheRightPair(similarity: InfoNCE.Similarity) throws {
            let n = 7, q = Self.matrix(n, 5, 1), k = Self.matrix(n, 5, 2)
            for isSymmetric in [false, true] {
                let loss = InfoNCE(similarity: similarity, isSymmetric: isSymmetric)
                let found = try loss.loss(queries: Tensor(q), keys: Tensor(k), inverseTemperature: Tensor([1 / Self.temperature], shape: [1]))
                let there = loss.laws(queries: q, keys: k, temperature: Self.temperature), back = loss.laws(queries: k, keys: q, temperature: Self.temperature)
                func mean(_ laws: [GibbsDistribution]) -> Double { Statistics.mean(laws.enumerated().map { $1.surprise(of: $0) }) }
                #expect(abs(try found.loss.number() - (isSymmetric ? (mean(there) + mean(back)) / 2 : mean(there))) < 1e-5)
                #expect(abs(found.ceiling - log(Double(n))) < 1e-12 && abs(found.accuracy * Double(n) - Double(there.enumerated().count { i, law in law.energies[i] == law.energies.min() })) < 1e-6)
            }
        }

        /// ∂loss/∂(−E_ij) = (p_j − [i = j]) / n: with dot products and the identity as keys the queries are the scores themselves.
        @Test func gradientIsThatOfTheDistribution() throws {
            let n = 6, q = Self.matrix(n, n, 3), identity = Matrix((0 ..< n).map { i in (0 ..< n).map { i == $0 ? 1 : 0 } }), x = try Tensor(q).variable()
            let loss = InfoNCE(similarity: .dot, isSymmetric: false)
            let slopes = try loss.loss(queries: x, keys: Tensor(identity), inverseTemperature: Tensor([1 / Self.temperature], shape: [1])).loss.gradients(of: [x])[0].matrix()
            for (i, law) in loss.laws(queries: q, keys: identity, temperature: Self.temperature).enumerated() {
                for j in 0 ..< n { #expect(abs(slopes[i, j] - (law.probabilities[j] - (i == j ? 1 : 0)) / Float(n) / Self.temperature) < 1e-6) }
            }
        }

        /// The formula with everything in it, written out: groups leave, ln Q is added to energies, own side and queue are candidates.
        @Test func everyCandidate() throws {
            let n = 5, q = Self.matrix(n, 4, 4), k = Self.matrix(n, 4, 5), extra = Self.matrix(3, 4, 6), loss = InfoNCE(isSymmetric: true, usesOwnSide: true)
            var candidates = InfoNCE.Candidates()
            candidates.keyGroups = [0, 1, 0, 2, 3]
            candidates.queryGroups = [0, 1, 2, 1, 3]
            (candidates.keyLogQ, candidates.queryLogQ) = ([-1, -2, -1, -3, -0.5], [-0.7, -2, -1, -2, -4])
            (candidates.keyQueue, candidates.queryQueue) = (try Tensor(extra), try Tensor(k))
            let result = try loss.loss(queries: Tensor(q), keys: Tensor(k), inverseTemperature: Tensor([1 / Self.temperature], shape: [1]), candidates: candidates)
            func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
                func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() / Double(Self.temperature)
            }
            var ceilings = [Double]()
            func way(_ q: Matrix, _ k: Matrix, _ keys: ([Int], [Float]), _ own: ([Int], [Float]), _ queue: Matrix) -> Double {
                Statistics.mean((0 ..< n).map { i -> Double in
                    var scores = [Double]()
                    for j in 0 ..< n where i == j || keys.0[i] != keys.0[j] { scores.append(cosine(q.row(i), k.row(j)) - Double(keys.1[j])) }
                    for j in 0 ..< n where i != j && own.0[i] != own.0[j] { scores.append(cosine(q.row(i), q.row(j)) - Double(own.1[j])) }
                    for j in 0 ..< queue.rows { scores.append(cosine(q.row(i), queue.row(j))) }
                    ceilings.append(log(Double(scores.count)))
                    return logSumExp(scores) - cosine(q.row(i), k.row(i)) + Double(keys.1[i])
                })
            }
            let keys = (candidates.keyGroups!, candidates.keyLogQ!), queries = (candidates.queryGroups!, candidates.queryLogQ!)
            let exact = (way(q, k, keys, queries, extra) + way(k, q, queries, keys, k)) / 2
            #expect(abs(try result.loss.number() - exact) < 1e-5 && abs(result.ceiling - Statistics.mean(ceilings)) < 1e-12)
        }

        @Test func refusals() throws {
            let one = try Tensor(Self.matrix(1, 4, 7)), two = try Tensor(Self.matrix(2, 4, 8)), scale = try Tensor([Float(1)], shape: [1])
            let error = #expect(throws: GibbsError.self) { _ = try InfoNCE().loss(queries: one, keys: one, inverseTemperature: scale) }
            #expect(error?.code == .usage && error?.message.contains("batch of 1") == true)
            #expect(checkRefusal([.shapeMismatch], "sides of one and two rows") { _ = try InfoNCE().loss(queries: one, keys: two, inverseTemperature: scale) } == [])
            let critic = try Self.critic(), data = Self.matrix(9, 2, 9)
            func refused(_ codes: [GibbsError.Code], _ what: String, _ pairs: TrainingPairs, batch: Int = 4) {
                let method = InfoNCETraining(descent: NetworkDescent(batchSize: batch))
                #expect(checkRefusal(codes, what) { _ = try critic.training(on: pairs, by: method, key: Key(1)).finish() } == [])
            }
            refused([.usage], "batches of one", TrainingPairs(left: data, right: data), batch: 1)
            refused([.usage], "one pair", TrainingPairs(left: data.slice(0 ..< 1), right: data.slice(0 ..< 1)))
            refused([.shapeMismatch], "three columns", TrainingPairs(left: data, right: Self.matrix(9, 3, 10)))
            refused([.unsuitableData], "a missing value", TrainingPairs(left: Matrix(rows: 9, columns: 2, repeating: .nan), right: data))
            #expect(checkRefusal([.shapeMismatch], "sides of other widths") {
                _ = try PairCritic(left: Network([.linear(3)], input: [2], key: Key(1)), right: Network([.linear(4)], input: [2], key: Key(2)))
            } == [])
            #expect(checkRefusal([.usage], "no temperature") { _ = try PairCritic(left: critic.left, temperature: 0) } == [])
        }

        static func critic(_ similarity: InfoNCE.Similarity = .dot) throws -> PairCritic {
            func tower(_ key: Key) throws -> Network { try Network([.linear(64), .silu, .linear(64), .silu, .linear(16)], input: [2], key: key) }
            return try PairCritic(left: tower(Key(11)), right: tower(Key(12)), loss: InfoNCE(similarity: similarity), temperature: 1)
        }

        /// Two columns a side, each correlated with its partner by ρ: I = −ln(1 − ρ²) nats.
        static func pairs(_ count: Int, _ rho: Float, key: Key) -> TrainingPairs {
            let x = key.folding(0).normals(2 * count), noise = key.folding(1).normals(2 * count)
            return TrainingPairs(left: Matrix(rows: count, columns: 2, values: x), right: Matrix(rows: count, columns: 2, values: zip(x, noise).map { rho * $0 + (1 - rho * rho).squareRoot() * $1 }))
        }

        /// The bound comes near the mutual information from below, and knows nothing of unrelated sides.
        @Test func findsTheInformation() throws {
            let method = InfoNCETraining(descent: NetworkDescent(optimiser: .adam(rate: 3e-3), batchSize: 256, epochs: 12, finalRateShare: 0.02, averaging: nil))
            for (rho, information) in [(Float(0.9), 1.6607), (0, 0)] {
                let last = try Self.critic().training(on: Self.pairs(8192, rho, key: Key(13)), by: method, key: Key(14)).finish()
                let test = Self.pairs(2000, rho, key: Key(15)), (bound, ceiling) = try last.model.informationBound(test.left, test.right)
                #expect(bound < information + 0.06 && bound > information - 0.15, "\(bound) of \(information)")
                #expect(abs(ceiling - log(2000)) < 1e-9 && abs(last.figures["ceiling"]! - log(256)) < 1e-6 && last.ending == .finished)
                #expect(abs(last.figures["bound"]! - last.figures["ceiling"]! + last.figures["loss"]!) < 1e-6)
                if rho > 0 {
                    #expect(last.figures["accuracy"]! > 0.03 && last.figures["temperature"]! < 1, "τ stayed at \(last.figures["temperature"]!)")
                    let right = try Statistics.mean(last.model.energies(test.left, test.right)), wrong = try Statistics.mean(last.model.energies(test.left.slice(0 ..< 1000), test.right.slice(1000 ..< 2000)))
                    #expect(right < wrong - 1)
                }
            }
        }

        /// Same key, same bits; a queue raises the ceiling; the model given stays as it was; files give it back.
        @Test func trainsAsStored() throws {
            let critic = try Self.critic(.cosine), pairs = Self.pairs(256, 0.9, key: Key(16)), method = InfoNCETraining(queue: 100, descent: NetworkDescent(batchSize: 32, epochs: 2, averaging: nil))
            let before = try critic.embeddings(of: pairs.left), a = try critic.training(on: pairs, by: method, key: Key(17)).finish(), b = try critic.training(on: pairs, by: method, key: Key(17)).finish()
            #expect(a.figures == b.figures && a.model.temperature == b.model.temperature)
            #expect(try critic.embeddings(of: pairs.left) == before)
            #expect(abs(a.figures["ceiling"]! - log(132)) < 0.01)
            let again = try PairCritic(archive: a.model.archive())
            #expect(try again.embeddings(of: pairs.right, isRight: true) == a.model.embeddings(of: pairs.right, isRight: true) && abs(again.temperature / a.model.temperature - 1) < 1e-5)
            let lengths = before.rowDots(before)
            #expect(lengths.allSatisfy { abs($0 - 1) < 1e-5 })
            #expect(again.archive() == a.model.archive())
            for name in ["critic", "left.architecture"] where a.model.archive().metadata[name] != nil {
                var damaged = a.model.archive()
                damaged.metadata[name] = nil
                #expect(checkRefusal([.unsuitableModel], name) { _ = try PairCritic(archive: damaged) } == [])
            }
            var damaged = a.model.archive()
            damaged.tensors["logScale"]!.values[0] = .nan
            #expect(checkRefusal([.unsuitableModel], "a temperature that is none") { _ = try PairCritic(archive: damaged) } == [])
        }

        /// Popular partners: with ln Q the critic learns who belongs to whom; without, it also learns how popular each is.
        @Test func popularityIsCorrected() throws {
            // Left 0...3 at random; right is 0 for half of all, whatever the left, else as the left: scores of right 0 tell its popularity.
            let n = 4096, draw = Key(18).uniforms(2 * n), left = (0 ..< n).map { Int(draw[2 * $0] * 4) }, right = (0 ..< n).map { draw[2 * $0 + 1] < 0.5 ? 0 : left[$0] }
            func hot(_ codes: [Int]) -> Matrix { Matrix(codes.map { code in (0 ..< 4).map { $0 == code ? 1 : 0 } }) }
            var pairs = TrainingPairs(left: hot(left), right: hot(right))
            let scores = try [false, true].map { corrects in
                pairs.rightLogQ = corrects ? TrainingPairs.logShares(right) : nil
                let critic = try PairCritic(left: Network([.linear(8)], input: [4], key: Key(19)), right: Network([.linear(8)], input: [4], key: Key(20)), loss: InfoNCE(similarity: .dot, isSymmetric: false), temperature: 1)
                let method = InfoNCETraining(descent: NetworkDescent(optimiser: .adam(rate: 2e-2), batchSize: 128, epochs: 15, averaging: nil))
                let model = try critic.training(on: pairs, by: method, key: Key(21)).finish().model
                return try (0 ..< 4).map { x in try (0 ..< 4).map { y in try -model.energies(hot([x]), hot([y]))[0] } }
            }
            // The best score is ln p(right | left) / Q(right), or ln p(right | left) with the correction: given left 1, rights 0 and 1 are as likely,
            // and Q is 5/8 and 1/8.
            let plain = scores[0][1][0] - scores[0][1][1], corrected = scores[1][1][0] - scores[1][1][1]
            #expect(abs(corrected) < 0.3, "\(corrected)")
            #expect(abs(plain + log(5)) < 0.3, "\(plain) where ln 1/5 is best")
        }
    }
}
