import GibbsNumerics
import GibbsSimulation
import Testing

/// Campaigns stay within the ranges that are documented, and say what they are.
@Suite struct LoginCampaignTests {
    private static let users = 3000

    private func campaigns(_ kind: LoginEvent.Attack, _ count: Int, days: Int = 3, attempts: Int? = nil, key: UInt64 = 1) throws -> [[LoginEvent]] {
        let log = try LoginSimulator(users: Self.users, days: days, startDay: 14, campaigns: [kind: count], attempts: attempts, key: Key(key)).log()
        let events = log.flatMap { $0 }.filter { $0.attack != nil }
        #expect(events.allSatisfy { $0.attack == kind && $0.label == kind.rawValue && $0.campaign?.hasPrefix(kind.rawValue + "-") == true })
        let groups = Dictionary(grouping: events) { $0.campaign! }
        #expect(Set(groups.keys) == Set((1 ... count).map { "\(kind.rawValue)-\($0)" }))
        return Array(groups.values)
    }

    private func pauses(_ events: [LoginEvent]) -> [Double] { zip(events, events.dropFirst()).map { Double($1.time - $0.time) / 1000 } }

    /// Names that exist, as the company itself shows them.
    private func known() throws -> Set<String> {
        let life = try LoginSimulator(users: Self.users, days: 40, key: Key(9)).log().flatMap { $0 }
        return Set(life.filter { $0.outcome != .unknownUser }.map(\.user))
    }

    @Test func stuffingTriesManyUsersOnceOrTwice() throws {
        let campaigns = try campaigns(.stuffing, 40), all = campaigns.flatMap { $0 }
        for events in campaigns {
            #expect((100 ... 1000).contains(events.count))
            #expect(pauses(events).allSatisfy { (0.49 ... 20.01).contains($0) })
            #expect(Set(events.map(\.address)).count <= 3 && Set(events.map(\.device)).count <= 3)
            let tries = Dictionary(grouping: events) { $0.user }.values.map(\.count)
            #expect(tries.allSatisfy { $0 <= 2 } && tries.count > events.count / 2)
            let unknown = Double(events.count { $0.outcome == .unknownUser }) / Double(events.count)
            let margin = 5 * (0.25 / Double(events.count)).squareRoot() * 1.3
            #expect((0.2 - margin ... 0.6 + margin).contains(unknown))
        }
        let success = Double(all.count { $0.outcome == .success }) / Double(all.count)
        #expect((0.005 ... 0.02).contains(success), "\(success)")
        // Unknown users are unknown, the others are the company's.
        let known = try known()
        #expect(all.allSatisfy { $0.outcome != .unknownUser || !known.contains($0.user) })
        let missed = Set(all.filter { $0.outcome != .unknownUser }.map(\.user)).subtracting(known)
        #expect(missed.count < 60, "\(missed.count) targets that never log in")
        #expect(Set(campaigns.map { $0[0].device }).isSuperset(of: [.pythonRequests, .chromeWindows]))
    }

    @Test func sprayingTriesFewPasswordsOnMany() throws {
        let campaigns = try campaigns(.spraying, 40, days: 4), all = campaigns.flatMap { $0 }
        for events in campaigns {
            #expect((100 ... 1000).contains(events.count))
            #expect(pauses(events).allSatisfy { (4.99 ... 120.01).contains($0) })
            #expect(Set(events.map(\.address)).count <= 4)
            let tries = Dictionary(grouping: events) { $0.user }.values.map(\.count)
            #expect(tries.allSatisfy { $0 <= 2 })
            #expect(events.allSatisfy { $0.outcome != .unknownUser })
        }
        #expect(Double(all.count { $0.outcome == .wrongPassword }) > 0.99 * Double(all.count))
        #expect(campaigns.contains { $0.count == Set($0.map(\.user)).count } && campaigns.contains { $0.count > Set($0.map(\.user)).count })
    }

