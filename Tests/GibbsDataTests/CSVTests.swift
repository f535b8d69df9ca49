import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct CSVTests {
    let pad = Scratchpad()

    @Test func typesAreInferred() throws {
        let table = try read(pad.file("a.csv", "x,name,on,empty,mixed\n1,Ann,true,,1.0\n-2.5e3,\"B, b\",False,NA,two\n,?,,,3\n"))
        #expect(table.columns.map(\.type) == [.number, .category, .boolean, .number, .category])
        #expect(texts(table, "x") == ["1", "-2500", nil])
        #expect(texts(table, "name") == ["Ann", "B, b", nil])
        #expect(texts(table, "on") == ["true", "false", nil])
        #expect(texts(table, "empty") == [nil, nil, nil])
        #expect(texts(table, "mixed") == ["1.0", "two", "3"])
        #expect(table.lines == [2, 3, 4])
    }

    @Test func quotesLineFeedsAndCarriageReturns() throws {
        let table = try read(pad.file("a.csv", "\u{FEFF}a,b\r\n\"x \"\"y\"\"\nz\",1\r\n\r\n\"\",2\r\nplain \"q\" here,\"3\""))
        #expect(texts(table, "a") == ["x \"y\"\nz", nil, "plain \"q\" here"])
        #expect(numbers(table, "b") == [1, 2, 3])
        #expect(table.lines == [2, 5, 6])
    }

    @Test func delimitersAreFound() throws {
        for (name, text) in [("a.csv", "a;b\n1;x\n"), ("a.txt", "a\tb\n1\tx\n"), ("a.tsv", "a\tb\n1\tx\n"), ("b.csv", "\"a\",\"b\"\n1,x\n")] {
            let table = try read(pad.file(name, text))
            #expect(table.columnNames == ["a", "b"])
            #expect(texts(table, "a") == ["1"] && texts(table, "b") == ["x"])
        }
        #expect(try read(pad.file("c.csv", "a|b\n1|2\n")) { $0.delimiter = "|" }.columnNames == ["a", "b"])
        #expect(try read(pad.file("d.csv", "a,b;c\n1,2;3\n")) { $0.delimiter = ";" }.columnNames == ["a,b", "c"])
    }

    @Test func withoutHeader() throws {
        let table = try read(pad.file("a.csv", "1,x\n2,y\n")) { $0.hasHeader = false }
        #expect(table.columnNames == ["c1", "c2"])
        #expect(table.lines == [1, 2])
        #expect(numbers(table, "c1") == [1, 2])
    }

    @Test func unnamedColumnsGetTheirPosition() throws {
        #expect(try read(pad.file("a.csv", ",b,\n1,2,3\n")).columnNames == ["c1", "b", "c3"])
    }

    @Test func headerOnlyIsNoError() throws {
        for text in ["a,b", "a,b\n", "\n\na,b\r\n\n\n"] {
            let table = try read(pad.file("a.csv", text))
            #expect(table.rowCount == 0 && table.columnNames == ["a", "b"])
            #expect(try TableReader(path: pad.place("a.csv")).chunks(rows: 5).next() == nil)
        }
    }

    @Test func declaredTypesWin() throws {
        let path = pad.file("a.csv", "id,flag,n\n007,1,1\n8,no,\n")
        let table = try read(path) { $0.types = ["id": .category, "flag": .boolean] }
        #expect(texts(table, "id") == ["007", "8"])
        #expect(texts(table, "flag") == ["true", "false"])
        expectError(.malformedData, "a.csv:3:", "'flag'", "'no'") { try read(path) { $0.types = ["flag": .number] } }
        let lenient = try read(path) { $0.types = ["flag": .number]; $0.badCells = .missing }
        #expect(texts(lenient, "flag") == ["1", nil])
    }

    @Test func missingTokensAreAnOption() throws {
        let table = try read(pad.file("a.csv", "a,b\n-,NA\n 1 , - \n")) { $0.missing = ["-"] }
        #expect(texts(table, "a") == [nil, "1"])
        #expect(texts(table, "b") == ["NA", nil])
    }

    @Test func columnsAreChosenAndOrdered() throws {
        let path = pad.file("a.csv", "a,b,c\n1,\"q\nr\",3\n4,x,6\n")
        let table = try TableReader(path: path).readAll(columns: ["c", "a"])
        #expect(table.columnNames == ["c", "a"])
        #expect(numbers(table, "c") == [3, 6] && numbers(table, "a") == [1, 4])
        #expect(table.lines == [2, 4])
        expectError(.unsuitableData, "'z'", "'a', 'b', 'c'") { try TableReader(path: path).readAll(columns: ["z"]) }
    }

    /// A million numbers and then a word: far behind the first piece, so only a second pass can read the texts.
    @Test func lateTextMakesACategoryWithExactTexts() throws {
        var lines = ["n,late,k"]
        for row in 0 ..< 300_000 { lines.append("\(row),\(row % 7).0,x") }
        lines.append("300000,word,true")
        let path = pad.file("a.csv", lines.joined(separator: "\n"))
        for threads in [1, 3] {
            let table = try read(path) { $0.threads = threads }
            #expect(table["late"]?.type == .category)
            #expect(try table.text(row: 8, column: "late") == "1.0")
            #expect(try table.text(row: 300_000, column: "late") == "word")
            #expect(table.columnNames == ["n", "late", "k"])
            #expect(numbers(table, "n") == (0 ... 300_000).map(Double.init))
            #expect(table.lines.last == 300_002)
        }
    }

    @Test func encodingsOfOneTextAreOneCategory() throws {
        let table = try read(pad.file("a.csv", "a\nCafe\u{301}\nCaf\u{E9}\n"))
        guard case .categories(let codes, let names)? = table["a"]?.storage else { Issue.record(); return }
        #expect(codes == [0, 0] && names.count == 1)
    }

    @Test func digestIsOfTheContent() throws {
        #expect(Digest.hex(of: []) == "ef46db3751d8e999")
        #expect(Digest.hex(of: Array("abc".utf8)) == "44bc2cf5ad770999")
        #expect(Digest.hex(of: Array("Nobody inspects the spammish repetition".utf8)) == "fbcea83c8a378bf1")
        let text = "a,b\n" + (0 ..< 1000).map { "\($0),x\n" }.joined()
        let path = pad.file("a.csv", text)
        let zipped = pad.file("b.csv.gz", try gzipped(path))
        #expect(try read(path).digest == Digest.hex(of: Array(text.utf8)))
        #expect(try read(zipped).digest == read(path).digest)
        expectEqual(try read(zipped), try read(path))
    }

    /// Random tables in random quoting come back the same, whatever the number of threads and however they are chunked.
    @Test(arguments: 0 ..< 30) func randomTablesComeBack(seed: Int) throws {
        var dice = Dice(UInt64(seed))
        let (table, text) = randomTable(&dice, rows: seed < 3 ? 20_000 : Int.random(in: 0 ... 400, using: &dice))
        let path = pad.file("a.csv", text)
        let types = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0.type) })
        for threads in [1, 2, 5] {
            expectEqual(try read(path) { $0.types = types; $0.threads = threads }, table)
            var options = TableOptions(types: types)
            options.threads = threads
            let chunks = try TableReader(path: path, options: options).chunks(rows: 1 + Int.random(in: 0 ... 5_000, using: &dice))
            var joined: Table?
            while let chunk = try chunks.next() { joined = try joined?.appending(chunk) ?? chunk }
            if let joined { expectEqual(joined, table) } else { #expect(table.rowCount == 0) }
        }
    }

    private func randomTable(_ dice: inout Dice, rows: Int) -> (Table, String) {
        let alphabet = ["a", "Z", "é", "漢", " ", ",", "\"", "\n", "\r\n", "x", "0", ";", "'", "\t", "-"]
        func quoted(_ text: String, _ dice: inout Dice) -> String {
            let needs = text.contains { ",\"\n\r\r\n".contains($0) } || text.isEmpty
            return needs || Bool.random(using: &dice) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        }
        let width = Int.random(in: 1 ... 6, using: &dice)
        let end = Bool.random(using: &dice) ? "\n" : "\r\n"
        var columns = [Column](), cells = [[String]]()
        for c in 0 ..< width {
            let name = "n\(c)" + (0 ..< 3).map { _ in alphabet.randomElement(using: &dice)! }.joined() + "e"
            if Bool.random(using: &dice) {
                let values = (0 ..< rows).map { _ in Int.random(in: 0 ..< 9, using: &dice) == 0 && width > 1 ? Double.nan : randomDouble(&dice) }
                columns.append(Column(name: name, numbers: values))
                cells.append(values.map { value in value.isNaN ? (Bool.random(using: &dice) ? "" : "NA") : quoted("\(value)", &dice) })
            } else {
                let texts = (0 ..< rows).map { _ in
                    "t" + (0 ..< Int.random(in: 0 ... 12, using: &dice)).map { _ in alphabet.randomElement(using: &dice)! }.joined()
                }
                columns.append(Column(name: name, texts: texts))
                cells.append(texts.map { quoted($0, &dice) })
            }
        }
        var text = columns.map { "\"" + $0.name.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") + end
        for row in 0 ..< rows { text += cells.map { $0[row] }.joined(separator: ",") + end }
        return (Table(columns: columns), text)
    }

    private func randomDouble(_ dice: inout Dice) -> Double {
        switch Int.random(in: 0 ..< 3, using: &dice) {
        case 0: return Double(Int.random(in: -1000 ... 1000, using: &dice)) / 100
        case 1: return Double.random(in: -1 ... 1, using: &dice)
        default:
            let value = Double(bitPattern: UInt64.random(in: .min ... .max, using: &dice))
            return value.isFinite ? value : 0.5
        }
    }
}
