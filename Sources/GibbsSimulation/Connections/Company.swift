/// The fixed cast of the simulated company: its hosts, the sites that it talks to and where those are.
///
/// Nothing here depends on a key, so that data of two keys come from the same company.
enum Company {
    /// Hosts with the same habits.
    enum Group: Sendable {
        case office, developer, server, dmz, monitor, outside
    }

    /// Numbers of the hosts, of the regular visitors from outside, and one for the attacker of each kind.
    static let offices = 0 ..< 45, developers = 45 ..< 60, servers = 60 ..< 68, gateways = 68 ..< 72, monitor = 72
    static let visitors = 73 ..< 573, attackers = 573 ..< 573 + ConnectionSimulator.Attack.allCases.count
    /// Destinations beyond the hosts: sites outside, the most popular first.
    static let firstSite = 1000, sites = 3000

    static func zone(of group: Group) -> ConnectionRecord.Zone {
        switch group {
        case .office, .developer, .server, .monitor: .internal
        case .dmz: .dmz
        case .outside: .external
        }
    }

    static let countries = ["DE", "US", "IE", "NL", "FR", "GB", "SE", "PL", "CN", "IN", "BR", "RU", "VN", "NG"]

    /// Shares of the countries among the less popular half of sites and among visitors.
    static let countryWeights: [Double] = [30, 30, 8, 8, 6, 6, 3, 3, 1.8, 1.3, 1.0, 0.8, 0.6, 0.5]

    /// Where attacks come from: hired servers at home and next door as often as far away.
    static let attackerCountry = Choice(Array(zip(0..., [7, 18, 1, 15, 5, 4, 1, 3, 14, 6, 8, 12, 5, 3] as [Double])))

    /// The country of a site, the same at every visit: the forty most popular are close, the tail is anywhere.
    static func country(ofSite site: Int) -> Int {
        var bits = UInt64(site &+ 1) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        let uniform = Double((bits ^ (bits >> 31)) >> 11) * 0x1p-53
        if site < 40 { return Int(uniform * 4) }
        return pickCountry(uniform)
    }

    private static let weightedCountries = Choice(Array(zip(0..., countryWeights)))

    static func pickCountry(_ uniform: Double) -> Int {
        weightedCountries.edges.firstIndex { uniform * weightedCountries.total < $0 } ?? 0
    }
}
