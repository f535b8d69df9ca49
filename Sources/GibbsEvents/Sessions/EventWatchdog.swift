import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// A watchdog on sessions of events: learns normal ones, scores any by its energy, and raises an alert when a calibrated p-value is at most
/// the false-alarm rate.
///
///     let watchdog = try EventWatchdog.fitted(to: EventSequences(sessionsIn: "normal.txt"))
///     for score in try watchdog.scores(of: EventSequences(sessionsIn: "today.txt")) where score.alert {
///         print(score.id, score.pValue, score.energy)
///     }
///
/// A value: scoring never changes it.
public struct EventWatchdog: Sendable {
    /// The energy of a session.
    public let energy: SessionEnergy
    /// What energies mean; `nil` until calibrated.
    public internal(set) var calibration: SessionCalibration?
    /// How it came about.
    public let training: Training

    /// How a watchdog came about: kept in its file, shown by `gibbs inspect`.
    public struct Training: Sendable, Hashable, Codable {
        /// SHA-256 of the file of sessions, hexadecimal, where they came from one.
        public var digest: String?
        /// Sessions that the model was fitted to.
        public var sessions: Int
        /// Their events, the ends not counted.
        public var events: Int
        /// Of these, sessions that weighed the parts of a mixture in place of teaching them.
        public var tuningSessions: Int
        /// Sessions that calibrate, each scored by a fit that had not seen it.
        public var heldSessions: Int
        /// The parts of cross-fitting; `nil` where the sessions that calibrate were kept from the fit.
        public var folds: Int?
        /// The number of the key from which all randomness came.
        public var seed: UInt64
        /// How the machines learned, in words.
        public var method: String
        /// Passes over the events.
        public var epochs: Int
        /// T at which energies become probabilities; 1.
        public var temperature: Double
        /// Why the kind of energy was chosen, in words.
        public var choice: String
        /// How the fit ended.
        public var diagnostics: Diagnostics
        /// The member that told normal sessions from others, where one did.
        public var labelColumn: String?
        /// Its value that means normal.
        public var normalValue: String?
    }

    /// Figures at the end of a fit; nats an event.
    public struct Diagnostics: Sendable, Hashable, Codable {
        /// The mean surprise of the events of the fit in the last epoch, by field.
        public var finalSurprise: [Double]
        /// The mean surprise of the first field's events over the held-out sessions, ends counted; `nil` without any.
        public var heldSurprise: Double?
        /// The same under the mixture, where the energy is that of a trace.
        public var heldMixture: Double?
        /// The same under the n-gram baseline.
        public var heldBaseline: Double?
    }

    init(energy: SessionEnergy, calibration: SessionCalibration?, training: Training) {
        self.energy = energy
        self.calibration = calibration
        self.training = training
    }
}

/// Calibrations on the same normal sessions: of the energy, and of the plain figures that `gibbs evaluate` shows beside it.
///
/// Sessions kept from the fit (`folds` 0) keep the promise of `Calibration`: a fresh normal session's P(p ≤ α) ≤ α, whatever the model. But at α = 0.1 %
/// a thousand of them leave the threshold to the single strangest one.
///
/// Cross-fitting takes all n sessions: each of K parts is scored by a fit to the other parts, and the model that is kept is fitted to all.
///
///     p(E) = (1 + #{i : E_{−k(i)}(xᵢ) ≥ E}) / (n + 1)        E_{−k(i)}: fitted without the part of session i
///
/// Were a new session compared with each xᵢ by the fit E_{−k(i)} itself, P(p ≤ α) would be at most 2α + min(2 (1 − 1/K) / (n/K + 1), (1 − K/n) / (K + 1)) in the
/// worst case (CV+, theorem 4) and is about α where fits to different parts agree. Here it is scored by one fit to all, which spares K models in the file and K
/// scores a session, and which no such bound covers: the rate holds as far as the model that has seen more finds a new normal session no stranger than those
/// fits do. Where the promise must not lean on that, keep a share from the fit or calibrate with fresh sessions.
///
/// - Source: Barber, Candès, Ramdas, Tibshirani, *Predictive inference with the jackknife+*, Annals of Statistics 2021; Vovk, *Cross-conformal predictors*,
///   Annals of Mathematics and Artificial Intelligence 2015.
public struct SessionCalibration: Sendable, Hashable {
    /// That by which alerts are raised.
    public let energy: Calibration
    /// Of the n-gram baseline.
    public let baseline: Calibration
    /// Of the counts alone.
    public let counts: Calibration
    /// K, the parts of cross-fitting; 0 where the sessions were kept from the fit.
    public let folds: Int

