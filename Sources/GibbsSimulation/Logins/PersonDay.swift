import GibbsNumerics

/// What one person does on one day when nobody attacks: logins in working hours, from wherever the day is spent.
struct PersonDay {
    let population: Population
    let person: Person
    let day: Int
    private let name: String
    private let journey: Country?
    private let isAtOffice: Bool
    private var draws: Draws

    init(_ person: Person, of population: Population, day: Int, key: Key) {
        self.population = population
        self.person = person
        self.day = day
        name = UserNames.name(person.number)
        let journey = population.journey(of: person, on: day)
        var draws = Draws(key: key)
        isAtOffice = draws.chance(person.attendance) && journey == nil
        (self.journey, self.draws) = (journey, draws)
    }

    /// Adds the day's logins to a log, in no order; a forgotten client may go on for up to a day after this one.
    mutating func append(to log: inout [LoginEvent]) {
        guard day >= person.joined else { return }
        appendForgottenClient(to: &log)
        let isAway = population.isOnHoliday(person, on: day) && journey == nil
        let expected = day == person.joined ? max(1.5, person.logins) : isAway ? 0.1 * person.logins : person.logins
        for _ in 0 ..< draws.poisson(mean: expected) {
            let hoursAhead = (journey ?? person.country).hoursAhead
            let moment = LoginCalendar.moment(of: day, hoursAhead: hoursAhead, shift: person.shift, &draws)
            guard moment.weekday < 5 || draws.chance(person.weekend) else { continue }
            let isOfficeHour = moment.weekday < 5 && (7.5 ..< 18.5).contains(moment.hour)
            let (address, device) = place(at: moment.time, isOfficeHour: isOfficeHour)
            let attempt = LoginEvent(time: moment.time, user: name, address: address.number, country: address.country.code, device: device,
                                     outcome: .success, attack: nil, campaign: nil)
            let isInside = isAtOffice && isOfficeHour
            Slips(chance: slipChance(weekday: moment.weekday), asksSecondFactor: person.hasSecondFactor && !isInside)
                .append(attempt, to: &log, &draws)
        }
    }

    /// Slips are more frequent on Mondays, in the first days of an account and around the change of a password.
    private func slipChance(weekday: Int) -> Double {
        let isNew = day - person.joined < 3, hasNewPassword = person.changesPassword(on: day) || person.changesPassword(on: day - 1)
        return person.clumsiness * (weekday == 0 ? 1.4 : 1) * (isNew ? 3 : 1) * (hasNewPassword ? 3 : 1)
    }

    /// The address and the device of a login at that time.
    private mutating func place(at time: Int, isOfficeHour: Bool) -> (AddressPlan.Address, LoginEvent.Device) {
        let phone = person.phone(on: day) ?? person.work
        if isAtOffice, isOfficeHour, draws.chance(0.92) {
            return (population.plan.office(person.office, exit: draws.chance(0.85) ? 0 : 1), draws.chance(0.85) ? person.work : phone)
        }
        if draws.chance(person.vpnHabit) {
            return (population.plan.exit(draws.chance(0.7) ? person.vpnExit : draws.popular(below: AddressPlan.exits)), person.work)
        }
        if let journey {
            if draws.chance(0.55) {
                // One hotel a journey: its number follows from the person and the period.
                let hotel = (person.number &+ (day + Population.eon) / 28) % AddressPlan.hotels
                return (population.plan.hotel(in: journey, hotel), draws.chance(0.7) ? person.work : phone)
            }
            // A foreign card, or roaming with one's own.
            return (carrier(in: draws.chance(0.7) ? journey : person.country), phone)
        }
        if draws.chance(person.mobileShare) { return (carrier(in: person.country), phone) }
        let choice = draws.uniform()
        let device = choice < 0.5 ? person.work : choice < 0.75 ? person.home ?? person.work : choice < 0.92 ? phone : person.mail ?? phone
        return (population.home(of: person, hour: LoginCalendar.hour(of: time)), device)
    }

    private mutating func carrier(in country: Country) -> AddressPlan.Address {
        population.plan.carrier(in: country, draws.popular(below: AddressPlan.carrierAddresses))
    }

    /// On the day of a new password, one person in seven has a phone or a mail client that keeps trying the old one until
    /// somebody notices: every 5–60 minutes, for 2–24 hours, mostly from home. Nothing normal looks more like slow brute force.
    private mutating func appendForgottenClient(to log: inout [LoginEvent]) {
        guard person.changesPassword(on: day), day > person.joined, draws.chance(0.15) else { return }
        let device = person.mail ?? person.phone(on: day) ?? person.work
        let pause = draws.logUniform(5, 60) * 60_000, hours = draws.logUniform(2, 24)
        let start = LoginCalendar.moment(of: day, hoursAhead: person.country.hoursAhead, shift: person.shift, &draws).time
        let way = draws.uniform()
        let elsewhere = way < 0.7 ? nil : way < 0.85 ? carrier(in: person.country) : population.plan.office(person.office, exit: 0)
        var time = Double(start)
        let end = min(time + hours * 3_600_000, Double(start + LoginCalendar.millisecondsOfADay - 1))
        func attempt(_ outcome: LoginEvent.Outcome) -> LoginEvent {
            let address = elsewhere ?? population.home(of: person, hour: LoginCalendar.hour(of: Int(time)))
            return LoginEvent(time: Int(time), user: name, address: address.number, country: address.country.code, device: device,
                              outcome: outcome, attack: nil, campaign: nil)
        }
        while time < end {
            // Out of reach, asleep or without power, a device misses one attempt in ten.
            if draws.chance(0.9) { log.append(attempt(.wrongPassword)) }
            time += pause * (0.9 + 0.2 * draws.uniform())
        }
        time = end
        if draws.chance(0.85) { log.append(attempt(.success)) }
    }
}
