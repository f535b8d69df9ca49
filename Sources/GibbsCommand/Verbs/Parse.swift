import ArgumentParser
import Foundation
import Gibbs

struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn raw log lines into events with parameters, as NDJSON.",
        discussion: """
            Each line becomes one object: line, time, host, process, entity (whom it concerns), user, event (its template, the process
            before it), template (its number), parameters, and repeated where syslog says "message repeated".

            Presets: sshd is syslog as in auth.log (the entity is the source address; lines of the same process and pid without one
            inherit the last; else the user, else the process), hdfs (the block), apache (access logs of Apache and nginx: the client),
            plain (all of the line is message; no entity). auto looks at the first 100 lines of a file.

            A file is read twice, first to learn the templates, then to print every line with the final ones. From standard input or a
            pipe each line is printed as it comes: an early line may show a template that later ones make more general, and auto decides
            by the first line that is not empty. Syslog stamps without a zone count as UTC.
            """)

    @Argument(help: "Log file, plain or gzipped; - for standard input.")
    var log: String

    @Option(help: "NDJSON to write; standard output unless told.")
    var out = "-"

    @Option(help: "How lines split: auto, sshd, hdfs, apache or plain.")
    var preset: PresetChoice = .auto

    @Option(help: ArgumentHelp("Finds the entity in place of the preset: the first group, else all that matches.", valueName: "regex"))
    var entityPattern: String?

    @Option(help: "Year of the first line, for stamps that have none; inferred from today unless told.")
    var year: Int?

    @Option(help: "Depth of the template tree: its root, its leaves, and between them as many leading words as tell templates apart.")
    var depth = 4

    @Option(help: "Share of equal words from which a line joins a template.")
    var similarity = 0.4

    @Option(help: "Templates at most; a line that would need another has no event.")
    var maxTemplates = 10_000

    @Option(help: ArgumentHelp("Table of the templates with their counts to write: JSON where the name ends in .json, else text.", valueName: "file"))
    var templates: String?

    func run() throws {
        let begin = Date()
        Interruption.watch()
        if let year, !(1 ... 9999).contains(year) { throw GibbsError(.usage, "the year \(year)", advice: "give --year from 1 to 9999") }
        try DistinctFiles.check(out, apartFrom: log, templates)
        if let templates { try DistinctFiles.check(templates, option: "--templates", apartFrom: log) }
        let clock = LogClock(year: year)
        // Options that are out of their range, and outputs that cannot be written, should fail before the work.
        _ = try LogParser(preset: .plain, options: options, clock: clock)
        try templates.map { try OutputFile(path: $0).discard() }
        let output = try OutputFile(path: out)
        do {
            var work = LogReading(path: log, options: options, clock: clock)
            try work.run(preset: preset.preset, into: output)
            if let templates { try TemplateTable.write(work.templates, to: templates) }
            try output.commit()
            Console.note(work.summary(seconds: Date().timeIntervalSince(begin)))
        } catch {
            output.discard()
            throw error
        }
    }

    private var options: LogParser.Options {
        var options = LogParser.Options()
        options.templates.depth = depth
        options.templates.similarity = similarity
        options.templates.maximumTemplates = maxTemplates
        options.entityPattern = entityPattern
        return options
    }
}

/// A form of lines, or the one that the first lines tell.
struct PresetChoice: ExpressibleByArgument, Sendable {
    /// The form; `nil` for the one that the first lines tell.
    let preset: LogPreset?

    static let auto = PresetChoice(preset: nil)
    static let allValueStrings = ["auto"] + LogPreset.allCases.map(\.rawValue)

    init(preset: LogPreset?) { self.preset = preset }

    init?(argument: String) {
        preset = LogPreset(rawValue: argument)
        if preset == nil, argument != "auto" { return nil }
    }

    var defaultValueDescription: String { preset?.rawValue ?? "auto" }
}
