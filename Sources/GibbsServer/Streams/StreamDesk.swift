import Foundation
import Gibbs
import Logging
import ServiceLifecycle
import Synchronization

/// All streams: one for each model of a stream, by its name. Follows the shelf of models, and lets every stream do what is due.
package final class StreamDesk: Service {
    package let shelf: ModelShelf, store: Store, metrics: ServiceMetrics, options: ServiceOptions, logger: Logger, deadlines: Deadlines

    /// What there is under a name.
    private enum Place {
        case open(StreamService)
        /// Its model is new, or is exchanged for another.
        case opening
        /// It could not be opened, and is tried again.
        case failed(why: String, at: ContinuousClock.Instant)
    }

    private let places = Mutex<[String: Place]>([:])
    /// Streams that are closed and still have alerts for which the store had no room.
    private let leaving = Mutex<[StreamService]>([])
    /// The last look at the models, which the next one waits for: a stream has one owner at a time.
    private let last = Mutex<Task<Void, Never>?>(nil)
    /// Seconds until a stream that could not be opened is tried again.
    private static let pause = 10

    package init(shelf: ModelShelf, store: Store, metrics: ServiceMetrics, options: ServiceOptions, deadlines: Deadlines, logger: Logger) {
        (self.shelf, self.store, self.metrics, self.options, self.deadlines, self.logger) = (shelf, store, metrics, options, deadlines, logger)
    }

    /// The streams, by name.
    package var all: [StreamService] { places.withLock { $0.values.compactMap { if case .open(let stream) = $0 { stream } else { nil } } }.sorted { $0.name < $1.name } }
    /// Streams that could not be opened, and why.
    package var failures: [(name: String, why: String)] { places.withLock { $0.compactMap { if case .failed(let why, _) = $1 { ($0, why) } else { nil } } }.sorted { $0.0 < $1.0 } }

    /// The stream of a name.
    ///
    /// - Throws: `Refusal` where there is none, or it is being opened.
    package func stream(_ name: String) throws -> StreamService {
        switch places.withLock({ $0[name] }) {
        case .open(let found): return found
        case .opening: throw Refusal.busy("the stream '\(name)' is being opened")
        case .failed(let why, _): throw Refusal.closed("the stream '\(name)' could not be opened: \(why)", seconds: Self.pause)
        case nil: throw Refusal.missing("stream", name, advice: Spelling.question(name, among: places.withLock { $0.keys.sorted() }) ?? "GET /streams lists them; a stream has the name of a model that watches one")
        }
    }

    /// Refuses a name that no stream has; one that is being opened will be there.
    package func check(_ name: String) throws {
        do { _ = try stream(name) } catch let refusal as Refusal where refusal.isPassing {}
    }

    /// Takes in lines for a stream. While its model is exchanged for another, they wait for the new one. What brings events to the service otherwise than by HTTP
    /// hands them in here, with a name for each batch.
    ///
    /// - Parameter key: What the client calls its request by, if it has a name.
    /// - Throws: As `stream(_:)` and `StreamService.take`; `GibbsError` with code `.usage` without a line, or for a name that is none.
    package func take(_ lines: EventLines, key: String = "", into name: String) async throws -> StreamService.Receipt {
        guard key.isEmpty || KnownRequests.isName(key) else {
            throw GibbsError(.usage, "is no name of a request", at: .init(field: "Idempotency-Key"), advice: "take up to \(KnownRequests.length) printable letters without spaces, such as a UUID")
        }
        guard lines.count > 0 else { throw GibbsError(.usage, "there is no event", advice: "send an event a line") }
        let end = ContinuousClock.now + .seconds(options.limits.patience)
        while true {
            do { return try await stream(name).take(lines, key: key) } catch let refusal as Refusal where refusal.isPassing && .now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}

// MARK: - Models that come and go

extension StreamDesk {
    /// Looks at the models, and opens, changes and closes streams as they come and go. Looks come one after the other, whoever asks for them.
    package func update() async {
        let look = last.withLock { last in
            let before = last, look = Task {
                await before?.value
                await self.look()
            }
            last = look
            return look
        }
        await look.value
    }

    private func look() async {
        let changes = shelf.scan()
        for problem in changes.problems { logger.warning("model \(problem.name): \(problem.why)") }
        for entry in changes.new { logger.info("model \(entry.name): \(entry.model.words), \(entry.digest)") }
        let again = places.withLock { $0.compactMap { if case .failed(_, let at) = $1, ContinuousClock.now - at >= .seconds(Self.pause) { $0 } else { nil } } }
        for entry in changes.new + again.compactMap({ try? shelf.model($0) }).filter({ entry in !changes.new.contains { $0 === entry } }) {
            guard case .stream(let watchdog) = entry.model else {
                await close(entry.name)
                continue
            }
            do { if case .open(let open) = places.withLock({ $0[entry.name] }), try await open.adopt(watchdog) { continue } } catch { logger.error("stream \(entry.name): \(error)") }
            await open(entry, watchdog)
        }
        for name in changes.gone {
            logger.info("model \(name): gone")
            await close(name)
        }
    }

    /// Opens a stream, in place of the one that has its name.
    private func open(_ entry: ModelEntry, _ watchdog: StreamWatchdog) async {
        let before = places.withLock { $0.updateValue(.opening, forKey: entry.name) }
        if case .open(let stream) = before { await leave(stream) }
        do {
            let opening = try StreamOpening(watchdog, model: entry.path, folder: options.dataFolder + "/streams/" + entry.name.asFileName, options: options)
            for remark in opening.remarks { logger.warning("stream \(entry.name): \(remark)") }
            let place = opening.place
            let service = try StreamService(name: entry.name, opening: opening, options: options, store: store, metrics: metrics, logger: logger)
            let lines = try await service.replay(from: place)
            if lines > 0 { logger.info("stream \(entry.name): \(lines) lines behind the last snapshot were scored again") }
            places.withLock { $0[entry.name] = .open(service) }
            // A rule may have been made since it read them, when nobody could tell it.
            try? await service.reloadRules()
        } catch {
            let why = Failure.words(error)
            if case .failed(let known, _) = before, known == why { logger.debug("stream \(entry.name): \(error)") } else { logger.error("stream \(entry.name): \(error)") }
            places.withLock { $0[entry.name] = .failed(why: why, at: .now) }
        }
    }

    private func close(_ name: String) async {
        if case .open(let stream) = places.withLock({ $0.removeValue(forKey: name) }) { await leave(stream) }
    }

    private func leave(_ stream: StreamService) async {
        await stream.close()
        if await stream.waitingAlerts > 0 { leaving.withLock { $0.append(stream) } }
    }
}

// MARK: - Running

extension StreamDesk {
    /// Works until the service ends, and then writes what there is to write.
    package func run() async throws {
        let run = begin()
        forgetOld()
        await cancelWhenGracefulShutdown {
            // Each by itself: a stream that is busy or being opened keeps nobody from closing slow connections.
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await Self.every(.milliseconds(250)) { self.deadlines.sweep() } }
                group.addTask { await Self.every(.milliseconds(250)) { await self.tick() } }
                group.addTask { await Self.every(.seconds(self.options.rescan)) { await self.update() } }
                group.addTask { await Self.every(.seconds(86_400)) { self.forgetOld() } }
            }
        }
        for stream in all { await leave(stream) }
        for stream in leaving.withLock({ $0 }) {
            await stream.close()
            let count = await stream.waitingAlerts
            if count > 0 { logger.error("stream \(stream.name): \(count) alerts could not be kept") }
        }
        if let run { do { try store.end(run: run) } catch { logger.error("the end of this run cannot be kept: \(error)") } }
    }

    /// Keeps that a run begins; its number. A full disk takes in no event, but scores, and is ready again when it has room.
    private func begin() -> Int64? {
        do {
            let run = try store.begin(version: GibbsService.version)
            if !run.wasClean { logger.notice("the last run ended without a goodbye; what it had accepted is here") }
            return run.run
        } catch {
            logger.error("the beginning of this run cannot be kept: \(error)")
            return nil
        }
    }

    private static func every(_ pause: Duration, _ body: () async -> Void) async {
        while (try? await Task.sleep(for: pause)) != nil { await body() }
    }

    /// Lets every stream do what is due.
    package func tick() async {
        for stream in all { await stream.tick() }
        for stream in leaving.withLock({ $0 }) {
            await stream.tick()
            guard await stream.waitingAlerts == 0 else { continue }
            leaving.withLock { $0.removeAll { $0 === stream } }
            // Its own followers follow the stream that has its name now.
            if let next = try? self.stream(stream.name), let last = try? store.lastAlert(stream: stream.name) { next.hub.tell(.alerts(last)) }
        }
    }

    /// Forgets alerts and verdicts that have been kept long enough.
    private func forgetOld() {
        do { try store.forget(before: Date().timeIntervalSince1970 - options.keepsDays * 86_400) } catch { logger.error("old alerts cannot be forgotten: \(error)") }
    }
}

extension String {
    /// The text as the name of a folder: nothing in it leads elsewhere.
    fileprivate var asFileName: String { utf8.map { byte in
        let isPlain = (0x30 ... 0x39 ~= byte) || (0x41 ... 0x5A ~= byte) || (0x61 ... 0x7A ~= byte) || byte == 0x2D || byte == 0x5F
        return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
    }.joined() }
}
