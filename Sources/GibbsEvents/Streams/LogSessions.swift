import GibbsMachines

extension EventLog {
    /// Every entity's events as a session, with the fields of a schema; a session's name is its entity's place. Events that are not
    /// included are remembered by the encoding and left out of the sessions.
    package func sequences(_ schema: EventSchema, where included: (Int) -> Bool) -> EventSequences { numberedSequences(schema, where: included).sequences }

    /// The same, with the number in the log of every event of the sessions.
    func numberedSequences(_ schema: EventSchema, where included: (Int) -> Bool) -> (sequences: EventSequences, numbers: [Int]) {
        let coder = EventCoder(schema, columns: columns)
        var table = EntityTable(history: 0, fields: 0, changes: coder.changeCount, limit: max(1, entities.count)), habits = coder.habits(limit: max(1, count))
        var symbols = [UInt64](repeating: 0, count: schema.fields.count)
        var events = [[[String?]]](repeating: [], count: entities.count), found = [[Int]](repeating: [], count: entities.count)
        batches(of: 4_096) { batch, numbers in
            for (index, event) in numbers.enumerated() where entity[event] >= 0 {
                let who = Int(entity[event]), row = table.row(of: batch.entities[index])
                _ = coder.encode(index, of: batch, row: row, table: &table, habits: &habits, into: &symbols)
                guard included(event) else { continue }
                events[who].append(symbols.indices.map { field in
                    if symbols[field] == 0 { return nil }
                    switch coder.encodings[field] {
                    case .name:
                        let column = coder.columns[field]
                        return column < 0 ? entities[who] : names[column][Int(codes[column][event])]
                    case .change, .familiar, .gap: return coder.encodings[field].names[Int(symbols[field]) - 1]
                    }
                })
                found[who].append(event)
            }
        }
        var result = EventSequences(fields: schema.fields.map(\.name))
        for who in entities.indices where !events[who].isEmpty { result.add(id: String(who), events: events[who], lines: found[who].map { lines[$0] }) }
        return (result, found.flatMap(\.self))
    }
}
