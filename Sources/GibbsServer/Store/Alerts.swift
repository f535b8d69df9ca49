import Foundation
import GRDB
import Gibbs

/// An alert as it is kept.
package struct StoredAlert: Sendable {
    /// What a person judges: real, or a false alarm.
    package enum Verdict: String, Sendable, CaseIterable { case real, falseAlarm }

    /// Its number, which grows.
    package var number: Int64
    package var stream: String
    /// All that was known when it was raised: a JSON object.
    package var body: String
    /// Seconds since 1970.
    var received: Double
    /// The rule that keeps it quiet.
    package var rule: Int64?
    package var verdict: Verdict?, note: String?, judged: Double?

    package init(_ row: Row) {
        (number, stream, body, received, rule, note, judged) = (row["number"], row["stream"], row["body"], row["received"], row["rule"], row["note"], row["judged"])
        verdict = (row["verdict"] as String?).flatMap(Verdict.init)
    }

    /// The alert as an answer: what was known, and what was made of it since.
    package var text: String {
        let own = JSONValue.object([
            ("number", .int(Int(number))), ("stream", .string(stream)), ("received", .string(TimeStamp.text((received * 1_000).rounded() / 1_000))), ("suppressedBy", rule.map { .int(Int($0)) } ?? .null),
            ("verdict", .optional(verdict?.rawValue)), ("note", .optional(note)), ("judged", judged.map { .string(TimeStamp.text($0.rounded())) } ?? .null),
        ]).text
        return own.dropLast() + "," + body.dropFirst()
    }
}

extension Store {
    /// An alert to keep.
    package struct NewAlert: Sendable {
        package var alert: StreamAlert, body: String, rule: Int64?
        /// The day that its score counts to: the one of `DayPeaks`, which is not always that of its event's own time.
        package var day: Int

        package init(alert: StreamAlert, body: String, rule: Int64?, day: Int) { (self.alert, self.body, self.rule, self.day) = (alert, body, rule, day) }
    }

    /// Keeps alerts of a stream; those that are there already stay as they are.
    ///
    /// - Returns: Those that are new, in order.
    package func keep(_ alerts: [NewAlert], stream: String, at received: Double = Date().timeIntervalSince1970) throws -> [StoredAlert] {
        try write { database in
            let insert = try database.cachedStatement(sql: """
                INSERT OR IGNORE INTO alerts (stream, id, received, time, entity, hash, severity, score, body, rule, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            return try alerts.compactMap { new in
                let alert = new.alert
                try insert.execute(arguments: [stream, alert.id, received, alert.time, alert.entity, Int64(bitPattern: alert.hash), alert.severity, Double(alert.score), new.body, new.rule, new.day])
                guard database.changesCount > 0 else { return nil }
                return try Row.fetchOne(database, sql: "SELECT * FROM alerts WHERE number = ?", arguments: [database.lastInsertedRowID]).map(StoredAlert.init)
            }
        }
    }

    /// Which alerts, latest first.
    package struct AlertQuery: Sendable {
        package var stream: String
        /// Those with a lower number, or with a higher one.
        package var before: Int64?, after: Int64?
        package var limit: Int
        /// Only those that nobody has judged.
        package var isOpen = false
        /// Those that a rule keeps quiet, too.
        package var withSuppressed = false
        package var entity: String?

        package init(stream: String, before: Int64? = nil, after: Int64? = nil, limit: Int = 50) { (self.stream, self.before, self.after, self.limit) = (stream, before, after, limit) }
    }

    /// Alerts, latest first; with `after` the first ones behind that, oldest first.
    package func alerts(_ query: AlertQuery) throws -> [StoredAlert] {
        try read { database in
            var sql = "SELECT * FROM alerts WHERE stream = ?", arguments: StatementArguments = [query.stream]
            if let before = query.before { sql += " AND number < ?"; arguments += [before] }
            if let after = query.after { sql += " AND number > ?"; arguments += [after] }
            if query.isOpen { sql += " AND verdict IS NULL" }
            if !query.withSuppressed { sql += " AND rule IS NULL" }
            if let entity = query.entity { sql += " AND entity = ?"; arguments += [entity] }
            sql += query.after == nil ? " ORDER BY number DESC LIMIT ?" : " ORDER BY number LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: arguments + [query.limit]).map(StoredAlert.init)
        }
    }

    /// One alert.
    package func alert(_ number: Int64) throws -> StoredAlert? {
        try read { try Row.fetchOne($0, sql: "SELECT * FROM alerts WHERE number = ?", arguments: [number]).map(StoredAlert.init) }
    }

    /// The highest number of an alert of a stream; 0 before there is one.
    package func lastAlert(stream: String) throws -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT COALESCE(MAX(number), 0) FROM alerts WHERE stream = ?", arguments: [stream]) ?? 0 }
    }

    /// How many alerts of a stream there are, by what was said of them, and how many a rule kept quiet.
    package func counts(stream: String) throws -> (all: Int, open: Int, real: Int, falseAlarms: Int, suppressed: Int) {
        try read { database in
            guard let row = try Row.fetchOne(database, sql: """
                SELECT COUNT(*) AS n, COALESCE(SUM(verdict IS NULL AND rule IS NULL), 0) AS open, COALESCE(SUM(verdict = 'real'), 0) AS real,
                COALESCE(SUM(verdict = 'falseAlarm'), 0) AS wrong, COALESCE(SUM(rule IS NOT NULL), 0) AS quiet FROM alerts WHERE stream = ?
                """, arguments: [stream]) else { return (0, 0, 0, 0, 0) }
            return (row["n"], row["open"], row["real"], row["wrong"], row["quiet"])
        }
    }
}
