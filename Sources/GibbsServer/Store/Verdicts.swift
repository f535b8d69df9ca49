import Foundation
import GRDB

/// What a verdict says of further alerts: those of the entity are kept quiet for a while; see `Rule`.
package struct Quiet: Sendable {
    /// Seconds since 1970.
    package var until: Double
    package var field: String?, value: String?

    package init(until: Double, field: String? = nil, value: String? = nil) { (self.until, self.field, self.value) = (until, field, value) }
}

extension Store {
    /// Keeps what a person said of an alert, and what follows of it, at once; the latest word counts, earlier ones stay in the list of verdicts.
    ///
    /// A rule lives no longer than the verdict that it came by: of an alert that is no false alarm it is dropped, and what it kept quiet is open again.
    ///
    /// - Parameters:
    ///   - verdict: `nil` takes back what was said.
    ///   - quiet: Of a false alarm: keeps its like quiet; a rule of the same alert that says the same lasts as long as is said now.
    /// - Returns: The alert as it is then, and its new rule; `nil` where there is no such alert.
    package func judge(_ number: Int64, _ verdict: StoredAlert.Verdict?, note: String?, quiet: Quiet? = nil) throws -> (alert: StoredAlert, rule: Rule?)? {
        try write { database in
            let now = Date().timeIntervalSince1970
            try database.execute(sql: "UPDATE alerts SET verdict = ?, note = ?, judged = ? WHERE number = ?", arguments: [verdict?.rawValue, note, verdict == nil ? nil : now, number])
            guard database.changesCount > 0 else { return nil }
            try database.execute(sql: "INSERT INTO verdicts (alert, verdict, note, at) VALUES (?, ?, ?, ?)", arguments: [number, verdict?.rawValue ?? "none", note, now])
            if verdict != .falseAlarm { try Self.dropRules(after: number, in: database) }
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM alerts WHERE number = ?", arguments: [number]) else { return nil }
            var rule: Rule?
            if verdict == .falseAlarm, let quiet {
                rule = try Self.keep(Rule(stream: row["stream"], entity: row["entity"], hash: UInt64(bitPattern: row["hash"]), field: quiet.field, value: quiet.value, until: quiet.until, alert: number), at: now, in: database)
            }
            return (StoredAlert(row), rule)
        }
    }

    private static func dropRules(after alert: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE alerts SET rule = NULL WHERE rule IN (SELECT number FROM rules WHERE alert = ?)", arguments: [alert])
        try database.execute(sql: "DELETE FROM rules WHERE alert = ?", arguments: [alert])
    }

    /// A rule that is there already lasts as long as is said now, under its own number: what it kept quiet is known by that.
    private static func keep(_ rule: Rule, at now: Double, in database: Database) throws -> Rule {
        var kept = rule
        if let known = try Int64.fetchOne(database, sql: "SELECT number FROM rules WHERE alert = ? AND field IS ? AND value IS ?", arguments: [rule.alert, rule.field, rule.value]) {
            try database.execute(sql: "UPDATE rules SET until = ? WHERE number = ?", arguments: [rule.until, known])
            kept.number = known
            return kept
        }
        try database.execute(sql: "INSERT INTO rules (stream, entity, hash, field, value, until, alert, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                             arguments: [rule.stream, rule.entity, Int64(bitPattern: rule.hash), rule.field, rule.value, rule.until, rule.alert, now])
        kept.number = database.lastInsertedRowID
        return kept
    }
}
