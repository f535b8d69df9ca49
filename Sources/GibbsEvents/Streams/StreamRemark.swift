import GibbsCore

/// What the owner of a log ought to know about what was learned from it.
public enum StreamRemark: Sendable, Hashable {
    /// One entity alone holds the threshold up: where it stands with and without its days, nats.
    case dominated(entity: String, threshold: Float, without: Float)
    /// The threshold is so high that few attacks will reach it, nats.
    case high(threshold: Float)
    /// Events whose times lie far from all others, the first by its line and seconds since 1970; they divide nothing into days.
    case strayTimes(count: Int, line: Int, time: Double)
    /// Events without a time.
    case withoutTime(count: Int)

    /// A threshold that twenty events, each of which nobody expected, hardly reach.
    static let highThreshold: Float = 150

    static func all(on log: EventLog, _ peaks: [StreamModel.Peak], _ calibration: Calibration?) -> [StreamRemark] {
        var result = [StreamRemark]()
        let stray = log.strayEvents, unknown = log.times.count(where: \.isNaN)
        if let first = stray.first { result.append(.strayTimes(count: stray.count, line: log.lines[first], time: log.times[first])) }
        if unknown > 0, unknown < log.count { result.append(.withoutTime(count: unknown)) }
        guard let calibration, calibration.tailThreshold > 0 else { return result }
        if let found = dominating(peaks, calibration) {
            result.append(.dominated(entity: log.entities[Int(found.entity)], threshold: calibration.tailThreshold, without: found.without))
        } else if calibration.tailThreshold > highThreshold {
            result.append(.high(threshold: calibration.tailThreshold))
        }
        return result
    }

    /// The entity without which the threshold would be less than half as high.
    private static func dominating(_ peaks: [StreamModel.Peak], _ calibration: Calibration) -> (entity: Int32, without: Float)? {
        var days: [Int32: Int] = [:]
        for peak in peaks where peak.score >= calibration.tailThreshold { days[peak.entity, default: 0] += 1 }
        guard let most = days.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return nil }
        let rest = peaks.filter { $0.entity != most }.map(\.score)
        guard !rest.isEmpty, let other = try? Calibration(energies: rest, falseAlarmRate: calibration.falseAlarmRate), other.tailThreshold < calibration.tailThreshold / 2 else { return nil }
        return (most, other.tailThreshold)
    }
}
