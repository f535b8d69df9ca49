import Foundation
import GibbsData
import GibbsLogs
import GibbsNumerics

/// Sessions from a file, some at a time: one a line, event names parted by blanks, after a name and a comma or a tab where there is one;
/// or NDJSON objects with an array of names.
///
///     blk_-1608999687919862906,5 22 5 11 9
///     UTD-0001<tab>6 6 63 6 42
///     {"id": "blk_1", "label": 0, "templates": ["Receiving block <*>", …]}
public final class SessionReader {
    /// The most bytes of a line.
    public static let lineLimit = 1 << 24

    /// What messages call the file.
    public var name: String { lines.name }
    /// SHA-256 of the bytes read so far, hexadecimal; that of the file after the last session.
    public var digest: String { lines.digest }

    private let lines: LineReader, label: String
    private var isJSON: Bool?, count = 0

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Plain or gzipped; `-` for standard input.
    ///   - label: The member of the objects that says what a session is.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`.
    public init(path: String, label: String = "label") throws {
        lines = try LineReader(path: path, limit: Self.lineLimit)
        self.label = label
    }

    /// The next sessions, at most this many, and no more events than fill some lines; `nil` after the last. Sessions without a name are numbered through the file.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData` or `.limitExceeded`, naming the line.
    public func next(_ limit: Int, events eventLimit: Int = 1 << 20) throws -> EventSequences? {
        var result = EventSequences(fields: ["event"])
        while result.sessions.count < limit, result.eventCount < eventLimit, let line = try lines.next() {
            let place = GibbsError.Place(file: name, line: line.number)
            if line.wasCut { throw GibbsError(.limitExceeded, "a line of more than 16 MiB", at: place, advice: "give a session a line") }
            let text = line.text.trimmingCharacters(in: .whitespaces)
            if text.isEmpty { continue }
            if isJSON == nil {
                isJSON = text.hasPrefix("{")
                try check(line.text, at: place)
            }
            if text.utf8.contains(0) { throw GibbsError(.malformedData, "the line holds a byte of zero, so it is no text", at: place, advice: "give sessions of names, in UTF-8") }
            let session = isJSON! ? try SessionLine(object: text, label: label, at: place) : SessionLine(text: text)
            count += 1
            result.add(id: session.id ?? String(count), label: session.label, line: line.number, events: session.events.map { [$0] },
                       lines: session.events.map { _ in line.number })
        }
        return result.sessions.isEmpty ? nil : result
    }
}

extension SessionReader {
    /// Refuses a first line that is one of a raw log: its words would be taken for events.
    private func check(_ line: String, at place: GibbsError.Place) throws {
        let form = LogPreset.detected(in: [line])
        guard form == .plain else {
            throw GibbsError(.unsuitableData, "the line is one of a raw log (\(form.rawValue)), no session", at: place, advice: "fit the log as a file, with --preset \(form.rawValue)")
        }
    }
}

extension EventSequences {
    /// Reads all sessions of a file; see `SessionReader`.
    ///
    /// - Parameters:
    ///   - path: Plain or gzipped; `-` for standard input.
    ///   - label: The member of the objects that says what a session is.
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData`, `.limitExceeded` or `.unsuitableData`, naming the line.
    /// - Complexity: One pass; the events stay in memory.
    public init(sessionsIn path: String, label: String = "label") throws {
        let reader = try SessionReader(path: path, label: label)
        guard let all = try reader.next(.max, events: .max) else {
            throw GibbsError(.unsuitableData, "there is no session", at: .init(file: reader.name), advice: "give a file with a session a line")
        }
        self = all
        digest = reader.digest
    }
}

/// What one line says of one session.
private struct SessionLine {
    var id: String?, label: String?
    var events: [String]

    init(text: String) {
        if let separator = text.firstIndex(where: { $0 == "\t" || $0 == "," }) {
            let name = text[..<separator].trimmingCharacters(in: .whitespaces)
            id = name.isEmpty ? nil : name
            events = text[text.index(after: separator)...].split(separator: " ").map(String.init)
        } else {
            events = text.split(separator: " ").map(String.init)
        }
    }

    /// The first array of texts or numbers is the events; `id`, `session` or `name` the name; the member `labelName` the label.
    init(object text: String, label labelName: String, at place: GibbsError.Place) throws {
        func bad(_ what: String) -> GibbsError {
            GibbsError(.malformedData, what, at: place, advice: "give objects such as {\"id\": \"s1\", \"events\": [\"login\", \"read\"]}, or, of a log with an event a line, name whose events they are with --entity and what happened with --event")
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { throw bad("the line is no JSON object") }
        guard let list = ["events", "templates"].compactMap({ object[$0] as? [Any] }).first ?? object.keys.sorted().compactMap({ object[$0] as? [Any] }).first else {
            throw bad("the object has no array of events")
        }
        func name(_ value: Any?) -> String? {
            switch value {
            case let value as String: value
            case let value as NSNumber: value.stringValue
            default: nil
            }
        }
        id = ["id", "session", "name"].compactMap { name(object[$0]) }.first
        label = name(object[labelName])
        events = try list.map { value in
            guard let event = name(value) else { throw bad("an event is neither a text nor a number") }
            return event
        }
    }
}
