import GibbsNumerics
import GibbsSimulation
import Testing

/// The honest mistakes, the forgotten clients and the scripts of the simulated logins.
@Suite struct SlipTests {
    private static let month = Result { try LoginSimulator(users: 2000, days: 21, key: Key(5)) }.map { $0.log().flatMap { $0 } }

    private func month() throws -> [LoginEvent] { try Self.month.get() }

    @Test func mistypedNamesAreNobodys() throws {
        let events = try month(), known = Set(events.filter { $0.outcome != .unknownUser }.map(\.user))
        let mistyped = events.filter { $0.outcome == .unknownUser }
        #expect(mistyped.count > 100)
        #expect(mistyped.allSatisfy { !known.contains($0.user) })
    }

    @Test func mostFailuresAreFollowedBySuccess() throws {
        let people = Dictionary(grouping: try month().filter { $0.outcome != .unknownUser }) { $0.user }
        var singles = 0, repaired = 0
        for events in people.values {
            for (index, event) in events.enumerated() where event.outcome == .wrongPassword {
                // The beginning of a streak: no failure in the half hour before.
                let isFirst = index == 0 || event.time - events[index - 1].time > 90 * 60_000 || events[index - 1].outcome == .success
                guard isFirst, index + 1 < events.count else { continue }
                singles += 1
                let next = events[index + 1]
                if next.outcome == .success, next.time - event.time < 16_000, next.address == event.address, next.device == event.device { repaired += 1 }
            }
        }
        #expect(singles > 300)
        #expect((0.4 ... 0.8).contains(Double(repaired) / Double(singles)), "\(repaired) of \(singles)")
    }

    @Test func fiveFailuresLock() throws {
        let people = Dictionary(grouping: try month().filter { $0.outcome != .unknownUser }) { $0.user }
        var locks = 0
        for events in people.values {
            for index in events.indices where events[index].outcome == .locked && events[index - 1].outcome != .locked {
                locks += 1
                #expect(events[..<index].suffix(5).allSatisfy { $0.outcome == .wrongPassword })
            }
        }
        #expect(locks > 5)
    }

    /// A phone that keeps trying an old password: many failures at regular pauses, from a device and an address that the user has.
    @Test func forgottenClientsLookLikeSlowBruteForce() throws {
        let events = try month().filter { !$0.user.hasPrefix("svc-") }
        let failures = Dictionary(grouping: events.filter { $0.outcome == .wrongPassword }) { $0.user + $0.device.rawValue }
        var streaks: [[LoginEvent]] = []
        for group in failures.values {
            var streak: [LoginEvent] = []
            for event in group {
                // 5–60 minutes, a tenth more or less; two attempts in a row may fall out.
                if let last = streak.last, !(4.4 ... 199).contains(Double(event.time - last.time) / 60_000) {
                    if streak.count >= 8 { streaks.append(streak) }
                    streak = []
                }
                streak.append(event)
            }
            if streak.count >= 8 { streaks.append(streak) }
        }
        // 70 are expected on 42,000 user-days, some two thirds of them with eight attempts or more.
        #expect((20 ... 75).contains(streaks.count), "\(streaks.count)")
        for streak in streaks {
            #expect(streak.last!.time - streak[0].time < 24 * 3_600_000)
            #expect((4.4 ... 67).contains(Statistics.median(zip(streak, streak.dropFirst()).map { Double($1.time - $0.time) / 60_000 })))
        }
        let successes = Set(events.filter { $0.outcome == .success }.map { $0.user + $0.addressText })
        #expect(streaks.count { $0.contains { successes.contains($0.user + $0.addressText) } } * 4 >= streaks.count * 3)
    }

    @Test func scriptsAreRegular() throws {
        let scripts = Dictionary(grouping: try month().filter { $0.user.hasPrefix("svc-") }) { $0.user }
        #expect(scripts.count == 10)
        let tools: Set<LoginEvent.Device> = [.pythonRequests, .curl, .goHTTP, .java, .powershell, .okhttp]
        for events in scripts.values {
            #expect(Set(events.map(\.address)).count == 1 && Set(events.map(\.device)).count == 1 && tools.contains(events[0].device))
            let pauses = zip(events, events.dropFirst()).map { Double($1.time - $0.time) / 60_000 }
            #expect(try #require(pauses.max()) - #require(pauses.min()) < 0.2)
        }
    }
}
