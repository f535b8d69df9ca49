import GibbsNumerics

/// Slow brute force: one password an hour on one user, so that no rate limit ever sees it.
///
/// | parameter | range |
/// |---|---|
/// | duration | uniform in 24–72 hours, or to the end of the range |
/// | pause | one hour · (0.5 … 1.5) |
/// | user | one, who exists and goes on living an ordinary life |
/// | address | one: a hired server, a VPN exit in a tenth of the campaigns, or in three of ten somebody's home in the user's country |
/// | agent | one; in one of four campaigns that of the user's own work device |
/// | success | one campaign in ten ends with the right password |
struct SlowCampaign: LoginCampaign {
    static let leastHours = 24.0, mostHours = 72.0
    private static let hour = 3_600_000.0

    let hours: Double

    init(_ draws: inout Draws) { hours = Self.leastHours + (Self.mostHours - Self.leastHours) * draws.uniform() }

    /// A day is enough to be worth beginning; the rest may lie beyond the range.
    var span: Double { Self.leastHours * Self.hour }

    func attempts(from start: Int, on population: Population, _ draws: inout Draws) -> [LoginEvent] {
        var targets = Targets(of: population, on: start, &draws)
        let person = targets.next(&draws), device = draws.chance(0.25) ? person.work : nil
        let attacker = draws.chance(0.3) ? Attacker(address: AddressPlan.address(in: person.country, draws.uniform()), device: device, &draws)
            : Attacker(address: Attacker(addresses: 1, devices: 1, plan: population.plan, &draws).addresses[0], device: device, &draws)
        let finds = draws.chance(0.1), end = start + Int(hours * Self.hour)
        var time = start, events: [LoginEvent] = []
        while time < end {
            events.append(attacker.attempt(.slow, on: UserNames.name(person.number), at: time, .wrongPassword, &draws))
            time += Self.pause(Self.hour, &draws)
        }
        if finds { events[events.count - 1].outcome = person.hasSecondFactor ? .mfaFailed : .success }
        return events
    }
}
