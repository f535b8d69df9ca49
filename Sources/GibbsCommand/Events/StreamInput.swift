import Foundation
import Gibbs

/// A log of events as a fit or a ranking reads it.
struct StreamInput {
    var log: EventLog
    /// The names of the columns that say whose and when.
    var entity: String, time: String?
    var source: StreamWatchdog.Source
    /// Which entities may be learned from; all where `nil`.
    var trusted: [Bool]?

    /// The events of the entities that may be learned from.
    var normal: EventLog { trusted.map(log.keeping) ?? log }

    /// How many are trusted; `nil` where nobody asked.
    var trustRemark: String? {
        trusted.map { "\($0.count { $0 }) of \($0.count) entities are trusted, with \(normal.count) of \(log.count) events" }
    }

    /// Refuses a pattern that trusts nobody.
    fileprivate func checked(_ pattern: String?, _ path: String) throws -> StreamInput {
        guard let trusted, !trusted.contains(true) else { return self }
        let isRaw = if case .log = source { true } else { false }
        throw GibbsError(.unsuitableData, "--trusted '\(pattern ?? "")' occurs in no event of an entity", at: .init(file: path), advice: isRaw
            ? "it is looked for in the raw lines, where capital letters count"
            : "it is looked for in \(log.columns.map { $0 + "=…" }.joined(separator: ", ")), where capital letters count")
    }
}

extension Table {
    /// The column that is named like one of times and holds them, else one whose cells are all stamps such as 2026-03-01T12:00:00Z; `nil` where there is none.
    fileprivate func timeColumn(apartFrom taken: [String]) -> String? {
        func texts(_ name: String) -> [String] {
            guard !taken.contains(name), let column = self[name] else { return [] }
            return (0 ..< column.count).compactMap { column.text($0) }
        }
        let usual = ["time", "ts", "timestamp", "@timestamp", "date", "datetime"].compactMap { name in columnNames.first { $0.lowercased() == name } }
        let named = usual.first { name in
            let texts = texts(name)
            return !texts.isEmpty && texts.count { TimeStamp.seconds($0) != nil } * 2 >= texts.count
        }
        return named ?? columnNames.first { name in
            let texts = texts(name)
            return !texts.isEmpty && texts.allSatisfy { $0.count >= 16 && $0.dropFirst(4).hasPrefix("-") && $0.contains(":") && TimeStamp.seconds($0) != nil }
        }
    }
}

extension StreamOptionsGroup {
    /// Refuses columns that contradict each other.
    func check(_ path: String) throws {
        let raw = isRaw(path), event = self.event ?? "event"
        if !raw, event == entity {
            throw GibbsError(.usage, "'\(event)' as entity and event", advice: "name two columns with --entity and --event")
        }
        var taken = ["event": "event"]
        if !raw { taken = Dictionary([(entity!, "entity"), (event, "event"), (time ?? "time", "time")]) { first, _ in first } }
        for field in fields.list {
            if let role = taken[field] {
                throw GibbsError(.usage, "--fields names '\(field)', which is \(role == "field" ? "there twice" : "the \(role)")", advice: "leave it out there")
            }
            taken[field] = "field"
        }
        if raw, let about, !(["event", "entity"] + (fields == nil ? ["user"] : fields.list)).contains(about) {
            throw GibbsError(.usage, "raw log lines have no '\(about)' among their fields", advice: "name one of --fields with --about, such as user")
        }
    }

    /// Reads the log, with the entities that `--trusted` names.
    func read(_ path: String, input: InputOptions) throws -> StreamInput {
        let pattern = try trusted.map { try LinePattern($0) }
        if isRaw(path) {
            for (name, value) in [("--entity", entity), ("--time", time), ("--event", event)] where value != nil {
                throw GibbsError(.usage, "\(name) with raw log lines", advice: "leave it out: entity, time and event come from the lines; or run gibbs parse first")
            }
            var options = LogParser.Options()
            options.entityPattern = entityPattern
            let columns = ["event"] + (fields == nil ? ["user"] : fields.list)
            for column in columns where !ParsedLine.columns.contains(column) {
                throw GibbsError(.usage, "raw log lines have no '\(column)'", advice: "they have \(ParsedLine.columns.joined(separator: ", "))")
            }
            let raw = try EventLog.raw(path, preset: preset?.preset, options: options, year: year, columns: columns, marking: pattern)
            return try StreamInput(log: raw.log, entity: "entity", time: raw.log.days > 0 ? "time" : nil, source: .log(raw.parser), trusted: pattern.map { _ in raw.log.entities(onLines: raw.marked) })
                .checked(trusted, path)
        }
        let entity = self.entity!, event = self.event ?? "event"
        let columns = [event] + fields.list + [about].compactMap { $0 }.filter { $0 != entity && !fields.list.contains($0) && $0 != event }
        let beginning = (try? TableReader(path: path, options: input.options()).chunks(rows: 100).next()) ?? nil, time = self.time ?? beginning?.timeColumn(apartFrom: columns + [entity])
        // A pattern such as label=normal may name a column that no event is to have.
        let asked = (trusted?.prefix { $0 != "=" }).map(String.init), extra = [asked].compactMap { $0 }.filter { !columns.contains($0) && beginning?[$0] != nil }
        do {
            let log = try EventLog(table: path, options: input.options(), entity: entity, time: time, columns: columns + extra)
            return try StreamInput(log: log.selecting(columns), entity: entity, time: time, source: .table, trusted: pattern.map(log.entities(with:))).checked(trusted, path)
        } catch let error as GibbsError where error.code == .unsuitableData {
            // The reader of NDJSON knows the columns that were asked for alone; what else there is helps with one that is misspelt.
            do { for name in [entity, self.time].compactMap({ $0 }) + columns { _ = try beginning?.column(name) } } catch let absent as GibbsError { throw absent.located(at: .init(file: path)) }
            throw error
        }
    }
}
