import Foundation
import GibbsData
import GibbsNumerics

/// A watch from its state to its end: reads a stream, keeps alerts, and writes a snapshot now and then to go on from.
///
///     var watch = try StreamWatch(watchdog, model: "m.gibbs", data: "logins.ndjson", alerts: "alerts.ndjson")
///     while try watch.step().step != .end {}
///     try watch.save()
///
/// Alerts are always passed on before the snapshot that has seen their events is written: after a crash an alert comes twice, with the same
/// id, but never not at all.
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
    }

    /// What was found at the start.
    public private(set) var remarks: [Remark] = []
    /// The stream, with what was seen of it.
    public private(set) var feed: StreamFeed
    private let options: Options, statePath: String, fingerprint: String
    private let alerts: AlertLog, line: (StreamAlert, StreamFeed) -> String
    private var written = Date()

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
        feed = try StreamFeed(watchdog, monitor: start.monitor, path: data, follows: options.follows, from: start.place, year: options.year)
        if feed.isReplaced { remarks.append(.replaced) }
        self.alerts = try AlertLog(path: alerts)
    }

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
        if -written.timeIntervalSinceNow >= options.every { try save() }
        return found
    }

    /// Writes a snapshot, at the end or before a pause; nothing in a dry watch.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`; without room for the alerts that wait, no snapshot is written.
    public mutating func save() throws {
        try alerts.flush()
        written = Date()
        guard !options.isDry else { return }
        try StreamSnapshot(feed.monitor, place: feed.place).write(to: statePath, model: fingerprint)
    }
}
