import Foundation
import GRDB
import GibbsNumerics

/// What must not be lost: alerts, what people said of them, rules, days of scores, and when the service ran. One SQLite file.
///
/// A call returns when its change lies on the disk: write-ahead log, synchronous in full.
package final class Store: Sendable {
    package let database: DatabasePool

    /// Opens the file, or makes it.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`, or `.unsuitableData` for a file that is damaged, or was written by a newer program.
    package init(path: String) throws {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 4
            database = try DatabasePool(path: path, configuration: configuration)
            // GRDB itself asks for NORMAL, which may forget the last changes when the power fails.
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            guard try !database.read(Self.migrations.hasBeenSuperseded) else {
                throw GibbsError(.unsuitableData, "is the store of a newer program", at: .init(file: path), advice: "start that program, or restore a copy from before it; --data names another folder")
            }
            try Self.migrations.migrate(database)
        } catch { throw Self.told(error, path) }
        chmod(path, 0o600)
    }

    private static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: """
                CREATE TABLE alerts (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, id TEXT NOT NULL, received REAL NOT NULL, time REAL, entity TEXT NOT NULL, hash INTEGER NOT NULL,
                    severity TEXT NOT NULL, score REAL NOT NULL, body TEXT NOT NULL, rule INTEGER, verdict TEXT, note TEXT, judged REAL, UNIQUE (stream, id)
                );
                CREATE INDEX alertsOfStream ON alerts (stream, number);
                CREATE INDEX alertsOfEntity ON alerts (stream, hash, number);
                CREATE TABLE verdicts (number INTEGER PRIMARY KEY AUTOINCREMENT, alert INTEGER NOT NULL, verdict TEXT NOT NULL, note TEXT, at REAL NOT NULL);
                CREATE TABLE rules (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, entity TEXT NOT NULL, hash INTEGER NOT NULL, field TEXT, value TEXT, until REAL, alert INTEGER, made REAL NOT NULL
                );
                CREATE TABLE days (stream TEXT NOT NULL, day INTEGER NOT NULL, peaks BLOB NOT NULL, PRIMARY KEY (stream, day));
                CREATE TABLE runs (number INTEGER PRIMARY KEY AUTOINCREMENT, began REAL NOT NULL, ended REAL, version TEXT NOT NULL);
                """)
        }
        migrator.registerMigration("2") { database in
            // Of days without their model nothing can be learned: they may be any model's.
            try database.execute(sql: """
                ALTER TABLE alerts ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
                UPDATE alerts SET day = CAST(COALESCE(time, received) / 86400 AS INTEGER);
                CREATE INDEX alertsOfRule ON alerts (rule) WHERE rule IS NOT NULL;
                DROP TABLE days;
                CREATE TABLE days (stream TEXT NOT NULL, model TEXT NOT NULL, day INTEGER NOT NULL, entities BLOB NOT NULL, seen INTEGER NOT NULL, PRIMARY KEY (stream, model, day));
                """)
        }
        return migrator
    }

    /// What `body` does, its failures told as bad news about the disk.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`, and errors of ours as they are.
    package func write<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
        do { return try database.write(body) } catch { throw Self.told(error, "the store") }
    }

    package func read<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
        do { return try database.read(body) } catch { throw Self.told(error, "the store") }
    }

    private static func told(_ error: any Error, _ path: String) -> any Error {
        guard let failure = error as? DatabaseError else { return error }
        let isDamaged = [ResultCode.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(failure.resultCode)
        return GibbsError(isDamaged ? .unsuitableData : .cannotWrite, "the store fails: \(failure.message ?? "\(failure.resultCode)")", at: .init(file: path),
                          advice: isDamaged ? "restore it from a backup, or move it away: the service then begins without a past" : "check the room on its disk and its permissions")
    }
}

// MARK: - Runs and old things

extension Store {
    /// A run begins; its number, and whether the one before ended in good order.
    package func begin(version: String) throws -> (run: Int64, wasClean: Bool) {
        try write { database in
            let open = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM runs WHERE ended IS NULL") ?? 0
            try database.execute(sql: "UPDATE runs SET ended = 0 WHERE ended IS NULL")
            try database.execute(sql: "INSERT INTO runs (began, version) VALUES (?, ?)", arguments: [Date().timeIntervalSince1970, version])
            return (database.lastInsertedRowID, open == 0)
        }
    }

    /// A run ends in good order.
    package func end(run: Int64) throws { try write { try $0.execute(sql: "UPDATE runs SET ended = ? WHERE number = ?", arguments: [Date().timeIntervalSince1970, run]) } }

    /// Forgets what is older than so many days.
    package func forget(before time: Double) throws {
        try write { database in
            try database.execute(sql: "DELETE FROM verdicts WHERE at < ?", arguments: [time])
            try database.execute(sql: "DELETE FROM alerts WHERE received < ?", arguments: [time])
            try database.execute(sql: "DELETE FROM rules WHERE until IS NOT NULL AND until < ?", arguments: [time])
            try database.execute(sql: "DELETE FROM days WHERE day < ?", arguments: [Int(time / 86_400)])
        }
    }
}
