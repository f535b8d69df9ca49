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

    /// The events of the first eighth of the days, at least one and not of less than four days: their number.
    var warmUp: Int {
        guard days >= 4, let first = times.first(where: { !$0.isNaN }) else { return 0 }
        let begin = first + max(1, days / 8) * 86_400
        return times.firstIndex { $0 >= begin } ?? 0
    }

    /// Which events are held out of a fit: those of the last days where there are four or more, because the entities of tomorrow are
    /// mostly those of today; else those of some entities.
    func held(share: Double) -> [Bool] {
        let known = (0 ..< count).filter { !times[$0].isNaN }.map(day)
        if let first = known.min(), let last = known.max(), last - first >= 3, known.count == count {
            let least = last + 1 - max(1, Int((share * Double(last + 1 - first)).rounded()))
            return (0 ..< count).map { day($0) >= least }
        }
        let limit = UInt64(min(1, max(0, share)) * 0x1p32), chosen = entities.map { (ValueHash.of($0) &* 0x9E37_79B9_7F4A_7C15) >> 32 < limit }
        return entity.map { $0 >= 0 && chosen[Int($0)] }
    }
}
