import Foundation

// How a log falls into days, and into what is learned from and what is held out.

extension EventLog {
    /// The day of an event, counted from 1970 in UTC; 0 where the time is unknown.
    public func day(_ event: Int) -> Int { times[event].isNaN ? 0 : Int((times[event] / 86_400).rounded(.down)) }

    /// Different pairs of an entity and a day.
    public var entityDays: Int { entityDays { _ in true } }

    /// The same of some events.
    func entityDays(where included: (_ event: Int) -> Bool) -> Int {
        var seen = Set<UInt64>()
        for event in 0 ..< count where entity[event] >= 0 && included(event) { seen.insert(UInt64(entity[event]) << 32 | UInt64(UInt32(truncatingIfNeeded: day(event)))) }
        return seen.count
    }

    /// The days that the log is of: from the first to the last known one, but for stray times, at most one in a hundred, that lie farther from the others
    /// than these lie from one another, and a month at least. `nil` without times.
    var span: ClosedRange<Int>? {
        let known = (0 ..< count).filter { !times[$0].isNaN }.map(day).sorted()
        guard var first = known.first, var last = known.last else { return nil }
        let few = known.count < 20 ? 0 : max(1, known.count / 100), core = (known[few], known[known.count - 1 - few])
        let apart = max(30, core.1 - core.0)
        for place in stride(from: few, to: 0, by: -1) where known[place] - known[place - 1] > apart { first = max(first, known[place]) }
        for place in known.count - few ..< known.count where known[place] - known[place - 1] > apart { last = min(last, known[place - 1]) }
        return first <= last ? first ... last : core.0 ... core.1
    }

    /// The events of stray times.
    var strayEvents: [Int] {
        guard let span else { return [] }
        return (0 ..< count).filter { !times[$0].isNaN && !span.contains(day($0)) }
    }

    /// The events of the first eighth of the days, at least one and not of less than four days: their number.
    var warmUp: Int {
        guard let span, span.count >= 4 else { return 0 }
        let begin = span.lowerBound + max(1, span.count / 8)
        return (0 ..< count).first { !times[$0].isNaN && day($0) >= begin } ?? 0
    }

    /// Which events are held out of a fit: those of the last days where there are four or more, because the entities of tomorrow are
    /// mostly those of today; else those of some entities. Of two weeks or more they are whole weeks, because Mondays are not like Sundays: what four days
    /// with a weekend among them bear is too little for the five behind them. Events of unknown time go with the one before them; those of stray times are
    /// held out never.
    func held(share: Double) -> [Bool] {
        if let span, span.count >= 4 {
            let least = span.upperBound + 1 - Self.heldDays(of: span.count, share: share)
            var isLate = false
            return (0 ..< count).map { event in
                if times[event].isNaN { return isLate }
                let day = day(event)
                if span.contains(day) { isLate = day >= least }
                return span.contains(day) && day >= least
            }
        }
        let limit = UInt64(min(1, max(0, share)) * 0x1p32), chosen = entities.map { (ValueHash.of($0) &* 0x9E37_79B9_7F4A_7C15) >> 32 < limit }
        return entity.map { $0 >= 0 && chosen[Int($0)] }
    }

    /// How many of so many days to hold out.
    private static func heldDays(of days: Int, share: Double) -> Int {
        let wanted = share * Double(days)
        return days < 14 ? max(1, Int(wanted.rounded())) : 7 * min(max(1, Int((wanted / 7).rounded())), (days - 1) / 7)
    }

    /// The last seventh of some events, by which a fit on them knows when to stop; `nil` where they are too few to tell.
    func lastEvents(where included: (Int) -> Bool) -> [Bool]? {
        let events = (0 ..< count).filter { entity[$0] >= 0 && included($0) }
        if events.count < 350 { return nil }
        var result = [Bool](repeating: false, count: count)
        for event in events.suffix(events.count / 7) { result[event] = true }
        return result
    }
}
