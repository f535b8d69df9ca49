import Foundation
import GibbsCore
import GibbsEvents
import GibbsMachines
import GibbsNumerics

/// Looks into a watchdog on sessions: its machines, its calibration, and what it says of sessions.
public struct EventExamination: Sendable {
    /// Sessions that a model is looked at on where none are given.
    public static let ownSessions = 300
    /// Events of a drawn session, at most.
    public static let ownLength = 200
    /// Events that hidden units are looked at on, at most.
    public static let events = 5_000

    private let watchdog: EventWatchdog
    private let sessions: EventSequences?
    private let key: Key

    /// An examination of a watchdog.
    ///
    /// - Parameters:
    ///   - sessions: Normal sessions; without them the model is looked at on draws of its own.
    ///   - key: Feeds the draws.
    public init(of watchdog: EventWatchdog, sessions: EventSequences? = nil, key: Key) {
        self.watchdog = watchdog
        self.sessions = sessions
        self.key = key
    }

    /// Everything there is to say.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for sessions of other fields.
    /// - Complexity: The energies of the sessions, or of `ownSessions` drawn ones.
    public func findings() throws -> [Finding] {
        let weights = Self.weights(of: watchdog.energy.model, "of")
        let looked = try sessions ?? watchdog.energy.model.drawn(Self.ownSessions, limit: Self.ownLength, key: key)
        return [calibration] + weights + (try watchdog.energy.model.fields.indices.map { try dead($0, on: looked) }) + (try scores(of: looked))
    }

    private var calibration: Finding {
        guard let calibration = watchdog.calibration?.energy else {
            return Finding("calibration", "none, so that no session raises an alert", .unknown(need: "run gibbs calibrate with normal sessions"))
        }
        return ScoreExamination.variety(calibration.energies, of: "calibration")
    }

    // MARK: - Machines

    private func name(_ what: String, _ field: Int) -> String { watchdog.energy.model.fields.count == 1 ? what : "\(what) of \(watchdog.energy.model.fields[field])" }

    /// How large the weights of every field's machine are.
    static func weights(of model: EventModel, _ of: String) -> [Finding] {
        zip(model.fields, model.choices).map { field, choice in weights(of: choice, model.fields.count == 1 ? "weights" : "weights \(of) \(field)") }
    }

    /// How large the weights of a machine under a context are: none at all, or some that decide alone.
    static func weights(of machine: ConditionalRBM, _ subject: String) -> Finding {
        let all = machine.machine.weights.values + machine.visibleWeights.values + machine.hiddenWeights.values
        let largest = all.map(abs).max()!, norm = all.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return Finding(subject, String(format: "norm %.3g, the largest %.3g", norm, Double(largest)), warnsIf: largest > MachineExamination.largestWeight || norm == 0,
                       advice: norm == 0 ? "the machine has learned nothing of what follows what; fit it longer" : "fit again: the training ran away")
    }

    /// Units that are the same at every event: they add a constant.
    private func dead(_ field: Int, on looked: EventSequences) throws -> Finding {
        let means = try watchdog.energy.model.hiddenMeans(of: looked, field: field, limit: Self.events), subject = name("dead hidden units", field)
        guard means.rows >= MachineExamination.fewestRows else {
            return Finding(subject, "not looked at on \(means.rows) events", .unknown(need: "give more sessions of known events"))
        }
        var low = [Float](repeating: .infinity, count: means.columns), high = [Float](repeating: -.infinity, count: means.columns)
        for row in 0 ..< means.rows {
            for (unit, value) in means.row(row).enumerated() { (low[unit], high[unit]) = (min(low[unit], value), max(high[unit], value)) }
        }
        let units = low.indices.filter { !(high[$0] - low[$0] >= MachineExamination.leastMove) }
        return Finding(subject, units.counted(of: means.columns), warnsIf: !units.isEmpty,
                       advice: "they are the same at every event and say nothing; fit with fewer hidden units, or longer")
    }

    // MARK: - Scores

    private func scores(of looked: EventSequences) throws -> [Finding] {
        let scores = try watchdog.scores(of: looked), energies = scores.map(\.energy), what = sessions == nil ? "own draws" : "sessions"
        var findings = [ScoreExamination.variety(energies, of: what)]
        guard let calibration = watchdog.calibration?.energy, energies.allSatisfy(\.isFinite) else { return findings }
        if sessions != nil {
            findings.append(ScoreExamination.gap(energies, of: "these sessions", expected: calibration.energies, of: "those of calibration",
                                                 advice: "these sessions are not like those it was calibrated on; calibrate or fit again if they are normal"))
            findings.append(ScoreExamination.falseAlarms(scores.count(where: \.alert), of: scores.count, calibration: calibration))
        } else {
            // Draws follow the last events only, so that whole sessions may lie further off than others do: by how much is no fault.
            findings.append(Finding("energy gap", "not looked at", .unknown(need: "give normal sessions with --data")))
        }
        return findings
    }
}
