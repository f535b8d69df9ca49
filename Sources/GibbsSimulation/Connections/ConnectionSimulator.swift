import GibbsData
import GibbsNumerics

/// A simulated network log of a small company: one row per connection, normal traffic with attacks in it where wanted.
///
/// It exists so that a detector can be tried, tested and demonstrated on data whose truth is known and that anyone can
/// make again: the same key gives the same rows, and the first rows of a longer run are the rows of a shorter one. The
/// company (hosts, services, sites) is the same for every key, so data of one key can train and data of another test.
///
/// | column | type | what it holds |
/// |---|---|---|
/// | `time` | text | ISO 8601, UTC, to the second; two Poisson processes: people in working hours, machines always |
/// | `hour` | number | 0–23, of `time` |
/// | `duration` | number | seconds, to the millisecond; missing without an answer and for most single udp and icmp exchanges |
/// | `protocol` | text | `tcp`, `udp`, `icmp` |
/// | `service` | text | 17 names, from `https` to `other` |
/// | `port` | number | of the destination; missing for icmp |
/// | `state` | text | Zeek's words: `SF` 95 %, `RSTO` 1.6 %, `S0` 1 %, `REJ`, `RSTR` and `S1` 0.8 % each |
/// | `bytes_out`, `bytes_in` | number | sent by the source, and back; correlated log-normals per service with Pareto tails |
/// | `packets` | number | of both directions, from the bytes |
/// | `failed_logins` | number | 0–6; honest mistakes are geometric |
/// | `logged_in` | boolean | missing for services without a login |
/// | `encrypted` | boolean | |
/// | `same_host_rate` | number | share of the source's last hundred connections that went to the same destination |
/// | `distinct_ports` | number | ports among the source's last hundred connections |
/// | `source_zone`, `destination_zone` | text | `internal`, `dmz`, `external` |
/// | `country` | text | of the external side; missing inside and for one outside address in fifty |
/// | `user_agent` | text | of web connections; missing for all others and for some of them |
/// | `sensor` | text | always `v3.1`: real logs have columns that never change |
/// | `label` | text | `normal`, or the name of the `Attack` |
///
/// Each record is an attack with probability `attackShare`, of a kind drawn evenly; attacks come as campaigns of one source,
/// 40 records long on average. Most fields of the subtle attacks are ordinary by themselves; what is odd is their company.
/// The numbers per service and per attack are in `docs/simulator.md`.
///
/// - Source: our own; the columns follow Zeek's `conn.log` and the NSL-KDD data set, no row of which is used.
public struct ConnectionSimulator: Sendable {
    /// What an attacker does, roughly from blatant to subtle.
    public enum Attack: String, CaseIterable, Codable, Sendable {
        /// Tries one port after another, from outside or from a fallen host.
        case portScan
        /// Opens connections to the web server from forged addresses and never answers.
        case synFlood
        /// Guesses ssh passwords from outside.
        case bruteForce
        /// Carries data in the names of DNS queries.
        case dnsTunnel
        /// Tries known holes of the web site.
        case webExploit
        /// Sends much data from a desk to a site where backups never go.
        case dataExfiltration
        /// Tries a fallen host's rights on all other hosts.
        case lateralMovement
        /// Reports to a master outside, in the shape of web traffic.
        case beacon

        /// The place in `allCases`.
        var place: Int { Self.places[self]! }
        private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
    }

    /// The `label` of a row that is no attack.
    public static let normalLabel = "normal"
    /// Rows that one call makes at most; about 300 bytes of memory each.
    public static let maximumCount = 20_000_000

    /// Unwritten records that fill the hosts' histories.
    private static let pastRecords = 20_000

    /// Where all randomness comes from.
    public var key: Key
    /// The probability that a record is an attack, 0...1.
    public var attackShare: Double
    /// The attacks that may occur, equally often; a kind listed twice comes twice as often.
    public var kinds: [Attack]
    /// Expected records of a weekday, 100...100,000,000; a day of the weekend has about 30 % of that.
    public var recordsPerDay: Double
    /// When the log begins, in seconds since 1970, UTC, from 0 to the year 2100; Monday, 2 March 2026 at midnight unless told.
    public var start: Int

