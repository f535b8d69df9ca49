import Foundation
import GibbsData
import GibbsLogs
import GibbsNumerics

/// Turns the lines of a stream into events of a batch. A line that cannot be read is counted and passed over, because a watcher goes on.
public struct StreamSource {
    /// What could not be read.
    public struct Counters: Sendable, Hashable, Codable {
        /// Lines seen.
        public var lines = 0
        /// Lines that were no events: malformed, or without the form of the log.
        public var malformed = 0
        /// Lines cut at the limit, and so passed over.
        public var tooLong = 0
        /// Events without a time, though the schema has one.
        public var withoutTime = 0
        /// Events without an entity.
        public var withoutEntity = 0
        /// Lines that became events, with an entity or without.
        public var events = 0

        /// Nothing yet.
        public init() {}
    }

    /// What could not be read so far.
    public private(set) var counters = Counters()
    /// The line that was malformed last, and why, for a message.
    public private(set) var complaint: String?
    let schema: EventSchema, columns: [String]
    /// Events without a value, by column.
    private(set) var absent: [Int]
    private var parser: LogParser?
    private var values: LineValues?
    /// Whether lines are records of columns, not those of a raw log.
    let isTable: Bool

    /// Reads lines for a watchdog.
    ///
    /// - Parameter year: Of the first line, for logs whose stamps have none; inferred unless told.
    /// - Throws: `GibbsError` with code `.unsuitableModel` for templates that do not fit.
    public init(_ watchdog: StreamWatchdog, year: Int? = nil) throws {
        schema = watchdog.measure.schema
        columns = schema.columns
        absent = [Int](repeating: 0, count: columns.count)
        switch watchdog.source {
        case .log(let stored): (parser, isTable) = (try LogParser(stored, clock: LogClock(year: year)), false)
        case .table: isTable = true
        }
    }

    /// An empty batch of the schema's columns.
    public var batch: EventBatch { EventBatch(columns: columns) }

    /// Adds the event of a line, or the events of one that says "message repeated".
    ///
    /// The first good line decides: one that begins with a brace is NDJSON, one that names the schema's entity is the header of a CSV.
    public mutating func append(_ line: LineFollower.Line, to batch: inout EventBatch) {
        counters.lines += 1
        if line.wasCut { counters.tooLong += 1; return }
        if parser != nil { appendLog(line, &batch) } else { appendRow(line, &batch) }
    }

    /// Adds the event of a line that came otherwise than in a file, such as a message of a queue.
    ///
    /// - Parameters:
    ///   - text: Its bytes, without a line's end.
    ///   - line: Its number, to be told by.
    ///   - offset: Where it stands in its source; −1 where it cannot be shown again.
    public mutating func append(_ text: some Collection<UInt8>, line: Int, offset: Int = -1, to batch: inout EventBatch) {
        let padded = Array(text) + Self.padding
        padded.withUnsafeBufferPointer { bytes in
            append(LineFollower.Line(bytes: UnsafeBufferPointer(rebasing: bytes.dropLast(Self.padding.count)), number: line, offset: offset, wasCut: bytes.count - Self.padding.count > LineFollower.usualLimit), to: &batch)
        }
    }

    /// What is remembered of the lines before, to go on after a restart; `nil` where lines stand for themselves.
    public var memory: LogParser.Memory? { parser?.memory }

    /// Goes on with what an earlier source remembered.
    ///
    /// - Parameter follows: Whether the next line follows those in the same file, so that their year goes on.
    /// - Throws: `GibbsError` with code `.unsuitableData` for what is no memory.
    public mutating func resume(_ memory: LogParser.Memory, follows: Bool) throws {
        guard parser?.resume(memory, keepsClock: follows) ?? true else {
            throw GibbsError(.unsuitableData, "the state remembers a time that cannot be", advice: "move the state away: the watch then begins without a past")
        }
    }

    /// The next line begins another file: a CSV's header may come again.
    public mutating func begin() { values = nil }

