import Foundation
import Gibbs
import Logging

/// One stream: takes in events, keeps them, scores them, and raises alerts.
///
/// What is accepted is in the journal before it is scored, and its alerts are in the store before a snapshot says that they have been seen. After a crash
/// the snapshot is read, and behind it the journal: the same alerts come again, by the same ids, and those that are kept stay.
package actor StreamService {
    /// What became of a batch of events.
    package struct Receipt: Sendable {
        package var lines = 0, events = 0, malformed = 0, withoutEntity = 0
        /// The numbers of the alerts that it raised.
        package var alerts: [Int64] = []
        /// Alerts that could not be kept yet.
        package var waiting = 0
        package var complaint: String?
        /// Whether the same request was taken in before, and so nothing of it now.
        package var isRepeated = false
    }

    package nonisolated let name: String
    /// Those who follow it live.
    package nonisolated let hub = LiveHub()
    private nonisolated let executor: QueueExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package let folder: String, options: ServiceOptions, store: Store, metrics: ServiceMetrics, logger: Logger
    package var watchdog: StreamWatchdog, monitor: StreamMonitor, source: StreamSource
    let fingerprint: String
    let journal: StreamJournal
    var batch: EventBatch, recent = RecentEvents(), rules: [Rule]
    package var today: DayPeaks
    var pulse = Pulse()
    /// Entity-days that have ended, beside those of the calibration; made when somebody asks, for days that are played in end many times a second.
    package var drift: ScoreDrift? {
        if hasNewDays, let found = try? Self.drift(of: watchdog, store: store, stream: name, before: today.day) { (lastDrift, hasNewDays) = (found, false) }
        return watchdog.calibration == nil ? nil : lastDrift
    }
    private var lastDrift: ScoreDrift?
    /// Whether days have ended since, or the calibration is another.
    var hasNewDays = true
    /// Alerts and days that the store could not keep yet.
    var waiting: [Store.NewAlert] = [], waitingDays: [DayPeaks.Day] = []
    private static let waitingLimit = 10_000
    /// What cannot be written.
    package private(set) var troubles = Troubles()
    /// Bytes of the batch that the journal refused last, and when it was asked again.
    private var refused = 0, probed = ContinuousClock.now
    /// Whether it takes in nothing more: its journal may belong to another by now.
    package private(set) var isClosed = false
    private var beaten = ContinuousClock.now
    var isChanged = false, isWriting = false, written = ContinuousClock.now
    /// Writes snapshots beside the work, one after the other.
    let writer = DispatchQueue(label: "gibbs.stream.snapshots", qos: .utility)

    /// Goes on where the stream ended; see `StreamOpening`.
    init(name: String, opening: StreamOpening, options: ServiceOptions, store: Store, metrics: ServiceMetrics, logger: Logger) throws {
        (self.name, folder, self.options, self.store, self.metrics, self.logger) = (name, opening.folder, options, store, metrics, logger)
        executor = QueueExecutor("gibbs.stream." + name)
        (watchdog, monitor, source, journal) = (opening.watchdog, opening.monitor, opening.source, opening.journal)
        (batch, fingerprint) = (opening.source.batch, opening.watchdog.fingerprint)
        rules = try store.rules(stream: name)
        var kept = try store.days(stream: name, model: fingerprint, limit: 1).first
        // Of a journal that was taken away, places begin anew.
        if let seen = kept?.seen, seen >= opening.journal.end.offset { kept?.seen = -1 }
        today = kept.map { DayPeaks($0, limit: options.limits.entities) } ?? DayPeaks(limit: options.limits.entities)
        // From the beginning, so that a stream to which nothing comes can be told from one that is not there.
        metrics.count("gibbs_stream_events_total", Self.eventsHelp, [("stream", name)], by: 0)
        metrics.count("gibbs_stream_malformed_total", Self.malformedHelp, [("stream", name)], by: 0)
        metrics.count("gibbs_stream_without_entity_total", Self.strayHelp, [("stream", name)], by: 0)
    }

    /// Scores again what the last snapshot had not seen.
    func replay(from place: StreamJournal.Place) throws -> Int {
        var lines = 0
        try journal.read(from: place) { bytes, begin in
            var receipt = Receipt()
            observe(EventLines([UInt8](bytes)), from: begin, &receipt)
            lines += receipt.lines
        }
        if lines > 0 { isChanged = true }
        return lines
    }

    /// Takes in a batch of lines.
    ///
    /// - Parameter key: What the client calls its request by; one that was taken in before is not taken in again.
    /// - Throws: `Refusal` where the stream is closed, because its model is exchanged or gone; `GibbsError` with code `.cannotWrite` where they cannot be kept.
    ///   Then nothing was taken.
    package func take(_ lines: EventLines, key: String = "") throws -> Receipt {
        guard !isClosed else { throw Refusal.busy("the model of the stream '\(name)' is being exchanged") }
        if !key.isEmpty, journal.requests.contains(key) { return Receipt(isRepeated: true) }
        guard waiting.count < Self.waitingLimit else {
            throw GibbsError(.cannotWrite, "\(waiting.count) alerts wait for room in the store", advice: "check the room on its disk; nothing of the request was taken")
        }
        var receipt = Receipt()
        let begin: StreamJournal.Place
        do {
            begin = try lines.bytes.withUnsafeBytes { try journal.append(UnsafeRawBufferPointer(rebasing: $0[..<lines.count]), lines: lines.lines, key: key) }
            troubles[.journal] = nil
        } catch {
            complain(.journal, error)
            (refused, probed) = (lines.count, .now)
            throw error
        }
        isChanged = true
        observe(lines, from: begin, &receipt)
        receipt.waiting = waiting.count
        return receipt
    }

    func complain(_ cause: Troubles.Cause, _ error: any Error) {
        if troubles[cause] == nil { logger.error("stream \(name): \(error)") }
        troubles[cause] = Failure.words(error)
    }

    func isOver(_ cause: Troubles.Cause) { troubles[cause] = nil }

    /// What is due now and then: a beat for those who follow, alerts that wait, a look whether the journal can be written again, and a snapshot.
    package func tick() {
        let now = ContinuousClock.now
        if !waiting.isEmpty {
            var receipt = Receipt()
            keepWaiting(&receipt)
        }
        if isClosed { return }
        if let beat = pulse.beat(at: Date().timeIntervalSince1970, threshold: threshold) { hub.tell(.message(kind: "pulse", data: beat.text)) }
        if now - beaten >= .seconds(options.heartbeat) {
            beaten = now
            hub.tell(.beat)
        }
        // Whoever asks whether it is ready sends nothing before it is.
        if troubles[.journal] != nil, now - probed >= .seconds(1) {
            probed = now
            do {
                try journal.probe(refused)
                isOver(.journal)
            } catch { complain(.journal, error) }
        }
        if isChanged, !isWriting, waiting.isEmpty, now - written >= .seconds(options.snapshotEvery) { save(now) }
    }

    /// The end in good order: all that was accepted is seen by the snapshot, and nothing is accepted any more. Alerts that the store cannot keep wait on, and
    /// there is no snapshot then, so that they come again where the process ends.
    package func close() {
        var receipt = Receipt()
        keepWaiting(&receipt)
        if isClosed { return }
        isClosed = true
        hub.close()
        // One that is on its way would else replace the last one, or that of another model.
        writer.sync {}
        guard waiting.isEmpty, keepDays() else { return }
        do { try snapshot.write(to: StreamOpening.state(in: folder), model: fingerprint) } catch { complain(.snapshot, error) }
    }
}