    @Test func slowTriesOneUserHourly() throws {
        for events in try campaigns(.slow, 60, days: 5) {
            #expect(Set(events.map(\.user)).count == 1 && Set(events.map(\.address)).count == 1 && Set(events.map(\.device)).count == 1)
            #expect(pauses(events).allSatisfy { (1799 ... 5401).contains($0) })
            let hours = Double(events.last!.time - events[0].time) / 3_600_000
            #expect((22.4 ... 72).contains(hours))
            #expect(events.dropLast().allSatisfy { $0.outcome == .wrongPassword })
        }
        // In a single day they begin with it, and end with it.
        let short = try campaigns(.slow, 5, days: 1)
        #expect(short.allSatisfy { (15 ... 48).contains($0.count) })
    }

    @Test func attemptsAreThoseAskedFor() throws {
        for kind in [LoginEvent.Attack.stuffing, .spraying] {
            #expect(try campaigns(kind, 10, days: 2, attempts: 37).allSatisfy { $0.count == 37 })
        }
        // A small company has no more users to spray than it has.
        let log = try LoginSimulator(users: 20, days: 1, campaigns: [.spraying: 8], attempts: 500, key: Key(1)).log().flatMap { $0 }
        let counts = Dictionary(grouping: log.filter { $0.attack != nil }) { $0.campaign! }.values.map(\.count)
        #expect(counts.count == 8 && counts.allSatisfy { $0 <= 40 })
    }

    @Test func beginningsSpreadOverTheRange() throws {
        let days = 10
        for kind in LoginEvent.Attack.allCases {
            let campaigns = try campaigns(kind, 100, days: days)
            let fractions = campaigns.map { Double($0[0].time - 1_772_409_600_000 - 14 * 86_400_000) / 86_400_000 / Double(days) }
            // A uniform variable on an interval nearly as long as the range: mean and share of the first half within five errors.
            #expect(abs(Statistics.mean(fractions) - 0.47) < 5 * 0.289 / 10, "\(kind)")
            #expect(fractions.contains { $0 < 0.1 } && fractions.contains { $0 > 0.8 })
        }
    }

    @Test func keysDrawOtherCampaigns() throws {
        let one = try campaigns(.stuffing, 3), again = try campaigns(.stuffing, 3), other = try campaigns(.stuffing, 3, key: 2)
        #expect(Set(one.flatMap { $0 }) == Set(again.flatMap { $0 }))
        #expect(Set(one.flatMap { $0 }).isDisjoint(with: Set(other.flatMap { $0 })))
    }

    @Test func settingsOutsideTheirRangesAreRefused() throws {
        let refused: [(GibbsError.Code, String, () throws -> LoginSimulator)] = [
            (.usage, "users", { try LoginSimulator(users: 0, key: Key(1)) }),
            (.limitExceeded, "users", { try LoginSimulator(users: 2_000_000, key: Key(1)) }),
            (.usage, "days", { try LoginSimulator(days: -1, key: Key(1)) }),
            (.limitExceeded, "days", { try LoginSimulator(days: 100_000, key: Key(1)) }),
            (.limitExceeded, "days", { try LoginSimulator(users: 1_000_000, days: 365, key: Key(1)) }),
            (.usage, "start-day", { try LoginSimulator(startDay: -1, key: Key(1)) }),
            (.usage, "campaigns", { try LoginSimulator(campaigns: [.slow: 0], key: Key(1)) }),
            (.limitExceeded, "campaigns", { try LoginSimulator(campaigns: [.slow: 1_000_000], key: Key(1)) }),
            (.usage, "attempts", { try LoginSimulator(attempts: 0, key: Key(1)) }),
            (.limitExceeded, "attempts", { try LoginSimulator(attempts: .max, key: Key(1)) }),
        ]
        for (code, field, make) in refused {
            let error = #expect(throws: GibbsError.self) { try make() }
            #expect(error?.code == code && error?.place.field == field && error?.advice != nil, "\(field): \(String(describing: error))")
        }
    }
}
