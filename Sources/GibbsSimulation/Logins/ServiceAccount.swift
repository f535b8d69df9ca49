import GibbsNumerics

/// A script that logs in every so many minutes, from one address, with a client that says so.
struct ServiceAccount: Sendable {
    let name: String
    private let number: Int
    private let device: LoginEvent.Device
    private let server: Int
    /// Minutes between two logins, and when in the day they begin.
    private let period: Int, phase: Double
    private let passwordPhase: Int

    private static let devices = Choice<LoginEvent.Device>([(.pythonRequests, 34), (.curl, 22), (.goHTTP, 14), (.java, 16), (.powershell, 8), (.okhttp, 6)])
    private static let periods = Choice<Int>([(15, 1), (30, 2), (60, 4), (120, 3), (360, 3), (1440, 4)])
    private static let tasks = ["backup", "ci", "monitor", "sync", "report", "deploy", "mail", "export", "scan", "billing"]

    init(number: Int, key: Key) {
        var draws = Draws(key: key.folding(number))
        self.number = number
        name = "svc-" + Self.tasks[number % Self.tasks.count] + (number < Self.tasks.count ? "" : String(number / Self.tasks.count + 1))
        device = draws.pick(Self.devices)
        server = draws.popular(below: 8)
        period = draws.pick(Self.periods)
        phase = Double(period) * draws.uniform()
        passwordPhase = draws.index(below: 60)
    }

    /// Adds the day's logins to a log. Every 60 days the password is changed, and in three of ten cases the script is told
    /// up to ten hours later, with a failure at every turn until then.
    func append(day: Int, plan: AddressPlan, key: Key, to log: inout [LoginEvent]) {
        var draws = Draws(key: key)
        let address = plan.server(server)
        let isForgotten = (day + passwordPhase).isMultiple(of: 60) && draws.chance(0.3)
        let change = 9 + 4 * draws.uniform(), told = change + 1 + 9 * draws.uniform()
        for turn in 0 ..< 1440 / period {
            let minute = phase + Double(turn * period)
            let time = LoginCalendar.start(of: day) + Int(minute * 60_000 + 4000 * draws.uniform())
            let isRefused = isForgotten && (change ..< told).contains(minute / 60)
            log.append(LoginEvent(time: min(time, LoginCalendar.start(of: day + 1) - 1), user: name, address: address.number,
                                  country: address.country.code, device: device, outcome: isRefused ? .wrongPassword : .success,
                                  attack: nil, campaign: nil))
        }
    }
}
