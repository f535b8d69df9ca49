import GibbsNumerics

/// A simulated log of logins: the ordinary life of a company's users, with campaigns of attacks in it where wanted.
///
/// Users, their homes and devices, journeys and dates of new passwords depend on `populationKey` alone; what happens depends on
/// `key` and the day. So the same company can be watched with one key and attacked with another, `startDay` goes on where an
/// earlier log ended, and the normal events of a day are the same whatever days are asked for with it.
///
/// Normal life: log-normal activity, local working hours, one to four devices, homes whose addresses change, offices that share
/// an address by the hundreds, mobile carriers, VPNs, journeys, newcomers, honest slips, clients that keep trying an old
/// password, scripts. Campaigns: `LoginEvent.Attack`. All numbers are in `docs/simulator.md`.
///
/// - Source: our own; nobody's logins were recorded for it.
public struct LoginSimulator: Sendable {
    /// Users that a company has at most.
    public static let maximumUsers = 1_000_000
    /// Days that one log has at most, and the last day that it may begin with.
    public static let maximumDays = 3660, maximumStartDay = 20_000
    /// Users times days of one log at most: some two hundred million events.
    public static let maximumUserDays = 100_000_000
    /// Campaigns of a kind, and attempts of one campaign, at most.
    public static let maximumCampaigns = 1000, maximumAttempts = 100_000

    /// Users of the company; scripts come on top, one for every 200 and at least two.
    public let users: Int
    /// Days of the log.
    public let days: Int
    /// The first day; day 0 is Monday, 2 March 2026.
    public let startDay: Int
    /// How many campaigns of each kind begin within the days.
    public let campaigns: [LoginEvent.Attack: Int]
    /// Attempts of a stuffing or spraying campaign; nil draws 100–1,000 for each.
    public let attempts: Int?
    /// Where the events come from.
    public let key: Key
    let population: Population

    /// A simulator with these settings; makes the population, which takes about a microsecond and 250 bytes a user.
    ///
    /// - Parameters:
    ///   - users: 1 … `maximumUsers`.
    ///   - days: 1 … `maximumDays`.
    ///   - startDay: 0 … `maximumStartDay`.
    ///   - campaigns: 1 … `maximumCampaigns` of each kind that is there.
    ///   - attempts: 1 … `maximumAttempts`, or nil.
    ///   - key: Where the events come from.
    ///   - populationKey: Where the company comes from.
    /// - Throws: `GibbsError` with code `.usage` for a setting below its range, `.limitExceeded` above it.
    public init(users: Int = 1000, days: Int = 7, startDay: Int = 0, campaigns: [LoginEvent.Attack: Int] = [:], attempts: Int? = nil, key: Key,
                populationKey: Key = Key(1)) throws {
        try Self.check(users, "users", 1 ... Self.maximumUsers, "simulate a part of the company")
        try Self.check(days, "days", 1 ... Self.maximumDays, "make several logs, each with its own start day")
        try Self.check(startDay, "start-day", 0 ... Self.maximumStartDay, "begin earlier")
        if users * days > Self.maximumUserDays {
            throw GibbsError(.limitExceeded, "\(users) users on \(days) days where one log has at most \(Self.maximumUserDays) user-days",
                             at: .init(field: "days"), advice: "make several logs with --start-day, \(Self.maximumUserDays / users) days at most each")
        }
        for (kind, count) in campaigns.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try Self.check(count, "campaigns", 1 ... Self.maximumCampaigns, "ask for fewer", what: "\(kind.rawValue) campaigns")
        }
        if let attempts { try Self.check(attempts, "attempts", 1 ... Self.maximumAttempts, "split it into several campaigns") }
        (self.users, self.days, self.startDay, self.campaigns, self.attempts, self.key) = (users, days, startDay, campaigns, attempts, key)
        population = Population(users: users, key: populationKey)
    }

    /// The events, day by day; iterate it again for the same log again.
    public func log() -> LoginLog { LoginLog(self) }

    private static func check(_ value: Int, _ field: String, _ range: ClosedRange<Int>, _ escape: String, what: String? = nil) throws {
        guard value >= range.lowerBound else {
            throw GibbsError(.usage, "\(value) \(what ?? field)", at: .init(field: field), advice: "give a number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard value <= range.upperBound else {
            throw GibbsError(.limitExceeded, "\(value) \(what ?? field) where at most \(range.upperBound) are possible", at: .init(field: field), advice: escape)
        }
    }
}
