import GibbsNumerics

/// The company whose logins are simulated: its people and its scripts, the same for every key of events.
struct Population: Sendable {
    let people: [Person]
    let services: [ServiceAccount]
    let plan: AddressPlan
    private let journeys: Key

    /// Days before the first one, so that every count of days is above zero.
    static let eon = 100_000

    init(users: Int, key: Key) {
        let keys = key.split(into: 4)
        people = (0 ..< users).map { Person(number: $0, key: keys[0]) }
        services = (0 ..< max(2, users / 200)).map { ServiceAccount(number: $0, key: keys[1]) }
        plan = AddressPlan(key: keys[2])
        journeys = keys[3]
    }

    /// Where a person's home network is at that hour, counted from the beginning of day 0.
    func home(of person: Person, hour: Double) -> AddressPlan.Address {
        let host = people[person.household]
        let lease = Int((hour + Double(Self.eon * 24) + host.leasePhase) / host.leaseHours)
        return plan.home(host.number, in: host.country, lease: lease)
    }

    /// The foreign country in which a person is that day; nil at home. A journey takes two to seven days of a period of 28.
    func journey(of person: Person, on day: Int) -> Country? {
        let place = day + Self.eon
        var draws = Draws(key: journeys.folding(person.number).folding(place / 28))
        guard draws.chance(person.wanderlust) else { return nil }
        let length = 2 + draws.index(below: 6), start = draws.index(below: 28 - length)
        let country = draws.pick(Country.destinations)
        return (start ..< start + length).contains(place % 28) && country != person.country ? country : nil
    }

    /// Whether a person is on holiday, which takes whole weeks, one in sixteen.
    func isOnHoliday(_ person: Person, on day: Int) -> Bool {
        journeys.folding(-1 - person.number).folding((day + Self.eon) / 7).uniform() < 1.0 / 16
    }
}
