import Foundation
import GibbsCore
import GibbsEvents
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Looks into a watchdog on a stream: its machines, its calibration, and whether its sums come out on this machine.
///
/// What it measures with are exact sums, so that they can be checked on the model itself: what can come next has probabilities that sum
/// to one, the evidence of an event has mean one, an event costs what its fields cost, and batches change nothing.
public struct StreamExamination: Sendable {
    /// Random contexts of a field, and of a column of the day.
    public static let contexts = 40
    /// Events of a trial.
    public static let events = 600

    private let watchdog: StreamWatchdog
    private let log: EventLog?
    private let past: StreamMonitor?
    private let key: Key

    /// An examination of a watchdog.
    ///
    /// - Parameters:
    ///   - log: Normal events, with the columns of the schema; without them the energy gap stays unknown.
    ///   - past: What those follow on, from the fit.
    ///   - key: Draws contexts and the events of a trial.
    public init(of watchdog: StreamWatchdog, log: EventLog? = nil, past: StreamMonitor? = nil, key: Key) {
        (self.watchdog, self.log, self.past, self.key) = (watchdog, log, past, key)
    }

    /// Everything there is to say.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for events of too few entity-days to judge by.
    /// - Complexity: `contexts × names²` of every field, and a trial three times over.
    public func findings() throws -> [Finding] {
        let measure = watchdog.measure, fields = EventExamination.weights(of: measure.model, "of"), days = EventExamination.weights(of: measure.profile.model, "of the day's")
        return [calibration, table] + fields + days.filter(\.isWarning) + sums + trials + (try scores())
    }

    private var calibration: Finding {
        guard let calibration = watchdog.calibration else {
            return Finding("calibration", "none, so that no entity raises an alert", .unknown(need: "run gibbs calibrate with normal events"))
        }
        return ScoreExamination.variety(calibration.energies, of: "calibration")
    }

    /// A higher score is never more ordinary, and a rarer alert never easier.
    private var table: Finding {
        guard let calibration = watchdog.calibration else { return Finding("thresholds", "none", .unknown(need: "run gibbs calibrate with normal events")) }
        return Self.ascending(calibration.energies, calibration.table.map { calibration.tailThreshold(falseAlarmRate: $0.falseAlarmRate) }, calibration.energies.map(calibration.pValue))
    }

    /// Whether energies and thresholds ascend while p-values descend to 1 / (n + 1).
    package static func ascending(_ energies: [Float], _ thresholds: [Float], _ pValues: [Double]) -> Finding {
        func ascends<Number: Comparable>(_ numbers: [Number]) -> Bool { !zip(numbers, numbers.dropFirst()).contains { !($0 <= $1) } }
        let lowest = pValues.last ?? 1, n = Double(energies.count), rank = Double(energies.count { $0 == energies.last }) + 1
        let holds = ascends(energies) && ascends(thresholds) && ascends(pValues.map { -$0 }) && abs(lowest - rank / (n + 1)) < 1e-12
        return Finding("thresholds", "\(thresholds.count) rates, each rarer one above the others; p from \(String(format: "%.3g", pValues.first ?? 1)) to \(String(format: "%.3g", lowest))",
                       warnsIf: !holds, advice: "a higher score would count as more ordinary; calibrate again, and report this if it stays")
    }

    // MARK: - Mathematics

    private var sums: [Finding] {
        let measure = watchdog.measure, key = key
        @Sendable func check(_ model: EventModel, _ stream: Int) throws -> [CheckFailure] {
            try model.fields.indices.flatMap { field in
                try ChoiceChecks.enumerated(model.choices[field], temperature: measure.temperature, unseen: model.vocabularies[field].unseenProbability, contexts: Self.contexts,
                                            name: model.fields[field], key: key.folding(stream).folding(field))
            }
        }
        return [Finding(VerificationCheck("what comes next", against: "sums over all names", in: "nats") { _ in try check(measure.model, 0) }.run(key: key)),
                Finding(VerificationCheck("what a day counts", against: "sums over all levels", in: "nats") { _ in try check(measure.profile.model, 1) }.run(key: key))]
    }

    private var trials: [Finding] {
        let names = watchdog.measure.model.vocabularies.map(\.names), key = key, trial = StreamTrial(of: watchdog.measure.schema, names: names, count: Self.events, key: key.folding(2))
        // Blame needs alerts: as many as the calibration can promise.
        let watchdog = watchdog, eager = (try? watchdog.alerting(at: 0.5)) ?? watchdog
        var findings = [
            Finding(VerificationCheck("surprises", against: "sums over the fields", in: "nats") { _ in try StreamChecks.surprises(watchdog, on: trial) }.run(key: key)),
            Finding(VerificationCheck("batches", against: "one event at once", in: "differences") { _ in try StreamChecks.batches(eager, on: trial) }.run(key: key)),
        ]
        if StreamChecks.watched(eager, trial, 256).alerts.contains(where: { !$0.reasons.isEmpty }) {
            findings.insert(Finding(VerificationCheck("blame", against: "what its events cost", in: "nats") { _ in try StreamChecks.blame(eager, on: trial) }.run(key: key)), at: 1)
        }
        return findings
    }

    // MARK: - Scores

    private func scores() throws -> [Finding] {
        guard let calibration = watchdog.calibration else { return [] }
        guard let log else { return [Finding("energy gap", "not looked at", .unknown(need: "give normal events with --data"))] }
        // A loose rate, so that few entity-days do.
        let peaks = try watchdog.calibrated(on: log, from: past, falseAlarmRate: 0.5).calibration?.energies ?? []
        return [ScoreExamination.variety(peaks, of: "entity-days"),
                ScoreExamination.gap(peaks, of: "these entity-days", expected: calibration.energies, of: "those of calibration",
                                     advice: "these events are not like those it was calibrated on; calibrate or fit again if they are normal"),
                // The days of one entity are alike, so that their alerts come together: far fewer of them are independent.
                ScoreExamination.falseAlarms(peaks.count(where: calibration.alerts), of: peaks.count, calibration: calibration, leastChance: 1e-9)]
    }
}
