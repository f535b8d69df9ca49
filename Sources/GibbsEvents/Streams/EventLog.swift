import Foundation
import GibbsData
import GibbsLogs
import GibbsNumerics

/// Events of many entities in the order of time, held in memory to learn from or to be graded.
public struct EventLog: Sendable {
    /// The columns beside entity and time.
    public let columns: [String]
    /// The names of the entities, and the entity of every event by its place there; −1 is missing.
    public let entities: [String], entity: [Int32]
    /// Seconds since 1970; `nan` where unknown.
    public let times: [Double]
    /// The names of every column, and the code of every event by column; −1 is missing.
    public let names: [[String]], codes: [[Int32]]
    /// The line of every event.
    public let lines: [Int]
    /// Digest of the file's bytes, where there was one.
    public let digest: String?

    /// The events of a table, sorted by time; events of the same time stay in their order, those of unknown time at their place.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for a column that is not there, or times of which over half cannot be read.
    public init(_ table: Table, entity: String, time: String?, columns: [String]) throws {
        let entityColumn = try table.column(entity), chosen = try columns.map { try table.column($0) }
        let times = try time.map { try Self.times(table.column($0)) } ?? [Double](repeating: .nan, count: table.rowCount)
        let order = Self.order(times)
        let (entities, entityCodes) = Self.coded(entityColumn)
        self.columns = columns
        self.entities = entities
        self.entity = order.map { entityCodes[$0] }
        self.times = order.map { times[$0] }
        let coded = chosen.map(Self.coded)
        names = coded.map(\.names)
        codes = coded.map { column in order.map { column.codes[$0] } }
        lines = order.map { table.lines[$0] }
        digest = table.digest
    }

    /// Events.
    public var count: Int { entity.count }

    /// From the first to the last known time, stray ones left out, days; 0 without times.
    public var days: Double {
        guard let span else { return 0 }
        let known = times.indices.filter { !times[$0].isNaN && span.contains(day($0)) }.map { times[$0] }
        guard let first = known.min(), let last = known.max() else { return 0 }
        return (last - first) / 86_400
    }

    private static func coded(_ column: Column) -> (names: [String], codes: [Int32]) {
        if case .categories(let codes, let names) = column.storage { return (names, codes) }
        let texts = Column(name: column.name, texts: (0 ..< column.count).map { column.text($0) })
        guard case .categories(let codes, let names) = texts.storage else { preconditionFailure("a column of texts holds numbers") }
        return (names, codes)
    }

    private static func times(_ column: Column) throws -> [Double] {
        let times = (0 ..< column.count).map { column.text($0).flatMap(TimeStamp.seconds) ?? .nan }
        guard times.count(where: { !$0.isNaN }) * 2 >= times.count else {
            throw GibbsError(.unsuitableData, "\(times.count { $0.isNaN }) of \(times.count) cells are no times", at: .init(field: column.name),
                             advice: "give seconds since 1970, or ISO 8601 such as 2026-03-01T12:00:00Z")
        }
        return times
    }

    /// By time; an event of unknown time counts as at the time of the one before it.
    private static func order(_ times: [Double]) -> [Int] {
        var known = times, last = -Double.infinity
        for index in known.indices { if known[index].isNaN { known[index] = last } else { last = known[index] } }
        return known.indices.sorted { (known[$0], $0) < (known[$1], $1) }
    }
}

extension EventLog {
    /// The same events with some of the columns; traps for one that is not there.
    public func selecting(_ wanted: [String]) -> EventLog {
        let places = wanted.map { columns.firstIndex(of: $0)! }
        return EventLog(columns: wanted, entities: entities, entity: entity, times: times, names: places.map { names[$0] }, codes: places.map { codes[$0] }, lines: lines, digest: digest)
    }

    /// The events of some entities alone; names that only others had are gone.
    ///
    /// - Parameter kept: A decision an entity.
    public func keeping(_ kept: [Bool]) -> EventLog {
        precondition(kept.count == entities.count, "\(kept.count) decisions on \(entities.count) entities")
        let events = (0 ..< count).filter { entity[$0] >= 0 && kept[Int(entity[$0])] }
        let columns = zip(names, codes).map { names, codes in Self.compacted(names, events.map { codes[$0] }) }
        let who = Self.compacted(entities, events.map { entity[$0] })
        return EventLog(columns: self.columns, entities: who.names, entity: who.codes, times: events.map { times[$0] }, names: columns.map(\.names), codes: columns.map(\.codes),
                        lines: events.map { lines[$0] }, digest: digest)
    }

    /// The names that codes use, in their order, and the codes among those.
    private static func compacted(_ names: [String], _ codes: [Int32]) -> (names: [String], codes: [Int32]) {
        var used = [Bool](repeating: false, count: names.count), places = [Int32](repeating: -1, count: names.count), kept = [String]()
        for code in codes where code >= 0 { used[Int(code)] = true }
        for code in names.indices where used[code] {
            places[code] = Int32(kept.count)
            kept.append(names[code])
        }
        return (kept, codes.map { $0 < 0 ? -1 : places[Int($0)] })
    }

    /// Which entities have an event in which a pattern occurs in one of the columns, written as `column=value`.
    public func entities(with pattern: LinePattern) -> [Bool] {
        let found = zip(columns, names).map { column, names in names.map { pattern.occurs(in: column + "=" + $0) } }
        return entities { event in found.indices.contains { codes[$0][event] >= 0 && found[$0][Int(codes[$0][event])] } }
    }

    /// Which entities have an event on one of these lines.
    public func entities(onLines marked: Set<Int>) -> [Bool] { entities { marked.contains(lines[$0]) } }

    private func entities(with isMarked: (Int) -> Bool) -> [Bool] {
        var result = [Bool](repeating: false, count: entities.count)
        for event in 0 ..< count where entity[event] >= 0 && !result[Int(entity[event])] { result[Int(entity[event])] = isMarked(event) }
        return result
    }

    private init(columns: [String], entities: [String], entity: [Int32], times: [Double], names: [[String]], codes: [[Int32]], lines: [Int], digest: String?) {
        (self.columns, self.entities, self.entity, self.times, self.names, self.codes, self.lines, self.digest) = (columns, entities, entity, times, names, codes, lines, digest)
    }

    /// Hands out the events in batches of a monitor, in order.
    package func batches(of size: Int, in range: Range<Int>? = nil, _ body: (EventBatch, _ events: [Int]) throws -> Void) rethrows {
        let entityHashes = entities.map(ValueHash.of), hashes = names.map { $0.map(ValueHash.of) }
        var batch = EventBatch(columns: columns), events = [Int]()
        for event in range ?? 0 ..< count {
            let who = entity[event]
            batch.append(entityHash: who < 0 ? 0 : entityHashes[Int(who)], time: times[event], line: lines[event])
            for (column, codes) in codes.enumerated() { batch.append(valueHash: codes[event] < 0 ? 0 : hashes[column][Int(codes[event])]) }
            events.append(event)
            if events.count == size {
                try body(batch, events)
                batch.removeAll()
                events.removeAll(keepingCapacity: true)
            }
        }
        if !events.isEmpty { try body(batch, events) }
    }
}
