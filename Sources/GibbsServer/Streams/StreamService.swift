import Foundation
import Gibbs
import Logging
import Synchronization

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
        var isRepeated = false
    }

    package nonisolated let name: String
    /// Those who follow it live.
    package nonisolated let hub = LiveHub()
    /// Bytes of events that wait for their turn.
    package nonisolated let held = Mutex(0)
    private nonisolated let executor: QueueExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package let folder: String, options: ServiceOptions, store: Store, metrics: ServiceMetrics, logger: Logger
    package var watchdog: StreamWatchdog, monitor: StreamMonitor, source: StreamSource
    let journal: StreamJournal
    var batch: EventBatch, recent = RecentEvents(), today: DayPeaks, rules: [Rule]
    var pulse = Pulse()
    /// Entity-days that have ended, beside those of the calibration.
    package var drift: ScoreDrift?
    /// Alerts that the store could not keep yet.
    private var waiting: [Store.NewAlert] = []
    private static let waitingLimit = 10_000
    private var isChanged = false, isWriting = false, written = Date()
    /// What went wrong last and still does.
    private(set) var trouble: String?

    /// Goes on where the stream ended; see `StreamOpening`.
    init(name: String, opening: StreamOpening, options: ServiceOptions, store: Store, metrics: ServiceMetrics, logger: Logger) throws {
        (self.name, folder, self.options, self.store, self.metrics, self.logger) = (name, opening.folder, options, store, metrics, logger)
        executor = QueueExecutor("gibbs.stream." + name)
        (watchdog, monitor, source, journal) = (opening.watchdog, opening.monitor, opening.source, opening.journal)
        batch = opening.source.batch
        rules = try store.rules(stream: name)
        let kept = try store.days(stream: name, limit: 1).first
        today = kept.map { DayPeaks(day: $0.day, peaks: $0.peaks, limit: options.limits.entities) } ?? DayPeaks(limit: options.limits.entities)
        drift = opening.watchdog.calibration.map { ScoreDrift(reference: $0.energies) }
    }

    /// Scores again what the last snapshot had not seen.
    func replay(from place: StreamJournal.Place) throws -> Int {
        var lines = 0
        try journal.read(from: place) { bytes, begin in
            var receipt = Receipt()
            observe([UInt8](bytes) + [UInt8](repeating: 0x0A, count: 9), count: bytes.count, from: begin, &receipt)
            lines += receipt.lines
        }
        return lines
    }

    /// Takes in a batch of lines.
    ///
    /// - Parameters:
    ///   - body: With a line feed at its end, and nine more.
    ///   - key: What the client calls its request by; one that was taken in before is not taken in again.
    /// - Throws: `GibbsError` with code `.cannotWrite` where they cannot be kept: then nothing was taken.
    package func take(_ body: [UInt8], key: String = "") throws -> Receipt {
        if !key.isEmpty, journal.requests.contains(key) { return Receipt(isRepeated: true) }
        guard waiting.count < Self.waitingLimit else {
            throw GibbsError(.cannotWrite, "\(waiting.count) alerts wait for room in the store", advice: "check the room on its disk; nothing of the request was taken")
        }
        let count = body.count - 9
        var receipt = Receipt()
        let begin: StreamJournal.Place
        do {
            begin = try body.withUnsafeBytes { try journal.append(UnsafeRawBufferPointer(rebasing: $0[..<count]), lines: body[..<count].count { $0 == 0x0A }, key: key) }
            trouble = waiting.isEmpty ? nil : trouble
        } catch {
            trouble = "\(error)"
            throw error
        }
        isChanged = true
        observe(body, count: count, from: begin, &receipt)
        receipt.waiting = waiting.count
        return receipt
    }

    /// Reads lines, scores their events and keeps their alerts.
    private func observe(_ bytes: [UInt8], count: Int, from place: StreamJournal.Place, _ receipt: inout Receipt) {
        let before = source.counters, now = Date().timeIntervalSince1970
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            var at = 0, number = place.lines
            while at < count {
                let end = memchr(start + at, 0x0A, count - at).map { UnsafeRawPointer($0) - UnsafeRawPointer(start) } ?? count
                let length = end > at && start[end - 1] == 0x0D ? end - at - 1 : end - at
                number += 1
                if length > 0 {
                    source.append(LineFollower.Line(bytes: UnsafeBufferPointer(start: start + at, count: length), number: number, offset: place.offset + at, wasCut: length > LineFollower.usualLimit), to: &batch)
                    if batch.count >= Self.batchSize { score(now, &receipt) }
                }
                at = end + 1
            }
            receipt.lines += number - place.lines
        }
        if batch.count > 0 { score(now, &receipt) }
        keepWaiting(&receipt)
        let seen = source.counters
        receipt.events += seen.events - before.events
        receipt.malformed += seen.malformed - before.malformed + seen.tooLong - before.tooLong
        receipt.withoutEntity += seen.withoutEntity - before.withoutEntity
        if receipt.malformed > 0 { receipt.complaint = source.complaint }
        metrics.count("gibbs_stream_events_total", "Events scored", [("stream", name)], by: receipt.events)
        if receipt.malformed > 0 { metrics.count("gibbs_stream_malformed_total", "Lines that were no events", [("stream", name)], by: receipt.malformed) }
    }

    private static let batchSize = 8_192

    private func score(_ now: Double, _ receipt: inout Receipt) {
        for index in 0 ..< batch.count where batch.hash(index) != 0 { recent.add(batch.hash(index), offset: batch.offset(index)) }
        var surprises = [Float]()
        surprises.reserveCapacity(batch.count)
        var ended: [(day: Int, peaks: [UInt64: Float])] = []
        let alerts = monitor.observe(batch) { found in
            surprises.append(found.surprise)
            pulse.add(found, batch)
            if let day = today.add(found.score, of: batch.hash(found.index), at: batch.time(found.index), now: now) { ended.append(day) }
        }
        batch.removeAll()
        metrics.scored(name, surprises)
        for day in ended { close(day) }
        for alert in alerts {
            let rule = rules.first { $0.applies(to: alert, at: now) }
            waiting.append(.init(alert: alert, body: json(of: alert), rule: rule?.number))
            metrics.count("gibbs_stream_alerts_total", "Alerts raised", [("stream", name), ("severity", alert.severity)])
        }
    }

    /// All that is known of an alert now: its reasons with their lines, and what its entity did last.
    private func json(of alert: StreamAlert) -> String {
        guard case .object(let members) = alert.json(raw: journal.text) else { return "{}" }
        let lines = recent.offsets(of: alert.hash, upTo: alert.offset).compactMap(journal.text)
        return JSONValue.object(members + [("recent", .array(lines.map { .string($0) }))]).text
    }

    private func close(_ day: (day: Int, peaks: [UInt64: Float])) {
        drift?.add(day.peaks.values)
        do { try store.keep(day.peaks, stream: name, day: day.day) } catch { complain(error) }
    }

    /// Keeps the alerts that wait, and tells who follows.
    private func keepWaiting(_ receipt: inout Receipt) {
        if waiting.isEmpty { return }
        do {
            let kept = try store.keep(waiting, stream: name)
            waiting = []
            trouble = nil
            receipt.alerts += kept.map(\.number)
            for alert in kept where alert.rule == nil { hub.tell(LiveEvent(name: "alert", number: alert.number, data: alert.text)) }
        } catch { complain(error) }
    }

    private func complain(_ error: any Error) {
        if trouble == nil { logger.error("stream \(name): \(error)") }
        trouble = "\(error)"
    }

    /// What is due now and then: a beat for those who follow, alerts that wait, and a snapshot.
    func tick() {
        let now = Date()
        if let beat = pulse.beat(at: now.timeIntervalSince1970, threshold: threshold) { hub.tell(LiveEvent(name: "pulse", data: beat.text)) }
        if !waiting.isEmpty {
            var receipt = Receipt()
            keepWaiting(&receipt)
        }
        if isChanged, !isWriting, waiting.isEmpty, now.timeIntervalSince(written) >= options.snapshotEvery { save(now) }
    }
}

