import CSQLite
import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct DatabaseTests {
    let pad = Scratchpad()

    private func database(_ statements: String) -> String { database("a.sqlite", statements) }

    private func database(_ name: String, _ statements: String) -> String {
        var handle: OpaquePointer?
        let path = pad.place(name)
        #expect(sqlite3_open(path, &handle) == SQLITE_OK)
        #expect(sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
        sqlite3_close(handle)
        return path
    }

    @Test func valuesByTheirStorage() throws {
        let path = database("CREATE TABLE \"my \"\"t\" (n, s TEXT, m, \"odd \"\"name\" REAL, none); "
            + "INSERT INTO \"my \"\"t\" VALUES (1, 'x', 1, 2.5, NULL), (NULL, NULL, 'two', NULL, NULL), (-3, 'ü, \"q\"', 2.5, 1e300, NULL)")
        let table = try read(path)
        #expect(table.columnNames == ["n", "s", "m", "odd \"name", "none"])
        #expect(table.columns.map(\.type) == [.number, .category, .category, .number, .number])
        #expect(texts(table, "n") == ["1", nil, "-3"])
        #expect(texts(table, "s") == ["x", nil, "ü, \"q\""])
        #expect(texts(table, "m") == ["1", "two", "2.5"])
        #expect(table.lines == [1, 2, 3])
        #expect(try table.digest != nil && table.digest == read(path).digest)
        let zipped = pad.file("z.db.gz", try gzipped(path))
        expectEqual(try read(zipped), table)
    }

    @Test func chunksAndColumns() throws {
        let path = database("CREATE TABLE t (n, s); WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM c WHERE i < 9) INSERT INTO t SELECT i, 's'||i FROM c")
        let chunks = try TableReader(path: path).chunks(rows: 4, types: ["n": .number], columns: ["s", "n"])
        var sizes = [Int](), lines = [Int]()
        while let chunk = try chunks.next() {
            #expect(chunk.columnNames == ["s", "n"])
            #expect(texts(chunk, "s") == numbers(chunk, "n").map { "s\(Int($0))" })
            sizes.append(chunk.rowCount)
            lines += chunk.lines
        }
        #expect(sizes == [4, 4, 2] && lines == Array(1 ... 10))
    }

    @Test func tableNames() throws {
        let path = database("CREATE TABLE one (a); CREATE TABLE two (b); INSERT INTO two VALUES (5); CREATE VIEW v AS SELECT b + 1 AS c FROM two")
        expectError(.unsuitableData, "a.sqlite", "2 tables", "'one', 'two'") { try read(path) }
        #expect(try numbers(read(path) { $0.table = "two" }, "b") == [5])
        #expect(try numbers(read(path) { $0.table = "v" }, "c") == [6])
        expectError(.unsuitableData, "'x\"; DROP TABLE one; --'", "'one'") { try read(path) { $0.table = "x\"; DROP TABLE one; --" } }
        expectError(.unsuitableData, "0 tables") { try read(database("empty.db", "PRAGMA user_version = 1")) }
    }

    @Test func hostile() throws {
        expectError(.unsuitableData, "a.sqlite:2: field 'b'", "blob") { try read(database("CREATE TABLE t (b); INSERT INTO t VALUES (1), (x'00')")) }
        expectError(.malformedData, "b.sqlite:1: field 'n'", "'x'") {
            try read(database("b.sqlite", "CREATE TABLE t (n); INSERT INTO t VALUES ('x')")) { $0.types = ["n": .number] }
        }
        expectError(.malformedData, "c.sqlite:1: field 'n'", "finite") { try read(database("c.sqlite", "CREATE TABLE t (n); INSERT INTO t VALUES (9e999)")) }
        expectError(.unsuitableData, "'z'", "'n'") { try TableReader(path: pad.place("c.sqlite")).readAll(columns: ["z"]) }
        expectError(.malformedData, "d.sqlite", "database") { try read(pad.file("d.sqlite", "this is no database at all, just text")) }
        expectError(.cannotRead, "nowhere.sqlite") { try read(pad.place("nowhere.sqlite")) }
        #expect(!FileManager.default.fileExists(atPath: pad.place("nowhere.sqlite")))
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: database("e.sqlite", "CREATE TABLE t (a); INSERT INTO t SELECT 'abcdefgh'||value FROM json_each('[1,2,3,4]')"))))
        for position in stride(from: 0, to: good.count, by: 37) {
            var broken = good
            broken[position] ^= 0xFF
            do { _ = try read(pad.file("f.sqlite", broken)) } catch { #expect(error is GibbsError) }
        }
        for count in [1, 50, 100, 1000, good.count / 2] {
            do { _ = try read(pad.file("f.sqlite", Array(good.prefix(count)))) } catch { #expect(error is GibbsError) }
        }
    }
}
