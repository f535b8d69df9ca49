import ArgumentParser
import Foundation
import Gibbs

struct SimulateLogins: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logins", abstract: "Logins of a company's users, with campaigns of attacks where wanted.",
        discussion: """
            Users, homes and devices depend on --population-key alone; events on --key and the day. So one key can make a quiet
            fortnight and another one the two days after it, of the same company:
              gibbs simulate logins --users 10000 --days 14 --key 1 --out normal.ndjson
              gibbs simulate logins --users 10000 --days 2 --start-day 14 --campaigns stuffing=10,spraying=5,slow=10 --key 2 --out attacks.ndjson
            """)

    @Option(help: "Users of the company.")
    var users = 1000

    @Option(help: "Days of the log.")
    var days = 7

    @Option(help: "First day of the log; day 0 is Monday, 2 March 2026.")
    var startDay = 0

    @Option(help: ArgumentHelp("Campaigns that begin within the days: stuffing, spraying, slow.", valueName: "kind=count,…"))
    var campaigns: String?

    @Option(help: "Attempts of each stuffing and spraying campaign; 100–1,000 by lot unless told.")
    var attempts: Int?

    @Option(help: "Number from which all events are derived.")
    var key: UInt64 = 1

    @Option(help: "Number from which the company is derived.")
    var populationKey: UInt64 = 1

    @Option(help: "File to write, .ndjson, .jsonl or .csv; NDJSON on standard output unless told.")
    var out = "-"

    func run() throws {
        let format = try LoginFile(path: out)
        let simulator = try LoginSimulator(users: users, days: days, startDay: startDay, campaigns: Self.campaigns(campaigns.list), attempts: attempts,
                                           key: Key(key), populationKey: Key(populationKey))
        let output = try OutputFile(path: out)
        do {
            Interruption.watch()
            try output.write(format.header)
            let start = Date()
            var done = 0
            for day in simulator.log() {
                try Interruption.check()
                try format.write(day, to: output)
                done += 1
                Console.bar(done: done, of: days, since: start, unit: "days")
            }
            Console.clearProgress()
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }

    /// Counts by kind, from `kind=count` each.
    private static func campaigns(_ parts: [String]) throws -> [LoginEvent.Attack: Int] {
        let kinds = LoginEvent.Attack.allCases.map(\.rawValue), place = GibbsError.Place(field: "campaigns")
        var counts: [LoginEvent.Attack: Int] = [:]
        for part in parts {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let kind = LoginEvent.Attack(rawValue: pieces[0]) else {
                throw GibbsError(.usage, "there is no campaign '\(pieces[0])'", at: place,
                                 advice: Spelling.question(pieces[0], among: kinds) ?? "the kinds are \(kinds.joined(separator: ", "))")
            }
            guard pieces.count == 2, let count = Int(pieces[1]) else {
                throw GibbsError(.usage, "'\(part)' gives no number of campaigns", at: place, advice: "write for instance \(kind.rawValue)=10")
            }
            guard counts.updateValue(count, forKey: kind) == nil else {
                throw GibbsError(.usage, "'\(kind.rawValue)' is there twice", at: place, advice: "give one number for each kind")
            }
        }
        return counts
    }
}