// MARK: - Snapshots

extension StreamService {
    private var snapshot: StreamSnapshot { StreamSnapshot(monitor, place: journal.end.text, memory: WatchMemory(log: source.memory, alerts: nil)) }

    /// Writes a snapshot beside the work: a copy of what there is now.
    private func save(_ now: Date) {
        (isWriting, isChanged, written) = (true, false, now)
        let snapshot = snapshot, place = journal.end, path = StreamOpening.state(in: folder), fingerprint = watchdog.fingerprint
        keepToday()
        DispatchQueue.global(qos: .utility).async {
            let result = Result { try snapshot.write(to: path, model: fingerprint) }
            Task { await self.saved(place, result) }
        }
    }

    private func saved(_ place: StreamJournal.Place, _ result: Result<Void, any Error>) {
        isWriting = false
        switch result {
        case .success: journal.forget(beyond: options.limits.journal, seen: place)
        case .failure(let error):
            isChanged = true
            complain(error)
        }
    }

    private func keepToday() {
        guard let day = today.day else { return }
        do { try store.keep(today.peaks, stream: name, day: day) } catch { complain(error) }
    }

    /// The end in good order: all that was accepted is seen by the snapshot.
    package func close() {
        var receipt = Receipt()
        keepWaiting(&receipt)
        hub.close()
        guard waiting.isEmpty else { return }
        keepToday()
        do { try snapshot.write(to: StreamOpening.state(in: folder), model: watchdog.fingerprint) } catch { complain(error) }
    }
}
