import GibbsNumerics

/// Password spraying: one or two passwords that somebody surely has, tried on one user after another.
///
/// | parameter | range |
/// |---|---|
/// | attempts | as told, else log-uniform in 100–1,000; at most one a user and password |
/// | pause | pace · (0.5 … 1.5), the pace log-uniform in 10–80 s: 5–120 s |
/// | passwords | one, or in two of five campaigns two, the second one after all users had the first |
/// | users | all exist, each once a password, in random order |
/// | success | 0.3 % of the users have the password; a second factor stops a third of these |
/// | addresses, agents | one address in half of the campaigns, else 2–4; one agent |
struct SprayingCampaign: LoginCampaign {
    static let hitShare = 0.003

    let count: Int
    let pace: Double
    let passwords: Int

    init(attempts: Int?, users: Int, _ draws: inout Draws) {
        passwords = draws.chance(0.4) ? 2 : 1
        count = min(users * passwords, attempts ?? Int(draws.logUniform(100, 1000).rounded()))
        pace = 1000 * draws.logUniform(10, 80)
    }

    var span: Double { Self.span(of: count, pace: pace) }

    func attempts(from start: Int, on population: Population, _ draws: inout Draws) -> [LoginEvent] {
        let attacker = Attacker(addresses: draws.chance(0.5) ? 1 : 2 + draws.index(below: 3), devices: 1, plan: population.plan, &draws)
        var targets = Targets(of: population, on: start, &draws)
        let first = (0 ..< min(targets.count, (count + passwords - 1) / passwords)).map { _ in targets.next(&draws) }
        var time = start, events: [LoginEvent] = []
        for person in (0 ..< passwords).flatMap({ _ in first }).prefix(count) {
            let isHit = draws.chance(Self.hitShare)
            let outcome: LoginEvent.Outcome = !isHit ? .wrongPassword : person.hasSecondFactor ? .mfaFailed : .success
            events.append(attacker.attempt(.spraying, on: UserNames.name(person.number), at: time, outcome, &draws))
            time += Self.pause(pace, &draws)
        }
        return events
    }
}
