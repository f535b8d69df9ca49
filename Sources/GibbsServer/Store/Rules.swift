import Foundation
import GRDB
import Gibbs

/// Keeps alerts of an entity quiet for a while: all of them, those of which a field is a reason, or those of which a value of it is. They are kept, and nobody
/// is called.
package struct Rule: Sendable, Hashable {
    package var number: Int64 = 0
    package var stream: String, entity: String, hash: UInt64
    /// A field that must be among the reasons, and its value; `nil` for any.
    package var field: String?, value: String?
    /// Seconds since 1970; `nil` for ever.
    package var until: Double?
    /// The alert that it came of.
    package var alert: Int64?

    package init(number: Int64 = 0, stream: String, entity: String, hash: UInt64, field: String? = nil, value: String? = nil, until: Double? = nil, alert: Int64? = nil) {
        (self.number, self.stream, self.entity, self.hash, self.field, self.value, self.until, self.alert) = (number, stream, entity, hash, field, value, until, alert)
    }

    /// Whether it keeps an alert quiet.
    package func applies(to alert: StreamAlert, at now: Double) -> Bool {
        guard alert.hash == hash, until.map({ now < $0 }) ?? true else { return false }
        guard let field else { return true }
        return alert.reasons.contains { $0.field == field && (value == nil || $0.value == value) }
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

    /// Drops a rule, and opens what it kept quiet; whether there was one, and of which stream.
    package func removeRule(_ number: Int64) throws -> String? {
        try write { database in
            let stream = try String.fetchOne(database, sql: "SELECT stream FROM rules WHERE number = ?", arguments: [number])
            try database.execute(sql: "UPDATE alerts SET rule = NULL WHERE rule = ?", arguments: [number])
            try database.execute(sql: "DELETE FROM rules WHERE number = ?", arguments: [number])
            return stream
        }
    }
}
