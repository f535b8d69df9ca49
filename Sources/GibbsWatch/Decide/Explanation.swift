import Foundation
import GibbsCore
import GibbsNumerics

/// Why a record has the energy it has, field by field, in nats.
public struct Explanation: Sendable, Hashable {
    /// One field's part.
    public struct Reason: Sendable, Hashable {
        /// The name of the field.
        public var field: String
        /// The value seen; `nil` when it is missing.
        public var value: String?
        /// Whether the value is a category that the fit never saw.
        public var isUnseen: Bool
        /// The value of lowest energy given the rest of the record, also for a missing field; of a text one of the texts remembered.
        public var expected: String?
        /// How surprising the value is given the other fields: E(x) − E(x with the field summed out), in the watchdog's nats.
        ///
        /// With one expert at T = 1 that is −ln p(value | the other fields); in a pool it is Σₖ wₖ Tₖ (−ln pₖ(value | the other
        /// fields)), see `PooledEnergy`. For a numeric field p is a density in units of the field's scale, so that the surprise
        /// may be negative. A missing field, and a name never seen, cost what `PresenceEnergy` says beyond a known value.
        public var surprise: Float
        /// `surprise` less what this field usually has on normal records: what makes it stand out. For a missing field the
        /// surprise itself.
        public var excess: Float
        /// The field's signed part of E(x) − E(reference), nats; the parts of all fields sum to it.
        public var share: Float
        /// Of a field of text, the likest text that the model remembers of its fit.
        public var nearest: Likeness?
    }

    /// A text that the model remembers, and how like the one looked at it is.
    public struct Likeness: Sendable, Hashable {
        /// The text of the fit, or its first thousand characters.
        public var text: String
        /// The cosine between the two vectors: 1 for the same meaning, about 0 for texts that have nothing in common.
        public var cosine: Float
    }

    /// E(x), nats: the score.
    public var energy: Float
    /// E of the reference, the most ordinary record known, nats; the values of fields that the record misses are summed out of it
    /// too, though it counts as having them.
    public var referenceEnergy: Float
    /// All fields, largest excess first.
    public var reasons: [Reason]
    /// Numeric fields whose value lies beyond all that the fit has seen, in the model's order. A heavy-tailed score may find
    /// one such value no stranger than the threshold; a person may see it otherwise.
    public var outside: [Outside] = []

    /// A value beyond those seen.
    public struct Outside: Sendable, Hashable {
        /// The name of the field.
        public var field: String
        /// The value.
        public var value: Double
        /// The least and the largest value among the records of the fit.
        public var seen: ClosedRange<Double>
    }
}

/// Makes explanations for an energy whose missing values sum out.
struct Explainer<Base: MarginalEnergy>: Sendable {
    let energy: Base
    let presence: PresenceEnergy
    /// The most ordinary record known; shape `[1, features]`, no value missing.
    let reference: Matrix
    /// The conditional surprise that each field usually has on normal records.
    let usual: [Float]
    /// Encoded values to compare each field's value with; those of a field of several columns stand in step.
    let candidates: [[Float]]
    /// The columns of each field: a text has several, which are looked at together.
    let fields: [Range<Int>]

    /// Pairs of opposite field orders over which shares are averaged.
    static var orderPairs: Int { 4 }

    /// −ln p(xⱼ | rest) of every field of every row; shape `[rows, fields]`; 0 where the value is missing.
    static func surprises(_ batch: Matrix, under energy: Base, fields: [Range<Int>]) throws -> Matrix {
        let whole = try energy.energies(of: batch)
        var result = Matrix(rows: batch.rows, columns: fields.count)
        for (j, columns) in fields.enumerated() {
            var without = batch
            for row in 0 ..< batch.rows { for k in columns { without[row, k] = .nan } }
            let energies = try energy.energies(of: without)
            for row in 0 ..< batch.rows where !batch[row, columns.lowerBound].isNaN { result[row, j] = whole[row] - energies[row] }
        }
        return result
    }

