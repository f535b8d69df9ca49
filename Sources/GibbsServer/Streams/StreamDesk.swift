import Foundation
import Gibbs
import Logging
import ServiceLifecycle
import Synchronization

/// All streams: one for each model of a stream, by its name. Follows the shelf of models, and lets every stream do what is due.
package final class StreamDesk: Service {
    package let shelf: ModelShelf, store: Store, metrics: ServiceMetrics, options: ServiceOptions, logger: Logger, deadlines: Deadlines
    private let streams = Mutex<[String: StreamService]>([:])
    private let problems = Mutex<[String: String]>([:])

    package init(shelf: ModelShelf, store: Store, metrics: ServiceMetrics, options: ServiceOptions, deadlines: Deadlines, logger: Logger) {
        (self.shelf, self.store, self.metrics, self.options, self.deadlines, self.logger) = (shelf, store, metrics, options, deadlines, logger)
    }

    /// The streams, by name.
    package var all: [StreamService] { streams.withLock { $0.values.sorted { $0.name < $1.name } } }
    /// Streams that could not be opened, and why.
    package var failures: [(name: String, why: String)] { problems.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 } }

    /// The stream of a name.
    ///
    /// - Throws: `Refusal` where there is none.
    package func stream(_ name: String) throws -> StreamService {
        if let found = streams.withLock({ $0[name] }) { return found }
        if let why = problems.withLock({ $0[name] }) { throw GibbsError(.cannotWrite, "the stream '\(name)' could not be opened: \(why)", advice: "mend that, and touch its model's file") }
        throw Refusal.missing("stream", name, advice: Spelling.question(name, among: all.map(\.name)) ?? "GET /streams lists them; a stream has the name of a model that watches one")
    }

    /// Looks at the models, and opens, changes and closes streams as they come and go.
    package func update() async {
        let changes = shelf.scan()
        for problem in changes.problems { logger.warning("model \(problem.name): \(problem.why)") }
        for entry in changes.new {
            logger.info("model \(entry.name): \(entry.model.words), \(entry.digest)")
            guard case .stream(let watchdog) = entry.model else { continue }
            if let open = streams.withLock({ $0[entry.name] }) {
                if await open.adopt(watchdog) { continue }
                await close(entry.name)
            }
            await open(entry, watchdog)
        }
        for name in changes.gone {
            logger.info("model \(name): gone")
            await close(name)
        }
    }

    private func open(_ entry: ModelEntry, _ watchdog: StreamWatchdog) async {
        do {
            let opening = try StreamOpening(watchdog, model: entry.path, folder: options.dataFolder + "/streams/" + entry.name.asFileName, options: options)
            for remark in opening.remarks { logger.warning("stream \(entry.name): \(remark)") }
            let place = opening.place
            let service = try StreamService(name: entry.name, opening: opening, options: options, store: store, metrics: metrics, logger: logger)
            let lines = try await service.replay(from: place)
            if lines > 0 { logger.info("stream \(entry.name): \(lines) lines behind the last snapshot were scored again") }
            streams.withLock { $0[entry.name] = service }
            problems.withLock { $0[entry.name] = nil }
        } catch {
            logger.error("stream \(entry.name): \(error)")
            problems.withLock { $0[entry.name] = "\(error)" }
        }
    }

    private func close(_ name: String) async {
        if let stream = streams.withLock({ $0.removeValue(forKey: name) }) { await stream.close() }
        problems.withLock { _ = $0.removeValue(forKey: name) }
    }

    /// Works until the service ends, and then writes what there is to write.
    package func run() async throws {
        let run = try store.begin(version: GibbsService.version)
        if !run.wasClean { logger.notice("the last run ended without a goodbye; what it had accepted is here") }
        await cancelWhenGracefulShutdown {
            var looked = ContinuousClock.now
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(250))
                for stream in self.all { await stream.tick() }
                self.deadlines.sweep()
                if ContinuousClock.now - looked >= .seconds(self.options.rescan) {
                    await self.update()
                    looked = .now
                }
            }
        }
        for stream in all { await stream.close() }
        try store.forget(before: Date().timeIntervalSince1970 - options.keepsDays * 86_400)
        try store.end(run: run.run)
    }
}

extension String {
    /// The text as the name of a folder: nothing in it leads elsewhere.
    fileprivate var asFileName: String { utf8.map { byte in
        let isPlain = (0x30 ... 0x39 ~= byte) || (0x41 ... 0x5A ~= byte) || (0x61 ... 0x7A ~= byte) || byte == 0x2D || byte == 0x5F
        return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
    }.joined() }
}
