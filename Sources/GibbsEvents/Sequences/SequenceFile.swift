import Foundation
import GibbsData
import GibbsNumerics

extension EventSequences {
    /// Reads sessions, one a line: event names parted by blanks, after a name and a comma or a tab where there is one; or NDJSON
    /// objects with an array of names.
    ///
    ///     blk_-1608999687919862906,5 22 5 11 9
    ///     UTD-0001<tab>6 6 63 6 42
    ///     {"id": "blk_1", "label": 0, "templates": ["Receiving block <*>", …]}
    ///
    /// - Parameter path: Plain or gzipped; `-` for standard input.
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData` or `.unsuitableData`, naming the line.
    /// - Complexity: One pass; the events stay in memory.
    public init(sessionsIn path: String) throws {
        self.init(fields: ["event"])
        let reader = try LineReader(path: path, limit: 1 << 24)
        var isJSON: Bool?
        while let line = try reader.next() {
            let place = GibbsError.Place(file: reader.name, line: line.number)
            if line.wasCut { throw GibbsError(.limitExceeded, "a line of more than 16 MiB", at: place, advice: "give a session a line") }
            let text = line.text.trimmingCharacters(in: .whitespaces)
            if text.isEmpty { continue }
            if isJSON == nil { isJSON = text.hasPrefix("{") }
            let session = isJSON! ? try SessionLine(object: text, at: place) : SessionLine(text: text)
            add(id: session.id ?? String(sessions.count + 1), label: session.label, events: session.events.map { [$0] },
                lines: session.events.map { _ in line.number })
        }
        digest = reader.digest
        guard !sessions.isEmpty else {
            throw GibbsError(.unsuitableData, "there is no session", at: .init(file: reader.name), advice: "give a file with a session a line")
        }
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

    /// The first array of texts or numbers is the events; `id`, `session` or `name` the name; `label` the label.
    init(object text: String, at place: GibbsError.Place) throws {
        func bad(_ what: String) -> GibbsError {
            GibbsError(.malformedData, what, at: place, advice: "give objects such as {\"id\": \"s1\", \"events\": [\"login\", \"read\"]}")
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
        label = name(object["label"])
        events = try list.map { value in
            guard let event = name(value) else { throw bad("an event is neither a text nor a number") }
            return event
        }
    }
}
