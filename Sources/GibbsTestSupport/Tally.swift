import Foundation

/// How many comparisons some checks made, and the one that came closest to failing.
///
///     let (failures, tally) = try Tally.counting { try checkGradient(energy, rows: rows) }
///     print(failures.isEmpty, tally.count, tally.closest!.deviation, tally.closest!.limit)
///
/// A list of failures says that all is well; a tally says by how much.
public struct Tally: Sendable, Hashable {
    /// One comparison: how far off something was, and how far it might have been; in the unit of its check.
    public struct Comparison: Sendable, Hashable {
        /// How far off; `nan` where what was compared was no number.
        public let deviation: Double
        /// How far it might have been.
        public let limit: Double

        var holds: Bool { deviation <= limit }
        /// 1 at the limit, more beyond it.
        fileprivate var nearness: Double {
            if deviation.isNaN { return .infinity }
            return limit > 0 ? deviation / limit : deviation > limit ? .infinity : deviation - limit
        }
    }

    /// Comparisons made.
    public private(set) var count = 0
    /// The one whose deviation was the largest share of its limit; `nil` where nothing was compared.
    public private(set) var closest: Comparison?

    /// Runs checks and counts what they compare. Comparisons on other threads than the calling one are not seen.
    public static func counting<Result>(_ body: () throws -> Result) rethrows -> (result: Result, tally: Tally) {
        let counter = Counter()
        let result = try Counter.$current.withValue(counter, operation: body)
        return (result, counter.tally)
    }

    fileprivate mutating func add(_ comparison: Comparison) {
        count += 1
        if closest.map({ comparison.nearness > $0.nearness }) ?? true { closest = comparison }
    }
}

/// Whether a deviation is within its limit, and a note of the comparison in the tally that is being counted, if one is.
///
/// A deviation that is no number is not within.
public func isWithin(_ deviation: Double, limit: Double) -> Bool {
    let comparison = Tally.Comparison(deviation: deviation, limit: limit)
    Counter.current?.add(comparison)
    return comparison.holds
}

/// The tally of the checks that run now.
private final class Counter: @unchecked Sendable {
    @TaskLocal static var current: Counter?

    private let lock = NSLock()
    private var counted = Tally()

    func add(_ comparison: Tally.Comparison) { lock.withLock { counted.add(comparison) } }
    var tally: Tally { lock.withLock { counted } }
}
