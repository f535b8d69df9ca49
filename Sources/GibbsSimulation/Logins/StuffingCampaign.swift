import GibbsNumerics

/// Credential stuffing: a leaked list of users and passwords, tried from top to bottom.
///
/// | parameter | range |
/// |---|---|
/// | attempts | as told, else log-uniform in 100–1,000 |
/// | pause | pace · (0.5 … 1.5), the pace log-uniform in 1–13.3 s: 0.5–20 s |
/// | attempts a user | one; of a tenth to four tenths of the users two passwords are known |
/// | share of unknown users | 20–60 % of the attempts |
/// | success | 0.5–2 % of the attempts, and half as many that fail at the second factor |
/// | addresses, agents | 1–3 each |
struct StuffingCampaign: LoginCampaign {
    let count: Int
    let pace: Double
    let unknownShare: Double
    let successShare: Double
    let secondTryShare: Double

    init(attempts: Int?, _ draws: inout Draws) {
        count = attempts ?? Int(draws.logUniform(100, 1000).rounded())
        pace = 1000 * draws.logUniform(1, 40.0 / 3)
        unknownShare = 0.2 + 0.4 * draws.uniform()
        successShare = 0.005 + 0.015 * draws.uniform()
        secondTryShare = 0.1 + 0.3 * draws.uniform()
    }

    var span: Double { Self.span(of: count, pace: pace) }

    func attempts(from start: Int, on population: Population, _ draws: inout Draws) -> [LoginEvent] {
        let attacker = Attacker(addresses: 1 + draws.index(below: 3), devices: 1 + draws.index(below: 3), plan: population.plan, &draws)
        var targets = Targets(of: population, on: start, &draws)
        // The chance that a pair of an existing user still works, whether or not a second factor stands behind it.
        let validShare = successShare / (1 - unknownShare) / (1 - Person.secondFactorShare)
        var events: [LoginEvent] = []
        events.reserveCapacity(count)
        var time = start
        while events.count < count {
            let isKnown = !draws.chance(unknownShare), person = isKnown ? targets.next(&draws) : nil
            // Nobody has a number beyond the last user's.
            let name = UserNames.name(person?.number ?? population.people.count + draws.index(below: 1_000_000))
            let tries = min(count - events.count, draws.chance(secondTryShare) ? 2 : 1)
            for _ in 0 ..< tries {
                let isValid = person != nil && draws.chance(validShare)
                let outcome: LoginEvent.Outcome = person == nil ? .unknownUser : !isValid ? .wrongPassword
                    : person!.hasSecondFactor ? .mfaFailed : .success
                events.append(attacker.attempt(.stuffing, on: name, at: time, outcome, &draws))
                time += Self.pause(pace, &draws)
                if isValid { break }
            }
        }
        return events
    }
}
