import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The state of a softmax's training: factors, biases, and the running means of Adam. The loss is that of `SampledSoftmax`.
package struct SoftmaxTrainer {
    package var users: Matrix, items: Matrix, biases: [Float]
    private let histories: SparseRows, method: SampledSoftmax, key: Key
    /// Events a person.
    let meanEvents: Float
    /// λ of each person and item.
    private let userPrecisions: [Float], itemPrecisions: [Float]
    /// Where biases start, and the centre of their prior.
    private let popularity: [Float]
    /// One state a person, at the person's own step; the means lie side by side.
    private var userFirst: [Float], userSecond: [Float]
    private var itemState: OptimiserState, biasState: OptimiserState
    private let sampler: CandidateSampler?
    /// Where people are one another's negatives.
    private let company: BatchCandidates?

    package init(_ histories: SparseRows, method: SampledSoftmax, key: Key) {
        (self.histories, self.method, self.key) = (histories, method, key)
        let (n, m, k) = (histories.rows, histories.columns, method.factors), spread = 0.1 / Float(k).squareRoot()
        users = Matrix(rows: n, columns: k)
        items = Matrix(rows: m, columns: k, values: key.folding(0).normals(m * k).map { spread * $0 })
        let counts = histories.countsByColumn()
        meanEvents = Float(histories.entries) / Float(max(1, n))
        let mean = (meanEvents, Float(histories.entries) / Float(max(1, m)))
        userPrecisions = (0 ..< n).map { method.precision(events: histories.range($0).count, mean: mean.0) }
        itemPrecisions = counts.map { method.precision(events: $0, mean: mean.1) }
        popularity = Popularity(histories: histories).energies.map { -$0 }
        biases = popularity
        (userFirst, userSecond) = ([Float](repeating: 0, count: n * k), [Float](repeating: 0, count: n * k))
        let optimiser = Optimiser.adam(rate: method.rate, beta1: 0.9, beta2: 0.99)
        (itemState, biasState) = (OptimiserState(optimiser, count: m * k), OptimiserState(optimiser, count: m))
        company = method.negatives == .inBatch ? BatchCandidates(counts: counts) : nil
        sampler = company != nil || m <= method.exactLimit ? nil : CandidateSampler(counts: counts, draws: method.candidates)
    }

    /// What a pass saw, means over its events before their steps: the loss, and ln(candidates) where they are the batch's.
    struct Figures { var loss: Double, ceiling: Double? }

    /// One pass over the people in a new order.
    mutating func pass(_ epoch: Int) -> Figures {
        let progress = Float(epoch - 1) / Float(max(1, method.epochs - 1)), scale = 0.05 + 0.95 * (1 + cos(Float.pi * progress)) / 2
        var loss = 0.0, ceiling = 0.0
        for (batch, people) in batches(key.folding(2 * epoch).permutation(histories.rows)).enumerated() {
            let found = slopes(people, key: key.folding(2 * epoch + 1).folding(batch))
            loss += found.loss
            ceiling += found.ceiling
            step(people, found, epoch: epoch, scale: scale)
        }
        let events = Double(histories.entries)
        return Figures(loss: loss / events, ceiling: company == nil ? nil : ceiling / events)
    }

    /// Who goes together. Where people are one another's negatives, only those with a history, and nobody alone.
    private func batches(_ order: [Int]) -> [[Int]] {
        let order = company == nil ? order : order.filter { !histories.range($0).isEmpty }
        var result = stride(from: 0, to: order.count, by: method.batchSize).map { Array(order[$0 ..< min(order.count, $0 + method.batchSize)]) }
        if company != nil, result.count > 1, result[result.count - 1].count == 1 { result[result.count - 2] += result.removeLast() }
        return result
    }

    /// The loss of a batch's events, without the priors, and its gradient: by the factors of these people, and by those and the biases of all items.
    package struct Slopes {
        /// Σ over the events, nats; and Σ ln(candidates) where they are the batch's, else 0.
        package var loss: Double, ceiling = 0.0
        /// Shapes people × factors, items × factors, items.
        package var ofUsers: Matrix, ofItems: Matrix, ofBiases: [Float]
    }

    /// The slopes at some people; consumes `key` where candidates are drawn.
    package func slopes(_ people: [Int], key: Key) -> Slopes {
        let own = users.selecting(rows: people), events = histories.selecting(rows: people)
        let mates = company?.candidates(of: events), chosen = mates.map { mates in (items: mates.items, offsets: mates.items.map { mates.offsets[$0] }) } ?? sampler?.candidates(key: key)
        let table = chosen.map { items.selecting(rows: $0.items) } ?? items
        var pulls = Matrix.product(own, table, transposeB: true), scores = eventScores(own, events, mates?.offsets)
        let offsets = chosen.map { chosen in zip(chosen.items, chosen.offsets).map { biases[$0] + $1 } } ?? biases
        let mask = chosen.map { CandidateSampler.mask(events, among: $0.items) } ?? (events.indices, events.starts.map(Int64.init))
        let loss = Self.pull(&pulls, &scores, events, offsets: offsets, mask: mask)

        var found = Slopes(loss: loss + (mates?.copies ?? 0), ceiling: mates?.ceiling ?? 0, ofUsers: Matrix.product(pulls, table), ofItems: Matrix(rows: items.rows, columns: items.columns),
                           ofBiases: [Float](repeating: 0, count: items.rows))
        let ofTable = Matrix.product(pulls, own, transposeA: true), sums = Matrix(rows: 1, columns: pulls.rows, repeating: 1), ofOffsets = Matrix.product(sums, pulls).values
        if let chosen {
            for (place, item) in chosen.items.enumerated() {
                found.ofBiases[item] += ofOffsets[place]
                for c in 0 ..< items.columns { found.ofItems.values[item * items.columns + c] += ofTable.values[place * items.columns + c] }
            }
        } else { (found.ofItems, found.ofBiases) = (ofTable, ofOffsets) }
        addEvents(events, scores, own, &found)
        return found
    }

    /// Moves downhill, against the slopes and towards the priors: that of V is spread over the batches, that of a person belongs to the batch with the person.
    private mutating func step(_ people: [Int], _ slopes: Slopes, epoch: Int, scale: Float) {
        var (ofUsers, ofItems, ofBiases) = (slopes.ofUsers, slopes.ofItems, slopes.ofBiases)
        let share = Float(people.count) / Float(histories.rows), k = items.columns
        for (row, person) in people.enumerated() {
            for c in 0 ..< k { ofUsers.values[row * k + c] = -ofUsers.values[row * k + c] - userPrecisions[person] * users.values[person * k + c] }
        }
        for place in ofItems.values.indices { ofItems.values[place] = -ofItems.values[place] - share * itemPrecisions[place / k] * items.values[place] }
        for place in ofBiases.indices { ofBiases[place] = -ofBiases[place] - share * method.biasPrecision * (biases[place] - popularity[place]) }
        moveUsers(people, along: ofUsers, epoch: epoch, scale: scale)
        itemState.step(&items.values, along: ofItems.values, scale: scale)
        biasState.step(&biases, along: ofBiases, scale: scale)
    }

    /// s of every event, in the order of its entries, with what is added to the scores of its item.
    private func eventScores(_ own: Matrix, _ events: SparseRows, _ offsets: [Float]?) -> [Float] {
        let k = items.columns
        return parallelMap(events.rows) { row in
            events.columns(of: row).map { item in
                var sum = biases[Int(item)] + (offsets?[Int(item)] ?? 0)
                for c in 0 ..< k { sum += own.values[row * k + c] * items.values[Int(item) * k + c] }
                return sum
            }
        }.flatMap { $0 }
    }

    /// Scores without their offsets become gradients; the loss.
    private static func pull(_ pulls: inout Matrix, _ scores: inout [Float], _ events: SparseRows, offsets: [Float], mask: (indices: [Int32], starts: [Int64])) -> Double {
        let (rows, count) = (pulls.rows, pulls.columns), starts = events.starts.map(Int64.init)
        var losses = [Double](repeating: 0, count: rows)
        pulls.values.withUnsafeMutableBufferPointer { all in
            scores.withUnsafeMutableBufferPointer { scores in
                losses.withUnsafeMutableBufferPointer { losses in
                    let all = SharedPointer(all.baseAddress), scores = SharedPointer(scores.baseAddress), losses = SharedPointer(losses.baseAddress)
                    parallelRanges(rows) { range in
                        for row in range {
                            let own = all.pointer! + row * count
                            for j in 0 ..< count { own[j] += offsets[j] }
                        }
                        let first = range.lowerBound
                        starts.withUnsafeBufferPointer { starts in
                            mask.starts.withUnsafeBufferPointer { maskStarts in
                                gk_softmax_pulls(all.pointer! + first * count, range.count, count, count, mask.indices, maskStarts.baseAddress! + first, scores.pointer, nil,
                                                 starts.baseAddress! + first, losses.pointer! + first)
                            }
                        }
                    }
                }
            }
        }
        return losses.reduce(0, +)
    }

    private func addEvents(_ events: SparseRows, _ pulls: [Float], _ own: Matrix, _ found: inout Slopes) {
        let k = items.columns
        for row in 0 ..< events.rows {
            for place in events.range(row) {
                let item = Int(events.indices[place]), pull = pulls[place]
                found.ofBiases[item] += pull
                for c in 0 ..< k {
                    found.ofUsers.values[row * k + c] += pull * items.values[item * k + c]
                    found.ofItems.values[item * k + c] += pull * own.values[row * k + c]
                }
            }
        }
    }

    private mutating func moveUsers(_ people: [Int], along gradient: Matrix, epoch: Int, scale: Float) {
        let k = users.columns, correction1 = 1 - pow(0.9, Float(epoch)), correction2 = 1 - pow(0.99, Float(epoch)), rate = method.rate * scale
        users.values.withUnsafeMutableBufferPointer { w in
            userFirst.withUnsafeMutableBufferPointer { first in
                userSecond.withUnsafeMutableBufferPointer { second in
                    gradient.values.withUnsafeBufferPointer { g in
                        for (row, person) in people.enumerated() {
                            let at = person * k
                            gk_adam(w.baseAddress! + at, g.baseAddress! + row * k, first.baseAddress! + at, second.baseAddress! + at, k, rate, 0.9, 0.99, 1e-8, correction1, correction2, 0)
                        }
                    }
                }
            }
        }
    }

    /// Every person at the minimum of the loss given V and b.
    mutating func solvePeople() {
        let solver = SoftmaxFoldIn(items: items, biases: biases, method: method, meanEvents: meanEvents), users = users, histories = histories
        let found = parallelMap(histories.rows) { solver.solution(Array(histories.columns(of: $0)), start: Array(users.row($0))) }
        self.users = Matrix(rows: users.rows, columns: users.columns, values: found.flatMap { $0 })
    }
}

