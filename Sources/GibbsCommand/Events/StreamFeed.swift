import Foundation
import Gibbs

/// A stream on its way through a monitor: the lines of a file or pipe, read as they come.
struct StreamFeed {
    /// Events a batch at most; a pipe's batch is what there is.
    static let batchSize = 8_192

    let watchdog: StreamWatchdog
    private(set) var monitor: StreamMonitor
    private(set) var source: StreamSource
    let follower: LineFollower
    private var batch: EventBatch

    init(_ watchdog: StreamWatchdog, monitor: StreamMonitor, path: String, follows: Bool = false, from position: LineFollower.Position? = nil, year: Int? = nil) throws {
        (self.watchdog, self.monitor) = (watchdog, monitor)
        source = try StreamSource(watchdog, year: year)
        follower = try LineFollower(path: path, follows: follows, from: position)
        batch = source.batch
        if follower.position.offset > 0 { source.resume(head: follower.head()) } else { self.monitor.forgetPlaces() }
    }

    /// Reads what there is and measures it.
    ///
    /// - Parameters:
    ///   - each: Sees every event scored, with the batch that it is in.
    ///   - alert: Gets every alert.
    mutating func step(waiting milliseconds: Int32 = 200, each: (EventBatch, StreamMonitor.EventScore) throws -> Void = { _, _ in },
                       alert: (StreamAlert) throws -> Void) throws -> LineFollower.Step {
        var found = [StreamAlert]()
        let step = try follower.read(waiting: milliseconds) { line in
            source.append(line, to: &batch)
            if batch.count >= Self.batchSize { try measure(each, &found) }
        }
        if batch.count > 0 { try measure(each, &found) }
        if follower.changes.contains(.rotated) || follower.changes.contains(.truncated) {
            source.begin()
            monitor.forgetPlaces()
            for index in found.indices { found[index].forgetPlaces() }
        }
        for one in found { try alert(one) }
        return step
    }

    private mutating func measure(_ each: (EventBatch, StreamMonitor.EventScore) throws -> Void, _ alerts: inout [StreamAlert]) throws {
        alerts += try monitor.observe(batch) { try each(batch, $0) }
        batch.removeAll()
    }
}

extension StreamState {
    /// Where a watch goes on: its own state, else what the fit had seen, else nothing.
    static func monitor(of watchdog: StreamWatchdog, model: String, state: String? = nil, limit: Int = StreamMonitor.usualLimit, isCold: Bool = false) throws -> StreamSnapshot {
        if isCold { return StreamSnapshot(watchdog.monitor(limit: limit)) }
        let path = state ?? path(beside: model)
        if FileManager.default.fileExists(atPath: path) { return try StreamSnapshot(contentsOf: path, of: watchdog, limit: limit) }
        return StreamSnapshot(try past(of: watchdog, model: model, limit: limit))
    }

    /// Refuses what is no state, before it is replaced by one.
    static func checkOverwriting(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else { return }
        let handle = FileHandle(forReadingAtPath: path), start = status.st_mode & S_IFMT == S_IFREG ? try? handle?.read(upToCount: StreamSnapshot.magic.count) : nil
        guard let start, Array(start) == StreamSnapshot.magic else {
            throw GibbsError(handle == nil || status.st_mode & S_IFMT == S_IFDIR ? .cannotRead : .unsuitableData, "is no state of a watch, and would be replaced by one", at: .init(file: path), advice: "name another file with --state")
        }
    }

    /// A monitor that has seen what the fit had seen, its scores at zero.
    static func past(of watchdog: StreamWatchdog, model: String, limit: Int = StreamMonitor.usualLimit) throws -> StreamMonitor {
        guard FileManager.default.fileExists(atPath: past(of: model)) else {
            Console.note("gibbs: there is no \(past(of: model)), so every entity is new; keep that file beside the model")
            return watchdog.monitor(limit: limit)
        }
        var monitor = try StreamSnapshot(contentsOf: past(of: model), of: watchdog, limit: limit).monitor
        monitor.forgive()
        return monitor
    }
}
