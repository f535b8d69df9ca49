import Foundation
import Gibbs

/// From lines to alerts.
extension StreamService {
    static let eventsHelp = "Events scored", malformedHelp = "Lines that were no events", strayHelp = "Events without the field whose values are watched"
    private static let batchSize = 8_192

    /// Reads lines, scores their events and keeps their alerts.
    func observe(_ lines: EventLines, from place: StreamJournal.Place, _ receipt: inout Receipt) {
        let before = source.counters, now = Date().timeIntervalSince1970, count = lines.count
        lines.bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            var at = 0, number = place.lines
            while at < count {
                let end = memchr(start + at, 0x0A, count - at).map { UnsafeRawPointer($0) - UnsafeRawPointer(start) } ?? count
                let length = end > at && start[end - 1] == 0x0D ? end - at - 1 : end - at
                number += 1
                if length > 0 {
                    source.append(LineFollower.Line(bytes: UnsafeBufferPointer(start: start + at, count: length), number: number, offset: place.offset + at, wasCut: length > LineFollower.usualLimit), to: &batch)
                    if batch.count >= Self.batchSize { score(now) }
                }
                at = end + 1
            }
            receipt.lines += number - place.lines
        }
        if batch.count > 0 { score(now) }
        keepWaiting(&receipt)
        let seen = source.counters
        receipt.events += seen.events - before.events
        receipt.malformed += seen.malformed - before.malformed + seen.tooLong - before.tooLong
        receipt.withoutEntity += seen.withoutEntity - before.withoutEntity
        if receipt.malformed > 0 { receipt.complaint = source.complaint } else if receipt.withoutEntity > 0 {
            receipt.complaint = "\(receipt.withoutEntity) of \(receipt.events + receipt.withoutEntity) events have no '\(watchdog.measure.schema.entity)', whose values this stream watches"
        }
        metrics.count("gibbs_stream_events_total", Self.eventsHelp, [("stream", name)], by: receipt.events)
        if receipt.withoutEntity > 0 { metrics.count("gibbs_stream_without_entity_total", Self.strayHelp, [("stream", name)], by: receipt.withoutEntity) }
        if receipt.malformed > 0 { metrics.count("gibbs_stream_malformed_total", Self.malformedHelp, [("stream", name)], by: receipt.malformed) }
    }

    private func score(_ now: Double) {
        var surprises = [Float](), ended = [DayPeaks.Day](), moments = [(day: Int, recent: [Int])]()
        surprises.reserveCapacity(batch.count)
        let alerts = monitor.observe(batch) { found in
            let hash = batch.hash(found.index), offset = batch.offset(found.index)
            surprises.append(found.surprise)
            pulse.add(found, batch)
            recent.add(hash, offset: offset)
            if let day = today.add(found.score, of: hash, at: batch.time(found.index), now: now, offset: offset) { ended.append(day) }
            // As it is now: later events of the batch would push out what came before this one.
            if found.alerts { moments.append((today.day ?? 0, recent.offsets(of: hash, upTo: offset))) }
        }
        batch.removeAll()
        metrics.scored(name, surprises)
        if !ended.isEmpty {
            waitingDays += ended
            keepDays()
        }
        for (alert, moment) in zip(alerts, moments) {
            let rule = rules.first { $0.applies(to: alert, at: now) }
            waiting.append(.init(alert: alert, body: json(of: alert, recent: moment.recent), rule: rule?.number, day: moment.day))
            metrics.count("gibbs_stream_alerts_total", "Alerts raised", [("stream", name), ("severity", alert.severity)])
        }
    }

    /// All that is known of an alert now: its reasons with their lines, and what its entity did last.
    private func json(of alert: StreamAlert, recent: [Int]) -> String {
        guard case .object(let members) = alert.json(raw: journal.text) else { return "{}" }
        return JSONValue.object(members + [("recent", .array(recent.compactMap(journal.text).map { .string($0) }))]).text
    }

    /// Keeps the alerts that wait, and tells who follows.
    func keepWaiting(_ receipt: inout Receipt) {
        if waiting.isEmpty { return isOver(.alerts) }
        do {
            let kept = try store.keep(waiting, stream: name)
            waiting = []
            isOver(.alerts)
            receipt.alerts += kept.map(\.number)
            if let last = kept.last(where: { $0.rule == nil }) { hub.tell(.alerts(last.number)) }
        } catch { complain(.alerts, error) }
    }
}

// MARK: - Days

extension StreamService {
    /// Keeps the days that have ended, and the present one as far as it has come; whether that could be done.
    @discardableResult
    func keepDays() -> Bool {
        let days = waitingDays + (today.present.map { [$0] } ?? [])
        do {
            try store.keep(days, stream: name, model: fingerprint)
            if !waitingDays.isEmpty { hasNewDays = true }
            waitingDays = []
            isOver(.days)
            return true
        } catch {
            complain(.days, error)
            return false
        }
    }

    /// How the days that have ended lie beside those of the calibration: of those that are kept, the latest, as many as have a say.
    static func drift(of watchdog: StreamWatchdog, store: Store, stream: String, before today: Int?) throws -> ScoreDrift? {
        guard let calibration = watchdog.calibration else { return nil }
        let drift = ScoreDrift(reference: calibration.energies), fingerprint = watchdog.fingerprint
        var days = [[Float]](), count = 0.0, before = today ?? .max
        // What came five half-lives ago counts a thirtieth.
        while count < 5 * ScoreDrift.memory, let day = try store.days(stream: stream, model: fingerprint, before: before, limit: 1).first {
            // In the order of their hashes, which is none and always the same.
            days.append(day.peaks.sorted { $0.key < $1.key }.map(\.value))
            (count, before) = (count + Double(day.peaks.count), day.day)
        }
        for day in days.reversed() { drift.add(day) }
        return drift
    }
}

// MARK: - Snapshots

extension StreamService {
    var snapshot: StreamSnapshot { StreamSnapshot(monitor, place: journal.end.text, memory: WatchMemory(log: source.memory, alerts: nil)) }

    /// Writes a snapshot beside the work: a copy of what there is now.
    func save(_ now: ContinuousClock.Instant) {
        written = now
        guard keepDays() else { return }
        (isWriting, isChanged) = (true, false)
        let snapshot = snapshot, place = journal.end, path = StreamOpening.state(in: folder), fingerprint = fingerprint
        writer.async {
            let result = Result { try snapshot.write(to: path, model: fingerprint) }
            Task { await self.saved(place, result) }
        }
    }

    private func saved(_ place: StreamJournal.Place, _ result: Result<Void, any Error>) {
        isWriting = false
        // The journal of a stream that is closed may belong to another by now.
        if isClosed { return }
        switch result {
        case .success:
            isOver(.snapshot)
            journal.forget(beyond: options.limits.journal, seen: place)
        case .failure(let error):
            isChanged = true
            complain(.snapshot, error)
        }
    }
}
