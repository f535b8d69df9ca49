import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsNumerics
import Testing

/// Who comes to a user as a stranger again and again is found by that alone, however slowly.
@Suite struct StrangerTests {
    private struct Login: Sendable { var time: Double, address: String, user: String, country: String, outcome: String }

    /// Days of sixty users who log in from their home, in the country of every sixth user, and err now and then.
    private static func logins(days: Range<Int>, key: Key) -> [Login] {
        days.flatMap { day in
            (0 ..< 60).flatMap { user -> [Login] in
                let u = key.folding(day).folding(user).uniforms(8), start = Double(20_000 + day) * 86_400 + Double(u[0]) * 60_000
                return (0 ..< 3).flatMap { round -> [Login] in
                    let time = start + Double(round) * 7_000, errs = u[2 + round] < 0.1
                    return ((errs ? [-5.0] : []) + [0]).map { Login(time: time + $0, address: "h\(user)", user: "u\(user)", country: "c\(user % 6)", outcome: $0 < 0 ? "wrong" : "success") }
                }
            }
        }.sorted { $0.time < $1.time }
    }

    /// One attempt an hour on a user, from a country that others live in.
    private static func attack(day: Int, count: Int) -> [Login] {
        (0 ..< count).map { Login(time: Double(20_000 + day) * 86_400 + 1_000 + Double($0) * 3_600, address: "x", user: "u7", country: "c4", outcome: "wrong") }
    }

    private static func eventLog(_ logins: [Login]) throws -> EventLog {
        let columns = [Column(name: "address", texts: logins.map(\.address)), Column(name: "time", texts: logins.map { String($0.time) }), Column(name: "outcome", texts: logins.map(\.outcome)),
                       Column(name: "user", texts: logins.map(\.user)), Column(name: "country", texts: logins.map(\.country))]
        return try EventLog(Table(columns: columns), entity: "address", time: "time", columns: ["outcome", "user", "country"])
    }

    private static func batch(_ logins: ArraySlice<Login>, of watchdog: StreamWatchdog) -> EventBatch {
        let names = watchdog.measure.schema.columns
        var batch = EventBatch(columns: names)
        for (index, login) in zip(logins.indices, logins) {
            batch.append(entity: login.address, time: login.time, values: names.map { $0 == "outcome" ? login.outcome : $0 == "user" ? login.user : login.country }, line: index + 1, offset: index)
        }
        return batch
    }

