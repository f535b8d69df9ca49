import Foundation
import GRDB

/// An entity on a day.
package struct EntityDay: Sendable, Hashable {
    package var hash: UInt64, day: Int

    package init(hash: UInt64, day: Int) { (self.hash, self.day) = (hash, day) }
}

extension Store {
    /// Keeps days of a stream, each in place of what was there; all or none of them.
    ///
    /// - Parameter model: The fingerprint of the model that scored them: scores of another mean something else.
    package func keep(_ days: [DayPeaks.Day], stream: String, model: String) throws {
        let rows = days.map { (day: $0.day, bytes: Self.bytes(of: $0.entities), seen: $0.seen) }
        try write { database in
            for row in rows { try database.execute(sql: "INSERT OR REPLACE INTO days (stream, model, day, entities, seen) VALUES (?, ?, ?, ?, ?)", arguments: [stream, model, row.day, row.bytes, row.seen]) }
        }
    }

    /// The days that are kept of a stream and a model, latest first.
    ///
    /// - Parameter before: Only days before that one.
    package func days(stream: String, model: String, before: Int = .max, limit: Int) throws -> [DayPeaks.Day] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT day, entities, seen FROM days WHERE stream = ? AND model = ? AND day < ? ORDER BY day DESC LIMIT ?", arguments: [stream, model, before, limit]).map { row in
                DayPeaks.Day(day: row["day"], entities: Self.entities(in: row["entities"]), seen: row["seen"])
            }
        }
    }

    /// The first day that is kept of a stream and a model.
    package func firstDay(stream: String, model: String) throws -> Int? {
        try read { try Int.fetchOne($0, sql: "SELECT MIN(day) FROM days WHERE stream = ? AND model = ?", arguments: [stream, model]) }
    }

    /// Entities and days that have alerts of a verdict, such as real: no day of a normal entity; for none, those that nobody has judged, and no rule keeps quiet.
    package func entityDays(stream: String, _ verdict: StoredAlert.Verdict?) throws -> Set<EntityDay> {
        try read { database in
            Set(try Row.fetchAll(database, sql: "SELECT hash, day FROM alerts WHERE stream = ? AND verdict IS ? AND (verdict IS NOT NULL OR rule IS NULL)", arguments: [stream, verdict?.rawValue]).map { EntityDay(hash: UInt64(bitPattern: $0["hash"]), day: $0["day"]) })
        }
    }

    /// Sixteen bytes an entity: its hash, its peak (no number where it had no event), and its record, little-endian.
    private static func bytes(of entities: [UInt64: DayPeaks.Entity]) -> Data {
        var bytes = Data(capacity: entities.count * 16)
        for (hash, entity) in entities {
            withUnsafeBytes(of: hash.littleEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: (entity.peak ?? .nan).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: entity.record.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func entities(in bytes: Data) -> [UInt64: DayPeaks.Entity] {
        var entities = [UInt64: DayPeaks.Entity](minimumCapacity: bytes.count / 16)
        bytes.withUnsafeBytes { raw in
            func number(_ at: Int) -> Float { Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))) }
            for at in stride(from: 0, to: raw.count - raw.count % 16, by: 16) {
                let peak = number(at + 8), record = number(at + 12)
                guard record.isFinite, !peak.isInfinite else { continue }
                entities[UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))] = DayPeaks.Entity(peak: peak.isNaN ? nil : peak, record: record)
            }
        }
        return entities
    }
}