    /// The index of the candidate of lowest energy for each field, the rest of the row as it is; `nil` where the row's own value is lower still.
    func expectedValues(_ row: Matrix) throws -> [Int?] {
        var trials = [Float](), owners = [(field: Int, candidate: Int?)]()
        for (j, columns) in fields.enumerated() {
            for index in candidates[columns.lowerBound].indices {
                var trial = row.values
                for k in columns { trial[k] = candidates[k][index] }
                trials.append(contentsOf: trial)
                owners.append((j, index))
            }
            guard !row[0, columns.lowerBound].isNaN else { continue }
            trials.append(contentsOf: row.values)
            owners.append((j, nil))
        }
        let energies = try energy.energies(of: Matrix(rows: owners.count, columns: row.columns, values: trials))
        var best = [Int?](repeating: nil, count: fields.count), lowest = [Float](repeating: .infinity, count: fields.count)
        for (owner, energy) in zip(owners, energies) where energy < lowest[owner.field] {
            lowest[owner.field] = energy
            best[owner.field] = owner.candidate
        }
        return best
    }

    /// Shapley shares of E(x) − E(reference) by field, sampled: fields are moved from the reference to the row one after
    /// another, in random orders and their opposites, and each takes the change it makes. Every order telescopes, so the
    /// shares sum to the difference exactly, whatever the number of orders.
    ///
    /// A field missing from the row is missing from the reference too; its share is what its absence costs more than its presence.
    /// So it is with a name never seen, which the energy does not see either.
    /// - Source: Štrumbelj & Kononenko, Knowledge and Information Systems 2014; antithetic orders: Mitchell et al., JMLR 2022.
    func shares(_ row: Matrix, key: Key) throws -> [Float] {
        let width = row.columns, d = fields.count
        var start = reference.values
        for k in 0 ..< width where row[0, k].isNaN { start[k] = .nan }
        var orders = [[Int]]()
        for pair in 0 ..< Self.orderPairs {
            let order = key.folding(pair).permutation(d)
            orders += [order, order.reversed()]
        }
        var steps = [Float]()
        for order in orders {
            var state = start
            steps += state
            for j in order {
                for k in fields[j] { state[k] = row[0, k] }
                steps += state
            }
        }
        let energies = try energy.energies(of: Matrix(rows: orders.count * (d + 1), columns: width, values: steps))
        var result = [Double](repeating: 0, count: d)
        for (index, order) in orders.enumerated() {
            for (step, j) in order.enumerated() {
                let at = index * (d + 1) + step
                result[j] += (Double(energies[at + 1]) - Double(energies[at])) / Double(orders.count)
            }
        }
        return result.map(Float.init)
    }

    /// The explanation of one encoded row.
    func explanation(of row: Matrix, encoder: RecordEncoder, key: Key) throws -> Explanation {
        let known = presence.knownValues(of: row)
        let surprises = try Self.surprises(known, under: energy, fields: fields).values
        let expected = try expectedValues(known), shares = try shares(known, key: key)
        let reasons = encoder.usedFields.enumerated().map { j, field in
            let k = fields[j].lowerBound, value = row[0, k], state = presence.excess(value, column: k)
            let best: String? = if case .text(let scale) = field.encoding { expected[j].map { scale.examples[$0] } }
                else { encoder.text(expected[j].map { candidates[k][$0] } ?? known[0, k], field: j) }
            return Explanation.Reason(field: field.name, value: encoder.text(value, field: j), isUnseen: encoder.isUnseen(value, field: j), expected: best,
                                      surprise: surprises[j] + state, excess: known[0, k].isNaN ? state : surprises[j] - usual[j] + state, share: shares[j] + state)
        }
        var comparable = reference
        for j in 0 ..< row.columns where known[0, j].isNaN { comparable[0, j] = .nan }
        let allKnown = presence.known.reduce(0, +)
        return Explanation(energy: try energy.energies(of: known)[0] + presence.energies(of: row)[0],
                           referenceEnergy: try energy.energies(of: comparable)[0] + allKnown,
                           reasons: reasons.sorted { ($1.excess, $0.field) < ($0.excess, $1.field) })
    }
}