/// Draws the items among which the sum over all items is estimated.
package struct CandidateSampler: Sendable {
    private let cumulative: [Double], draws: Int

    package init(counts: [Int], draws: Int) {
        let total = Double(max(1, counts.reduce(0, +)))
        var sum = 0.0
        cumulative = counts.map { sum += 0.5 * Double($0) / total + 0.5 / Double(counts.count); return sum }
        self.draws = draws
    }

    /// Different items, ascending, and ln of (times drawn / expected times) of each, to be added to the scores.
    package func candidates(key: Key) -> (items: [Int], offsets: [Float]) {
        var generator = KeyedGenerator(key: key), times = [Int: Int]()
        for _ in 0 ..< draws {
            let mark = Double(generator.next() >> 11) * 0x1p-53 * cumulative[cumulative.count - 1]
            var low = 0, high = cumulative.count - 1
            while low < high {
                let middle = (low + high) / 2
                if mark < cumulative[middle] { high = middle } else { low = middle + 1 }
            }
            times[low, default: 0] += 1
        }
        let items = times.keys.sorted()
        return (items, items.map { item in
            let share = cumulative[item] - (item > 0 ? cumulative[item - 1] : 0)
            return Float(log(Double(times[item]!) / (share * Double(draws))))
        })
    }

    /// Where the candidates stand that a person has seen, row by row.
    static func mask(_ events: SparseRows, among items: [Int]) -> ([Int32], [Int64]) {
        let place = Dictionary(uniqueKeysWithValues: items.enumerated().map { (Int32($1), Int32($0)) })
        var indices = [Int32](), starts: [Int64] = [0]
        for row in 0 ..< events.rows {
            for item in events.columns(of: row) { if let at = place[item] { indices.append(at) } }
            starts.append(Int64(indices.count))
        }
        return (indices, starts)
    }
}
