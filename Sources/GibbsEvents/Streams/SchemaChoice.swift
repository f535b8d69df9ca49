import GibbsCore
import GibbsNumerics

// The schema that a log calls for.

extension EventSchema {
    /// Every column as a field, its encoding chosen where the options leave it open: a column of more than 256 names, or of one for less than a
    /// hundred events, is taken as changes: their names would be learned by heart. With times and a subject, fields of familiarity are added, and with times one of gaps.
    ///
    /// - Throws: `GibbsError` with code `.usage` for options that name no column, or a log without one.
    init(of log: EventLog, entity: String, time: String?, options: StreamOptions) throws {
        self.init(entity: entity, time: time, subject: options.subject, habitual: options.subject == nil ? nil : log.usualName(of: 0),
                  fields: try Self.fields(of: log, entity: entity, hasTime: time != nil, options: options))
    }

    private static func fields(of log: EventLog, entity: String, hasTime: Bool, options: StreamOptions) throws -> [EventSchema.Field] {
        for name in options.encodings.keys where !log.columns.contains(name) {
            throw GibbsError(.usage, "there is no field '\(name)'", advice: "the fields are \(log.columns.joined(separator: ", "))")
        }
        guard let first = log.columns.first else { throw GibbsError(.usage, "events without a field", advice: "name the column that says what happened") }
        var fields = log.columns.enumerated().map { column, name in
            let isNames = log.names[column].count <= 256 && log.names[column].count * 100 <= max(1_200, log.count)
            let encoding = options.encodings[name] ?? (name == first || isNames ? .name : .change)
            return EventSchema.Field(name: name, column: name, encoding: encoding)
        }
        if let subject = options.subject, hasTime {
            let columns = log.columns.dropFirst().filter { $0 != subject } + (subject == entity ? [] : [entity])
            fields += columns.map { .init(name: "\($0) to \(subject)", column: $0, encoding: .familiar) }
        }
        if hasTime { fields.append(.init(name: log.columns.contains("gap") ? "time since the last" : "gap", column: "", encoding: .gap)) }
        return fields
    }
}

extension EventLog {
    /// The name that more than half of the events have in a column; `nil` where there is none.
    func usualName(of column: Int) -> String? {
        var counts = [Int](repeating: 0, count: names[column].count)
        for code in codes[column] where code >= 0 { counts[Int(code)] += 1 }
        return counts.indices.first { 2 * counts[$0] > count }.map { names[column][$0] }
    }
}
