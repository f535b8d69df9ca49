import GibbsLogs

/// What a watch goes on with after a restart beside its monitor and its place: the lines before, and the alerts that are kept.
public struct WatchMemory: Sendable, Codable {
    /// What the parser of a raw log remembers.
    public var log: LogParser.Memory?
    /// How far the file of alerts had been written.
    public var alerts: AlertLog.Place?

    /// A memory.
    public init(log: LogParser.Memory?, alerts: AlertLog.Place?) { (self.log, self.alerts) = (log, alerts) }
}
