/// The honest mistakes around one login: a mistyped name, a wrong password and its kin, a second factor that failed.
///
/// With a `chance` of one, 0.6 % of logins begin with a mistyped name and 1 % with wrong passwords. Four in five of these are
/// slips of the fingers: one failure (75 %), two (17 %) or three to five, 2–15 seconds apart. The fifth is caps lock: three to
/// seven failures, 1.5–6 seconds apart. After two failures, a tenth of the people give up and a tenth take a new password,
/// which takes two to ten minutes. The fifth failure in a row locks the account; what follows is refused for 15–25 minutes.
struct Slips {
    typealias Outcome = LoginEvent.Outcome

    static let mistypedName = 0.006, wrongPassword = 0.010, failedFactor = 0.012
    /// Failures in a row after which an account is locked.
    static let failuresToLock = 5

    let chance: Double
    let asksSecondFactor: Bool

    /// Adds the attempts that lead to a login, or to none.
    func append(_ login: LoginEvent, to log: inout [LoginEvent], _ draws: inout Draws) {
        var attempt = login
        func wait(_ least: Double, _ most: Double) { attempt.time += Int(1000 * (least + (most - least) * draws.uniform())) }
        func write(_ outcome: Outcome) {
            attempt.outcome = outcome
            log.append(attempt)
        }
        if draws.chance(Self.mistypedName * chance) {
            attempt.user = UserNames.mistyped(login.user, &draws)
            write(.unknownUser)
            attempt.user = login.user
            wait(4, 25)
        }
        if draws.chance(Self.wrongPassword * chance) {
            let isCapsLock = draws.chance(0.2), kind = draws.uniform()
            let failures = isCapsLock ? 3 + draws.index(below: 5) : kind < 0.75 ? 1 : kind < 0.92 ? 2 : 3 + draws.index(below: 3)
            for failure in 1 ... failures {
                write(failure > Self.failuresToLock ? .locked : .wrongPassword)
                if isCapsLock { wait(1.5, 6) } else { wait(2, 15) }
            }
            let end = failures < 2 ? 1 : draws.uniform()
            if end < 0.1 { return }
            if failures >= Self.failuresToLock { wait(900, 1500) } else if end < 0.2 { wait(120, 600) }
        }
        if asksSecondFactor, draws.chance(Self.failedFactor * min(2, chance)) {
            write(.mfaFailed)
            wait(5, 40)
        }
        write(.success)
    }
}
