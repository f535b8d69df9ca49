import Foundation
import GRDB
import Gibbs

/// Keeps alerts of an entity quiet for a while: all of them, or those of which a value of a field is the reason. They are kept, and nobody is called.
package struct Rule: Sendable, Hashable {
    package var number: Int64 = 0
    package var stream: String, entity: String, hash: UInt64
    /// A field and its value that must be among the reasons; `nil` for any.
    package var field: String?, value: String?
    /// Seconds since 1970; `nil` for ever.
    package var until: Double?
    /// The alert that it came of.
    package var alert: Int64?

    /// Whether it keeps an alert quiet.
    package func applies(to alert: StreamAlert, at now: Double) -> Bool {
        guard alert.hash == hash, until.map({ now < $0 }) ?? true else { return false }
        guard let field else { return true }
        return alert.reasons.contains { $0.field == field && $0.value == value }
    }

    package var json: JSONValue {
        .object([("number", .int(Int(number))), ("stream", .string(stream)), ("entity", .string(entity)), ("field", .optional(field)), ("value", .optional(value)),
                 ("until", until.map { .string(TimeStamp.text($0.rounded())) } ?? .null), ("alert", alert.map { .int(Int($0)) } ?? .null)])
    }
}

extension Store {
    /// The rules of a stream, or of all.
    package func rules(stream: String? = nil) throws -> [Rule] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM rules WHERE (? IS NULL OR stream = ?) AND (until IS NULL OR until > ?) ORDER BY number", arguments: [stream, stream, Date().timeIntervalSince1970]).map { row in
                Rule(number: row["number"], stream: row["stream"], entity: row["entity"], hash: UInt64(bitPattern: row["hash"]), field: row["field"], value: row["value"], until: row["until"], alert: row["alert"])
            }
        }
    }

    /// Keeps a rule, in place of one that says the same after the same alert; as it is then, with its number.
    package func add(_ rule: Rule) throws -> Rule {
        try write { database in
            if rule.alert != nil { try database.execute(sql: "DELETE FROM rules WHERE alert = ? AND field IS ? AND value IS ?", arguments: [rule.alert, rule.field, rule.value]) }
            try database.execute(sql: "INSERT INTO rules (stream, entity, hash, field, value, until, alert, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                 arguments: [rule.stream, rule.entity, Int64(bitPattern: rule.hash), rule.field, rule.value, rule.until, rule.alert, Date().timeIntervalSince1970])
            var kept = rule
            kept.number = database.lastInsertedRowID
            return kept
        }
    }

    /// Drops a rule; whether there was one, and of which stream.
    func removeRule(_ number: Int64) throws -> String? {
        try write { database in
            let stream = try String.fetchOne(database, sql: "SELECT stream FROM rules WHERE number = ?", arguments: [number])
            try database.execute(sql: "DELETE FROM rules WHERE number = ?", arguments: [number])
            return stream
        }
    }

    /// The entity's hash of an alert.
    package func hash(ofAlert number: Int64) throws -> (entity: String, hash: UInt64)? {
        try read { try Row.fetchOne($0, sql: "SELECT entity, hash FROM alerts WHERE number = ?", arguments: [number]).map { ($0["entity"], UInt64(bitPattern: $0["hash"])) } }
    }
}

// MARK: - Days

extension Store {
    /// Keeps the highest news of every entity on a day, in place of what was there.
    package func keep(_ peaks: [UInt64: Float], stream: String, day: Int) throws {
        var bytes = Data(capacity: peaks.count * 12)
        for (hash, score) in peaks {
            withUnsafeBytes(of: hash.littleEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: score.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        try write { try $0.execute(sql: "INSERT OR REPLACE INTO days (stream, day, peaks) VALUES (?, ?, ?)", arguments: [stream, day, bytes]) }
    }

    /// The days that are kept of a stream, latest first.
    package func days(stream: String, limit: Int) throws -> [(day: Int, peaks: [UInt64: Float])] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT day, peaks FROM days WHERE stream = ? ORDER BY day DESC LIMIT ?", arguments: [stream, limit]).map { row in
                let bytes: Data = row["peaks"]
                var peaks = [UInt64: Float](minimumCapacity: bytes.count / 12)
                bytes.withUnsafeBytes { raw in
                    for at in stride(from: 0, to: raw.count - raw.count % 12, by: 12) {
                        let score = Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self)))
                        if score.isFinite { peaks[UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))] = score }
                    }
                }
                return (row["day"], peaks)
            }
        }
    }

    /// Entities and days on which a person found an alert to be real: no day of a normal entity.
    package func realDays(stream: String) throws -> Set<EntityDay> {
        try read { database in
            Set(try Row.fetchAll(database, sql: "SELECT hash, COALESCE(time, received) AS at FROM alerts WHERE stream = ? AND verdict = 'real'", arguments: [stream]).map { row in
                EntityDay(hash: UInt64(bitPattern: row["hash"]), day: Int(((row["at"] as Double) / 86_400).rounded(.down)))
            })
        }
    }
}

/// An entity on a day.
package struct EntityDay: Sendable, Hashable {
    package var hash: UInt64, day: Int

    package init(hash: UInt64, day: Int) { (self.hash, self.day) = (hash, day) }
}
