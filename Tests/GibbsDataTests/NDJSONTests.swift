import Foundation
import GibbsData
import Testing

@Suite struct NDJSONTests {
    let pad = Scratchpad()

    @Test func objectsBecomeRows() throws {
        let path = pad.file("a.ndjson", """
        {"a": 1, "b": "x", "on": true}

        { "b" : "y\\u00e9\\n\\ud83d\\ude00", "a" : -2.5e1 , "new" : {"deep": {"er": 3}, "t": "u"}, "none": {} }\r
        {"a": null, "on": false, "b": "NA"}
        {}
        """)
        let table = try read(path)
        #expect(table.columnNames == ["a", "b", "on", "new.deep.er", "new.t"])
        #expect(table.columns.map(\.type) == [.number, .category, .boolean, .number, .category])
        #expect(texts(table, "a") == ["1", "-25", nil, nil])
        #expect(texts(table, "b") == ["x", "yé\n😀", nil, nil])
        #expect(texts(table, "on") == ["true", nil, "false", nil])
        #expect(texts(table, "new.deep.er") == [nil, "3", nil, nil])
        #expect(table.lines == [1, 3, 4, 5])
    }

    @Test func mixedColumnsKeepTheirTexts() throws {
        let table = try read(pad.file("a.jsonl", "{\"m\":1.0,\"s\":\"12\"}\n{\"m\":\"two\",\"s\":\"13\"}\n{\"m\":true}\n"))
        #expect(texts(table, "m") == ["1.0", "two", "true"])
        #expect(table["s"]?.type == .category)
    }

    @Test func lateTextAndLateColumns() throws {
        var lines = (0 ..< 60_000).map { "{\"n\":\($0).0,\"always\":\"abc\"}" }
        lines.append("{\"late\":1,\"n\":\"word\",\"always\":\"d\"}")
        lines += (0 ..< 60_000).map { "{\"late\":\($0),\"n\":\($0).0,\"always\":\"abc\"}" }
        let path = pad.file("a.ndjson", lines.joined(separator: "\n"))
        for threads in [1, 3] {
            let table = try read(path) { $0.threads = threads }
            #expect(table.columnNames == ["n", "always", "late"])
            #expect(try table.text(row: 5, column: "n") == "5.0")
            #expect(try table.text(row: 60_000, column: "n") == "word")
            #expect(table["late"]?.missingCount == 60_000)
            #expect(numbers(table, "late").last == 59_999)
        }
    }

    @Test func declaredTypes() throws {
        let path = pad.file("a.ndjson", "{\"n\":\"1.5\",\"f\":1,\"c\":7}\n{\"n\":2,\"f\":\"no\",\"c\":\"x\"}\n{\"n\":NaN}\n")
        let types: [String: FieldType] = ["n": .number, "f": .boolean, "c": .category]
        let table = try read(path) { $0.types = types }
        #expect(texts(table, "n") == ["1.5", "2", nil])
        #expect(texts(table, "f") == ["true", "false", nil])
        #expect(texts(table, "c") == ["7", "x", nil])
        expectError(.malformedData, "b.ndjson:2: field 'n'", "'x'") {
            try read(pad.file("b.ndjson", "{}\n{\"n\":\"x\"}\n")) { $0.types = types }
        }
        expectError(.malformedData, "c.ndjson:1: field 'n'", "'true'") {
            try read(pad.file("c.ndjson", "{\"n\":true}\n")) { $0.types = types }
        }
        expectError(.malformedData, "d.ndjson:1: field 'n'", "finite") { try read(pad.file("d.ndjson", "{\"n\":Infinity}\n")) }
    }

    @Test func chunksWithAbsentColumns() throws {
        let path = pad.file("a.ndjson", "{\"a\":1,\"list\":[1,{\"x\":\"]\"}]}\n{\"b\":2}\n")
        let chunks = try TableReader(path: path).chunks(rows: 1, types: ["a": .number, "z": .number], columns: ["z", "a"])
        let first = try #require(try chunks.next())
        #expect(first.columnNames == ["z", "a"])
        #expect(texts(first, "a") == ["1"] && texts(first, "z") == [nil])
        #expect(texts(try #require(try chunks.next()), "a") == [nil])
        #expect(try chunks.next() == nil)
        expectError(.unsuitableData, "'z'") { try TableReader(path: path).readAll(columns: ["a", "z"]) }
    }

    /// Random flat records through Foundation's writer come back the same.
    @Test(arguments: 0 ..< 10) func foundationAgrees(seed: Int) throws {
        var dice = Dice(UInt64(seed))
        let alphabet = ["a", "é", "😀", "\"", "\\", "\n", "\t", "/", "\u{1}", "x", " "]
        var records = [[String: TableValue]](), text = ""
        for _ in 0 ..< Int.random(in: 1 ... 300, using: &dice) {
            var record = [String: TableValue](), object = [String: Any]()
            for key in ["k1", "k\"2", "kü3"] where Bool.random(using: &dice) {
                if key == "k1" {
                    let value = Double.random(in: -1e6 ... 1e6, using: &dice)
                    (record[key], object[key]) = (.number(value), value)
                } else {
                    let value = "s" + (0 ..< 8).map { _ in alphabet.randomElement(using: &dice)! }.joined()
                    (record[key], object[key]) = (.text(value), value)
                }
            }
            (record["end"], object["end"]) = (.boolean(true), true)
            records.append(record)
            text += String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self) + "\n"
        }
        let table = try read(pad.file("a.ndjson", text))
        expectEqual(try table.selecting(columns: table.columnNames.sorted()), Table(records: records))
    }
}
