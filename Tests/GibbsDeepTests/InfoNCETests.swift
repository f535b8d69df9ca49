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

        /// Embeddings of unit covariance, whose number is what counts then, and the same energies; whatever scale the network gave them.
        @Test func whitening() throws {
            let rows = Self.matrix(8_000, 3, 30), head = try Network([.linear(6), .silu, .linear(4)], input: [4], key: Key(31)), plain = try Network([.linear(16), .silu, .linear(4)], input: [3], key: Key(32))
            // One number is a hundred times another, and far from zero.
            var weights = plain.parameters
            weights[2] = try Tensor(weights[2].floats().enumerated().map { $1 * [1, 0.1, 3, 10][$0 / 16] }, shape: [4, 16])
            weights[3] = try Tensor([5, -3, 0, 20] as [Float], shape: [4])
            let critic = try PairCritic(left: plain.with(parameters: weights), head: head, loss: InfoNCE(usesOwnSide: true), temperature: Self.temperature, learnsTemperature: true), white = try critic.whitened(over: rows)
            func moments(_ critic: PairCritic) throws -> (means: [Double], covariance: [Double]) {
                let values = try critic.left(Tensor(rows)).matrix(), means = (0 ..< 4).map { Statistics.mean(values.column($0)) }
                return (means, (0 ..< 16).map { at in Statistics.mean((0 ..< rows.rows).map { (Double(values[$0, at / 4]) - means[at / 4]) * (Double(values[$0, at % 4]) - means[at % 4]) }) })
            }
            let before = try moments(critic), after = try moments(white)
            #expect(before.means[3] > 10 && before.covariance[15] > 100 * before.covariance[5], "\(before)")
            #expect(after.means.allSatisfy { abs($0) < 1e-3 }, "\(after.means)")
            // λ / (λ + what is added), the least first.
            let values = SymmetricMatrix(size: 4, values: before.covariance).eigen().values, added = values.reduce(0, +) / 8_000
            for at in 0 ..< 16 {
                let wanted = at / 4 == at % 4 ? values[at / 4] / (values[at / 4] + added) : 0
                #expect(abs(after.covariance[at] - wanted) < 2e-3, "\(at): \(after.covariance[at]), not \(wanted)")
            }
            #expect(after.covariance[0] < 0.95 && after.covariance[15] > 0.99)
            let others = Self.matrix(rows.rows, 3, 33), (old, new) = try (critic.energies(rows, others), white.energies(rows, others))
            #expect(zip(old, new).allSatisfy { abs($0 - $1) < 1e-3 } && Set(old).count > 1_000)
            #expect(white.temperature == critic.temperature && white.loss == critic.loss)
            // Three rows do not tell four numbers apart, and rows that are all the same tell nothing.
            #expect(try critic.whitened(over: rows.slice(0 ..< 3)).embeddings(of: others).isFinite)
            #expect(try critic.whitened(over: Matrix(rows: 5, columns: 3, repeating: 0.5)).archive() == critic.archive())
            #expect(checkRefusal([.usage], "one row") { _ = try critic.whitened(over: rows.slice(0 ..< 1)) } == [])
            #expect(checkRefusal([.shapeMismatch], "four columns") { _ = try critic.whitened(over: Self.matrix(5, 4, 34)) } == [])
            #expect(checkRefusal([.usage], "no head") { _ = try PairCritic(left: plain).whitened(over: rows) } == [])
            let curved = try Network([.silu, .linear(4)], input: [4], key: Key(35))
            #expect(checkRefusal([.usage], "a head that begins with a curve") { _ = try PairCritic(left: plain, head: curved).whitened(over: rows) } == [])
        }

        /// The formula with everything in it, written out: groups leave, ln Q is added to energies, own side and queue are candidates; what is known of
        /// a queue's rows counts as what is known of the batch's.
        @Test(arguments: [false, true]) func everyCandidate(isQueueKnown: Bool) throws {
            let n = 5, q = Self.matrix(n, 4, 4), k = Self.matrix(n, 4, 5), extra = Self.matrix(3, 4, 6), loss = InfoNCE(isSymmetric: true, usesOwnSide: true)
            var candidates = InfoNCE.Candidates()
            candidates.keyGroups = [0, 1, 0, 2, 3]
            candidates.queryGroups = [0, 1, 2, 1, 3]
            (candidates.keyLogQ, candidates.queryLogQ) = ([-1, -2, -1, -3, -0.5], [-0.7, -2, -1, -2, -4])
            (candidates.keyQueue, candidates.queryQueue) = (try Tensor(extra), try Tensor(k))
            if isQueueKnown {
                (candidates.keyQueueGroups, candidates.queryQueueGroups) = ([3, 0, 7], [1, 9, 2, 2, 8])
                (candidates.keyQueueLogQ, candidates.queryQueueLogQ) = ([-0.5, -1, -6], [-2, -0.1, -1, -1, -3])
            }
            let result = try loss.loss(queries: Tensor(q), keys: Tensor(k), inverseTemperature: Tensor([1 / Self.temperature], shape: [1]), candidates: candidates)
            func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
                func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() / Double(Self.temperature)
            }
            var ceilings = [Double]()
            func way(_ q: Matrix, _ k: Matrix, _ keys: ([Int], [Float]), _ own: ([Int], [Float]), _ queue: (rows: Matrix, groups: [Int]?, logQ: [Float]?)) -> Double {
                Statistics.mean((0 ..< n).map { i -> Double in
                    var scores = [Double]()
                    for j in 0 ..< n where i == j || keys.0[i] != keys.0[j] { scores.append(cosine(q.row(i), k.row(j)) - Double(keys.1[j])) }
                    for j in 0 ..< n where i != j && own.0[i] != own.0[j] { scores.append(cosine(q.row(i), q.row(j)) - Double(own.1[j])) }
                    for j in 0 ..< queue.rows.rows where queue.groups?[j] != keys.0[i] { scores.append(cosine(q.row(i), queue.rows.row(j)) - Double(queue.logQ?[j] ?? 0)) }
                    ceilings.append(log(Double(scores.count)))
                    return logSumExp(scores) - cosine(q.row(i), k.row(i)) + Double(keys.1[i])
                })
            }
            let keys = (candidates.keyGroups!, candidates.keyLogQ!), queries = (candidates.queryGroups!, candidates.queryLogQ!)
            let there = way(q, k, keys, queries, (extra, candidates.keyQueueGroups, candidates.keyQueueLogQ)), back = way(k, q, queries, keys, (k, candidates.queryQueueGroups, candidates.queryQueueLogQ))
            #expect(abs(try result.loss.number() - (there + back) / 2) < 1e-5 && abs(result.ceiling - Statistics.mean(ceilings)) < 1e-12)
        }

        /// Where the right key is one of k that are alike, it counts 1/k: a critic to which all are the same knows nothing.
        @Test func tiesCountAsGuesses() throws {
            func accuracy(_ queries: Matrix, _ keys: Matrix) throws -> Double {
                try InfoNCE(similarity: .dot, isSymmetric: false).loss(queries: Tensor(queries), keys: Tensor(keys), inverseTemperature: Tensor([Float(1)], shape: [1])).accuracy
            }
            let apart = Matrix((0 ..< 4).map { i in (0 ..< 4).map { i == $0 ? 1 : 0 } }), twos = Matrix([[1, 0], [1, 0], [0, 1], [0, 1]]), same = Matrix(rows: 4, columns: 4, repeating: 1)
            #expect(try accuracy(same, same) == 0.25 && accuracy(twos, twos) == 0.5 && accuracy(apart, apart) == 1)
            #expect(try accuracy(apart, apart.selecting(rows: [1, 2, 3, 0])) == 0)
            #expect(try accuracy(Matrix(rows: 4, columns: 4, repeating: .nan), apart) == 0)
        }

        /// A critic of dot products as they are, for training that does not move it.
        static func still(_ columns: Int, isOne: Bool, loss: InfoNCE) throws -> PairCritic {
            let identity = try Network([.linear(columns)], input: [columns], key: Key(22)).with(parameters: [
                Tensor((0 ..< columns * columns).map { Float($0 / columns == $0 % columns ? 1 : 0) }, shape: [columns, columns]), Tensor([Float](repeating: 0, count: columns), shape: [columns]),
            ])
            return try PairCritic(left: identity, right: isOne ? nil : identity, loss: loss, temperature: 1, learnsTemperature: false)
        }

        /// Figures of every epoch of a training that does not move the weights.
        static func figures(batch: Int, queue: Int, epochs: Int, _ training: (InfoNCETraining) -> TrainingRun<PairCritic>) throws -> [[String: Double]] {
            var figures = [[String: Double]]()
            _ = try training(InfoNCETraining(queue: queue, descent: NetworkDescent(optimiser: .adam(rate: 1e-12), batchSize: batch, epochs: epochs, averaging: nil))).finish { epoch in
                figures.append(epoch.figures)
                return true
            }
            return figures
        }

        /// All queries are (1, 0) and all keys (0, 1), so that every score is 0 but for ln Q, and the loss ln(candidates): a queue that held the other
        /// side, or lost ln Q or the groups of its rows, would show.
        @Test func queuesKeepWhatIsKnown() throws {
            func side(_ row: [Float]) -> Matrix { Matrix(Array(repeating: row, count: 24)) }
            let critic = try Self.still(2, isOne: false, loss: InfoNCE(similarity: .dot))
            func epochs(_ change: (inout TrainingPairs) -> Void) throws -> [[String: Double]] {
                var pairs = TrainingPairs(left: side([1, 0]), right: side([0, 1]))
                change(&pairs)
                return try Self.figures(batch: 4, queue: 8, epochs: 2) { [pairs] in critic.training(on: pairs, by: $0, key: Key(24)) }
            }
            let plain = try epochs { _ in }, shares = try epochs { ($0.leftLogQ, $0.rightLogQ) = (Array(repeating: -1, count: 24), Array(repeating: -2, count: 24)) }
            for figures in [plain, shares] {
                #expect(figures.allSatisfy { abs($0["loss"]! - $0["ceiling"]!) < 1e-5 && abs($0["bound"]!) < 1e-5 }, "\(figures)")
                #expect(abs(figures[1]["ceiling"]! - log(12)) < 1e-9)
            }
            // All are copies of one: there is nothing to be told from, and no bound to be had.
            let copies = try epochs { ($0.leftGroups, $0.rightGroups) = (Array(repeating: 3, count: 24), Array(repeating: 5, count: 24)) }
            #expect(copies.allSatisfy { $0["ceiling"] == 0 && abs($0["loss"]!) < 1e-6 && $0["bound"] == nil }, "\(copies)")
            let distinct = try epochs { ($0.leftGroups, $0.rightGroups) = (Array(0 ..< 24), Array(0 ..< 24)) }
            #expect(distinct.allSatisfy { $0["bound"] != nil })
        }

        /// A step an epoch, whose keys are all of one height that changes: the queue holds those of the step before, but for a row's own.
        @Test func queuesForgetTheOldest() throws {
            final class Calls: @unchecked Sendable { var count = 0 }
            let n = 6, calls = Calls(), heights: [Float] = [0.5, -1, 2, 0.25], rows = Matrix(rows: n, columns: 1, repeating: 0)
            let critic = try Self.still(1, isOne: true, loss: InfoNCE(similarity: .dot, isSymmetric: false))
            let figures = try Self.figures(batch: n, queue: n, epochs: heights.count) { method in
                critic.training(onViewsOf: rows, view: { rows, _ in
                    // Queries, then keys.
                    defer { calls.count += 1 }
                    return Matrix(rows: rows.rows, columns: 1, repeating: calls.count % 2 == 0 ? 1 : heights[calls.count / 2 % heights.count])
                }, by: method, key: Key(23))
            }
            for (step, height) in heights.enumerated() {
                let now = Double(n) * exp(Double(height)), before = step == 0 ? 0 : Double(n - 1) * exp(Double(heights[step - 1]))
                #expect(abs(figures[step]["loss"]! - log(now + before) + Double(height)) < 1e-5, "step \(step)")
                #expect(abs(figures[step]["ceiling"]! - log(Double(step == 0 ? n : 2 * n - 1))) < 1e-9 && figures[step]["bound"] != nil)
            }
        }

        @Test func refusals() throws {
            let one = try Tensor(Self.matrix(1, 4, 7)), two = try Tensor(Self.matrix(2, 4, 8)), scale = try Tensor([Float(1)], shape: [1])
            let error = #expect(throws: GibbsError.self) { _ = try InfoNCE().loss(queries: one, keys: one, inverseTemperature: scale) }
            #expect(error?.code == .usage && error?.message.contains("batch of 1") == true)
            #expect(checkRefusal([.shapeMismatch], "sides of one and two rows") { _ = try InfoNCE().loss(queries: one, keys: two, inverseTemperature: scale) } == [])
            for change: (inout InfoNCE.Candidates) -> Void in [{ $0.keyQueueGroups = [1] }, { $0.keyQueueLogQ = [-1, -1, -1] }, { $0.queryGroups = [1] }] {
                var candidates = InfoNCE.Candidates()
                candidates.keyQueue = two
                change(&candidates)
                #expect(checkRefusal([.shapeMismatch], "groups of another number") { _ = try InfoNCE().loss(queries: two, keys: two, inverseTemperature: scale, candidates: candidates) } == [])
            }
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
                let test = Self.pairs(2000, rho, key: Key(15)), (bound, error, ceiling) = try last.model.informationBound(test.left, test.right)
                #expect(bound < information + 0.06 && bound > information - 0.15, "\(bound) of \(information)")
                // Its error is that of a mean of 2000 surprises, of one law a query.
                let laws = try last.model.loss.laws(queries: last.model.embeddings(of: test.left), keys: last.model.embeddings(of: test.right, isRight: true), temperature: last.model.temperature)
                let surprises = laws.enumerated().map { Double($1.surprise(of: $0)) }, mean = Statistics.mean(surprises), expected = Statistics.standardDeviation(surprises) / 2000.0.squareRoot()
                #expect(abs(bound - ceiling + mean) < 1e-4 && abs(error / expected - 1) < 1e-3, "\(bound) ± \(error), not \(expected)")
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
