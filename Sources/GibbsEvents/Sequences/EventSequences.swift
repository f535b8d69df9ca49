import Foundation
import GibbsNumerics

/// Events in order, session by session: what an entity did, a field or several to each event.
///
/// Values are held as codes into the names of their field; a code of −1 is a missing value.
public struct EventSequences: Sendable {
    /// One entity's events: a block, a user, a process.
    public struct Session: Sendable, Hashable {
        /// Its name in the file, else its number.
        public var id: String
        /// What a label column said of it, for grading only.
        public var label: String?
        /// The line of the file that it begins on; 0 for one made in memory.
        public var line: Int
        /// Its events' places in the columns.
        public var events: Range<Int>
    }

    /// The fields of an event; the first says what happened.
    public let fields: [String]
    /// The names of every field, by code.
    public private(set) var names: [[String]]
    /// A code an event, by field.
    public private(set) var codes: [[Int32]]
    /// The line of the file that each event stands on.
    public private(set) var lines: [Int]
    /// The sessions in the order of the file.
    public private(set) var sessions: [Session] = []
    /// SHA-256 of the file, hexadecimal; `nil` for events made in memory.
    public var digest: String?
    private var index: [[String: Int32]]

    /// No events yet. Traps without a field.
    public init(fields: [String]) {
        precondition(!fields.isEmpty, "events without a field")
        self.fields = fields
        names = fields.map { _ in [] }
        codes = names.map { _ in [] }
        index = names.map { _ in [:] }
        lines = []
    }

    /// Events in all.
    public var eventCount: Int { lines.count }

    /// Adds a session.
    ///
    /// - Parameters:
    ///   - id: What the session is called.
    ///   - label: What it is, where that is known.
    ///   - line: The line it begins on; the first event's unless told.
    ///   - events: A value a field each; `nil` is missing. Traps on another number of fields.
    ///   - lines: The line of each event.
    public mutating func add(id: String, label: String? = nil, line: Int? = nil, events: [[String?]], lines: [Int]) {
        let first = self.lines.count
        for (event, line) in zip(events, lines) {
            precondition(event.count == fields.count, "\(event.count) values of \(fields.count) fields")
            for (field, value) in event.enumerated() { codes[field].append(value.map { code($0, field: field) } ?? -1) }
            self.lines.append(line)
        }
        sessions.append(Session(id: id, label: label, line: line ?? lines.first ?? 0, events: first ..< self.lines.count))
    }

    private mutating func code(_ name: String, field: Int) -> Int32 {
        if let known = index[field][name] { return known }
        let new = Int32(names[field].count)
        index[field][name] = new
        names[field].append(name)
        return new
    }

    /// Some of the sessions, in the order given; the names stay.
    public func selecting(_ chosen: [Int]) -> EventSequences {
        var result = self
        result.sessions = []
        result.lines = []
        for field in fields.indices { result.codes[field] = [] }
        for number in chosen {
            let session = sessions[number], first = result.lines.count
            result.lines += lines[session.events]
            for field in fields.indices { result.codes[field] += codes[field][session.events] }
            result.sessions.append(Session(id: session.id, label: session.label, line: session.line, events: first ..< result.lines.count))
        }
        return result
    }
}
