import GibbsNumerics

/// The days of a simulated log, one array of events in order of time for each.
///
/// - Complexity: Some microseconds an event; the memory of one day's events.
public struct LoginLog: Sequence, Sendable {
    private let simulator: LoginSimulator

    init(_ simulator: LoginSimulator) { self.simulator = simulator }

    /// A pass from the first day on.
    public func makeIterator() -> Iterator { Iterator(simulator) }

    /// One pass over the days.
    public struct Iterator: IteratorProtocol {
        private let simulator: LoginSimulator
        private let normalKey: Key
        private var plans: ArraySlice<CampaignPlan>
        private var day: Int
        /// Events beyond the days given so far.
        private var later: [LoginEvent] = []

        init(_ simulator: LoginSimulator) {
            self.simulator = simulator
            let (normalKey, campaignKey) = simulator.key.split()
            self.normalKey = normalKey
            plans = CampaignPlan.all(of: simulator, key: campaignKey)[...]
            // What the eve of the first day leaves behind belongs to it; nothing normal lasts longer than that.
            day = simulator.startDay - 1
            appendNormal()
            let start = LoginCalendar.start(of: simulator.startDay)
            later.removeAll { $0.time < start }
            day += 1
        }

        /// The events of the next day; nil after the last.
        public mutating func next() -> [LoginEvent]? {
            guard day < simulator.startDay + simulator.days else { return nil }
            let end = LoginCalendar.start(of: day + 1)
            appendNormal()
            while let plan = plans.first, plan.start < end {
                later += plan.events(on: simulator.population)
                plans.removeFirst()
            }
            let rest = later.partition { $0.time < end }
            var events = Array(later[rest...])
            later.removeSubrange(rest...)
            events.sort { $0.precedes($1) }
            day += 1
            return events
        }

        private mutating func appendNormal() {
            let key = normalKey.folding(day + Population.eon), keys = key.split(), population = simulator.population
            for person in population.people {
                var life = PersonDay(person, of: population, day: day, key: keys.0.folding(person.number))
                life.append(to: &later)
            }
            for (number, service) in population.services.enumerated() {
                service.append(day: day, plan: population.plan, key: keys.1.folding(number), to: &later)
            }
        }
    }
}

extension LoginEvent {
    /// By time; a total order, so that the same events have the same order whatever came with them.
    fileprivate func precedes(_ other: LoginEvent) -> Bool {
        if time != other.time { return time < other.time }
        return (user, campaign ?? "", address, outcome.rawValue, device.rawValue)
            < (other.user, other.campaign ?? "", other.address, other.outcome.rawValue, other.device.rawValue)
    }
}

/// A campaign with its name, its beginning and the key of its attempts.
struct CampaignPlan {
    let start: Int
    private let attack: LoginEvent.Attack
    private let number: Int
    private let campaign: any LoginCampaign
    private let key: Key

    /// All campaigns of a log by their beginnings, which are uniform over the times from which they fit in whole, slow ones with
    /// at least a day; one that does not fit begins with the first day.
    static func all(of simulator: LoginSimulator, key: Key) -> [CampaignPlan] {
        let beginning = LoginCalendar.start(of: simulator.startDay)
        let length = Double(simulator.days * LoginCalendar.millisecondsOfADay)
        let plans = LoginEvent.Attack.allCases.enumerated().flatMap { place, attack in
            (0 ..< simulator.campaigns[attack, default: 0]).map { number in
                let (parameterKey, eventKey) = key.folding(place).folding(number).split()
                var draws = Draws(key: parameterKey)
                let campaign: any LoginCampaign = switch attack {
                case .stuffing: StuffingCampaign(attempts: simulator.attempts, &draws)
                case .spraying: SprayingCampaign(attempts: simulator.attempts, users: simulator.users, &draws)
                case .slow: SlowCampaign(&draws)
                }
                let start = beginning + Int(draws.uniform() * max(0, length - campaign.span))
                return CampaignPlan(start: start, attack: attack, number: number + 1, campaign: campaign, key: eventKey)
            }
        }
        return plans.sorted { ($0.start, $0.attack.rawValue, $0.number) < ($1.start, $1.attack.rawValue, $1.number) }
    }

    func events(on population: Population) -> [LoginEvent] {
        var draws = Draws(key: key)
        var events = campaign.attempts(from: start, on: population, &draws)
        let name = "\(attack.rawValue)-\(number)"
        for index in events.indices { events[index].campaign = name }
        return events
    }
}
