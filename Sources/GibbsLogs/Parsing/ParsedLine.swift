import GibbsData

/// What a line of a log says: when, where, who, and what happened with which parameters.
public struct ParsedLine: Sendable, Hashable {
    /// Counted from 1.
    public var number: Int
    /// Seconds since 1970 UTC.
    public var time: Double?
    /// The machine that wrote the line.
    public var host: String?
    /// The program.
    public var process: String?
    /// The program's process or thread number.
    public var pid: Int?
    /// Whom the line speaks of: an address, a block, a client; see `LogPreset`.
    public var entity: String?
    /// The user whom the line names; empty where it names an empty one.
    public var user: String?
    /// The text of the template, with the process before it; nil where no template covers the line.
    public var event: String?
    /// The number of the template.
    public var template: Int?
    /// The message with typed wildcards, kept only where there is no event.
    public var masked: String?
    /// What stands where the template has wildcards, in order.
    public var parameters: [String] = []
    /// How often the message came in a row, where syslog says so ("message repeated 5 times"); else 1.
    public var repeated = 1

    /// A line of which nothing is known yet.
    public init(number: Int) { self.number = number }
}

extension ParsedLine {
    /// One JSON object without a line end: `line`, `time` (ISO 8601), `host`, `process`, `entity`, `user`, `event` or else `masked`,
    /// `template`, `parameters`, and `repeated` above 1; what is absent is left out.
    public var json: String {
        var bytes: [UInt8] = []
        appendJSON(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the bytes of `json`.
    public func appendJSON(to bytes: inout [UInt8]) {
        func literal(_ text: StaticString) { bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
        func member(_ key: StaticString, _ value: String?) {
            guard let value else { return }
            literal(key)
            JSONValue.appendQuoted(value, to: &bytes)
        }
        literal("{\"line\":")
        bytes.append(contentsOf: String(number).utf8)
        if let time {
            literal(",\"time\":\"")
            CivilTime.append(time, to: &bytes)
            literal("\"")
        }
        member(",\"host\":", host)
        member(",\"process\":", process)
        member(",\"entity\":", entity)
        member(",\"user\":", user)
        member(",\"event\":", event)
        member(",\"masked\":", masked)
        if let template {
            literal(",\"template\":")
            bytes.append(contentsOf: String(template).utf8)
        }
        if !parameters.isEmpty {
            literal(",\"parameters\":[")
            for (index, parameter) in parameters.enumerated() {
                if index > 0 { literal(",") }
                JSONValue.appendQuoted(parameter, to: &bytes)
            }
            literal("]")
        }
        if repeated > 1 {
            literal(",\"repeated\":")
            bytes.append(contentsOf: String(repeated).utf8)
        }
        literal("}")
    }
}
