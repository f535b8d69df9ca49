import GibbsNumerics
import GibbsSimulation
import Testing

/// The simulated logins: made again by their keys, in any range of days, with the life and the slips that are documented.
@Suite struct LoginSimulatorTests {
    private static let week = Result { try LoginSimulator(users: 2000, days: 7, key: Key(1)) }.map { Array($0.log()) }

    /// The days of one ordinary week, made once.
    private func week() throws -> [[LoginEvent]] { try Self.week.get() }

    private func share(_ events: [LoginEvent], _ isCounted: (LoginEvent) -> Bool) -> Double {
        Double(events.count(where: isCounted)) / Double(events.count)
    }

    @Test func daysAreTheSameWhateverIsAskedFor() throws {
        let week = try week()
        for day in [0, 3, 6] {
            let alone = try Array(LoginSimulator(users: 2000, days: 1, startDay: day, key: Key(1)).log())
            #expect(alone == [week[day]], "day \(day)")
        }
        // Attacks join the ordinary life; they do not change it.
        let attacked = try LoginSimulator(users: 2000, days: 7, campaigns: [.stuffing: 2, .slow: 3], key: Key(1)).log().map { day in
            day.filter { $0.attack == nil }
        }
        #expect(attacked == week)
    }

    @Test func anotherKeyIsAnotherDayOfTheSameCompany() throws {
        let one = try week()[0], two = try Array(LoginSimulator(users: 2000, days: 1, key: Key(2)).log())[0]
        let other = try Array(LoginSimulator(users: 2000, days: 1, key: Key(1), populationKey: Key(2)).log())[0]
        #expect(one != two)
        func homes(_ events: [LoginEvent]) -> [String: Set<UInt32>] {
            Dictionary(grouping: events) { $0.user }.mapValues { Set($0.map(\.address)) }
        }
        // Who logs in under both keys mostly shares an address with himself; under another population, hardly ever.
        func familiar(_ a: [LoginEvent], _ b: [LoginEvent]) -> Double {
            let first = homes(a), second = homes(b), both = first.keys.filter { second[$0] != nil }
            return Double(both.filter { !first[$0]!.isDisjoint(with: second[$0]!) }.count) / Double(both.count)
        }
        #expect(familiar(one, two) > 0.6)
        #expect(familiar(one, other) < 0.05)
        let names = Set(one.filter { $0.outcome != .unknownUser }.map(\.user)), again = Set(two.filter { $0.outcome != .unknownUser }.map(\.user))
        #expect(names.count > 1200 && names.union(again).count < 2020)
    }

    @Test func aLargerCompanyKeepsItsUsers() throws {
        let small = try Array(LoginSimulator(users: 100, days: 1, key: Key(1)).log())[0].filter { !$0.user.hasPrefix("svc-") }
        let large = try Set(week()[0])
        #expect(!small.isEmpty && small.allSatisfy(large.contains))
    }

    @Test func eventsAreInOrderAndWithinTheirDay() throws {
        for (day, events) in try week().enumerated() {
            let start = 1_772_409_600_000 + day * 86_400_000
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
            #expect(events.allSatisfy { (start ..< start + 86_400_000).contains($0.time) })
            #expect(events.allSatisfy { $0.attack == nil && $0.campaign == nil && $0.label == "normal" })
            #expect(events.allSatisfy { $0.address >> 28 == 15 && (1 ... 254).contains($0.address & 255) })
        }
    }

    @Test func ratesAreThoseOfACompany() throws {
        let events = try week().flatMap { $0 }
        let perUserDay = Double(events.count) / 14_000
        #expect((1 ... 3).contains(perUserDay), "\(perUserDay) events a user-day")
        #expect((0.03 ... 0.08).contains(share(events) { $0.outcome != .success }))
        for outcome in LoginEvent.Outcome.allCases { #expect(events.contains { $0.outcome == outcome }, "no \(outcome)") }
        // Mistyped names are 0.6 % of the logins of the average careful person, who has a chance factor near one.
        #expect((0.003 ... 0.012).contains(share(events) { $0.outcome == .unknownUser }))
    }

    @Test func daysHaveARhythm() throws {
        let week = try week(), workdays = week[..<5].flatMap { $0 }
        for weekend in week[5...] { #expect(weekend.count * 2 < workdays.count / 5) }
        // The company is European for the most part: its rush is between six and ten UTC.
        let rush = share(workdays) { (6 ..< 10).contains($0.time / 3_600_000 % 24) }, night = share(workdays) { (0 ..< 4).contains($0.time / 3_600_000 % 24) }
        #expect(rush > 0.22 && night < 0.12 && rush > 2.5 * night, "rush \(rush), night \(night)")
        // India gets up before Germany, and the United States after it.
        func mean(_ country: String) -> Double {
            let hours = workdays.filter { $0.country == country && !$0.user.hasPrefix("svc-") }.map { Double($0.time % 86_400_000) / 3_600_000 }
            return Statistics.median(hours)
        }
        #expect(mean("IN") + 2 < mean("DE") && mean("DE") + 2 < mean("US"))
    }

    @Test func activityIsHeavyTailed() throws {
        let people = try week().flatMap { $0 }.filter { !$0.user.hasPrefix("svc-") && $0.outcome == .success }
        let counts = Dictionary(grouping: people) { $0.user }.values.map(\.count).sorted()
        let busiest = counts.suffix(counts.count / 10).reduce(0, +)
        #expect(Double(busiest) > 0.25 * Double(people.count))
        #expect(Statistics.median(counts.map(Double.init)) < 0.85 * Double(people.count) / Double(counts.count))
    }

    @Test func manyUsersShareSomeAddresses() throws {
        let events = try week().flatMap { $0 }
        let users = Dictionary(grouping: events.filter { $0.outcome == .success }) { $0.address }.mapValues { Set($0.map(\.user)).count }
        #expect(users.values.count { $0 > 100 } >= 4, "offices")
        #expect(users.values.count { (10 ... 100).contains($0) } >= 15, "carriers, VPNs, hotels")
        #expect(users.values.count { $0 == 1 } > 1500, "homes")
        // From the busiest address come hundreds of logins, and failures, too: honest ones.
        let busiest = users.max { $0.value < $1.value }!.key
        #expect(events.count { $0.address == busiest && $0.outcome != .success } > 5)
    }

    @Test func homesMoveAndPeopleTravel() throws {
        let fortnight = try LoginSimulator(users: 500, days: 28, key: Key(3)).log().flatMap { $0 }.filter { !$0.user.hasPrefix("svc-") && $0.outcome == .success }
        let byUser = Dictionary(grouping: fortnight) { $0.user }
        let countries = byUser.values.map { Set($0.map(\.country)).count }
        #expect((0.1 ... 0.6).contains(Double(countries.count { $0 > 1 }) / Double(countries.count)))
        let addresses = byUser.values.map { Double(Set($0.map(\.address)).count) }
        #expect(Statistics.median(addresses) >= 5)
        let devices = byUser.values.map { Set($0.map(\.device)).count }
        #expect(devices.allSatisfy { $0 <= 5 } && devices.count { $0 > 1 } > devices.count / 2)
    }

    @Test func newcomersAppear() throws {
        let early = try Set(week().flatMap { $0 }.map(\.user))
        let late = try LoginSimulator(users: 2000, days: 7, startDay: 300, key: Key(1)).log().flatMap { $0 }.filter { $0.outcome == .success }
        // An eighth of 2000 users joins within the year; some people of the first week are on holiday or seldom log in.
        #expect(Set(late.map(\.user)).subtracting(early).count > 120)
    }
}
