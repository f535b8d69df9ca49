import GibbsNumerics

/// One user of the company: habits, home and devices, all drawn from the key of the population.
struct Person: Sendable {
    typealias Device = LoginEvent.Device

    let number: Int
    /// The first day on which the account exists; most are older than the log.
    let joined: Int
    let office: Int
    /// Share of workdays spent at the office; 0 for those who work from home.
    let attendance: Double
    /// Where home is, and who lives there too.
    let country: Country
    let household: Int
    /// Hours after which the home has another address, and how far into such a lease day 0 begins.
    let leaseHours: Double, leasePhase: Double
    /// Logins of a working day, and at a weekend in proportion.
    let logins: Double, weekend: Double
    /// Hours by which this person's day is later than most people's.
    let shift: Double
    /// Multiplies the chance of every slip.
    let clumsiness: Double
    let hasSecondFactor: Bool
    /// The chance that a login away from the office goes through a commercial VPN, and through which exit.
    let vpnHabit: Double, vpnExit: Int
    /// The chance that a login away from the office and from home's network comes by the mobile carrier.
    let mobileShare: Double
    /// The chance of a journey in a period of 28 days.
    let wanderlust: Double
    /// Devices: one for work, and for most people a phone, a computer at home or a mail client besides.
    let work: Device
    let phone: Device?, home: Device?, mail: Device?
    /// The day on which the phone is exchanged, and for what.
    let phoneChange: Int, nextPhone: Device
    /// Passwords are changed every 90 days, counted from this one.
    let passwordPhase: Int

    private static let workDevices = Choice<Device>([(.chromeWindows, 40), (.edgeWindows, 28), (.firefoxWindows, 8), (.chromeMac, 11), (.safariMac, 6),
                                                     (.firefoxLinux, 7)])
    private static let phones = Choice<Device>([(.safariIOS, 46), (.chromeAndroid, 34), (.okhttp, 12), (.outlookMobile, 8)])
    private static let homeDevices = Choice<Device>([(.chromeWindows, 34), (.edgeWindows, 14), (.firefoxWindows, 10), (.chromeMac, 10), (.safariMac, 10),
                                                     (.safariIPad, 22)])
    private static let mailClients = Choice<Device>([(.outlookWindows, 40), (.outlookMobile, 36), (.appleMail, 24)])

    /// Share of users who join in the first year of the log instead of being there already.
    static let newcomers = 0.12
    static let secondFactorShare = 0.35
    static let daysOfAPassword = 90

    init(number: Int, key: Key) {
        var draws = Draws(key: key.folding(number))
        self.number = number
        joined = draws.chance(Self.newcomers) ? draws.index(below: 365) : -1_000_000
        office = draws.pick(Office.choice)
        let kind = draws.uniform()
        attendance = kind < 0.2 ? 0 : kind < 0.6 ? 0.3 + 0.4 * draws.uniform() : 0.85 + 0.15 * draws.uniform()
        country = kind < 0.2 && draws.chance(0.15) ? draws.pick(Country.destinations) : Office.all[office].country
        household = draws.chance(0.04) && number > 0 ? number - 1 : number
        leaseHours = 24 * (draws.chance(0.2) ? 1000 : draws.logUniform(1, 14))
        leasePhase = leaseHours * draws.uniform()
        logins = min(16, draws.logNormal(median: 1.75, spread: 0.75))
        weekend = draws.chance(0.06) ? 1 : 0.4 * draws.uniform()
        shift = draws.chance(0.05) ? 12 + 2 * draws.normal() : 0.9 * draws.normal()
        clumsiness = min(6, draws.logNormal(median: 0.85, spread: 0.6))
        hasSecondFactor = draws.chance(Self.secondFactorShare)
        vpnHabit = draws.chance(0.1) ? 0.1 + 0.5 * draws.uniform() : 0
        vpnExit = draws.popular(below: AddressPlan.exits)
        mobileShare = 0.45 * draws.uniform()
        wanderlust = draws.chance(0.15) ? 0.7 : 0.12
        work = draws.pick(Self.workDevices)
        phone = draws.chance(0.85) ? draws.pick(Self.phones) : nil
        home = draws.chance(0.35) ? draws.pick(Self.homeDevices) : nil
        mail = draws.chance(0.3) ? draws.pick(Self.mailClients) : nil
        phoneChange = draws.index(below: 720)
        nextPhone = draws.pick(Self.phones)
        passwordPhase = draws.index(below: Self.daysOfAPassword)
    }

    func phone(on day: Int) -> Device? { phone.map { day < phoneChange ? $0 : nextPhone } }

    /// Whether the password has to be changed that day.
    func changesPassword(on day: Int) -> Bool { (day + passwordPhase).isMultiple(of: Self.daysOfAPassword) }
}
