import Foundation
import GibbsCore
import GibbsData
import GibbsLogs
import GibbsNumerics

/// A watchdog on a live stream of events: what it measures with, what its scores mean, and how its lines are read.
///
///     let fit = try StreamFit.fitted(to: log, entity: "address", time: "time")
///     var monitor = StreamWatchdog(fit, source: .table).monitor()
///     for alert in monitor.observe(batch) { print(alert.entity, alert.pValue, alert.reasons) }
///
/// A value: watching never changes it. What entities did is the monitor's, and lies in a file of its own.
public struct StreamWatchdog: Sendable {
    /// Where events come from.
    public enum Source: Sendable {
        /// Lines of NDJSON or CSV with the schema's columns.
        case table
        /// Raw log lines, by the templates that the fit learned.
        case log(LogParser.Stored)
    }

    /// What events are measured with.
    public let measure: StreamModel
    /// What scores mean, an entity-day each; `nil` until calibrated.
    public internal(set) var calibration: Calibration?
    /// Where events come from.
    public let source: Source
    /// How it came about.
    public let training: Training

    /// How a watchdog came about: kept in its file, shown by `gibbs inspect`.
    public struct Training: Sendable, Hashable, Codable {
        /// Digest of the data's bytes, where it was read from a file.
        public var digest: String?
        /// Entities and events that the model learned from.
        public var entities: Int, events: Int
        /// Events held out of the fit for its calibration.
        public var heldEvents: Int
        /// Different pairs of an entity and a day in the data, a day: what one alert a day is a share of.
        public var entityDaysPerDay: Double
        /// The number of the key from which all randomness came.
        public var seed: UInt64
        /// How it learned, in words.
        public var method: String
        /// Mean surprise of an event held out, nats; of its first field; and of that under the n-gram baseline.
        public var surprise: Double, firstSurprise: Double, baselineSurprise: Double
    }

    init(measure: StreamModel, calibration: Calibration?, source: Source, training: Training) {
        (self.measure, self.calibration, self.source, self.training) = (measure, calibration, source, training)
    }

    /// The watchdog of a fit.
    public init(_ fit: StreamFit, source: Source, digest: String? = nil, options: StreamOptions = .init()) {
        self.init(measure: fit.measure, calibration: fit.calibration, source: source, training: Training(
            digest: digest, entities: fit.entities, events: fit.events, heldEvents: fit.heldEvents, entityDaysPerDay: fit.entityDaysPerDay, seed: options.seed,
            method: "maximum likelihood, exact: history \(fit.measure.model.history), \(options.hidden) hidden units; alternative at temperature \(options.temperature)"
                + (fit.measure.schema.time == nil ? "" : "; half of a score forgotten in a day"),
            surprise: fit.surprise, firstSurprise: fit.firstSurprise, baselineSurprise: fit.baselineSurprise))
    }

    /// A monitor of no entity yet.
    public func monitor(limit: Int = StreamMonitor.usualLimit) -> StreamMonitor { StreamMonitor(measure, calibration: calibration, limit: limit) }

    /// A copy that alerts at another share of normal entity-days.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` without a calibration, or too few entity-days for the rate; `.usage` for a rate that is
    ///   not between 0 and 1.
    public func alerting(at falseAlarmRate: Double) throws -> StreamWatchdog {
        guard let calibration else {
            throw GibbsError(.unsuitableData, "the watchdog is not calibrated", advice: "run gibbs calibrate with normal events")
        }
        var copy = self
        copy.calibration = try calibration.with(falseAlarmRate: falseAlarmRate)
        return copy
    }

    /// A copy with another calibration, of the highest news of normal entity-days; see `StreamMonitor.EventScore`.
    package func calibrated(by calibration: Calibration) -> StreamWatchdog {
        var copy = self
        copy.calibration = calibration
        return copy
    }

    /// A copy calibrated on normal events that it was not fitted to, which follow those that a monitor has seen.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for too few entity-days, or as `EventLog`.
    public func calibrated(on log: EventLog, from start: StreamMonitor? = nil, falseAlarmRate: Double) throws -> StreamWatchdog {
        var copy = self
        copy.calibration = try Calibration(energies: measure.peaks(of: log, from: start).map(\.score), falseAlarmRate: falseAlarmRate)
        return copy
    }
}

// MARK: - File

extension StreamWatchdog: Storable {
    public static let kind = "stream"

    private struct Stored: Codable { var schema: EventSchema, temperature: Float, halfLife: Double?, strange: [StrangeRate]?, log: LogParser.Stored? }

    public init(archive: Archive) throws {
        do { try self.init(trusting: archive) } catch let error as GibbsError { throw error.aboutModel }
    }

    private init(trusting archive: Archive) throws {
        let stored = try JSON.decode(Stored.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        try stored.schema.check()
        let model = try EventModel(archive: archive.nested("model"))
        let profile = try StreamProfile(schema: stored.schema, names: model.vocabularies, model: EventModel(archive: archive.nested("profile")))
        // Decoding checks no ranges.
        let strange = try (stored.strange ?? []).map { try StrangeRate(field: $0.field, share: $0.share, weight: $0.weight) }
        let measure = try StreamModel(schema: stored.schema, model: model, profile: profile, temperature: stored.temperature, halfLife: stored.halfLife, strange: strange)
        self.init(measure: measure, calibration: try archive.calibration(),
                  source: stored.log.map(Source.log) ?? .table, training: try JSON.decode(Training.self, from: archive.text("gibbs.training"), name: "gibbs.training"))
    }

    public func archive() -> Archive {
        var log: LogParser.Stored?
        if case .log(let stored) = source { log = stored }
        var result = Archive(metadata: ["gibbs.schema": JSON.encode(Stored(schema: measure.schema, temperature: measure.temperature, halfLife: measure.halfLife, strange: measure.strange, log: log)), "gibbs.training": JSON.encode(training)])
        result.nest(measure.model.archive(), under: "model")
        result.nest(measure.profile.model.archive(), under: "profile")
        result.store(calibration)
        return result
    }

    /// What tells this model from another: a hash of all that scores depend on, the calibration left out.
    public var fingerprint: String {
        var state: UInt64 = 0
        func fold(_ word: UInt64) {
            state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
            state ^= state >> 29
        }
        let parts = archive()
        for name in parts.tensors.keys.sorted() where name != "calibration" {
            fold(ValueHash.of(name))
            for value in parts.tensors[name]!.values { fold(UInt64(value.bitPattern)) }
        }
        // Names, the temperature, the schema and the templates of a log.
        for (name, text) in parts.metadata.sorted(by: { $0.key < $1.key }) where name != "gibbs.calibration" && name != "gibbs.training" {
            fold(ValueHash.of(name))
            fold(ValueHash.of(text))
        }
        return String(state, radix: 16)
    }
}
