import Foundation
import GibbsData
import GibbsLogs
import GibbsNumerics

/// A stream on its way through a monitor: the lines of a file or pipe, read as they come.
///
///     var feed = try StreamFeed(watchdog, monitor: watchdog.monitor(), path: "logins.ndjson", follows: true)
///     while case let found = try feed.step(), found.step != .end { found.alerts.forEach(show) }
///
/// It writes nothing: whoever keeps alerts and states is `StreamWatch`.
public struct StreamFeed {
    /// What a step brought.
    public struct Found {
        /// Whether there may be more.
        public var step: LineFollower.Step
        /// The alerts that its events raised, in order.
        public var alerts: [StreamAlert] = []
        /// What happened to the file meanwhile: rotated or cut short.
        public var changes: [LineFollower.Change] = []
    }

    /// Events a batch at most; a pipe's batch is what there is.
    static let batchSize = 8_192

    /// What scores events, and has seen all that was read.
    public private(set) var monitor: StreamMonitor
    /// What read the lines, with counts of those that could not be.
    public private(set) var source: StreamSource
    /// Whether the file is not the one that the place to go on from was in, so that it is read from its beginning.
    public let isReplaced: Bool
    /// The time of the first event that had one, seconds since 1970.
    public private(set) var firstTime: Double?
    private let follower: LineFollower, isStandardInput: Bool
    private var batch: EventBatch, memory: LogParser.Memory?
    private var wentOn = false
    private let before: StreamMonitor.Counters, droppedBefore: Int

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - monitor: What scores the events, and moves on with them.
    ///   - follows: Whether to wait for more at the end of a regular file, whatever happens to its name.
    ///   - place: Where to go on, from `place` of an earlier feed. A monitor whose file is begun anew forgets where its events' lines begin.
    ///   - memory: What that feed remembered.
    ///   - year: Of the first line, for logs whose stamps have none; inferred unless told.
    /// - Throws: `GibbsError` as `LineFollower`, or with code `.unsuitableModel` for templates that do not fit, or `.unsuitableData` for a place that is none.
    public init(_ watchdog: StreamWatchdog, monitor: StreamMonitor, path: String, follows: Bool = false, from place: String? = nil, memory: LogParser.Memory? = nil, year: Int? = nil) throws {
        (self.monitor, self.memory) = (monitor, memory)
        (before, droppedBefore) = (monitor.counters, monitor.droppedEntities)
        source = try StreamSource(watchdog, year: year)
        let position = try place.map { text in
            guard let position = LineFollower.Position(text: text) else {
                throw GibbsError(.unsuitableData, "the state ends at '\(text.prefix(80))', which is no place in a file", advice: "move the state away: the watch then begins without a past")
            }
            return position
        }
        follower = try LineFollower(path: path, follows: follows, from: position)
        isReplaced = follower.changes.contains(.replaced)
        follower.changes = []
        isStandardInput = path == "-"
        batch = source.batch
        if !follower.isAwaited { try begin() }
    }

    /// The input is open, at its beginning or where an earlier feed ended.
    private mutating func begin() throws {
        let goesOn = follower.position.offset > 0
        wentOn = goesOn
        if goesOn { source.resume(head: follower.head()) } else { monitor.forgetPlaces() }
        if let memory { try source.resume(memory, follows: goesOn) }
        memory = nil
    }

    /// Whether the file to follow is not there yet.
    public var isAwaited: Bool { follower.isAwaited }

    /// What is wrong with nearly all lines of this feed; see `StreamSource.fault`. A feed that goes on in a file asks for a hundred lines.
    public func fault(atEnd: Bool) -> GibbsError? { source.fault(atEnd: atEnd && !wentOn) }

    /// What was remembered of the lines before, to go on with; `nil` where lines stand for themselves.
    public var remembered: LogParser.Memory? { memory ?? source.memory }

    /// What this feed brought, apart from what its monitor had seen before.
    public var seen: StreamMonitor.Counters { monitor.counters.since(before) }

    /// Entities that made room for those of this feed.
    public var droppedEntities: Int { monitor.droppedEntities - droppedBefore }

    /// The place to go on from, of which only a feed knows what it means; `nil` for standard input, which has none.
    public var place: String? { isStandardInput ? nil : follower.resumable.text }

    /// The text of the line that begins there in the file that is read; `nil` where that has gone, or can be read once only.
    public func text(at offset: Int) -> String? { follower.text(at: offset) }

    /// Waits for bytes, reads once, and measures the events of the lines that are whole.
    ///
    /// - Parameters:
    ///   - milliseconds: The longest wait for something that comes.
    ///   - each: Sees every event scored, with the batch that it is in.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`. A line that cannot be understood is no error; `source.counters` has it.
    public mutating func step(waiting milliseconds: Int32 = 200, each: (EventBatch, StreamMonitor.EventScore) -> Void = { _, _ in }) throws -> Found {
        var alerts = [StreamAlert]()
        let wasAwaited = follower.isAwaited
        let step = try follower.read(waiting: milliseconds) { line in
            source.append(line, to: &batch)
            if batch.count >= Self.batchSize { measure(each, &alerts) }
        }
        if batch.count > 0 { measure(each, &alerts) }
        if wasAwaited, !follower.isAwaited { try begin() }
        let changes = follower.changes
        follower.changes = []
        if changes.contains(.rotated) || changes.contains(.truncated) {
            source.begin()
            monitor.forgetPlaces()
            for index in alerts.indices { alerts[index].forgetPlaces() }
        }
        return Found(step: step, alerts: alerts, changes: changes)
    }

    private mutating func measure(_ each: (EventBatch, StreamMonitor.EventScore) -> Void, _ alerts: inout [StreamAlert]) {
        if firstTime == nil { firstTime = batch.times.first { !$0.isNaN } }
        alerts += monitor.observe(batch) { each(batch, $0) }
        batch.removeAll()
    }
}

extension StreamMonitor.Counters {
    /// What was counted since.
    func since(_ earlier: Self) -> Self {
        var result = self
        result.events -= earlier.events
        result.withoutEntity -= earlier.withoutEntity
        result.backwards -= earlier.backwards
        result.duplicates -= earlier.duplicates
        result.alerts -= earlier.alerts
        return result
    }
}

extension StreamMonitor {
    /// The latest time of an event that was seen and does not lie ahead of now, seconds since 1970; `nil` without times.
    var newest: Double? {
        let limit = Date().timeIntervalSince1970 + 86_400
        return (0 ..< table.count).lazy.map { table.times[$0] }.filter { $0 <= limit }.max()
    }
}
