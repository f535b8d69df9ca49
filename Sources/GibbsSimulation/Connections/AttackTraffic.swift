import Foundation
import GibbsNumerics

/// The attacks, each as a change to a connection that might have been normal.
///
/// Attacks come as campaigns: a source and a country that stay for a while, so that the columns which look back fill up as
/// they would in a real log. A campaign ends after any of its records with probability 1 / 40.
struct AttackTraffic {
    typealias Attack = ConnectionSimulator.Attack

    private struct Campaign {
        var source: Int
        var country: Int
        var site: Int
        /// Whether it starts from a host of the company that fell, where the attack allows either.
        var isInside: Bool
    }

    private let traffic: NormalTraffic
    private var campaigns: [Campaign?] = Array(repeating: nil, count: Attack.allCases.count)

    private static let toGateway = Route(.outside, .dmz)
    private static let toServer = Route(.office, .server)
    private static let toOutside = Route(.office, .outside)
    private static let scannedPorts = [21, 22, 23, 25, 53, 80, 110, 135, 139, 143, 443, 445, 1433, 3306, 3389, 5432, 5900,
                                       6379, 8080, 9100]
    private static let serviceOfPort = Dictionary(Service.allCases.compactMap { service in
        service.profile.port.map { ($0, service) }
    }, uniquingKeysWith: { first, _ in first })
    private let webAgents = Choice<ConnectionRecord.Agent?>([
        (.chrome, 34), (.firefox, 12), (.crawler, 6), (.curl, 14), (.python, 22), (nil, 12),
    ])

    init(traffic: NormalTraffic) { self.traffic = traffic }

    /// One connection of that attack at that time; `history` forgets the attacker whose place a new campaign takes.
    mutating func record(of attack: Attack, at time: Double, history: inout SourceHistory,
                         _ draws: inout Draws) -> ConnectionRecord {
        let campaign = join(attack, history: &history, &draws)
        var record = switch attack {
        case .portScan: portScan(campaign, &draws)
        case .synFlood: synFlood(&draws)
        case .bruteForce: bruteForce(&draws)
        case .dnsTunnel: dnsTunnel(&draws)
        case .webExploit: webExploit(&draws)
        case .dataExfiltration: dataExfiltration(&draws)
        case .lateralMovement: lateralMovement(&draws)
        case .beacon: beacon(&draws)
        }
        record.time = time
        record.attack = attack
        record.source = campaign.source
        if record.fromZone == .external {
            record.country = campaign.country
        } else if record.toZone == .external {
            record.destination = campaign.site
            record.country = campaign.country
        }
        return record
    }

    /// The running campaign of an attack, or a new one.
    private mutating func join(_ attack: Attack, history: inout SourceHistory, _ draws: inout Draws) -> Campaign {
        if let running = campaigns[attack.place], !draws.chance(1.0 / 40), attack != .synFlood { return running }
        let isInside = switch attack {
        case .portScan: draws.chance(0.35)
        case .synFlood, .bruteForce, .webExploit: false
        case .dnsTunnel, .dataExfiltration, .lateralMovement, .beacon: true
        }
        let source = isInside ? draws.index(below: Company.developers.upperBound) : Company.attackers.lowerBound + attack.place
        let campaign = Campaign(source: source, country: draws.pick(Company.attackerCountry),
                                site: Company.firstSite + 40 + draws.index(below: Company.sites - 40), isInside: isInside)
        if !isInside { history.reset(source) }
        campaigns[attack.place] = campaign
        return campaign
    }

    /// Knocks on one port after another; most are closed or silent.
    private func portScan(_ campaign: Campaign, _ draws: inout Draws) -> ConnectionRecord {
        var record = ConnectionRecord()
        record.place(on: campaign.isInside ? Self.toServer : Self.toGateway, &draws)
        let isLikely = draws.chance(0.5)
        let port = isLikely ? Self.scannedPorts[draws.index(in: Self.scannedPorts.indices)] : draws.index(in: 1 ..< 10_001)
        record.port = port
        record.service = Self.serviceOfPort[port] ?? .other
        record.transport = record.service.profile.transport
        record.destination = draws.index(in: campaign.isInside ? 0 ..< Company.monitor : Company.gateways)
        if record.service.profile.mistakes != nil { record.loggedIn = false }
        let fate = draws.uniform()
        if fate < 0.08 {
            (record.bytesOut, record.bytesIn) = (draws.logNormal(median: 40, spread: 0.6), draws.logNormal(median: 90, spread: 1))
            record.packets = 7
            record.duration = draws.logNormal(median: 0.05, spread: 1)
        } else {
            if record.transport == .udp { record.bytesOut = draws.logNormal(median: 30, spread: 0.5) }
            record.end(as: fate < 0.6 ? .refused : .unanswered, &draws)
        }
        return record
    }

