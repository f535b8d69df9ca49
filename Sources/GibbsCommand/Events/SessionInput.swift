import ArgumentParser
import Foundation
import Gibbs

extension InputOptions {
    /// Options of tables, which files of sessions have not.
    ///
    /// - Throws: `GibbsError` with code `.usage`, naming the first that was given.
    func checkForSessions() throws {
        let given: [(Bool, String)] = [(noHeader, "--no-header"), (delimiter != nil, "--delimiter"), (table != nil, "--table"), (types != nil, "--types"),
                                       (missing != nil, "--missing"), (badCellsMissing, "--bad-cells-missing"),
                                       (format != nil && format != .ndjson, "--format \(format?.rawValue ?? "")")]
        for (isGiven, name) in given where isGiven {
            throw GibbsError(.usage, "sessions of events have no \(name)", advice: "leave it out; a file has a session a line, plain or as JSON")
        }
    }
}

/// Sessions of a file, with what a label says of them.
struct LabelledSessions {
    let sessions: EventSequences
    private let file: String, label: String?

    /// Reads a file.
    ///
    /// - Parameter label: The member that says what a session is.
    /// - Throws: As `EventSequences(sessionsIn:)`.
    init(_ path: String, label: String?) throws {
        Console.progress("reading \(path)")
        sessions = try EventSequences(sessionsIn: path, label: label ?? "label")
        file = path
        self.label = label
    }

    /// What the label says of every session.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` where no session has the member.
    func labels() throws -> [String?] {
        let labels = sessions.sessions.map(\.label)
        guard labels.contains(where: { $0 != nil }) else {
            throw GibbsError(.unsuitableData, "no session has a label", at: .init(file: file, field: label),
                             advice: "give objects such as {\"id\": \"s1\", \"label\": \"normal\", \"events\": […]}, or normal and other sessions in two files")
        }
        return labels
    }

    /// The sessions that a label calls normal; all of them where none is asked for.
    ///
    /// - Throws: `GibbsError` with code `.usage` or `.unsuitableData`, naming the values there are.
    func normal(by options: LabelOptions) throws -> EventSequences {
        guard let flags = try normalFlags(by: options) else { return sessions }
        var chosen = sessions.selecting(flags.indices.filter { flags[$0] })
        chosen.digest = sessions.digest
        return chosen
    }

    /// Whether a label calls each session normal; `nil` where none is asked for.
    func normalFlags(by options: LabelOptions) throws -> [Bool]? {
        guard let normal = try options.normalValue() else { return nil }
        let labels = try labels(), flags = labels.map { LabelOptions.means(normal, $0) }
        guard flags.contains(true) else {
            throw GibbsError(.unsuitableData, "no session has the label '\(normal)'", at: .init(file: file, field: label), advice: "the values are \(LabelOptions.shown(labels))")
        }
        return flags
    }
}
