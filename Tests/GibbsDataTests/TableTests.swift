import GibbsData
import GibbsNumerics
import Testing

@Suite struct TableTests {
    let table = Table(columns: [
        Column(name: "x", numbers: [1, 2.5, .nan]),
        Column(name: "city", texts: ["Rome", nil, "Oslo"]),
        Column(name: "on", booleans: [true, false, nil]),
    ], lines: [2, 3, 5])

    @Test func columnsAreFoundByName() throws {
        #expect(table.columnNames == ["x", "city", "on"])
        #expect(table["nowhere"] == nil)
        #expect(table.columns.map(\.type) == [.number, .category, .boolean])
        #expect(table.columns.map(\.missingCount) == [1, 1, 1])
        expectError(.unsuitableData, "'nowhere'", "'city'") { try table.column("nowhere") }
    }

    @Test func cellsAsText() throws {
        #expect(try table.text(row: 0, column: "x") == "1")
        #expect(try table.text(row: 1, column: "x") == "2.5")
        #expect(try table.text(row: 2, column: "x") == nil)
        #expect(try table.text(row: 2, column: "city") == "Oslo")
        #expect(try table.text(row: 0, column: "on") == "true")
        #expect(Column(name: "", numbers: [1e300]).text(0) == "1e+300")
        #expect(Column(name: "", numbers: [-0.0]).text(0) == "0")
    }

    @Test func rowsAreSelectedWithTheirLines() {
        let chosen = table.selecting(rows: [2, 0, 0])
        #expect(chosen.lines == [5, 2, 2])
        #expect(texts(chosen, "city") == ["Oslo", "Rome", "Rome"])
        #expect(texts(chosen, "on") == [nil, "true", "true"])
    }

    @Test func columnsAreSelectedDroppedAndReplaced() throws {
        #expect(try table.selecting(columns: ["on", "x"]).columnNames == ["on", "x"])
        #expect(table.dropping(columns: ["x", "unknown"]).columnNames == ["city", "on"])
        #expect(table.adding(Column(name: "x", numbers: [7, 8, 9])).columnNames == ["x", "city", "on"])
        #expect(table.adding(Column(name: "z", numbers: [7, 8, 9])).columnNames == ["x", "city", "on", "z"])
        expectError(.unsuitableData, "'z'") { try table.selecting(columns: ["z"]) }
    }

    @Test func appendingTranslatesCodes() throws {
        let other = Table(columns: [
            Column(name: "on", booleans: [nil]), Column(name: "city", texts: ["Oslo"]), Column(name: "x", numbers: [4]),
        ], lines: [9])
        let both = try table.appending(other)
        #expect(both.rowCount == 4)
        #expect(both.lines == [2, 3, 5, 9])
        #expect(texts(both, "city") == ["Rome", nil, "Oslo", "Oslo"])
        guard case .categories(let codes, let names)? = both["city"]?.storage else { Issue.record(); return }
        #expect(codes == [0, -1, 1, 1])
        #expect(names == ["Rome", "Oslo"])
        expectError(.shapeMismatch, "'city'") { try table.appending(table.dropping(columns: ["city"])) }
        let wrong = Table(columns: [Column(name: "x", texts: ["a"]), Column(name: "city", texts: ["a"]), Column(name: "on", booleans: [true])])
        expectError(.shapeMismatch, "'x'") { try table.appending(wrong) }
    }

    @Test func matrixOfColumns() throws {
        let matrix = try table.matrix(of: ["city", "x"])
        #expect((matrix.rows, matrix.columns) == (3, 2))
        #expect(matrix.values[0 ..< 2] == [0, 1])
        #expect(matrix[1, 0].isNaN && matrix[2, 1].isNaN)
        expectError(.unsuitableData, "line 1", "'x'") { try Table(numbers: ["x": [1e200]]).matrix() }
    }

    @Test func builtInAProgram() throws {
        let ordered: KeyValuePairs = ["b": [1.0, 2], "a": [3.0, 4]]
        #expect(Table(numbers: ordered).columnNames == ["b", "a"])
        let dictionary: [String: [Double]] = ["b": [1], "a": [3]]
        #expect(Table(numbers: dictionary).columnNames == ["a", "b"])
        #expect(texts(Table(texts: ["t": ["u", nil]]), "t") == ["u", nil])
        let matrix = Table(Matrix([[1, 2], [3, 4], [5, 6]]))
        #expect(matrix.columnNames == ["c1", "c2"] && numbers(matrix, "c2") == [2, 4, 6] && matrix.lines == [1, 2, 3])

        let records = Table(records: [["n": 1, "s": "u", "b": true, "m": "w"], ["n": 2.5, "b": nil, "m": 1.0]])
        #expect(records.columnNames == ["b", "m", "n", "s"])
        #expect(records.columns.map(\.type) == [.boolean, .category, .number, .category])
        #expect(texts(records, "m") == ["w", "1"])
        #expect(texts(records, "s") == ["u", nil])
        #expect(Table(records: [["a": 1]], columns: ["z", "a"]).columnNames == ["z", "a"])
        #expect(Table(records: []).rowCount == 0)
        #expect(Table(record: ["a": "t"]).rowCount == 1)
    }
}
