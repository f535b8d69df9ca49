import GibbsNumerics

/// Turns lines of a log into events with parameters: the header by a preset, the event by `LogTemplates`, and whom it concerns.
///
///     var parser = try LogParser(preset: .sshd)
///     let line = parser.learn("Mar 27 13:08:09 host sshd[2]: Accepted password for root from 203.0.113.7 port 22 ssh2", number: 1)
///     // line.entity "203.0.113.7", line.user "root", line.event "sshd: Accepted password for <*> from <IP> port <NUM> ssh2"
///
/// The event has the process before it (`sshd: …`), so that the same words of different programs differ. In logs of logins a name of a
/// user is `<*>` from the first line on, and so is the command that sudo ran.
public struct LogParser: Sendable {
    /// What a parser is asked for.
    public struct Options: Sendable, Hashable, Codable {
        /// How templates are learned.
        public var templates = LogTemplates.Options()
        /// A regular expression that finds the entity in place of the preset: its first group, else all it matches. It sees the first
        /// 16 KiB of a line.
        public var entityPattern: String?

        /// The defaults.
        public init() {}
    }

    /// What a parser has learned: all that parsing a line takes.
    public struct Stored: Sendable, Codable {
        /// How lines split.
        public var preset: LogPreset
        /// What finds the entity in place of the preset.
        public var entityPattern: String?
        /// The templates.
        public var templates: LogTemplates
    }

    /// Processes whose last address is remembered.
    static let originLimit = 65_536

    /// How lines split.
    public let preset: LogPreset
    /// What was learned so far.
    public private(set) var templates: LogTemplates
    private let pattern: EntityPattern?
    private var clock: LogClock
    private var origins = RecentOrigins(limit: Self.originLimit)
    private var masked = MaskedMessage()
    /// The names of the host and the process of the line before, which are mostly those of the next.
    private var names = LastNames()

    /// A parser that has learned nothing.
    ///
    /// - Parameter clock: Gives syslog stamps their year.
    /// - Throws: `GibbsError` with code `.usage` for an option out of its range or a pattern that is none.
    public init(preset: LogPreset, options: Options = .init(), clock: LogClock = .init()) throws {
        self.preset = preset
        self.clock = clock
        templates = try LogTemplates(options: options.templates, context: preset.form.context, writesPaths: preset.form.writesPaths)
        pattern = try options.entityPattern.map(EntityPattern.init)
    }

    /// A parser that has learned what is stored, and remembers no line.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for parts that do not belong together.
    public init(_ stored: Stored, clock: LogClock = .init()) throws {
        guard stored.templates.context == stored.preset.form.context, stored.templates.writesPaths == stored.preset.form.writesPaths else {
            throw GibbsError(.unsuitableModel, "the log templates were not learned by the preset \(stored.preset.rawValue)", advice: "fit the model again")
        }
        preset = stored.preset
        templates = stored.templates
        self.clock = clock
        do { pattern = try stored.entityPattern.map(EntityPattern.init) } catch let error as GibbsError {
            throw GibbsError(.unsuitableModel, error.message, advice: "fit the model again")
        }
    }

    /// What was learned.
    public var stored: Stored { Stored(preset: preset, entityPattern: pattern?.text, templates: templates) }

    /// The year that stamps without one were taken for, where nobody told it.
    public var inferredYear: Int? { clock.inferredYear }

    /// What a parser remembers of the lines before: which year it is, and from where each process was addressed last.
    public struct Memory: Sendable, Codable {
        /// Gives stamps their year.
        fileprivate var clock: LogClock
        fileprivate var origins: [RecentOrigins.Entry]
    }

    /// The most bytes of names in a memory.
    private static let memoryLimit = 16 << 20

    /// What is remembered of the lines before, to go on after a restart as though nothing had happened.
    public var memory: Memory { Memory(clock: clock, origins: origins.entries(limit: Self.memoryLimit)) }

    /// Goes on with what an earlier parser remembered.
    ///
    /// - Parameter keepsClock: Whether the next line follows those, so that the year goes on as well; else that begins anew.
    /// - Returns: Whether the memory was one; else nothing has changed.
    public mutating func resume(_ memory: Memory, keepsClock: Bool) -> Bool {
        guard memory.clock.isPossible else { return false }
        if keepsClock, memory.clock.hasSeenStamps { clock = memory.clock }
        for entry in memory.origins { origins.remember(entry.origin, of: entry.key) }
        return true
    }

    // MARK: - Lines

    /// Parses a line and learns from it: its event may be a new template, or make one more general.
    ///
    /// - Parameters:
    ///   - line: Bytes without the line's end; what is no UTF-8 is read as U+FFFD.
    ///   - number: Counted from 1.
    public mutating func learn(_ line: UnsafeRawBufferPointer, number: Int) -> ParsedLine { read(line, number, learns: true) }

    /// Parses a line by the templates as they are: an event that none covers is `nil`, with its masked text kept.
    public mutating func parse(_ line: UnsafeRawBufferPointer, number: Int) -> ParsedLine { read(line, number, learns: false) }

    /// As `learn`, for text.
    public mutating func learn(_ line: String, number: Int) -> ParsedLine {
        var line = line
        return line.withUTF8 { learn(UnsafeRawBufferPointer($0), number: number) }
    }

    /// As `parse`, for text.
    public mutating func parse(_ line: String, number: Int) -> ParsedLine {
        var line = line
        return line.withUTF8 { parse(UnsafeRawBufferPointer($0), number: number) }
    }

