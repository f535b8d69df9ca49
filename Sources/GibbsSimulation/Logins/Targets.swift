/// The users that a campaign goes through: those that exist on a day, each once, in random order; then again.
struct Targets {
    private let people: [Person]
    /// A partial Fisher–Yates shuffle: the first `done` places are drawn; only places that were exchanged are written down.
    private var exchanged: [Int: Int] = [:]
    private var done = 0

    init(of population: Population, on time: Int, _ draws: inout Draws) {
        let day = Int((LoginCalendar.hour(of: time) / 24).rounded(.down))
        let members = population.people.filter { $0.joined <= day }
        people = members.isEmpty ? population.people : members
    }

    var count: Int { people.count }

    mutating func next(_ draws: inout Draws) -> Person {
        if done == people.count { (done, exchanged) = (0, [:]) }
        let place = draws.index(in: done ..< people.count)
        let chosen = exchanged[place] ?? place
        exchanged[place] = exchanged[done] ?? done
        done += 1
        return people[chosen]
    }
}
