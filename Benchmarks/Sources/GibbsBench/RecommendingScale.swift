import Foundation
import Gibbs

extension Recommending {
    /// Made-up events, 100 a person on average over items by Zipf's law: seconds and events a second of least squares, and memory.
    ///
    /// - Parameter share: 1 is a million people, 100,000 items and 100 million events; people and events shrink with it.
    static func scale(share: Double, factors: Int, iterations: Int) throws {
        let people = Int(1_000_000 * share), items = 100_000, each = 100
        var rows: SparseRows!
        let making = seconds { rows = zipf(people: people, items: items, each: each) }
        var method = ImplicitLeastSquares(), marks = [Double]()
        (method.factors, method.iterations) = (factors, iterations)
        var model: DotProductRecommender!
        let total = try seconds { model = try .fitted(to: rows, by: method, key: Key(1)) { marks.append($0.seconds) } }
        let iteration = marks.count > 1 ? (marks[marks.count - 1] - marks[0]) / Double(marks.count - 1) : total
        let some = known(rows).selecting(Array(0 ..< min(people, 10_000)))
        let listing = try seconds { _ = try model.topItems(for: some, count: 10) }
        report("recommend-scale", "secondsPerIteration", iteration, [
            "people": people, "items": items, "events": rows.entries, "factors": factors, "iterations": iterations, "trainSeconds": total, "eventsPerSecond": Double(rows.entries) / iteration,
            "making": making, "listsPerSecond": Double(some.count) / listing, "peakGiB": Double(peakMemory()) / 1_073_741_824])
    }

    /// `each` draws a person by p_i ∝ 1/(i + 10), repetitions counted once; splitmix64, for benchmark data need speed, not keys.
    private static func zipf(people: Int, items: Int, each: Int) -> SparseRows {
        let scale = log(Double(items + 10) / 10)
        var starts = [0], indices = [Int32](), state: UInt64 = 1
        starts.reserveCapacity(people + 1)
        indices.reserveCapacity(people * each)
        var own = [Int32](repeating: 0, count: each)
        for _ in 0 ..< people {
            for place in 0 ..< each {
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = state
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                let u = Double((z ^ (z >> 31)) >> 11) * 0x1p-53
                own[place] = Int32(min(Double(items - 1), 10 * exp(scale * u) - 10))
            }
            own.sort()
            var last: Int32 = -1
            for item in own where item != last { indices.append(item); last = item }
            starts.append(indices.count)
        }
        return SparseRows(columns: items, starts: starts, indices: indices, values: [Float](repeating: 1, count: indices.count))
    }
}
