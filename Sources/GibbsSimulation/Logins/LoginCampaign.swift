import GibbsNumerics

/// One attack on the company's logins: how long it takes, and what it tries.
protocol LoginCampaign {
    /// Milliseconds that it takes, or nearly so; what a campaign needs of a range to be in it whole.
    var span: Double { get }

    /// Its attempts in order of time.
    ///
    /// - Parameters:
    ///   - start: Millisecond of the first attempt.
    ///   - population: Where users are found; those that exist on the campaign's first day.
    ///   - draws: The campaign's own stream.
    func attempts(from start: Int, on population: Population, _ draws: inout Draws) -> [LoginEvent]
}

extension LoginCampaign {
    /// The time that `count` pauses of `pace` · (0.5 … 1.5) take, but for one case in thirty thousand.
    static func span(of count: Int, pace: Double) -> Double { pace * (Double(count) + 4 * (Double(count) / 12).squareRoot()) }

    /// A pause of pace · (0.5 … 1.5), in milliseconds.
    static func pause(_ pace: Double, _ draws: inout Draws) -> Int { Int(pace * (0.5 + draws.uniform())) }
}

/// Where attempts come from and what the client says it is.
struct Attacker {
    typealias Device = LoginEvent.Device

    let addresses: [AddressPlan.Address]
    let devices: [Device]

    private static let tools = Choice<Device>([(.pythonRequests, 34), (.goHTTP, 16), (.okhttp, 20), (.curl, 16), (.java, 14)])
    private static let mimicry = Choice<Device>([(.chromeWindows, 50), (.edgeWindows, 12), (.firefoxWindows, 14), (.chromeMac, 10), (.chromeAndroid, 14)])

    /// Servers for hire, drawn anew for every campaign; a tenth of the campaigns come through VPN exits that honest users take, too.
    /// Two in five use the agents of browsers, the others those of tools.
    init(addresses count: Int, devices kinds: Int, plan: AddressPlan, _ draws: inout Draws) {
        if draws.chance(0.1) {
            addresses = (0 ..< count).map { _ in plan.exit(draws.popular(below: AddressPlan.exits)) }
        } else {
            let country = draws.pick(Country.hosting)
            addresses = (0 ..< count).map { _ in AddressPlan.address(in: draws.chance(0.7) ? country : draws.pick(Country.hosting), draws.uniform()) }
        }
        let choice = draws.chance(0.4) ? Self.mimicry : Self.tools
        devices = (0 ..< kinds).map { _ in draws.pick(choice) }
    }

    /// From one address only.
    init(address: AddressPlan.Address, device: Device? = nil, _ draws: inout Draws) {
        addresses = [address]
        devices = [device ?? draws.pick(draws.chance(0.4) ? Self.mimicry : Self.tools)]
    }

    /// An attempt from one of the addresses.
    func attempt(_ attack: LoginEvent.Attack, on user: String, at time: Int, _ outcome: LoginEvent.Outcome, _ draws: inout Draws) -> LoginEvent {
        let address = addresses[draws.index(below: addresses.count)], device = devices[draws.index(below: devices.count)]
        return LoginEvent(time: time, user: user, address: address.number, country: address.country.code, device: device, outcome: outcome,
                          attack: attack, campaign: nil)
    }
}
