import CSQLite
import Foundation
import GibbsData
import Testing

/// Tables of bytes in memory are those of a file with the same bytes.
@Suite struct MemoryTests {
    let pad = Scratchpad()

    private func agrees(_ name: String, _ bytes: [UInt8], _ options: TableOptions = TableOptions(), sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = try TableReader(path: pad.file(name, bytes), options: options), memory = try TableReader(bytes: bytes, name: name, options: options)
        let (a, b) = (try file.readAll(), try memory.readAll())
        #expect(a.rowCount > 1 && a.columnNames == b.columnNames && a.lines == b.lines && a.digest == b.digest, sourceLocation: sourceLocation)
        for name in a.columnNames { #expect(texts(a, name) == texts(b, name), sourceLocation: sourceLocation) }
        let chunks = try memory.chunks(rows: 1)
        #expect(try chunks.next()?.rowCount == 1 && chunks.next()?.rowCount == 1, sourceLocation: sourceLocation)
    }

    @Test func textFormats() throws {
        // A column that turns to text late is read twice.
        try agrees("a.csv", Array(("n,t\n" + (0 ..< 3_000).map { "\($0),\($0 < 2_900 ? "\($0)" : "x")\n" }.joined()).utf8))
        try agrees("a.ndjson", Array("{\"n\":1,\"t\":\"a\"}\n{\"n\":2.5,\"t\":null}".utf8))
    }

    @Test func packed() throws {
        let plain = pad.file("p.csv", "n,t\n1,a\n2,b\n")
        try agrees("a.csv.gz", gzipped(plain))
        var database: OpaquePointer?
        #expect(sqlite3_open(pad.place("d.sqlite"), &database) == SQLITE_OK)
        #expect(sqlite3_exec(database, "CREATE TABLE t (n, t); INSERT INTO t VALUES (1, 'a'), (2, 'b')", nil, nil, nil) == SQLITE_OK)
        sqlite3_close(database)
        try agrees("a.sqlite", [UInt8](Data(contentsOf: URL(fileURLWithPath: pad.place("d.sqlite")))))
    }

    @Test func refusals() throws {
        expectError(.usage, "the ending tells no format") { try TableReader(bytes: [], name: "request") }
        expectError(.unsuitableData, "a.csv") { try TableReader(bytes: [], name: "a.csv").readAll() }
        expectError(.malformedData, "a.csv.gz", "not gzip") { try TableReader(bytes: Array("n\n1\n".utf8), name: "a.csv.gz").readAll() }
        expectError(.malformedData, "request:3") { try TableReader(bytes: Array("n,t\n1,2\n3\n".utf8), name: "request", options: TableOptions(format: .csv)).readAll() }
    }
}
