import Foundation
import GibbsData
import GibbsNumerics

/// A watch from its state to its end: reads a stream, keeps alerts, and writes a snapshot now and then to go on from.
///
///     var watch = try StreamWatch(watchdog, model: "m.gibbs", data: "logins.ndjson", alerts: "alerts.ndjson")
///     while try watch.step().step != .end {}
///     try watch.save()
///
/// Alerts are always on the disk before the snapshot that has seen their events is written: after a crash no alert is lost. In a file
/// none is kept twice (`AlertLog`); on a pipe it comes again, with the same id.
public struct StreamWatch {
    /// How to watch.
    public struct Options: Sendable, Hashable {
        /// Whether to wait for more at the end of the file.
        public var follows = false
        /// The state's file; that beside the model unless told.
        public var state: String?
        /// Begin without a past.
        public var isCold = false
        /// Write no state.
        public var isDry = false
        /// Seconds between two snapshots, at least.
        public var every = 10.0
        /// Entities remembered at once.
        public var entities = StreamMonitor.usualLimit
        /// Leave out events that repeat their entity's last one.
        public var dropsDuplicates = false
        /// What becomes of the frequencies of names.
        public var frequencies = FrequencyRule.keep
        /// The year of the first raw line.
        public var year: Int?
        /// Whether every event's score goes where alerts go, before those that it raises.
        public var keepsScores = false

        /// As usual.
        public init() {}
    }

    /// What becomes of frequencies of names in a watch.
    public enum FrequencyRule: Sendable, Hashable {
        /// Those in the state are followed on; without any, the model's stay.
        case keep
        /// They follow the stream; events after which a count is worth half.
        case learn(halfLife: Double)
        /// Those in the state are dropped.
        case drop
    }

    /// What whoever began the watch should know.
    public enum Remark: Sendable, Hashable {
        /// Neither the state nor this file, of what the fit had seen, is there: every entity is new.
        case noPast(String)
        /// The state holds frequencies that an earlier watch learned; they are used and followed on.
        case followsFrequencies
        /// The file is not the one that the state ends in; it is read from its beginning.
        case replaced
        /// The file to follow is not there yet.
        case awaited
        /// The file ends where this state, written then, ends.
        case nothingNew(state: String, written: Date)
        /// The first event is of that time, and the state has seen later ones, so that pauses and days count wrongly.
        case older(first: Double, newest: Double)
    }

    /// What was found since this was last emptied.
    public var remarks: [Remark] = []
    /// The stream, with what was seen of it.
    public private(set) var feed: StreamFeed
    private let options: Options, statePath: String, fingerprint: String
    private let alerts: AlertLog, line: (StreamAlert, StreamFeed) -> String
    private var written = Date()
    private let lock: StateLock?
    /// The latest time that the state has seen, until the first event has been looked at; and when the state that the place is of was written.
    private var newest: Double?, stateDate: Date?

    /// Goes on where the state ends, else where the fit ended.
    ///
    /// - Parameters:
    ///   - model: The watchdog's file, beside which its past and its state lie.
    ///   - data: A file, or `-` for standard input.
    ///   - alerts: The file that alerts are appended to, or `-` for standard output; opened last.
    ///   - line: What is kept of an alert; a line of NDJSON unless told.
    /// - Throws: `GibbsError` as `StreamState`, `StreamFeed` and `AlertLog`, and as `StreamState.checkOverwriting` where a state is to be written.
    public init(_ watchdog: StreamWatchdog, model: String, data: String, alerts: String, options: Options = Options(), line: ((StreamAlert, StreamFeed) -> String)? = nil) throws {
        self.options = options
        self.line = line ?? { alert, feed in alert.json(raw: feed.text).text }
        fingerprint = watchdog.fingerprint
        statePath = options.state ?? StreamState.path(beside: model)
        if !options.isDry {
            try StreamState.checkOverwriting(statePath)
            try OutputFile(path: statePath).discard()
        }
        lock = options.isDry ? nil : try StateLock(of: statePath)
        var start = StreamSnapshot(watchdog.monitor(limit: options.entities))
        if !options.isCold {
            if let past = try StreamState.snapshot(of: watchdog, model: model, state: statePath, limit: options.entities) { start = past } else {
                remarks.append(.noPast(StreamState.past(of: model)))
            }
        }
        start.monitor.dropsDuplicates = options.dropsDuplicates
        switch options.frequencies {
        case .drop: start.monitor.unlearn()
        case .learn(let halfLife):
            if start.monitor.frequencies == nil { try start.monitor.learn(with: Frequencies(of: watchdog.measure.model, halfLife: halfLife)) }
        case .keep:
            if start.monitor.frequencies != nil { remarks.append(.followsFrequencies) }
        }
        feed = try StreamFeed(watchdog, monitor: start.monitor, path: data, follows: options.follows, from: start.place, memory: start.memory?.log, year: options.year)
        if feed.isReplaced { remarks.append(.replaced) }
        if feed.isAwaited { remarks.append(.awaited) }
        newest = start.monitor.newest
        if start.place != nil, !feed.isReplaced { stateDate = (try? FileManager.default.attributesOfItem(atPath: statePath))?[.modificationDate] as? Date }
        self.alerts = try AlertLog(path: alerts, from: start.memory?.alerts)
        // Before anything is written the state knows how far the alerts go, or a crash that comes soon would double them.
        if self.alerts.place != nil, !self.alerts.goesOn { try save() }
    }

    /// The furthest that events may come before what was seen last, seconds: clocks differ, and lines of several machines mix.
    static let slack = 3_600.0

    /// Reads what there is, passes its alerts on, and writes a snapshot where one is due.
    ///
    /// - Parameter milliseconds: The longest wait for something that comes.
    /// - Throws: `GibbsError` as `StreamFeed.step` and `save`.
    public mutating func step(waiting milliseconds: Int32 = 200) throws -> StreamFeed.Found {
        let found: StreamFeed.Found
        if options.keepsScores {
            found = try feed.step(waiting: milliseconds) { [alerts] batch, score in alerts.append(score.json(batch).text) }
        } else {
            found = try feed.step(waiting: milliseconds)
        }
        for alert in found.alerts { alerts.append(alert, line: line(alert, feed)) }
        try alerts.flush()
        if found.step != .more { alerts.catchUp() }
        look(at: found.step)
        // A file's place is written down before the next lines, and where another file began, which the last state does not know.
        if -written.timeIntervalSinceNow >= options.every || !found.changes.isEmpty { try save() }
        return found
    }

    /// Notices what whoever began the watch should know.
    private mutating func look(at step: LineFollower.Step) {
        if let newest, let first = feed.firstTime {
            if first + Self.slack < newest { remarks.append(.older(first: first, newest: newest)) }
            self.newest = nil
        }
        if step == .end, feed.source.counters.lines == 0, let stateDate { remarks.append(.nothingNew(state: statePath, written: stateDate)) }
    }

    /// Writes a snapshot, at the end or before a pause; nothing in a dry watch.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`; without room for the alerts that wait, no snapshot is written.
    public mutating func save() throws {
        try alerts.flush()
        written = Date()
        guard !options.isDry else { return }
        try alerts.synchronise()
        try StreamSnapshot(feed.monitor, place: feed.place, memory: WatchMemory(log: feed.remembered, alerts: alerts.place)).write(to: statePath, model: fingerprint)
    }
}
