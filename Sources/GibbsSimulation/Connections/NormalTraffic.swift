import Foundation
import GibbsNumerics

/// What the company does when nobody attacks it, with the honest oddities of real logs.
struct NormalTraffic {
    private let profiles = Service.allCases.map(\.profile)
    private let routes = Service.allCases.map { Choice($0.profile.routes.map { ($0, $0.weight) }) }
    private let byPeople = Choice(Service.allCases.map { ($0, $0.profile.people) })
    private let byMachines = Choice(Service.allCases.map { ($0, $0.profile.machines) })
    /// From one to four at night the backups run.
    private let byMachinesAtNight = Choice(Service.allCases.map { ($0, $0 == .backup ? 30 : $0.profile.machines) })
    private let endings = Choice<ConnectionRecord.State>([
        (.complete, 95), (.unanswered, 1), (.refused, 0.8), (.resetBySource, 1.6), (.resetByDestination, 0.8), (.open, 0.8),
    ])
    private let proxyAgents = Choice<ConnectionRecord.Agent?>([
        (.chrome, 46), (.edge, 22), (.firefox, 14), (.updater, 9), (.curl, 1), (.python, 0.6), (nil, 7.4),
    ])
    private let visitorAgents = Choice<ConnectionRecord.Agent?>([
        (.chrome, 36), (.safari, 22), (.firefox, 10), (.edge, 8), (.crawler, 16), (.curl, 2), (.python, 2), (nil, 4),
    ])

    /// One normal connection at that time.
    func record(at time: Double, peopleShare: Double, _ draws: inout Draws) -> ConnectionRecord {
        let hour = WorkingHours.hour(of: time)
        let mix = draws.chance(peopleShare) ? byPeople : (1 ... 3).contains(hour) ? byMachinesAtNight : byMachines
        let service = draws.pick(mix)
        var record = exchange(service, draws.pick(routes[service.rawValue]), &draws)
        record.time = time
        if record.loggedIn != nil { mistakeLogin(&record, chance: profiles[service.rawValue].mistakes ?? 0, &draws) }
        record.end(as: draws.pick(endings), &draws)
        return record
    }

    /// A whole, successful exchange of a service over a route; attacks that hide in ordinary traffic begin with one, too.
    func exchange(_ service: Service, _ route: Route, _ draws: inout Draws) -> ConnectionRecord {
        let profile = profiles[service.rawValue]
        var record = ConnectionRecord()
        record.service = service
        record.transport = profile.transport
        record.port = service == .other ? 1024 + draws.index(below: 40_000) : profile.port
        record.place(on: route, &draws)
        record.encrypted = draws.chance(profile.encrypted)
        record.loggedIn = profile.mistakes == nil ? nil : true
        // An answer that does not fit is asked for again over tcp.
        let isLongAnswer = service == .dns && draws.chance(0.015)
        if isLongAnswer { record.transport = .tcp }
        fill(&record, profile, &draws)
        if isLongAnswer { record.bytesIn *= 8 }
        if service == .https || service == .http {
            record.agent = draws.pick(route.from == .outside ? visitorAgents : proxyAgents)
        }
        return record
    }

    /// Sizes, duration and packets of a whole exchange.
    private func fill(_ record: inout ConnectionRecord, _ profile: ServiceProfile, _ draws: inout Draws) {
        let first = draws.normal(), second = draws.normal(), third = draws.normal()
        let mixed = profile.coupling * first + (1 - profile.coupling * profile.coupling).squareRoot() * second
        record.bytesOut = profile.out.median * exp(profile.out.spread * first)
        record.bytesIn = profile.back.median * exp(profile.back.spread * mixed)
        let oddity = draws.uniform()
        if oddity < profile.downloads {
            record.bytesIn *= 10 * draws.pareto(shape: 1.1, limit: 1e4)
        } else if oddity < profile.downloads + profile.uploads {
            record.bytesOut *= 10 * draws.pareto(shape: 1.1, limit: 1e4)
        }
        let transfer = (record.bytesOut + record.bytesIn) / draws.logNormal(median: profile.speed, spread: 0.5)
        let duration = profile.pause * exp(0.5 * first + 0.8 * third) + transfer
        record.countPackets(&draws)
        // The sensor has no duration for the single exchanges that it samples without state.
        record.duration = record.transport == .tcp || (record.packets > 2 || draws.chance(0.3)) ? duration : nil
    }

    /// Honest people mistype: one failure mostly, three in a row end the attempt.
    private func mistakeLogin(_ record: inout ConnectionRecord, chance: Double, _ draws: inout Draws) {
        guard draws.chance(chance) else { return }
        record.failedLogins = min(6, draws.geometric(success: 0.65))
        if record.failedLogins >= 3 { record.abandonLogin(&draws) }
    }
}

extension ConnectionRecord {
    /// Nobody got in: what is left is the greeting and the failed attempts.
    mutating func abandonLogin(_ draws: inout Draws) {
        loggedIn = false
        bytesOut = draws.logNormal(median: 1300 + 120 * Double(failedLogins), spread: 0.12)
        bytesIn = draws.logNormal(median: 1900 + 90 * Double(failedLogins), spread: 0.12)
        duration = draws.logNormal(median: 1.5 + 2.2 * Double(failedLogins), spread: 0.4)
        countPackets(&draws)
    }

    /// Draws the two hosts of a route, with the country of the one outside, which is unknown for one address in fifty.
    mutating func place(on route: Route, _ draws: inout Draws) {
        fromZone = Company.zone(of: route.from)
        toZone = Company.zone(of: route.to)
        source = switch route.from {
        case .office: draws.index(in: Company.offices)
        case .developer: draws.index(in: Company.developers)
        case .server: draws.index(in: Company.servers)
        case .dmz: draws.index(in: Company.gateways)
        case .monitor: Company.monitor
        case .outside: Company.visitors.lowerBound + draws.popular(below: Company.visitors.count)
        }
        destination = switch route.to {
        case .server: host(in: Company.servers, isAny: route.from == .monitor, &draws)
        case .dmz: host(in: Company.gateways, isAny: route.from == .monitor, &draws)
        default: Company.firstSite + draws.popular(below: Company.sites)
        }
        if route.to == .outside { country = Company.country(ofSite: destination - Company.firstSite) }
        if route.from == .outside { country = Company.country(ofSite: source) }
        if country != nil && draws.chance(0.02) { country = nil }
    }

    /// A service lives on one of the hosts; the monitor visits all of them.
    private func host(in group: Range<Int>, isAny: Bool, _ draws: inout Draws) -> Int {
        isAny ? draws.index(in: group) : group.lowerBound + service.rawValue % group.count
    }
}
