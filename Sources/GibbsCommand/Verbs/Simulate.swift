import ArgumentParser
import Foundation
import Gibbs

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make records to rehearse with.",
                                                    subcommands: [SimulateConnections.self, SimulateLogins.self])
}

struct SimulateConnections: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "Network connections of a small company, with attacks mixed in at a given rate.")

    @Option(help: "Records to make.")
    var count = 10_000

    @Option(help: "Share of records that belong to attacks.")
    var attacks = 0.0

    @Option(help: ArgumentHelp("Kinds of attack, all unless told.", valueName: "kind,…"))
    var kinds: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Option(help: "CSV to write; standard output unless told.")
    var out = "-"

    func run() throws {
        let chosen = try kinds.list.map { name in
            guard let kind = ConnectionSimulator.Attack(rawValue: name) else {
                let known = ConnectionSimulator.Attack.allCases.map(\.rawValue).joined(separator: ", ")
                throw GibbsError(.usage, "there is no attack '\(name)'", advice: "the kinds are \(known)")
            }
            return kind
        }
        let simulator = ConnectionSimulator(key: Key(key), attackShare: attacks, kinds: chosen.isEmpty ? ConnectionSimulator.Attack.allCases : chosen)
        let table = try simulator.records(count)
        let output = try OutputFile(path: out)
        do {
            try CSVWriter.write(table, to: output)
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }
}