    /// The next line stands further on in a file that begins with these bytes: a CSV's header is found there, not in the next line.
    public mutating func resume(head: [UInt8]) {
        guard isTable else { return }
        for line in head.split(separator: 0x0A) where values == nil {
            let bytes = line.last == 0x0D ? line.dropLast() : line, padded = bytes + Self.padding
            padded.withUnsafeBufferPointer { _ = try? decide(UnsafeBufferPointer(rebasing: $0[..<bytes.count])) }
        }
    }

    /// Takes the format from a line; whether that was a header.
    private mutating func decide(_ line: UnsafeBufferPointer<UInt8>) throws -> Bool {
        let wanted = [schema.entity, schema.time ?? schema.entity] + columns, isObject = line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
        let format = isObject ? .json : try LineValues.header(line)
        if case .csv(let names, _) = format, !names.contains(schema.entity) {
            throw GibbsError(.malformedData, "neither an object nor a header with '\(schema.entity)'", advice: "give NDJSON, or CSV with its header")
        }
        values = LineValues(wanted, format: format)
        return !isObject
    }

    private mutating func appendRow(_ line: LineFollower.Line, _ batch: inout EventBatch) {
        do {
            if values == nil, try decide(line.bytes) { return }
            let values = values!
            try values.read(line.bytes)
            let time = schema.time == nil ? nil : values.values[1].flatMap(TimeStamp.seconds)
            if schema.time != nil, time == nil { counters.withoutTime += 1 }
            for column in columns.indices where values.values[2 + column] == nil { absent[column] += 1 }
            count(hasEntity: values.values[0] != nil)
            batch.append(entity: values.values[0], time: time, values: values.values[2...], line: line.number, offset: line.offset)
        } catch {
            counters.malformed += 1
            complaint = "line \(line.number): \((error as? GibbsError)?.message ?? "\(error)")"
        }
    }

    private mutating func count(hasEntity: Bool) {
        counters.events += 1
        if !hasEntity { counters.withoutEntity += 1 }
    }

    private mutating func appendLog(_ line: LineFollower.Line, _ batch: inout EventBatch) {
        let parsed = parser!.parse(UnsafeRawBufferPointer(line.bytes), number: line.number)
        if schema.time != nil, parsed.time == nil { counters.withoutTime += 1 }
        count(hasEntity: parsed.entity != nil)
        // A template never seen keeps its text, whose hash no name has.
        let texts = columns.map { parsed.value($0) }
        for _ in 0 ..< min(max(1, parsed.repeated), Self.repeatLimit) {
            batch.append(entity: parsed.entity, time: parsed.time, values: texts, line: line.number, offset: line.offset)
        }
    }

    /// What has to stand behind the last of some lines: a line feed, and eight bytes more that a reader of values may look at.
    public static let padding = [UInt8](repeating: 0x0A, count: 9)

    /// The most events that "message repeated N times" stands for.
    static let repeatLimit = 1_000
}

extension ParsedLine {
    /// The columns that events of a raw log have.
    package static let columns = ["event", "user", "process", "host"]

    /// The value of a column of `columns`.
    func value(_ column: String) -> String? {
        switch column {
        case "event": event ?? masked
        case "user": user
        case "process": process
        case "host": host
        default: nil
        }
    }
}

// MARK: - Whole files

extension EventLog {
    /// The events of a table's file.
    ///
    /// - Throws: As `TableReader` and `init(_:entity:time:columns:)`.
    public init(table path: String, options: TableOptions, entity: String, time: String?, columns: [String]) throws {
        var options = options
        let wanted = columns + [entity] + (time.map { [$0] } ?? [])
        for column in wanted { options.types[column] = .category }
        options.mustOccur.formUnion(wanted)
        // As a live line has them: only an empty cell is missing, and none is longer than a watch takes in.
        options.missing = [""]
        options.limits.lineLength = min(options.limits.lineLength, LineFollower.usualLimit)
        let reader = try TableReader(path: path, options: options)
        try self.init(reader.readAll(columns: wanted), entity: entity, time: time, columns: columns)
    }

