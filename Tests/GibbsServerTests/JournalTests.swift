import Foundation
import Gibbs
import GibbsServer
import Testing

@Suite(.apart) struct JournalTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/gibbs-journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func journal() throws -> StreamJournal { try StreamJournal(folder: folder, waitsForDisk: false) }

    private func append(_ text: String, to journal: StreamJournal, key: String = "") throws -> StreamJournal.Place {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes { try journal.append($0, lines: bytes.count { $0 == 0x0A }, key: key) }
    }

    private func text(_ journal: StreamJournal, from place: StreamJournal.Place = .init()) throws -> String {
        var text = ""
        try journal.read(from: place) { bytes, _ in text += String(decoding: bytes, as: UTF8.self) }
        return text
    }

    private var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 } } }

    @Test func linesComeAgain() throws {
        var places = [StreamJournal.Place](), middle = StreamJournal.Place()
        do {
            let journal = try StreamJournal(folder: folder, waitsForDisk: true)
            for number in 0 ..< 40 {
                if number == 38 { middle = journal.end }
                places.append(try append("line \(number)\nand more\n", to: journal))
            }
        }
        let journal = try journal()
        #expect(journal.end.lines == 80 && journal.begin == StreamJournal.Place() && journal.remarks.isEmpty)
        for (number, place) in places.enumerated() { #expect(journal.text(at: place.offset) == "line \(number)" && place.lines == 2 * number) }
        var found = [StreamJournal.Place]()
        try journal.read(from: middle) { _, place in found.append(place) }
        #expect(found == Array(places[38...]))
        #expect(try text(journal, from: middle) == "line 38\nand more\nline 39\nand more\n")
        #expect(journal.text(at: -1) == nil && journal.text(at: journal.end.offset) == nil)
    }

    /// A crash may cut the last batch anywhere: it is there whole or not at all, and nothing before it suffers.
    @Test func cutAnywhere() throws {
        let whole: Int, last: Int
        do {
            let journal = try journal()
            _ = try append("one\ntwo\n", to: journal, key: "a")
            whole = journal.length
            _ = try append("three\nfour\nfive\n", to: journal, key: "b")
            last = journal.length
        }
        let path = try #require(try files.first), bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in whole ... last {
            try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
            let journal = try journal(), isThere = length == last
            #expect(journal.end.lines == (isThere ? 5 : 2) && journal.requests.contains("a") && journal.requests.contains("b") == isThere && journal.remarks.isEmpty, "\(length) bytes")
            _ = try append("six\n", to: journal)
            #expect(try text(journal) == "one\ntwo\n" + (isThere ? "three\nfour\nfive\n" : "") + "six\n")
        }
    }

    /// Batches that are damaged, with more behind them, are no crash of ours: the file is kept beside, and told of.
    @Test func damage() throws {
        do {
            let journal = try journal()
            for number in 0 ..< 5 { _ = try append("line \(number) \(String(repeating: "x", count: 300))\n", to: journal) }
        }
        let path = try #require(try files.first)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let journal = try journal()
        #expect(journal.end.lines == 2 && journal.remarks.count == 1)
        let copy = try #require(try files.first { $0.contains("/damaged-") })
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == bytes)
    }

    /// A look whether there is room leaves nothing behind.
    @Test func probing() throws {
        let journal = try journal()
        try journal.probe(100_000)
        _ = try append("one\n", to: journal)
        let bytes = journal.length
        try journal.probe(100_000)
        #expect(journal.length == bytes && journal.end.lines == 1)
        _ = try append("two\n", to: journal)
        let again = try self.journal()
        #expect(try text(again) == "one\ntwo\n" && again.remarks.isEmpty && again.end == journal.end)
    }

    /// Lines that look like the journal's own are lines like any others.
    @Test func linesThatLookLikeBatches() throws {
        let body = "batch 3 1 0 x\nbatch 999999999 1 0 \n"
        _ = try append(body, to: journal())
        #expect(try text(journal()) == body)
    }

    /// A batch is accepted when it lies on the disk, and not before.
    @Test func waitsForTheDisk() throws {
        var asked = 0, status: Int32 = 0
        let journal = try StreamJournal(folder: folder, waitsForDisk: true) { descriptor in
            asked += 1
            var found = stat()
            #expect(fstat(descriptor, &found) == 0 && found.st_size > 0)
            return status
        }
        _ = try append("one\n", to: journal)
        #expect(asked == 1 && journal.end.lines == 1)
        status = -1
        #expect(throws: GibbsError.self) { try append("two\n", to: journal) }
        #expect(asked == 2 && journal.end.lines == 1)
        #expect(try self.journal().end.lines == 1 && text(self.journal()) == "one\n")
    }

    /// The last ten thousand names are known, the oldest forgotten.
    @Test func names() throws {
        var known = KnownRequests()
        for number in 0 ..< KnownRequests.limit + 10 { known.add("n\(number)") }
        #expect(!known.contains("n9") && known.contains("n10") && known.contains("n\(KnownRequests.limit + 9)") && !known.contains(""))
        for text in ["", "two words", "ü", "line\n", String(repeating: "x", count: 129)] { #expect(!KnownRequests.isName(text), "\(text)") }
        #expect(KnownRequests.isName("018f6c2e-9a"))
    }

    @Test func placesAsText() {
        let place = StreamJournal.Place(offset: 123, lines: 4)
        #expect(StreamJournal.Place(text: place.text) == place)
        for text in ["", "1", "1 2", "-1 0", "5 -1", "x y", "99999999999999999999 1", "1 1 1"] { #expect(StreamJournal.Place(text: text) == nil, "\(text)") }
    }

    /// Files that are old and seen are dropped, and no others.
    @Test func forgetting() throws {
        let journal = try journal(), block = String(repeating: String(repeating: "x", count: 1_023) + "\n", count: 1_024)
        var middle = StreamJournal.Place(), first = StreamJournal.Place()
        for number in 0 ..< 100 {
            let place = try append(block, to: journal)
            if number == 0 { first = place }
            if number == 50 { middle = place }
        }
        #expect(journal.length == journal.end.offset && journal.length > 100 << 20)
        journal.forget(beyond: 1 << 20, seen: middle)
        #expect(journal.begin.offset > 32 << 20 && journal.begin.offset < 34 << 20 && journal.text(at: first.offset) == nil && journal.text(at: middle.offset) != nil)
        journal.forget(beyond: 1 << 20, seen: journal.end)
        #expect(journal.length <= 34 << 20 && journal.end.lines == 100 * 1_024)
        let again = try self.journal()
        #expect(again.end == journal.end && again.begin == journal.begin)
    }
}
