import Foundation
import Gibbs

/// Reads a log once or twice and writes its events: what `gibbs parse` does between its options and its summary.
struct LogReading {
    /// Bytes kept of a line.
    static let lineLimit = 1 << 16
    /// Lines that decide on the preset of a file.
    private static let sampleSize = 100
    /// Entities counted one by one.
    private static let entityLimit = 1_000_000

    let path: String
    let options: LogParser.Options
    let clock: LogClock
    private var preset = LogPreset.plain
    private var lines = 0, cut = 0, withoutEvent = 0
    private var entities: Set<String> = []
    private var counts: [Int] = []
    /// The year that the last stamp was taken for, where it has none.
    private var inferredYear: Int?
    private var json: [UInt8] = []
    /// The final templates, counted as printed.
    private(set) var templates: [LogTemplates.Template] = []

    init(path: String, options: LogParser.Options, clock: LogClock) {
        self.path = path
        self.options = options
        self.clock = clock
    }

    /// - Parameter chosen: `nil` lets the first lines decide.
    mutating func run(preset chosen: LogPreset?, into output: OutputFile) throws {
        let reader = try LineReader(path: path, limit: Self.lineLimit)
        if path == "-" || reader.isLive { try stream(reader, chosen, into: output) } else { try readTwice(reader, chosen, into: output) }
    }

    /// Learns all, then prints all.
    private mutating func readTwice(_ first: LineReader, _ chosen: LogPreset?, into output: OutputFile) throws {
        var reader = first, total = 0
        if let chosen { preset = chosen } else {
            var sample: [String] = []
            while sample.count < Self.sampleSize, let line = try reader.next() { sample.append(line.text) }
            preset = LogPreset.detected(in: sample)
            reader = try LineReader(path: path, limit: Self.lineLimit)
        }
        var learner = try LogParser(preset: preset, options: options, clock: clock)
        while try reader.nextBytes({ bytes, number, _ -> Void in
            learner.study(bytes)
            total = number
        }) != nil {
            if total & 0xFFFF == 0 {
                Console.progress("\(total) lines, \(learner.templates.count) templates")
                try Interruption.check()
            }
        }
        var printer = try LogParser(learner.stored, clock: clock)
        reader = try LineReader(path: path, limit: Self.lineLimit)
        // A log that grows meanwhile ends where it ended for the learner.
        while lines < total, try reader.nextBytes({ bytes, number, wasCut in
            try write(printer.parse(bytes, number: number), wasCut: wasCut, to: output)
        }) != nil {}
        inferredYear = printer.inferredYear
        finish(printer.templates)
    }

    /// Learns and prints line by line, each as soon as it is there.
    private mutating func stream(_ reader: LineReader, _ chosen: LogPreset?, into output: OutputFile) throws {
        preset = chosen ?? .plain
        var parser = try LogParser(preset: preset, options: options, clock: clock), isDecided = chosen != nil
        while try reader.nextBytes({ bytes, number, wasCut -> Void in
            if !isDecided, bytes.contains(where: { $0 > 0x20 }) {
                preset = LogPreset.detected(in: [String(decoding: bytes, as: UTF8.self)])
                parser = try LogParser(preset: preset, options: options, clock: clock)
                isDecided = true
            }
            try write(parser.learn(bytes, number: number), wasCut: wasCut, to: output)
        }) != nil {
            if !reader.hasLineReady { try output.flush() }
        }
        inferredYear = parser.inferredYear
        finish(parser.templates)
    }

    private mutating func write(_ line: ParsedLine, wasCut: Bool, to output: OutputFile) throws {
        json.removeAll(keepingCapacity: true)
        line.appendJSON(to: &json)
        json.append(0x0A)
        try output.write(json)
        lines += 1
        cut += wasCut ? 1 : 0
        if let entity = line.entity, entities.count < Self.entityLimit { entities.insert(entity) }
        if let template = line.template {
            while counts.count <= template { counts.append(0) }
            counts[template] += 1
        } else {
            withoutEvent += 1
        }
        if lines & 0xFFFF == 0 {
            Console.progress("\(lines) lines")
            try Interruption.check()
        }
    }

    private mutating func finish(_ learned: LogTemplates) {
        templates = learned.all
        for id in templates.indices { templates[id].count = id < counts.count ? counts[id] : 0 }
    }

    /// Lines, templates, entities and speed, and what was odd.
    func summary(seconds: Double) -> String {
        let people = entities.count < Self.entityLimit ? plural(entities.count, "entity", "entities") : "more than \(Self.entityLimit) entities"
        var parts = [plural(lines, "line", "lines") + " (\(preset.rawValue))", plural(templates.count, "template", "templates"), people]
        parts.append(String(format: "%.1f s, %.0f lines/s", seconds, Double(lines) / max(seconds, 1e-3)))
        if cut > 0 { parts.append(plural(cut, "line", "lines") + " cut at \(Self.lineLimit) bytes") }
        if withoutEvent > 0 { parts.append(plural(withoutEvent, "line", "lines") + " without an event, for there are \(options.templates.maximumTemplates) templates already") }
        if let inferredYear { parts.append("no year in the stamps: the last taken for \(inferredYear) (--year tells the first)") }
        return parts.joined(separator: ", ")
    }
}

/// Templates with their counts, most frequent first, for people or machines.
enum TemplateTable {
    static func write(_ templates: [LogTemplates.Template], to path: String) throws {
        let sorted = templates.sorted { ($1.count, $0.id) < ($0.count, $1.id) }
        let output = try OutputFile(path: path)
        do {
            if path.hasSuffix(".json") {
                let rows = sorted.map { JSONValue.object([("template", .int($0.id)), ("count", .int($0.count)), ("event", .string($0.text))]).text }
                try output.write("[" + rows.joined(separator: ",\n ") + "]\n")
            } else {
                try output.write("   count  template  event\n")
                for row in sorted { try output.write(String(format: "%8d  %8d  ", row.count, row.id) + row.text.oneLine + "\n") }
            }
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }
}