    /// The events of a raw log, by templates that are learned in a first pass, or by those of an earlier fit.
    ///
    /// - Parameter marking: A pattern to look for in the raw lines.
    /// - Returns: The log, the parser's part for a model file, and the numbers of the lines in which the pattern occurs.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.unsuitableData`.
    public static func raw(_ path: String, preset: LogPreset?, options: LogParser.Options = .init(), year: Int? = nil, learned: LogParser.Stored? = nil,
                           columns: [String], marking: LinePattern? = nil) throws -> (log: EventLog, parser: LogParser.Stored, marked: Set<Int>) {
        let clock = LogClock(year: year)
        var parser: LogParser, last = Int.max, strange = 0
        if let learned { parser = try LogParser(learned, clock: clock) } else {
            parser = try LogParser(preset: preset ?? Self.preset(of: path), options: options, clock: clock)
            let reader = try LineReader(path: path)
            last = 0
            while try reader.nextBytes({ bytes, number, wasCut -> Void in
                last = number
                if !wasCut { parser.study(bytes) }
            }) != nil {}
        }
        var cells = [[String?]](repeating: [], count: columns.count + 2), lines = [Int](), marked = Set<Int>()
        let reader = try LineReader(path: path)
        var done = 0
        // A log that grows meanwhile ends where the templates' pass ended. A line that was cut is none, as in a watch.
        while done < last, try reader.nextBytes({ (bytes, number, wasCut) -> Void in
            done = number
            if wasCut { return }
            let parsed = parser.parse(bytes, number: number)
            if bytes.contains(0) { strange += 1 }
            if let marking, marking.occurs(in: String(decoding: bytes, as: UTF8.self)) { marked.insert(number) }
            for _ in 0 ..< min(max(1, parsed.repeated), StreamSource.repeatLimit) {
                cells[0].append(parsed.entity)
                cells[1].append(parsed.time.map { String($0) })
                for (index, column) in columns.enumerated() { cells[index + 2].append(parsed.value(column)) }
                lines.append(number)
            }
        }) != nil {}
        try check(cells, strange: strange, of: parser, path: path)
        let names = ["entity", "time"] + columns
        let table = Table(columns: zip(names, cells).map { Column(name: $0, texts: $1) }, lines: lines, digest: reader.digest)
        let timed = cells[1].count { $0 != nil } * 2 >= cells[1].count && !lines.isEmpty
        return (try EventLog(table, entity: "entity", time: timed ? "time" : nil, columns: columns), parser.stored, marked)
    }

    /// Refuses lines of another form than the parser's, of which nothing could be learned.
    private static func check(_ cells: [[String?]], strange: Int, of parser: LogParser, path: String) throws {
        let count = cells[0].count, place = GibbsError.Place(file: path)
        guard count > 0 else { throw GibbsError(.unsuitableData, "there is no line in it", at: place, advice: "give a log with some thousands") }
        guard strange * 10 <= count else {
            throw GibbsError(.unsuitableData, "\(strange) of \(count) lines hold bytes of zero, so it is no text", at: place, advice: "give a log of text, in UTF-8")
        }
        let fits = parser.preset == .plain || cells[1].contains { $0 != nil }, hasPattern = parser.stored.entityPattern != nil
        guard fits, cells[0].contains(where: { $0 != nil }) else {
            let other = (try? preset(of: path)).flatMap { $0 == parser.preset || $0 == .plain ? nil : $0.rawValue }
            throw GibbsError(.unsuitableData, !fits ? "none of \(count) lines has the form of the preset \(parser.preset.rawValue)"
                : hasPattern ? "the pattern of the entity matches none of \(count) lines" : "none of \(count) lines names an entity", at: place,
                advice: other.map { "give --preset \($0), which most lines have" } ?? "say with --preset how lines split, or with --entity-pattern where the entity stands; or name columns with --entity and --event")
        }
    }

    /// Whether most of the first lines of a file have the header of a log that is known: syslog, Hadoop's or an access log.
    ///
    /// A pipe, which could be read once only, and what cannot be read, look like nothing.
    public static func looksRaw(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return ((try? preset(of: path)) ?? .plain) != .plain
    }

    private static func preset(of path: String) throws -> LogPreset {
        let reader = try LineReader(path: path)
        var first = [String]()
        while first.count < 100, let line = try reader.next() { first.append(line.text) }
        return LogPreset.detected(in: first)
    }
}