    /// The rate at which a session raises an alert.
    public var falseAlarmRate: Double { energy.falseAlarmRate }

    init(energies: [Float], baseline: [Float], counts: [Float], falseAlarmRate: Double, folds: Int) throws {
        self.folds = folds
        energy = try Calibration(energies: energies, falseAlarmRate: falseAlarmRate)
        self.baseline = try Calibration(energies: baseline, falseAlarmRate: falseAlarmRate)
        self.counts = try Calibration(energies: counts, falseAlarmRate: falseAlarmRate)
    }
}

/// What a watchdog says of one session.
public struct SessionScore: Sendable, Hashable {
    /// The session's name, else its number.
    public var id: String
    /// The line that it begins on.
    public var line: Int
    /// Events in it.
    public var events: Int
    /// Nats; higher is stranger.
    public var energy: Float
    /// What the energy is made of.
    public var parts: SessionEnergy.Parts
    /// Share of calibration energies at least this high, with the finite-sample +1; `nil` before calibration.
    public var pValue: Double?
    /// Whether the p-value is at most the false-alarm rate; false before calibration.
    public var alert: Bool
}

// MARK: - Scores

extension EventWatchdog {
    /// Energy, p-value and alert of every session, in order.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ. Names never seen, missing values and empty sessions are no error.
    /// - Complexity: A choice an event, and a distance to every remembered session a session.
    public func scores(of sequences: EventSequences) throws -> [SessionScore] {
        zip(sequences.sessions, try energy.parts(of: sequences)).map { session, parts in
            let energy = energy.energy(parts)
            return SessionScore(id: session.id, line: session.line, events: session.events.count, energy: energy, parts: parts,
                                pValue: calibration?.energy.pValue(of: energy), alert: calibration?.energy.alerts(on: energy) ?? false)
        }
    }

    /// The energies of sessions under the n-gram baseline: its largest surprise where the energy is that of a workflow, else its mean; nats.
    ///
    /// - Throws: As `scores(of:)`.
    public func baselineEnergies(of sequences: EventSequences) throws -> [Float] { try energy.baselineEnergies(of: sequences) }

    /// A copy calibrated on normal sessions that it was not fitted to.
    ///
    /// Whether they are normal and fresh cannot be checked: sessions that the fit has seen make the promise too bold.
    /// - Throws: `GibbsError` with code `.unsuitableData` when there are too few sessions for the rate, naming the number needed, `.usage` for a
    ///   rate that is not between 0 and 1, `.unsuitableModel` for energies that are no numbers, and as `scores(of:)`.
    public func calibrated(on sequences: EventSequences, falseAlarmRate: Double) throws -> EventWatchdog {
        let parts = try energy.parts(of: sequences), energies = parts.map(energy.energy)
        guard !energies.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableModel, "the model gives normal sessions energies that are no numbers", advice: "its file is damaged; fit it again")
        }
        var copy = self
        copy.calibration = try SessionCalibration(energies: energies, baseline: baselineEnergies(of: sequences), counts: parts.map(\.counts),
                                                  falseAlarmRate: falseAlarmRate, folds: 0)
        return copy
    }

    /// A copy that alerts at another rate, by the calibration it has.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when it has none, or too few sessions for the rate; `.usage` for a rate that is not
    ///   between 0 and 1.
    public func alerting(at falseAlarmRate: Double) throws -> EventWatchdog {
        guard let calibration else {
            throw GibbsError(.unsuitableData, "the watchdog is not calibrated", advice: "run gibbs calibrate with normal sessions")
        }
        var copy = self
        copy.calibration = try SessionCalibration(energies: calibration.energy.energies, baseline: calibration.baseline.energies,
                                                  counts: calibration.counts.energies, falseAlarmRate: falseAlarmRate, folds: calibration.folds)
        return copy
    }
}