    /// Connections to the web server that are opened and never used, each from another forged address.
    private func synFlood(_ draws: inout Draws) -> ConnectionRecord {
        var record = ConnectionRecord()
        record.service = draws.chance(0.75) ? .https : .http
        record.port = record.service.profile.port
        record.place(on: Self.toGateway, &draws)
        record.encrypted = record.service == .https
        record.end(as: .unanswered, &draws)
        return record
    }

    /// Guesses ssh passwords from outside; the slow ones try once or twice per connection.
    private func bruteForce(_ draws: inout Draws) -> ConnectionRecord {
        var record = traffic.exchange(.ssh, Self.toGateway, &draws)
        record.failedLogins = 1 + draws.index(below: 6)
        record.abandonLogin(&draws)
        if draws.chance(0.3) { record.end(as: .resetByDestination, &draws) }
        return record
    }

    /// Carries data in the names that are asked for: several long queries and answers in one flow, often past the resolver.
    private func dnsTunnel(_ draws: inout Draws) -> ConnectionRecord {
        var record = traffic.exchange(.dns, draws.chance(0.4) ? Self.toServer : Self.toOutside, &draws)
        if draws.chance(0.3) { record.transport = .tcp }
        let queries = Double(draws.geometric(success: 1.0 / 8))
        record.bytesOut = queries * draws.logNormal(median: 220, spread: 0.2)
        record.bytesIn = queries * draws.logNormal(median: 500, spread: 0.5)
        record.duration = queries * draws.logNormal(median: 0.2, spread: 0.5)
        record.countPackets(&draws)
        return record
    }

    /// Tries known holes of the web site: small requests, error pages, an agent that is often honest about being a script.
    private func webExploit(_ draws: inout Draws) -> ConnectionRecord {
        var record = traffic.exchange(draws.chance(0.6) ? .https : .http, Self.toGateway, &draws)
        record.agent = draws.pick(webAgents)
        record.bytesOut = draws.logNormal(median: record.service == .https ? 1100 : 420, spread: 0.5)
        record.bytesIn = draws.logNormal(median: record.service == .https ? 3600 : 560, spread: 0.25)
        record.duration = draws.logNormal(median: 0.12, spread: 0.5)
        record.countPackets(&draws)
        if draws.chance(0.15) { record.end(as: .resetByDestination, &draws) }
        return record
    }

    /// Sends files away over services that may leave the house: as much as a backup, but from a desk and to anywhere.
    private func dataExfiltration(_ draws: inout Draws) -> ConnectionRecord {
        let way = draws.uniform()
        var record = traffic.exchange(way < 0.6 ? .https : way < 0.8 ? .ssh : .other, Self.toOutside, &draws)
        record.bytesOut = draws.logNormal(median: 8e6, spread: 1.2)
        record.bytesIn = record.bytesOut * draws.logNormal(median: 0.004, spread: 0.5) + 3000
        record.duration = draws.logNormal(median: 3, spread: 0.6)
            + record.bytesOut / draws.logNormal(median: 700_000, spread: 0.5)
        record.encrypted = true
        record.countPackets(&draws)
        return record
    }

    /// A fallen desk looks round the servers: services and sizes of every day, but all of them, on every server.
    private func lateralMovement(_ draws: inout Draws) -> ConnectionRecord {
        let way = draws.uniform()
        var record = traffic.exchange(way < 0.5 ? .smb : way < 0.75 ? .ssh : way < 0.9 ? .ldap : .database, Self.toServer, &draws)
        record.destination = draws.index(below: Company.monitor)
        if draws.chance(0.8) {
            record.failedLogins = 1 + draws.index(below: 3)
            if draws.chance(0.85) { record.abandonLogin(&draws) }
        }
        if draws.chance(0.12) { record.end(as: .refused, &draws) }
        return record
    }

    /// Reports to its master: small, even exchanges in the shape of web traffic, with no agent or an unusual one.
    private func beacon(_ draws: inout Draws) -> ConnectionRecord {
        var record = traffic.exchange(.https, Self.toOutside, &draws)
        record.agent = draws.chance(0.6) ? nil : draws.chance(0.5) ? .python : .chrome
        record.bytesOut = draws.logNormal(median: 620, spread: 0.1)
        record.bytesIn = draws.logNormal(median: 700, spread: 0.1)
        record.duration = draws.logNormal(median: 0.25, spread: 0.2)
        record.countPackets(&draws)
        return record
    }
}