    private static let fitted = Result { () throws -> (watchdog: StreamWatchdog, past: StreamMonitor) in
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.subject) = (2, 8, 3, "user")
        let log = try eventLog(logins(days: 0 ..< 10, key: Key(1))), fit = try StreamFit.fitted(to: log, entity: "address", time: "time", options: options)
        return (StreamWatchdog(fit, source: .table, options: options), fit.measure.monitor(after: log, calibration: fit.calibration))
    }

    /// The mixture over rates, by Simpson's rule in φ with θ = sin²φ, under which Beta(½, ½) is uniform.
    @Test(arguments: [(1, 1), (3, 10), (10, 10), (24, 24), (40, 1_000)]) func gainIsTheBayesFactor(k: Int, n: Int) throws {
        let share = 0.01, steps = 20_000, width = Double.pi / 2 / Double(steps)
        let sum = (0 ... steps).reduce(0.0) { (sum: Double, step: Int) -> Double in
            let s = sin(Double(step) * width), c = cos(Double(step) * width), weight = step == 0 || step == steps ? 1.0 : step % 2 == 1 ? 4 : 2
            let strange: Double = Double(2 * k) * Foundation.log(max(s, 1e-300) / share.squareRoot())
            let usual: Double = Double(2 * (n - k)) * Foundation.log(max(c, 1e-300) / (1 - share).squareRoot())
            return sum + weight * exp(strange + usual)
        }
        let expected = Foundation.log(sum * width / 3 * 2 / Double.pi), found = Double(try StrangeRate(field: "f", share: share).gain(k, of: n))
        #expect(abs(found - max(0, expected)) < 1e-4 * max(1, abs(expected)), "\(k) of \(n): \(found), not \(expected)")
        #expect(try StrangeRate(field: "f", share: share).gain(0, of: n) == 0 && StrangeRate(field: "f", share: 0.5).gain(k, of: 4 * n) == 0)
    }

    @Test func slowBruteForce() throws {
        let (watchdog, past) = try Self.fitted.get()
        #expect(watchdog.measure.schema.habitual == "success" && watchdog.measure.strange.map(\.field) == ["country to user"], "an address new to a user is one fact, however often it comes")
        #expect(watchdog.measure.strange.allSatisfy { $0.share < 0.01 && $0.weight > 0 && $0.weight <= 1 })
        let calm = Self.logins(days: 10 ..< 11, key: Key(2)), both = (calm + Self.attack(day: 10, count: 24)).sorted { $0.time < $1.time }
        var monitor = past
        let alerts = monitor.observe(Self.batch(both[...], of: watchdog)), first = try #require(alerts.first { $0.entity == "x" })
        #expect(first.events <= 24 && alerts.count { $0.entity != "x" } <= 3, "\(alerts.map(\.entity))")
        let reason = try #require(alerts.last { $0.entity == "x" }?.dayReasons.first)
        #expect(reason.what == "country to user 'new' today, without 'success'" && reason.value.hasSuffix(" of \(reason.value.prefix { $0 != " " })") && reason.gain > watchdog.calibration!.threshold, "\(reason)")
        #expect(alerts.filter { $0.entity == "x" }.allSatisfy { $0.score >= $0.run + $0.day - 1e-3 })
    }

    /// The next day the place is as strange as it was: trying makes no habit, a success does.
    @Test(arguments: [false, true]) func tryingIsNoHabit(succeeds: Bool) throws {
        let (watchdog, past) = try Self.fitted.get()
        var monitor = past, begin = Self.attack(day: 10, count: 5), last = [String: Float]()
        if succeeds { begin[4].outcome = "success" }
        _ = monitor.observe(Self.batch(begin[...], of: watchdog))
        let second = Self.attack(day: 12, count: 12)
        _ = monitor.observe(Self.batch(second[...], of: watchdog)) { last["x"] = $0.score }
        let alone = watchdog.measure.strange[0].weight * watchdog.measure.strange[0].gain(12, of: 12)
        #expect((last["x"]! >= alone) == !succeeds, "\(last["x"]!) of \(alone)")
    }

    /// Batches of any size, and a restart in the middle, give the same scores.
    @Test func countsGoOn() throws {
        let (watchdog, past) = try Self.fitted.get(), path = NSTemporaryDirectory() + "stranger-\(UUID().uuidString).state"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let events = (Self.logins(days: 10 ..< 11, key: Key(3)) + Self.attack(day: 10, count: 24)).sorted { $0.time < $1.time }
        var whole = past, parts = past, expected = [UInt32](), found = [UInt32]()
        _ = whole.observe(Self.batch(events[...], of: watchdog)) { expected.append($0.score.bitPattern) }
        for start in stride(from: 0, to: events.count, by: 37) {
            _ = parts.observe(Self.batch(events[start ..< min(start + 37, events.count)], of: watchdog)) { found.append($0.score.bitPattern) }
            if start == 37 * 5 {
                try StreamSnapshot(parts).write(to: path, model: watchdog.fingerprint)
                parts = try StreamSnapshot(contentsOf: path, of: watchdog).monitor
            }
        }
        #expect(found == expected)
        let file = NSTemporaryDirectory() + "stranger-\(UUID().uuidString).gibbs"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try watchdog.write(to: file)
        #expect(try StreamWatchdog(contentsOf: file).measure.strange == watchdog.measure.strange)
    }

    /// Shares and weights that cannot be are refused.
    @Test(arguments: [(0.0, Float(1)), (1, 1), (.nan, 1), (0.1, -1), (0.1, 2), (0.1, .nan)]) func impossibleRates(share: Double, weight: Float) {
        #expect(throws: GibbsError.self) { try StrangeRate(field: "f", share: share, weight: weight) }
    }

    /// On 150 held entity-days of 60 a day three calibrations of four keep one alert a day: P(Gamma(j) > 3) ≤ ¼ for j = 1 alone.
    @Test func fewDaysAreTakenCautiously() throws {
        let calibration = try #require(Self.fitted.get().watchdog.calibration), mean = Double(calibration.energies.count) / 60
        let j = Int((calibration.falseAlarmRate * Double(calibration.energies.count + 1)).rounded())
        func below(_ j: Int) -> Double { (0 ..< j).reduce(0.0) { (sum: Double, i: Int) -> Double in sum + exp(Double(i) * Foundation.log(mean) - mean - lgamma(Double(i) + 1)) } }
        #expect(j >= 1 && (j == 1 || below(j) <= 0.25) && below(j + 1) > 0.25, "\(j) of \(mean)")
    }

    /// A score that stays where it was yesterday is news once.
    @Test func lingeringIsNoNews() throws {
        let watchdog = try SmallLog.watchdog.get(), wild = SmallLog.day("bad", start: 20_000 * 86_400 + 100, key: Key(61), strange: true)
        let quiet = (1 ... 3).map { SmallLog.Event(who: "bad", time: Double(20_000 + $0) * 86_400 + 50_000, what: "read", file: "f1") }
        var monitor = watchdog.monitor(), scores = [Float]()
        _ = monitor.observe(SmallLog.batch(wild + quiet)) { scores.append($0.score) }
        let calibrated = try watchdog.calibrated(on: SmallLog.log(wild + quiet), falseAlarmRate: 0.5), high = scores.max()!
        #expect(scores.last! > high / 32 && calibrated.calibration!.energies.count == 4)
        #expect(calibrated.calibration!.energies.count { $0 > high / 32 } == 1, "\(calibrated.calibration!.energies)")
    }
}
