import Foundation
import GibbsEvents
import GibbsNumerics
import Testing

/// Sessions from the lines of files, whatever their layout.
@Suite struct EventSequencesTests {
    private static func read(_ text: String) throws -> EventSequences {
        let path = NSTemporaryDirectory() + "sessions-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try EventSequences(sessionsIn: path)
    }

    private static func events(_ sequences: EventSequences) -> [[String]] {
        sequences.sessions.map { $0.events.map { sequences.names[0][Int(sequences.codes[0][$0])] } }
    }

    @Test func plainLines() throws {
        let found = try Self.read("5 22 5\n\nblk_-1,22 7\r\nUTD-1\t5 5 9\n")
        #expect(Self.events(found) == [["5", "22", "5"], ["22", "7"], ["5", "5", "9"]])
        #expect(found.sessions.map(\.id) == ["1", "blk_-1", "UTD-1"] && found.lines == [1, 1, 1, 3, 3, 4, 4, 4])
    }

    @Test func objects() throws {
        let found = try Self.read("{\"id\": \"a\", \"label\": 1, \"templates\": [\"x y\", \"z\"]}\n{\"session\": 7, \"events\": [3, 4, 3]}\n")
        #expect(Self.events(found) == [["x y", "z"], ["3", "4", "3"]])
        #expect(found.sessions.map(\.id) == ["a", "7"] && found.sessions.map(\.label) == ["1", nil])
    }

    @Test(arguments: ["", "\n\n", "{\"id\": 1}\n", "{\"events\": [1]}\n{\"events\": \"x\"}\n", "{\"events\": [[1]]}\n", "{\"events\": [1]}\n17 4\n"])
    func brokenFilesAreNamed(text: String) throws {
        let error = #expect(throws: GibbsError.self) { try Self.read(text) }
        #expect(error?.place.file != nil)
    }

    @Test func selectionKeepsNamesAndOrder() throws {
        let all = try Self.read("a b\nc\nb b a\n"), some = all.selecting([2, 0])
        #expect(Self.events(some) == [["b", "b", "a"], ["a", "b"]] && some.names == all.names && some.lines == [3, 3, 3, 1, 1])
    }
}
