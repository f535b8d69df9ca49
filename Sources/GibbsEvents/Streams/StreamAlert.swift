/// An entity whose score rose above the threshold, or above twice, four or eight times it.
public struct StreamAlert: Sendable, Hashable {
    /// An event behind the score.
    public struct Reason: Sendable, Hashable {
        /// A field of the event, as the model saw it.
        public struct Value: Sendable, Hashable {
            /// The field.
            public var field: String
            /// Its value; "(never seen)" for a name that the model does not know.
            public var value: String
        }

        /// Its line, and where that begins in its file, bytes; −1 where unknown.
        public var line: Int, offset: Int
        /// Seconds since 1970, where known.
        public var time: Double?
        /// What it added to the score, and its −ln p, nats.
        public var gain: Float, surprise: Float
        /// The field that added most, and its value.
        public var field: String, value: String?
        /// What was likeliest there, and its probability.
        public var expected: String, probability: Float
        /// All fields.
        public var event: [Value]
    }

    /// Something about the entity's day that speaks for the alert.
    public struct DayReason: Sendable, Hashable {
        /// What was counted, such as "outcome 'wrong-password' today", and how many, as a level.
        public var what: String, value: String
        /// The likeliest level given the rest of the day, and its probability.
        public var expected: String, probability: Float
        /// What it added to the score, nats.
        public var gain: Float
    }

    /// Whose events they were, and the hash by which it is known.
    public var entity: String, hash: UInt64
    /// The event that raised the alert: its line, where that begins, and its time.
    public var line: Int, offset: Int, time: Double?
    /// The score, the running one of the events and what the day adds, and the threshold, nats.
    public var score: Float, run: Float, day: Float, threshold: Float
    /// 1 to 4: above one, two, four or eight thresholds.
    public var level: Int
    /// Share of normal entity-days whose highest score was at least this, with the finite-sample +1.
    public var pValue: Double
    /// Events of this entity so far.
    public var events: Int
    /// At most eight events, those that added most, in order.
    public var reasons: [Reason]
    /// At most three things about the day, the largest gain first; none where the day adds nothing.
    public var dayReasons: [DayReason]

    /// An alert with all that is known of it.
    package init(
        entity: String, hash: UInt64, line: Int, offset: Int, time: Double?, score: Float, run: Float, day: Float, threshold: Float, level: Int, pValue: Double, events: Int,
        reasons: [Reason], dayReasons: [DayReason]
    ) {
        (self.entity, self.hash, self.line, self.offset, self.time, self.score, self.run, self.day) = (entity, hash, line, offset, time, score, run, day)
        (self.threshold, self.level, self.pValue, self.events, self.reasons, self.dayReasons) = (threshold, level, pValue, events, reasons, dayReasons)
    }

    /// Where lines begin is unknown from now on, as when another file is read: line numbers stay, as something to look for.
    public mutating func forgetPlaces() {
        offset = -1
        for index in reasons.indices { reasons[index].offset = -1 }
    }

    /// What severities there are, from the quietest on.
    public static let severities = ["low", "medium", "high", "critical"]

    /// How loud: one of `severities`, by `level`.
    public var severity: String { Self.severities[min(max(level, 1), Self.severities.count) - 1] }

    /// The same for the same alert, however often a restarted watcher comes by it; another in a file that begins anew with the same lines.
    public var id: String {
        var state = hash
        for word in [UInt64(truncatingIfNeeded: line), UInt64(level), UInt64(events), time?.bitPattern ?? 0] {
            state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
            state ^= state >> 29
        }
        let text = String(state, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
