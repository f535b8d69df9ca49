import Foundation
import GibbsNumerics

/// Whether p(i | u) is the probability it says: over people with test items, and for each all items outside the history, the p of an item beside the
/// share of the person's test events that fall on it.
///
/// All p are small, so that a plain calibration error is small for any model: the mean of |p − share| weighs every pair alike, and most pairs have neither.
/// Three errors are therefore told apart, over bins of ln p (five to a factor of ten):
///
///     pairError = Σ_bins (pairs of the bin / all pairs) |mean p − mean share|
///     massError = Σ_bins |Σ p − Σ share| / people            (the probability that would have to move between bins, twice)
///     topError  = Σ_bins (people of the bin / people) |mean p − mean share|     for each person's most likely item alone
///
/// - Source: Guo, Pleiss, Sun, Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017, equation 3, for the last.
public struct ItemCalibration: Sendable, Hashable {
    /// Pairs whose p lies in one bin.
    public struct Bin: Sendable, Hashable {
        /// p from here up to 10^(1/5) times as much.
        public let least: Double
        /// Pairs in the bin.
        public let pairs: Int
        /// Σ p and Σ share over them: expected events a person, and those seen.
        public let expected: Double, observed: Double
    }

    /// The temperature of the judged distribution.
    public let temperature: Double
    /// People judged.
    public let people: Int
    /// See the type.
    public let pairError: Double, massError: Double, topError: Double
    /// The mean of ln p(i | u) over all test events, nats.
    public let logLikelihood: Double
    /// The mean over people of exp(entropy of p(· | u)).
    public let effectiveItems: Double
    /// The mean over people of Σ_i p(i | u) [i is a test item]: the hit rate of one draw.
    public let hitProbability: Double
    /// The bins that hold pairs, ascending.
    public let bins: [Bin]

    private static let perDecade = 5, decades = 12

    private struct Row: Sendable { var pairs: [Int], expected: [Double], observed: [Double], top: (p: Double, share: Double), logLikelihood: Double, effective: Double, hit: Double }

    /// Judges a model on what some people turned to, shape people × items.
    ///
    /// - Throws: As `ItemModel.itemEnergies(for:)`; `GibbsError` with code `.usage` for a temperature that is not positive; `.unsuitableData` when nobody
    ///   has a test item, or a test item stands in the history.
    /// - Complexity: The energies and one pass over them, in parallel.
    public init(of model: some ItemModel, for people: People, test: SparseRows, temperature: Double = 1) throws {
        precondition(test.rows == people.count && test.columns == model.itemCount, "a test of \(test.rows) × \(test.columns) for \(people.count) people")
        guard temperature > 0, temperature.isFinite else { throw GibbsError(.usage, "a temperature of \(temperature)") }
        let judged = (0 ..< test.rows).filter { !test.range($0).isEmpty }
        guard !judged.isEmpty else { throw GibbsError(.unsuitableData, "nobody has a test item") }
        let repeated = judged.contains { row in test.columns(of: row).contains { people.histories.contains(row: row, column: Int($0)) } }
        guard !repeated else { throw GibbsError(.unsuitableData, "a test item stands in the same person's history", advice: "judge a model on events that it has not seen") }
        let rows = try model.unseenEnergies(for: people.selecting(judged)) { energies, place in
            Self.row(energies, test: test.columns(of: judged[place]), temperature: temperature)
        }
        let count = Double(rows.count), size = Self.perDecade * Self.decades
        var pairs = [Int](repeating: 0, count: size), expected = [Double](repeating: 0, count: size), observed = expected
        var topPeople = expected, topExpected = expected, topObserved = expected
        for row in rows {
            for bin in 0 ..< size { pairs[bin] += row.pairs[bin]; expected[bin] += row.expected[bin]; observed[bin] += row.observed[bin] }
            let bin = Self.bin(row.top.p)
            topPeople[bin] += 1; topExpected[bin] += row.top.p; topObserved[bin] += row.top.share
        }
        (self.temperature, self.people) = (temperature, rows.count)
        let gaps = zip(expected, observed).map { abs($0 - $1) }, all = Double(pairs.reduce(0, +))
        pairError = gaps.reduce(0, +) / all
        massError = gaps.reduce(0, +) / count
        topError = zip(topExpected, topObserved).reduce(0.0) { $0 + abs($1.0 - $1.1) } / count
        logLikelihood = rows.reduce(0.0) { $0 + $1.logLikelihood } / Double(test.entries)
        effectiveItems = rows.reduce(0.0) { $0 + $1.effective } / count
        hitProbability = rows.reduce(0.0) { $0 + $1.hit } / count
        bins = (0 ..< size).filter { pairs[$0] > 0 }.map {
            Bin(least: pow(10, Double($0 - size) / Double(Self.perDecade)), pairs: pairs[$0], expected: expected[$0], observed: observed[$0])
        }
    }

    /// Five bins to a factor of ten, the last below p = 1; smaller p are in the first.
    private static func bin(_ p: Double) -> Int {
        let size = perDecade * decades
        return min(size - 1, max(0, size + Int((log10(max(p, 1e-300)) * Double(perDecade)).rounded(.down))))
    }

    private static func row(_ energies: UnsafeMutableBufferPointer<Float>, test: ArraySlice<Int32>, temperature: Double) -> Row {
        let size = perDecade * decades, lowest = Double(energies.min() ?? 0), share = 1 / Double(test.count)
        var row = Row(pairs: [Int](repeating: 0, count: size), expected: [Double](repeating: 0, count: size), observed: [Double](repeating: 0, count: size),
                      top: (0, 0), logLikelihood: 0, effective: Temperature.effectiveItems(energies, temperature: temperature), hit: 0)
        let weights = energies.map { $0 < .infinity ? exp((lowest - Double($0)) / temperature) : 0 }, z = weights.reduce(0, +)
        var wanted = test.makeIterator(), next = wanted.next()
        for (item, weight) in weights.enumerated() where energies[item] < .infinity {
            let p = weight / z, at = bin(p), isWanted = next == Int32(item)
            row.pairs[at] += 1
            row.expected[at] += p
            if isWanted {
                row.observed[at] += share
                row.logLikelihood += (lowest - Double(energies[item])) / temperature - log(z)
                row.hit += p
                next = wanted.next()
            }
            if p > row.top.p { row.top = (p, isWanted ? share : 0) }
        }
        return row
    }
}
