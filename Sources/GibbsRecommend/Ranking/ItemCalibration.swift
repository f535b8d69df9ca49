import Foundation
import GibbsNumerics

/// Whether p(i | u) is the probability it says. Every test event asks once: of the items that its person has not turned to otherwise, in the history
/// or in another test event, which is this one? The p of each is set beside whether it is the one.
///
/// That is the question which p(i | u) of a softmax answers, and the one that has one answer: who turned to five items cannot have spent more than a
/// fifth of these events on the likeliest.
///
/// All p are small, so that a plain calibration error is small for any model: the mean of |p − share| weighs every pair alike, and most pairs have neither.
/// Three errors are therefore told apart, over bins of ln p (five to a factor of ten):
///
///     pairError = Σ_bins (pairs of the bin / all pairs) |mean p − share|
///     massError = Σ_bins |Σ p − hits| / events             (the probability that would have to move between bins, twice)
///     topError  = Σ_bins (events of the bin / events) |mean p − share|      for the likeliest item of each event alone
///
/// Of few events even a right model's shares differ from its p by chance; `topNoise` is what `topError` is then on average, √(2/π Σ p(1 − p)) a bin.
///
/// - Source: Guo, Pleiss, Sun, Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017, equation 3, for the last.
public struct ItemCalibration: Sendable, Hashable {
    /// Pairs whose p lies in one bin.
    public struct Bin: Sendable, Hashable {
        /// p from here up to 10^(1/5) times as much.
        public let least: Double
        /// Pairs in the bin.
        public let pairs: Int
        /// Σ p over them, and how many were the one: events expected, and events seen.
        public let expected: Double, observed: Double
    }

    /// The temperature of the judged distribution.
    public let temperature: Double
    /// People judged, and their test events.
    public let people: Int, events: Int
    /// See the type.
    public let pairError: Double, massError: Double, topError: Double, topNoise: Double
    /// The mean of ln p over all test events, nats.
    public let logLikelihood: Double
    /// The mean over people of exp(entropy of p(· | u)).
    public let effectiveItems: Double
    /// The mean over people of Σ_i p(i | u) [i is a test item]: the hit rate of one draw.
    public let hitProbability: Double
    /// The bins that hold pairs, ascending.
    public let bins: [Bin]

    private static let perDecade = 5, decades = 12, decimalsPerNat = 1 / log(10.0)

    /// Sums over bins.
    private struct Sums: Sendable {
        var pairs = [Double](repeating: 0, count: size), expected = [Double](repeating: 0, count: size), observed = [Double](repeating: 0, count: size)

        static func += (sums: inout Sums, other: Sums) {
            for bin in 0 ..< size {
                sums.pairs[bin] += other.pairs[bin]
                sums.expected[bin] += other.expected[bin]
                sums.observed[bin] += other.observed[bin]
            }
        }

        mutating func add(_ p: Double, bin: Int, isHit: Bool) {
            pairs[bin] += 1
            expected[bin] += p
            if isHit { observed[bin] += 1 }
        }

        var gaps: Double { zip(expected, observed).reduce(0) { $0 + abs($1.0 - $1.1) } }
    }

    /// One person's part of everything.
    private struct Row: Sendable { var all = Sums(), top = Sums(), variance = [Double](repeating: 0, count: size), logLikelihood = 0.0, effective = 0.0, hit = 0.0 }

    private static let size = perDecade * decades

    /// Judges a model on what some people turned to, shape people × items.
    ///
    /// - Throws: As `ItemModel.choices(for:_:)`; `GibbsError` with code `.usage` for a temperature that is not positive; `.unsuitableData` when nobody
    ///   has a test item, or a test item stands in the history.
    /// - Complexity: The energies, and a pass over a person's for each of the person's test events, in parallel.
    public init(of model: some ItemModel, for people: People, test: SparseRows, temperature: Double = 1) throws {
        precondition(test.rows == people.count && test.columns == model.itemCount, "a test of \(test.rows) × \(test.columns) for \(people.count) people")
        try Temperature.checkPositive(temperature)
        let judged = (0 ..< test.rows).filter { !test.range($0).isEmpty }
        guard !judged.isEmpty else { throw GibbsError(.unsuitableData, "nobody has a test item") }
        let repeated = judged.contains { row in test.columns(of: row).contains { people.histories.contains(row: row, column: Int($0)) } }
        guard !repeated else { throw GibbsError(.unsuitableData, "a test item stands in the same person's history", advice: "judge a model on events that it has not seen") }
        let rows = try model.choices(for: people.selecting(judged)) { choices, place in
            Self.row(choices, test: test.columns(of: judged[place]), temperature: temperature)
        }
        var all = Sums(), top = Sums(), variance = [Double](repeating: 0, count: Self.size)
        for row in rows {
            all += row.all
            top += row.top
            for bin in 0 ..< Self.size { variance[bin] += row.variance[bin] }
        }
        (self.temperature, self.people, events) = (temperature, rows.count, test.entries)
        pairError = all.gaps / all.pairs.reduce(0, +)
        massError = all.gaps / Double(test.entries)
        topError = top.gaps / Double(test.entries)
        topNoise = variance.reduce(0) { $0 + (2 / Double.pi * $1).squareRoot() } / Double(test.entries)
        logLikelihood = rows.reduce(0.0) { $0 + $1.logLikelihood } / Double(test.entries)
        effectiveItems = rows.reduce(0.0) { $0 + $1.effective } / Double(rows.count)
        hitProbability = rows.reduce(0.0) { $0 + $1.hit } / Double(rows.count)
        bins = (0 ..< Self.size).filter { all.pairs[$0] > 0 }.map {
            Bin(least: pow(10, Double($0 - Self.size) / Double(Self.perDecade)), pairs: Int(all.pairs[$0]), expected: all.expected[$0], observed: all.observed[$0])
        }
    }

    /// Five bins to a factor of ten, the last below p = 1; smaller p are in the first. `decimals`: log₁₀ p.
    private static func bin(decimals: Double) -> Int { decimals > -Double(decades) ? min(size - 1, max(0, size + Int((decimals * Double(perDecade)).rounded(.down)))) : 0 }

    private static func row(_ choices: ItemChoices, test: ArraySlice<Int32>, temperature: Double) -> Row {
        var row = Row(), energies = choices.energies
        row.effective = Temperature.effectiveItems(energies, temperature: temperature)
        let lowest = Double(energies.min() ?? 0)
        func logWeight(_ item: Int) -> Double { (lowest - Double(energies[item])) / temperature }
        let wanted = test.map { logWeight(Int($0)) }
        for item in test { energies[Int(item)] = .infinity }
        let others = energies.indices.filter { energies[$0] < .infinity }.map(logWeight), rest = others.reduce(0.0) { $0 + exp($1) }
        let total = rest + wanted.reduce(0.0) { $0 + exp($1) }, best = others.max() ?? -.infinity
        for own in wanted {
            let z = rest + exp(own), logZ = log(z)
            for other in others { row.all.add(exp(other - logZ), bin: bin(decimals: (other - logZ) * decimalsPerNat), isHit: false) }
            let place = bin(decimals: (own - logZ) * decimalsPerNat)
            row.all.add(exp(own - logZ), bin: place, isHit: true)
            row.logLikelihood += own - logZ
            row.hit += exp(own) / total
            let top = max(own, best) - logZ, at = bin(decimals: top * decimalsPerNat)
            row.top.add(exp(top), bin: at, isHit: own > best)
            row.variance[at] += exp(top) * (1 - exp(top))
        }
        return row
    }
}
