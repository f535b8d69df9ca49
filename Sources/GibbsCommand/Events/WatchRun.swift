import Foundation
import Gibbs

/// One watch from its state to its end.
struct WatchRun {
    private let options: Watch
    private let watchdog: StreamWatchdog, fingerprint: String
    private var feed: StreamFeed
    private let alerts: AlertSink
    private var written = Date()

    init(_ watchdog: StreamWatchdog, options: Watch, alerts: AlertSink) throws {
        (self.watchdog, self.options, self.alerts) = (watchdog, options, alerts)
        fingerprint = watchdog.fingerprint
        var past = try StreamState.monitor(of: watchdog, model: options.model, state: options.state, limit: options.entities, isCold: options.cold)
        past.monitor.dropsDuplicates = options.dropDuplicates
        if options.unlearn { past.monitor.unlearn() }
        if options.learn, past.monitor.frequencies == nil { try past.monitor.learn(with: Frequencies(of: watchdog.measure.model, halfLife: options.halfLife)) }
        if !options.learn, !options.unlearn, past.monitor.frequencies != nil {
            Console.note("gibbs: the state holds frequencies that --learn has followed; they are used and followed on (--unlearn drops them)")
        }
        feed = try StreamFeed(watchdog, monitor: past.monitor, path: options.data, follows: options.follow, from: past.position, year: options.year)
    }

    /// Reads to the end, or until Ctrl-C or a termination, which both end it in good order.
    mutating func all() throws {
        report()
        var step = LineFollower.Step.more
        while step != .end, !Interruption.wasRequested {
            step = try advance()
            report()
            if Console.outputIsUnread, options.out == "-" { break }
            Console.progress("\(feed.monitor.counters.events) events, \(feed.monitor.entityCount) entities, \(feed.monitor.counters.alerts) alerts")
            if -written.timeIntervalSinceNow >= options.every { try save() }
        }
        try save()
        Console.clearProgress()
        Console.note(feed.summary)
    }

    private mutating func advance() throws -> LineFollower.Step {
        let follower = feed.follower, (options, alerts) = (options, alerts)
        let step = try feed.step(each: { batch, score in
            if options.events { try alerts.write(score.line(batch)) }
        }, alert: { alert in
            try alerts.write(alert, text: options.text ? alert.text() : alert.json { follower.text(at: $0) }.text)
        })
        try alerts.flush()
        return step
    }

    private mutating func save() throws {
        written = Date()
        guard !options.dryRun else { return }
        try StreamSnapshot(feed.monitor, position: options.data == "-" ? nil : feed.follower.resumable).write(to: options.statePath, model: fingerprint)
    }

    /// Says what happened to the file.
    private mutating func report() {
        for change in feed.follower.changes {
            switch change {
            case .rotated: Console.note("gibbs: \(options.data) was rotated; the new file is read from its beginning")
            case .truncated: Console.note("gibbs: \(options.data) was cut short; it is read from its beginning")
            case .replaced: Console.note("gibbs: \(options.data) is not the file that the state ends in; it is read from its beginning")
            }
        }
        feed.follower.changes = []
    }
}

/// Where alerts go: appended to a file, each line whole, or to standard output.
final class AlertSink {
    private let path: String
    private let descriptor: Int32
    private var waiting = ""
    /// The ids in the last part of the file, of alerts that a restart comes by again.
    private var known: Set<String> = []
    private static let tail = 4 << 20

    /// Opens the file, at its end; a last line that a crash left unfinished is cut off.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    init(path: String) throws {
        self.path = path
        guard path != "-" else { descriptor = STDOUT_FILENO; return }
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
        let size = Int(status.st_size), first = max(0, size - Self.tail)
        var bytes = [UInt8](repeating: 0, count: size - first)
        let count = pread(descriptor, &bytes, bytes.count, off_t(first))
        guard count > 0 else { return }
        let end = bytes[0 ..< count].lastIndex(of: 0x0A).map { $0 + 1 } ?? (first == 0 ? 0 : count)
        if end < count { ftruncate(descriptor, off_t(first + end)) }
        for line in bytes[0 ..< end].split(separator: 0x0A) { if let id = Self.id(line) { known.insert(id) } }
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    private static func id(_ line: ArraySlice<UInt8>) -> String? {
        let mark = Array("{\"id\":\"".utf8)
        guard line.starts(with: mark) else { return nil }
        return String(decoding: line.dropFirst(mark.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// Takes in an alert, unless the file holds it.
    func write(_ alert: StreamAlert, text: String) throws {
        if known.contains(alert.id) { return }
        try write(text)
    }

    /// Takes in a line.
    func write(_ line: String) throws {
        waiting += line + "\n"
        if waiting.utf8.count > 1 << 16 { try flush() }
    }

    /// Passes on what waits.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite` when the disk is full or the reader has gone.
    func flush() throws {
        guard !waiting.isEmpty else { return }
        let bytes = Array(waiting.utf8)
        waiting = ""
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            done += count
        }
    }

    private static func failure(_ path: String) -> GibbsError {
        GibbsError(.cannotWrite, "cannot be written (\(String(cString: strerror(errno))))", at: .init(file: path == "-" ? "standard output" : path),
                   advice: "check the directory, its permissions and the room on its disk")
    }
}
