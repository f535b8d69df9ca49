/// Turns the events of a batch into symbols, one a field, given what their entities and subjects did before.
///
/// What a fit learns from and what a monitor measures are both made of these, so that they cannot differ: a fit takes the symbols' names, a
/// monitor the codes that its model has for them.
///
/// A symbol is 0 where the value is missing; the hash of the value where it is its own name; else one more than the place among the encoding's
/// fixed names.
struct EventCoder: Sendable {
    /// Of every field: what it takes, from which column of a batch (−1 for the entity's and the time's), and its number among those of its encoding.
    let encodings: [EventSchema.Encoding], columns: [Int], numbers: [Int]
    /// Fields of changes, and of familiarity.
    let changeCount: Int, familiarCount: Int
    /// The subject's column in a batch; −1 where that is the entity.
    private let subjectColumn: Int
    /// The hash of the first field's name that makes habits; 0 where every event does.
    private let habitual: UInt64

    /// A coder of a schema's events in batches of these columns.
    init(_ schema: EventSchema, columns batchColumns: [String]) {
        encodings = schema.fields.map(\.encoding)
        columns = schema.fields.map { $0.encoding.readsColumn ? batchColumns.firstIndex(of: $0.column) ?? -1 : -1 }
        numbers = encodings.indices.map { [encodings] field in encodings[..<field].count { $0 == encodings[field] } }
        changeCount = encodings.count { $0 == .change }
        familiarCount = encodings.count { $0 == .familiar }
        subjectColumn = schema.subject.flatMap { batchColumns.firstIndex(of: $0) } ?? -1
        habitual = schema.habitual.map { ValueHash.of($0) } ?? 0
    }

    /// An empty table of the habits of subjects; `nil` where no field goes by them.
    func habits(limit: Int) -> EntityTable? {
        familiarCount == 0 ? nil : EntityTable(history: 0, fields: 0, changes: familiarCount, keepsDays: true, limit: limit)
    }

    /// The symbols of one event; the tables then remember it, its time and number included.
    ///
    /// - Parameters:
    ///   - row: Of the event's entity in `table`.
    ///   - symbols: Takes one a field.
    /// - Returns: Whether the clock went backwards, the entity's latest time, `nan` where none is known, and how much later that is than before, seconds.
    func encode(_ event: Int, of batch: EventBatch, row: Int, table: inout EntityTable, habits: inout EntityTable?, into symbols: inout [UInt64]) -> (isBackwards: Bool, latest: Double, elapsed: Double) {
        let time = batch.times[event], before = table.times[row], isFirst = table.events[row] == 0
        let latest = time.isNaN ? before : before.isNaN ? time : max(time, before)
        if habits != nil { encodeHabits(event, of: batch, latest: latest, habits: &habits!, into: &symbols) }
        for field in encodings.indices {
            switch encodings[field] {
            case .name: symbols[field] = value(columns[field], event, batch)
            case .change:
                let value = value(columns[field], event, batch)
                symbols[field] = value == 0 ? 0 : Self.symbol(table.change(value, column: numbers[field], row: row))
            case .gap: symbols[field] = time.isNaN || before.isNaN && !isFirst || time < before ? 0 : Self.symbol(EventSchema.gap(isFirst ? nil : time - before))
            case .familiar: break
            }
        }
        table.events[row] &+= 1
        if !time.isNaN { table.times[row] = latest }
        return (time < before, latest, time > before ? time - before : 0)
    }

    /// The symbols of the fields that go by the habits of the event's subject.
    private func encodeHabits(_ event: Int, of batch: EventBatch, latest: Double, habits: inout EntityTable, into symbols: inout [UInt64]) {
        let day = latest.isNaN ? 0 : Int32(max(-1e9, min(1e9, (latest / 86_400).rounded(.down))))
        let subject = self.value(subjectColumn, event, batch)
        let habit = subject == 0 ? -1 : habits.row(of: subject), keeps = habitual == 0 || self.value(columns[0], event, batch) == habitual
        for field in encodings.indices where encodings[field] == .familiar {
            let value = self.value(columns[field], event, batch)
            symbols[field] = value == 0 || habit < 0 ? 0 : Self.symbol(habits.familiar(value, column: numbers[field], row: habit, day: day, keeps: keeps))
        }
    }

    /// The hash in a column of an event; in none, that of its entity.
    private func value(_ column: Int, _ event: Int, _ batch: EventBatch) -> UInt64 {
        column < 0 ? batch.entities[event] : batch.values[event * batch.columns.count + column]
    }

    private static func symbol(_ place: Int) -> UInt64 { UInt64(place + 1) }
}

extension EventSchema.Encoding {
    /// Whether it reads a column of its own; a gap reads the time.
    var readsColumn: Bool {
        switch self {
        case .name, .change, .familiar: true
        case .gap: false
        }
    }

    /// Whether it is nothing without times.
    var needsTime: Bool {
        switch self {
        case .name, .change, .familiar: false
        case .gap: true
        }
    }

    /// Whether it is nothing without a subject.
    var needsSubject: Bool {
        switch self {
        case .name, .change, .gap: false
        case .familiar: true
        }
    }
}

extension EventSchema {
    /// Numbers the fields of one encoding; −1 for all others.
    func numbered(_ encoding: Encoding) -> [Int] {
        var count = 0
        return fields.map { field in
            guard field.encoding == encoding else { return -1 }
            count += 1
            return count - 1
        }
    }
}