    /// Takes in a line's template and says nothing of it, at half the cost of `learn`.
    public mutating func study(_ line: UnsafeRawBufferPointer) {
        Self.withText(line) { text in
            let parts = LineParts(text, preset, &clock)
            mask(text, parts)
            _ = templates.learn(&masked)
        }
    }

    private mutating func read(_ line: UnsafeRawBufferPointer, _ number: Int, learns: Bool) -> ParsedLine {
        Self.withText(line) { text in
            let parts = LineParts(text, preset, &clock)
            mask(text, parts)
            var result = ParsedLine(number: number)
            describe(text, parts, in: &result)
            result.entity = entity(text, parts, result)
            if let template = learns ? templates.learn(&masked) : templates.match(&masked) {
                result.template = template
                result.event = templates.texts[template]
                result.parameters = templates.parameters(of: masked, in: text, template: template)
            } else {
                result.masked = masked.text
            }
            return result
        }
    }

    /// Runs `body` on the line, repaired where it is no UTF-8, without a byte order mark and a carriage return at its end.
    private static func withText<Result>(_ line: UnsafeRawBufferPointer, _ body: (LogText) -> Result) -> Result {
        var line = line
        if line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF { line = UnsafeRawBufferPointer(rebasing: line[3...]) }
        if line.last == 0x0D { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        if line.contains(where: { $0 >= 0x80 }), String(validating: line.bindMemory(to: UInt8.self), as: UTF8.self) == nil {
            return Array(String(decoding: line, as: UTF8.self).utf8).withUnsafeBytes { LogText.with($0, body) }
        }
        return LogText.with(line, body)
    }
}

// MARK: - Parts of a line

extension LogParser {
    /// Fills `masked`: tokens of context first, then the message's.
    private mutating func mask(_ line: LogText, _ parts: LineParts) {
        masked.clear()
        if let token = parts.context.first { add(token, line) }
        if let token = parts.context.second { add(token, line) }
        if let target = parts.target { maskTarget(line, target) } else { masked.scan(line, parts.header.message, opaque: parts.opaque) }
    }

    /// A token for every part of a path, then what stands for its query.
    private mutating func maskTarget(_ line: LogText, _ target: Range<Int>) {
        let query = line.find(UInt8(ascii: "?"), from: target.lowerBound, before: target.upperBound)
        masked.scan(line, target.lowerBound ..< query, isPath: true)
        guard query < target.upperBound else { return }
        masked.open(at: query)
        masked.append(UInt8(ascii: "?"))
        masked.mask(.any, query + 1 ..< target.upperBound)
        masked.close(at: target.upperBound, hasWord: true, hasDigit: false, folds: false)
    }

    private mutating func add(_ token: LineParts.Context, _ line: LogText) {
        switch token {
        case .name(let name, let ending):
            let name = name ?? 0 ..< 0
            masked.open(at: name.lowerBound)
            if name.isEmpty { masked.append(UInt8(ascii: "-")) } else { masked.copy(line, name) }
            if let ending { masked.append(ending) }
            masked.close(at: name.upperBound, hasWord: true, hasDigit: false, folds: false)
        case .statusClass(let digit, let place):
            masked.open(at: place)
            for byte in [digit, UInt8(ascii: "x"), UInt8(ascii: "x")] { masked.append(byte) }
            masked.close(at: place, hasWord: true, hasDigit: true, folds: false)
        }
    }

    /// Writes what the header and the facts say.
    private mutating func describe(_ line: LogText, _ parts: LineParts, in result: inout ParsedLine) {
        let header = parts.header
        result.time = header.time
        result.host = header.host.map { names.host(line, $0) }
        result.process = header.process.map { names.process(line, $0) }
        result.pid = header.pid
        result.user = parts.user.map(line.string)
        result.repeated = parts.repeated
    }

    private mutating func entity(_ line: LogText, _ parts: LineParts, _ result: ParsedLine) -> String? {
        if let pattern { return pattern.entity(in: line) }
        switch parts.entity {
        case .none: return nil
        case .range(let range): return line.string(range)
        case .firstBlock: return masked.pieces.first { $0.mask == .block }.map { line.string($0.raw) }
        case .origin(let address, let namesOrigin):
            let key = result.pid.flatMap { pid in result.process.map { RecentOrigins.Key(host: result.host, process: $0, pid: pid) } }
            if let range = address ?? (namesOrigin ? masked.pieces.first { $0.mask == .address }?.raw : nil), !range.isEmpty {
                let origin = line.string(range)
                if let key { origins.remember(origin, of: key) }
                return origin
            }
            if let key, let origin = origins.origin(of: key) { return origin }
            if let user = result.user, !user.isEmpty { return user }
            return result.process
        }
    }
}

/// The texts of the last host and the last process, so that equal ones of the next line need no new memory.
private struct LastNames: Sendable {
    private var host = "", process = ""

    mutating func host(_ line: LogText, _ range: Range<Int>) -> String { Self.kept(&host, line, range) }
    mutating func process(_ line: LogText, _ range: Range<Int>) -> String { Self.kept(&process, line, range) }

    private static func kept(_ name: inout String, _ line: LogText, _ range: Range<Int>) -> String {
        let isSame = name.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.count == range.count && bytes.elementsEqual(UnsafeBufferPointer(start: line.base + range.lowerBound, count: range.count))
        }
        if isSame != true { name = line.string(range) }
        return name
    }
}
