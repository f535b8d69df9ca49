import GibbsData
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
    private let follower: LineFollower, isStandardInput: Bool
    private var batch: EventBatch

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - monitor: What scores the events, and moves on with them.
    ///   - follows: Whether to wait for more at the end of a regular file, whatever happens to its name.
    ///   - place: Where to go on, from `place` of an earlier feed. A monitor whose file is begun anew forgets where its events' lines begin.
    ///   - year: Of the first line, for logs whose stamps have none; inferred unless told.
    /// - Throws: `GibbsError` as `LineFollower`, or with code `.unsuitableModel` for templates that do not fit, or `.unsuitableData` for a place that is none.
    public init(_ watchdog: StreamWatchdog, monitor: StreamMonitor, path: String, follows: Bool = false, from place: String? = nil, year: Int? = nil) throws {
        self.monitor = monitor
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
        if follower.position.offset > 0 { source.resume(head: follower.head()) } else { self.monitor.forgetPlaces() }
    }

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
        let step = try follower.read(waiting: milliseconds) { line in
            source.append(line, to: &batch)
            if batch.count >= Self.batchSize { measure(each, &alerts) }
        }
        if batch.count > 0 { measure(each, &alerts) }
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
        alerts += monitor.observe(batch) { each(batch, $0) }
        batch.removeAll()
    }
}