    /// A simulator with these settings; they are checked by `records(_:)`.
    ///
    /// - Parameters:
    ///   - key: Where all randomness comes from.
    ///   - attackShare: The probability that a record is an attack.
    ///   - kinds: The attacks that may occur.
    ///   - recordsPerDay: Expected records of a weekday.
    ///   - start: Seconds since 1970.
    public init(key: Key, attackShare: Double = 0, kinds: [Attack] = Attack.allCases, recordsPerDay: Double = 5000,
                start: Int = 1_772_409_600) {
        self.key = key
        self.attackShare = attackShare
        self.kinds = kinds
        self.recordsPerDay = recordsPerDay
        self.start = start
    }

    /// The first `count` records of the log, in order of time.
    ///
    /// - Returns: `count` rows of the columns above; an empty table with those columns for 0.
    /// - Throws: `GibbsError` with code `.usage` for a setting outside its range, `.limitExceeded` above `maximumCount`.
    /// - Complexity: One pass on one thread, some 5 µs a row, after a tenth of a second for the history.
    public func records(_ count: Int) throws -> Table {
        try validate(count)
        let hours = WorkingHours(recordsPerDay: recordsPerDay)
        let traffic = NormalTraffic()
        var attacks = AttackTraffic(traffic: traffic)
        let (pastKey, key) = key.split()
        var history = past(traffic, key: pastKey)
        var records: [ConnectionRecord] = []
        records.reserveCapacity(count)
        var time = Double(start)
        for index in 0 ..< count {
            var draws = Draws(key: key.folding(index))
            time = hours.next(after: time, &draws)
            var record: ConnectionRecord
            if draws.chance(attackShare) {
                let kind = kinds[draws.index(below: kinds.count)]
                record = attacks.record(of: kind, at: time, history: &history, &draws)
            } else {
                record = traffic.record(at: time, peopleShare: hours.peopleShare(at: time), &draws)
            }
            history.observe(&record)
            records.append(record)
        }
        return Table(connections: records)
    }

    /// What the sources did before the log begins; without it, its first rows would differ from the later ones in the
    /// columns that look back, and a rate calibrated on a long log would not hold on a short one.
    private func past(_ traffic: NormalTraffic, key: Key) -> SourceHistory {
        var history = SourceHistory(sources: Company.attackers.upperBound)
        for index in 0 ..< Self.pastRecords {
            var draws = Draws(key: key.folding(index))
            let peopleShare = 1 - WorkingHours.machineShare
            var record = traffic.record(at: Double(start), peopleShare: peopleShare, &draws)
            history.observe(&record)
        }
        return history
    }

    private func validate(_ count: Int) throws {
        func refuse(_ field: String, _ message: String, _ advice: String) -> GibbsError {
            GibbsError(.usage, message, at: .init(field: field), advice: advice)
        }
        guard count >= 0 else { throw refuse("count", "\(count) records", "ask for 0 or more") }
        guard count <= Self.maximumCount else {
            throw GibbsError(.limitExceeded, "\(count) records where one call makes at most \(Self.maximumCount)",
                             at: .init(field: "count"), advice: "simulate parts with keys of their own, each with its own start")
        }
        guard (0 ... 1).contains(attackShare) else {
            throw refuse("attackShare", "the share of attacks is \(attackShare)", "give a number from 0 to 1, such as 0.04")
        }
        guard attackShare == 0 || !kinds.isEmpty else {
            throw refuse("kinds", "a share of attacks of \(attackShare) without any kind of attack",
                         "name some of \(Attack.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard (100 ... 100_000_000).contains(recordsPerDay) else {
            throw refuse("recordsPerDay", "\(recordsPerDay) records a day", "give a number from 100 to 100000000")
        }
        guard (0 ..< 4_102_444_800).contains(start) else {
            throw refuse("start", "a log that begins \(start) seconds after 1970", "give a time from 1970 to 2099")
        }
    }
}
