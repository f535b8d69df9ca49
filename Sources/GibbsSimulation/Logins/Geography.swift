import GibbsNumerics

/// The countries of the login log: letters and the distance of their clocks from UTC, without summer time.
enum Country: UInt8, CaseIterable, Sendable {
    case DE, US, GB, IN, PL, BR, FR, ES, IT, NL, CH, AT, SE, IE, JP, SG, CN, AU, CA, RU, UA, VN, ID, TR, ZA, NG, AE, RO, BG, HK, KR, MX

    var code: String { Self.codes[Int(rawValue)] }
    private static let codes = allCases.map { String(describing: $0) }

    /// Hours that the local clock is ahead of UTC.
    var hoursAhead: Double { Self.clocks[Int(rawValue)] }
    private static let clocks: [Double] = [1, -5, 0, 5.5, 1, -3, 1, 1, 1, 1, 1, 1, 1, 0, 9, 8, 8, 10, -5, 3, 2, 7, 7, 3, 2, 1, 4, 2, 2, 8, 9, -6]

    /// Where servers are for hire: that is where attacks come from, and many VPNs.
    static let hosting = Choice<Country>([(.US, 20), (.NL, 18), (.DE, 12), (.RU, 10), (.FR, 7), (.GB, 6), (.SG, 6), (.CN, 6), (.VN, 4), (.BR, 4),
                                          (.UA, 3), (.BG, 3), (.RO, 3), (.HK, 3), (.ID, 2)])
    /// Where people travel.
    static let destinations = Choice<Country>([(.DE, 14), (.US, 12), (.GB, 10), (.FR, 10), (.ES, 9), (.IT, 9), (.NL, 6), (.PL, 5), (.IN, 5), (.AT, 5),
                                               (.CH, 4), (.TR, 4), (.SE, 3), (.SG, 3), (.JP, 3), (.CN, 3), (.AE, 3), (.BR, 2), (.VN, 2), (.ZA, 2),
                                               (.MX, 2), (.KR, 1), (.NG, 1), (.ID, 1), (.HK, 1), (.CA, 2), (.AU, 1), (.RO, 1)])
}

/// One of the company's offices, behind two addresses that all its people share.
struct Office: Sendable {
    let country: Country
    /// Share of the company's people.
    let weight: Double

    static let all: [Office] = [
        Office(country: .DE, weight: 34), Office(country: .DE, weight: 20), Office(country: .US, weight: 16),
        Office(country: .GB, weight: 12), Office(country: .IN, weight: 12), Office(country: .PL, weight: 6),
    ]
    static let choice = Choice(all.enumerated().map { ($0.offset, $0.element.weight) })
}

/// Who has which address, drawn from the key of the population.
///
/// Addresses lie in 240.0.0.0/4, which is reserved and belongs to nobody: every country has half of a /8.
/// Within a country homes, carriers and hired servers lie mixed, so that an address tells nothing but its country.
struct AddressPlan: Sendable {
    struct Address: Sendable {
        var number: UInt32
        var country: Country
    }

    /// Addresses of a country's mobile carriers, behind each of which thousands of strangers browse.
    static let carrierAddresses = 16
    static let hotels = 30
    /// Exits of commercial VPNs.
    static let exits = 48

    private enum Kind: Int { case home, office, carrier, exit, hotel, server }
    private let keys: [Key]

    init(key: Key) { keys = key.split(into: 6) }

    private func address(_ kind: Kind, in country: Country, _ number: Int, _ version: Int = 0) -> Address {
        Self.address(in: country, keys[kind.rawValue].folding(number).folding(version).uniform())
    }

    /// The address of a country that a uniform number means; none ends in 0 or 255.
    static func address(in country: Country, _ uniform: Double) -> Address {
        let place = Int(uniform * Double(1 << 15) * 254)
        return Address(number: 0xF000_0000 | UInt32(country.rawValue) << 23 | UInt32(place / 254) << 8 | UInt32(1 + place % 254), country: country)
    }

    /// A household's address during one of its leases.
    func home(_ household: Int, in country: Country, lease: Int) -> Address { address(.home, in: country, household, lease) }

    func office(_ number: Int, exit: Int) -> Address { address(.office, in: Office.all[number].country, number, exit) }

    func carrier(in country: Country, _ number: Int) -> Address { address(.carrier, in: country, number, Int(country.rawValue)) }

    func hotel(in country: Country, _ number: Int) -> Address { address(.hotel, in: country, number, Int(country.rawValue)) }

    func exit(_ number: Int) -> Address {
        var draws = Draws(key: keys[Kind.exit.rawValue].folding(number).folding(1))
        return address(.exit, in: draws.pick(Country.hosting), number)
    }

    /// The company's own servers, from which its scripts log in.
    func server(_ number: Int) -> Address { address(.server, in: number % 4 == 3 ? .US : .DE, number) }
}
