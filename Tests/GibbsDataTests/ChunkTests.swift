import Foundation
import GibbsData
import Testing

@Suite struct ChunkTests {
    let pad = Scratchpad()

    @Test func chunksHaveTheAskedSize() throws {
        let path = pad.file("a.csv", "n,t\n" + (0 ..< 10).map { "\($0),t\($0 % 3)\n" }.joined())
        let chunks = try TableReader(path: path).chunks(rows: 4, types: ["n": .number])
        var sizes = [Int](), all = [Double](), lines = [Int]()
        while let chunk = try chunks.next() {
            sizes.append(chunk.rowCount)
            all += numbers(chunk, "n")
            lines += chunk.lines
            #expect(texts(chunk, "t") == numbers(chunk, "n").map { "t\(Int($0) % 3)" })
            #expect(chunk.digest == nil)
        }
        #expect(sizes == [4, 4, 2])
        #expect(all == (0 ..< 10).map(Double.init))
        #expect(lines == Array(2 ... 11))
        #expect(try chunks.next() == nil)
    }

    @Test func openColumnsAreTextAndOthersAreNotParsed() throws {
        let path = pad.file("a.csv", "n,t,junk\n1,2.50,zzz\n")
        let chunk = try #require(try TableReader(path: path).chunks(rows: 9, types: ["n": .number, "junk": .number, "absent": .number], columns: ["t", "n"]).next())
        #expect(chunk.columnNames == ["t", "n"])
        #expect(texts(chunk, "t") == ["2.50"])
    }

    @Test func badCellsNameTheirPlace() throws {
        let path = pad.file("a.csv", "n,t\n1,a\n\n2,\"b\nb\"\noops,c\n1e999,d\n")
        let reader = try TableReader(path: path)
        expectError(.malformedData, "a.csv:6: field 'n': 'oops' is not a number", "category") {
            let chunks = try reader.chunks(rows: 100, types: ["n": .number])
            return try chunks.next() as Any
        }
        var options = TableOptions()
        options.badCells = .missing
        let chunk = try TableReader(path: path, options: options).chunks(rows: 100, types: ["n": .number]).next()
        #expect(texts(chunk!, "n") == ["1", "2", nil, nil])
        for text in ["inf", "-Infinity", "1e400", "\"+inf\""] {
            expectError(.malformedData, "b.csv:2: field 'n'", "finite") {
                try TableReader(path: pad.file("b.csv", "n,m\n\(text),2\n")).chunks(rows: 1, types: ["n": .number]).next() as Any
            }
        }
    }

    @Test func afterAnErrorThereIsNothing() throws {
        let chunks = try TableReader(path: pad.file("a.csv", "n,m\n1,2\n1\n")).chunks(rows: 10)
        #expect(throws: (any Error).self) { try chunks.next() }
        #expect(try chunks.next() == nil)
    }

    /// Chunks smaller and larger than the blocks that are read, with many different texts, in bounded vocabularies.
    @Test(arguments: [1, 1000, 70_000]) func largeStreams(rows: Int) throws {
        let count = rows == 1 ? 3_000 : 200_000
        let path = pad.file("a.csv", "n,t\n" + (0 ..< count).map { "\($0),text number \($0)\n" }.joined())
        let chunks = try TableReader(path: path).chunks(rows: rows, types: ["n": .number])
        var next = 0
        while let chunk = try chunks.next() {
            guard case .categories(let codes, let names)? = chunk["t"]?.storage else { Issue.record(); return }
            #expect(names.count == chunk.rowCount)
            #expect(codes == Array(0 ..< Int32(chunk.rowCount)))
            #expect(names.first == "text number \(next)")
            #expect(numbers(chunk, "n").first == Double(next))
            next += chunk.rowCount
        }
        #expect(next == count)
    }

    /// From a pipe, rows come as soon as they are there: the writer waits for the reader between them.
    @Test func pipesAreReadAsTheyCome() throws {
        let path = pad.place("pipe.ndjson")
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread {
            let descriptor = open(path, O_WRONLY)
            for row in 0 ..< 3 {
                let text = "{\"n\":\(row)}\n"
                _ = text.withCString { write(descriptor, $0, strlen($0)) }
                usleep(20_000)
            }
            close(descriptor)
        }
        writer.start()
        let chunks = try TableReader(path: path).chunks(rows: 1, types: ["n": .number])
        for row in 0 ..< 3 { let chunk = try #require(try chunks.next()); #expect(numbers(chunk, "n") == [Double(row)]) }
        #expect(try chunks.next() == nil)
    }

    @Test func pipesAreCopiedForReadingTwice() throws {
        let path = pad.place("pipe.csv")
        #expect(mkfifo(path, 0o600) == 0)
        let rows = (0 ..< 100_000).map { "\($0)\n" }.joined()
        let writer = Thread {
            let descriptor = open(path, O_WRONLY)
            let text = "n\n" + rows + "word\n"
            _ = text.withCString { pointer in
                var sent = 0
                let count = strlen(pointer)
                while sent < count { sent += max(0, write(descriptor, pointer + sent, count - sent)) }
            }
            close(descriptor)
        }
        writer.start()
        let table = try read(path)
        #expect(table.rowCount == 100_001)
        #expect(try table.text(row: 100_000, column: "n") == "word")
    }
}
